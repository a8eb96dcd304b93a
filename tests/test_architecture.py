"""The rules of the house are checked by tools; these tests run the tools and prove that they bite."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

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
