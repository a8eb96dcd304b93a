"""The rules of the house are checked by tools; these tests run the tools and prove that they bite."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from one_door import other_roads

ROOT = Path(__file__).resolve().parent.parent
LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command(['--no-cache'])"


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LINT_IMPORTS],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


def ruff(path: str, code: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--output-format=concise", "--stdin-filename", path, "-"],
        cwd=ROOT,
        input=code,
        capture_output=True,
        text=True,
        check=False,
    ).stdout


def test_imports_point_inward() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout


def test_a_house_opens_without_its_doors() -> None:
    """Every command pays for what this loads, and so does the process that decides."""
    opened = "from huying.bootstrap import open_house; open_house(':memory:', 'starter').close(); "
    heavy = "litestar", "uvicorn", "numba", "scipy.special", "highspy"
    loaded = f"import sys; {opened}print([each for each in {heavy} if each in sys.modules])"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("path", "code", "broken"),
    [
        ("domain/slip.py", "import huying.service.ports\n", "Imports point inward"),
        ("domain/slip.py", "import sqlite3\n", "The inner half does no I/O"),
        ("lounge/__init__.py", "", "lounge"),
        ("routing/slip.py", "import huying.domain.contact\n", "Who called is not known"),
        ("channels/slip.py", "import huying.channels.files\n", "A way in knows no other"),
    ],
)
def test_a_slip_is_caught(tmp_path: Path, path: str, code: str, broken: str) -> None:
    shutil.copytree(ROOT / "src" / "huying", tmp_path / "src" / "huying")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    slip = tmp_path / "src" / "huying" / path
    slip.parent.mkdir(exist_ok=True)
    slip.write_text(code, "utf-8")
    done = lint_imports(tmp_path)
    assert done.returncode != 0
    assert broken in done.stdout


@pytest.mark.parametrize(
    "code",
    [
        "import random\n",
        "import secrets\n",
        "import time\n\nAT = time.time()\n",
        "import os\n\nSALT = os.urandom(16)\n",
        "import uuid\n\nID = uuid.uuid4()\n",
        "import datetime\n\nAT = datetime.datetime.now()\n",
        "from datetime import date\n\nDAY = date.today()\n",
    ],
)
def test_clock_and_chance_are_banned(code: str) -> None:
    assert "TID251" in ruff("src/huying/domain/slip.py", code)
    assert "TID251" not in ruff("src/huying/system.py", code)


def test_print_is_banned_except_in_the_commands() -> None:
    code = 'print("hello")\n'
    assert "T201" in ruff("src/huying/service/slip.py", code)
    assert "T201" not in ruff("src/huying/cli/slip.py", code)


def test_files_and_functions_stay_readable() -> None:
    """A file is one idea: about 400 lines at most, and a function at most 70."""
    too_long = []
    for path in sorted((ROOT / "src").rglob("*.py")):
        source = path.read_text("utf-8")
        name = path.relative_to(ROOT)
        if source.count("\n") > 420:
            too_long.append(f"{name}: {source.count(chr(10))} lines")
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > 70:
                    too_long.append(f"{name}: {node.name} has {lines} lines")
    assert not too_long, "\n".join(too_long)


OF_THE_MOMENT = {"time", "time_ns", "monotonic", "perf_counter", "now", "today", "utcnow", "uuid4", "urandom"}


def read_at_import(source: str) -> list[int]:
    """Lines that read the clock or chance while a test file is loaded, decorators' arguments among them."""
    lines: list[int] = []
    todo: list[ast.AST] = list(ast.parse(source).body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            todo += [*node.decorator_list, node.args]
            continue
        if isinstance(node, ast.Lambda):
            continue
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in OF_THE_MOMENT or called.startswith(("token_", "rand")):
                lines.append(node.lineno)
        todo += ast.iter_child_nodes(node)
    return sorted(lines)


def test_a_tests_name_is_the_same_in_every_worker() -> None:
    """A moment read while a test file is loaded gets into the names of its cases, and the workers of a
    parallel run, who load it a second apart, then refuse to begin."""
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for line in read_at_import(path.read_text("utf-8"))
    ]
    assert not found, "\n".join(found)


def test_a_moment_read_while_loading_is_found() -> None:
    assert read_at_import("import time\n\nCASES = [{'exp': int(time.time()) - 60}]\n") == [3]
    assert read_at_import("@mark([uuid4()])\ndef test(x=time.time()):\n    now()\n") == [1, 2]


def test_there_is_one_road_to_what_callers_said() -> None:
    """Ways in ask through the view, which obeys the table of rules."""
    assert list(other_roads(ROOT / "src" / "huying")) == []


@pytest.mark.parametrize(
    ("file", "code", "found"),
    [
        ("web/slip.py", "def f(desk):\n    return desk.questions.call(1).words\n", "asks the store itself"),
        (
            "web/slip.py",
            "def f(desk):\n    ask = desk.questions\n    return ask.call\n",
            "asks the store itself",
        ),
        (
            "channels/slip.py",
            "def f(desk):\n    return desk.questions.timeline(1, 2)\n",
            "asks the store itself",
        ),
        ("edge/slip.py", "def f(store):\n    return store.open_contact(1)\n", "reaches for open_contact"),
        ("notify/slip.py", "from huying.store.vault import Vault\n", "imports huying.store.vault.Vault"),
        ("web/slip.py", "def f(desk):\n    return desk.writer.do(1)\n", "commands beside the view"),
        ("web/slip.py", "def f(desk):\n    return desk.writer.subscribe(0)\n", "reaches for subscribe"),
    ],
)
def test_another_road_is_found(tmp_path: Path, file: str, code: str, found: str) -> None:
    slip = tmp_path / file
    slip.parent.mkdir()
    slip.write_text(code, "utf-8")
    assert [each.partition(" ")[2] for each in other_roads(tmp_path)] == [found]


def test_what_no_rule_speaks_of_may_be_asked(tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    code = "def f(desk, pack):\n    return desk.questions.head(), desk.questions.seen([1]), pack.questions\n"
    (tmp_path / "web" / "plain.py").write_text(code, "utf-8")
    assert list(other_roads(tmp_path)) == []
