"""A rule of the project's own: there is one road to what callers said and how they are reached.

Ways in, ways out and the edge itself may ask for such things only through `huying.edge.view`
and `public`. This reads the
code and finds every other road; `tests/test_architecture.py` proves that it bites.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

# Outer folders in which every request is at home.
WATCHED = ("web", "channels", "notify", "edge", "exchange")
# The one door, what it is made of, and the live stream, which shows what an audience may see.
DOOR = frozenset(
    {
        "edge/view.py",
        "edge/stories.py",
        "edge/deciding.py",
        "edge/public.py",
        "edge/measured.py",
        "edge/wall.py",
        "edge/desk.py",
        "edge/driven.py",  # of plans only the paces that are in force, for closures and times are everybody's
        "edge/audience.py",
        "edge/looks.py",
        "web/stream.py",
    }
)
# Questions that no rule speaks of: where the journal ends, who comes in, what is closed on the roads.
FREE = frozenset(
    {
        "head",
        "account_by",
        "accounts",
        "key_by",
        "keys",
        "seen",
        "closures",
        "checkpoint",
        "checkpoints",
        "witnesses",
        "tile",
        "tile_count",
        "mark",
    }
)
# Whatever opens the vault or reads facts by the row.
SEALED = frozenset(
    {
        "open_contact",
        "open_photo",
        "sealed_photo",
        "vault",
        "fact_rows",
        "rows_after",
        "subscribe",
        "call_by_code",
    }
)
# Commands go through the view, which says who asks; these files hand on what a view or the door has made.
HANDS_ON = frozenset({"web/bulk.py", "web/calls.py", "web/sign_in.py", "edge/door.py", "edge/keeper.py"})


def other_roads(src: Path) -> Iterator[str]:
    """`file:line what` for every road beside the door in the package `src`."""
    for folder in WATCHED:
        for path in sorted((src / folder).rglob("*.py")):
            name = path.relative_to(src).as_posix()
            if name not in DOOR:
                for line, what in _roads(name, ast.parse(path.read_text("utf-8"))):
                    yield f"{name}:{line} {what}"


def _roads(name: str, tree: ast.AST) -> Iterator[tuple[int, str]]:
    free = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in FREE and isinstance(node.value, ast.Attribute)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            if node.attr == "questions" and id(node) not in free and not _of_pack(node):
                yield node.lineno, "asks the store itself"
            elif node.attr in SEALED:
                yield node.lineno, f"reaches for {node.attr}"
            elif node.attr in ("do", "do_all") and _is(node.value, "writer") and name not in HANDS_ON:
                yield node.lineno, "commands beside the view"
        elif isinstance(node, ast.ImportFrom | ast.Import):
            for module in _modules(node):
                if module.startswith("huying.store"):
                    yield node.lineno, f"imports {module}"


def _modules(node: ast.ImportFrom | ast.Import) -> list[str]:
    if isinstance(node, ast.Import):
        return [each.name for each in node.names]
    return [f"{node.module}.{each.name}" for each in node.names]


def _is(node: ast.AST, attribute: str) -> bool:
    named = isinstance(node, ast.Name) and node.id.lstrip("_") == attribute
    return named or (isinstance(node, ast.Attribute) and node.attr.lstrip("_") == attribute)


def _of_pack(node: ast.Attribute) -> bool:
    """A pack's questions are what callers are asked, and a type's."""
    return isinstance(node.value, ast.Name) and node.value.id in ("pack", "kind", "type", "each", "row")
