"""Builds the screens from ui/ into src/huying/web/app, when anything they are made from has changed.

    .venv/bin/python tools/ui.py            for `make run`: without Node it says what to do, and goes on
    .venv/bin/python tools/ui.py --check    for tests: types and accessibility are checked, Node must be there

The types of the screens are made from the API's own description, so a screen that asks for what is no longer
there does not build. `made.json` in the app says for which description it was made.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UI = ROOT / "ui"
APP = ROOT / "src" / "huying" / "web" / "app"
WORDS = ROOT / "src" / "huying" / "words"
# What Vite asks for.
OLDEST = (20, 19)
LAST_LINES = 40
ZH = (
    next((v for n in ("HUYING_LANG", "LC_ALL", "LC_MESSAGES", "LANG") if (v := os.environ.get(n))), "")[:2]
    == "zh"
)


def main(check: bool) -> int:
    node = version_of_node()
    if node < OLDEST or not shutil.which("npm"):
        found = ".".join(map(str, node)) if node else ("none", "没有")[ZH]
        say(
            f"The screens need Node ≥ 20.19 and npm (found: {found}). Install them and run `make ui`;\n"
            "until then there is the plain board at /plain; an installed wheel brings the screens along.",
            f"构建界面要用 Node 20.19 以上和 npm（现在：{found}）。装好后运行 make ui；\n"
            "在此之前可以用 /plain 的简易看板；用安装包（wheel）安装的自带界面。",
        )
        return 1 if check else 0
    description = described()
    openapi = hashlib.sha256(description).hexdigest()
    sources = digest(description)
    made = APP / "made.json"
    before = json.loads(made.read_text()) if made.exists() else {}
    if before.get("sources") == sources and (not check or before.get("checked")):
        return 0
    (UI / "openapi.json").write_bytes(description)
    lock = hashlib.sha256((UI / "package-lock.json").read_bytes()).hexdigest()
    stamp = UI / "node_modules" / ".huying"
    if not stamp.exists() or stamp.read_text() != lock:
        say("screens 1/3 packages", "界面 1/3 安装依赖包")
        if not npm("ci", "--no-audit", "--no-fund"):
            return 1
        stamp.write_text(lock)
    say("screens 2/3 types", "界面 2/3 生成类型")
    if not npm("run", "types") or (check and not npm("run", "check")):
        return 1
    say("screens 3/3 build", "界面 3/3 构建")
    if not npm("run", "build"):
        return 1
    made.write_text(json.dumps({"openapi_sha256": openapi, "sources": sources, "checked": check}) + "\n")
    return 0


def version_of_node() -> tuple[int, ...]:
    node = shutil.which("node")
    if not node:
        return ()
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return tuple(int(part) for part in re.findall(r"\d+", said)[:2])


def described() -> bytes:
    """The API's description, by the code of this clone."""
    return subprocess.run(
        [sys.executable, str(ROOT / "tools" / "openapi.py")],
        stdout=subprocess.PIPE,
        check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
    ).stdout


def digest(description: bytes) -> str:
    """Of everything that the app is made from."""
    made_of = hashlib.sha256(description)
    files = [path for folder in (UI / "src", UI / "public", WORDS) for path in folder.rglob("*")]
    files += [path for path in UI.iterdir() if path.suffix in (".json", ".ts", ".js", ".html")]
    for path in sorted(files):
        if path.is_file() and path.name not in ("openapi.json", "schema.d.ts") and path.suffix != ".pyc":
            made_of.update(f"\0{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return made_of.hexdigest()


def npm(*arguments: str) -> bool:
    """Run npm in ui/; its own words are shown only when it fails."""
    done = subprocess.run(
        ["npm", *arguments], cwd=UI, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        print("\n".join(done.stdout.splitlines()[-LAST_LINES:]), file=sys.stderr)
        say(
            "The screens were not built, see above. If the package index could not be reached, try again.",
            "界面没有构建成，原因见上。要是软件源没连上，再试一次。",
        )
    return done.returncode == 0


def say(en: str, zh: str) -> None:
    print(zh if ZH else en, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
