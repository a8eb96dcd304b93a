"""Makes .venv from a locked list of packages. Needs Python ≥ 3.11 and a package index.

    python3 tools/set_up.py run      what `huying` needs
    python3 tools/set_up.py dev      and what tests and checks need

A second call sees from the stamp in .venv that nothing changed, and ends at once.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
OLDEST = (3, 11)
# What pip said last is shown when it fails: enough to see the cause, short enough to read.
LAST_LINES = 25
ZH = (
    next((v for n in ("HUYING_LANG", "LC_ALL", "LC_MESSAGES", "LANG") if (v := os.environ.get(n))), "")[:2]
    == "zh"
)


def main(which: str) -> int:
    if sys.version_info < OLDEST:
        return fail(
            f"Python {sys.version.split()[0]} is too old, 3.11 is needed; a newer one: make PYTHON=… run",
            f"Python {sys.version.split()[0]} 太旧，要 3.11 以上。机器上有新的话：make PYTHON=python3.12 run",
        )
    lock = ROOT / "requirements" / f"{which}.txt"
    stamp = VENV / f"stamp-{which}"
    wanted = hashlib.sha256(lock.read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return 0
    python = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        say("1/3 virtual environment .venv", "1/3 建立虚拟环境 .venv")
        try:
            venv.create(VENV, with_pip=True)
        except (subprocess.CalledProcessError, ImportError, OSError):
            return fail(
                "Python has no working venv here; on Debian or Ubuntu: apt-get install python3-venv",
                "这里的 Python 没有可用的 venv。Debian、Ubuntu 上先 apt-get install python3-venv，再来一次。",
            )
    for each in VENV.glob("stamp-*"):
        each.unlink()
    say("2/3 packages", "2/3 安装依赖包")
    pip = [str(python), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    total = sum(line[:1].isalnum() for line in lock.read_text().splitlines())
    if not watched([*pip, "-r", str(lock)], total):
        return 1
    say("3/3 huying itself", "3/3 安装呼应本身")
    if not watched([*pip, "--no-deps", "--no-build-isolation", "-e", str(ROOT)], 0):
        return 1
    stamp.write_text(wanted)
    return 0


def watched(command: list[str], total: int) -> bool:
    """Run pip; on a terminal one line tells how far it is, and its own words are shown only when it fails."""
    terminal = sys.stderr.isatty()
    last: list[str] = []
    seen = 0
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT
    ) as pip:
        assert pip.stdout is not None
        for line in pip.stdout:
            last = [*last[1 - LAST_LINES :], line.rstrip()]
            words = line.split()
            if words[:1] == ["Collecting"]:
                seen += 1
            if terminal and words[:1] in (["Collecting"], ["Installing"]):
                what = words[1] if words[0] == "Collecting" else ""
                sys.stderr.write(f"\r\x1b[K    {words[0]} {what}  {seen}/{total or 1}")
                sys.stderr.flush()
    if terminal:
        sys.stderr.write("\r\x1b[K")
    if pip.returncode:
        print("\n".join(last), file=sys.stderr)
        fail(
            "pip failed, see above. If the package index could not be reached, run the same command again.",
            "pip 没有装成，原因见上。要是软件源没连上，再运行一次同样的命令。",
        )
    return pip.returncode == 0


def say(en: str, zh: str) -> None:
    print(zh if ZH else en, file=sys.stderr, flush=True)


def fail(en: str, zh: str) -> int:
    say(en, zh)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "run"))
