"""Makes the pages about threats and about OWASP ASVS in both languages from docs/threats.csv and docs/asvs.csv.

python tools/security_pages.py            writes docs/{en,zh}/threats.md and asvs.md
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("en", "zh")
PARTS = {
    "door": ("The door", "登录"),
    "browser": ("The browser", "浏览器"),
    "policy": ("Who may see what", "权限"),
    "staff": ("Our own people", "自己人"),
    "record": ("The record", "存证"),
    "vault": ("Sealed things", "密封信息"),
    "erasing": ("Erasing", "销毁"),
    "numbers": ("Numbers and exports", "数字与导出"),
    "ways in": ("Ways in", "各个入口"),
    "understanding": ("Understanding", "研判"),
    "server": ("The server", "服务器"),
    "supply": ("What it is made of", "软件来源"),
}
KINDS = {
    "S": ("spoofing", "冒充"),
    "T": ("tampering", "篡改"),
    "R": ("repudiation", "抵赖"),
    "I": ("disclosure", "泄露"),
    "D": ("denial of service", "拒绝服务"),
    "E": ("elevation", "越权"),
}
STATUS = {
    "met": ("met", "达到"),
    "part": ("partly", "部分达到"),
    "open": ("not met", "未达到"),
    "site": ("the operator's", "由运维负责"),
    "none": ("no such thing here", "不涉及"),
}
CHAPTERS = {
    1: ("Encoding and sanitization", "编码与净化"),
    2: ("Validation and business logic", "校验与业务逻辑"),
    3: ("Web frontend", "网页前端"),
    4: ("API and web service", "接口与服务"),
    5: ("File handling", "文件"),
    6: ("Authentication", "身份鉴别"),
    7: ("Sessions", "会话"),
    8: ("Authorization", "授权"),
    9: ("Self-contained tokens", "自包含令牌"),
    10: ("OAuth and OIDC", "OAuth 与 OIDC"),
    11: ("Cryptography", "密码"),
    12: ("Secure communication", "通信安全"),
    13: ("Configuration", "配置"),
    14: ("Data protection", "数据保护"),
    15: ("Secure coding and architecture", "编码与架构"),
    16: ("Logging and errors", "日志与出错处理"),
    17: ("WebRTC", "WebRTC"),
}
HEAD = {
    ("threats", "en"): """# Threats

What could go wrong, part by part, by Microsoft's STRIDE, and the tests that hold it. Made by `tools/security_pages.py` from
`docs/threats.csv`; a test checks that every named test exists. What is not here has not been thought of: tell us
(`SECURITY.md`).

## What is protected, from whom
Calls must be taken whatever happens; what callers say and how they are reached is for few; nobody may change the past unseen.
Against: strangers on the network, callers who lie, staff who are curious, partners' programs gone wrong, an operator with the
database open, and a thief with a copy of it. Not against: who owns the running machine and its keys in memory, or a browser
that is itself taken over; witnesses outside bound what the first can deny afterwards.
""",
    ("threats", "zh"): """# 威胁

按系统各部分和微软 STRIDE 分类，列出可能出的事，以及守住它的测试。由 `tools/security_pages.py` 依据 `docs/threats.csv` 生成，
另有测试核对所列测试都存在。没列到的就是没想到，请告诉我们（`SECURITY.md`）。

## 保护什么，防谁
无论如何都要接得进来件；来件人说的话和联系方式只给少数人看；谁也不能悄悄改过去。防的是：网上的陌生人、说谎的来件人、好奇的自己人、
出错的合作单位程序、直接打开数据库的运维、偷走副本的人。防不了：掌握正在运行的机器和内存里密钥的人，或者本身已被控制的浏览器；
外部见证方能限制前者事后抵赖的余地。
""",
    ("asvs", "en"): """# OWASP ASVS 5.0, level 2

Every requirement of levels 1 and 2 with the test that shows it, or the reason. Numbers and chapters are those of the
[standard](https://owasp.org/www-project-application-security-verification-standard/), whose text is not repeated; the words
are ours, and so is the judgement: nobody else has checked it yet. Made by `tools/security_pages.py` from `docs/asvs.csv`.
""",
    ("asvs", "zh"): """# OWASP ASVS 5.0 二级

一级、二级的每一条要求，附证明它的测试或说明。编号和章名取自
[标准](https://owasp.org/www-project-application-security-verification-standard/)，原文不在此重复；文字和判断都是我们自己的，
还没有第三方核查过。由 `tools/security_pages.py` 依据 `docs/asvs.csv` 生成。
""",
}


def rows(name: str, root: Path = ROOT) -> list[dict[str, str]]:
    with (root / "docs" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def references(row: dict[str, str]) -> list[str]:
    """Files and tests, from the project's root: `docs/…`, `tests/file.py` or `tests/file.py::test`."""
    return [each if each.startswith("docs/") else f"tests/{each}" for each in row["held_by"].split()]


def _shown(row: dict[str, str], lang: str) -> str:
    """References as a reader follows them: documents as links in the reader's language."""
    found = []
    for each in references(row):
        if each.startswith("docs/"):
            name = each.rpartition("/")[2]
            found.append(f"[{name}]({name})")
        else:
            found.append(f"`{each.removeprefix('tests/')}`")
    return "<br>".join(found) or "–"


def threats(lang: str) -> str:
    n = LANGUAGES.index(lang)
    head = ("| kind | what could go wrong | held by |", "| 类别 | 可能出的事 | 由它守住 |")[n]
    page = [HEAD["threats", lang]]
    for part, names in PARTS.items():
        page.append(f"## {names[n]}\n{head}\n|---|---|---|")
        page += [
            f"| {KINDS[row['kind']][n]} | {row[lang]} | {_shown(row, lang)} |"
            for row in rows("threats")
            if row["part"] == part
        ]
        page.append("")
    return "\n".join(page)


def _number(id: str) -> tuple[int, ...]:
    return tuple(map(int, id.split(".")))


def asvs(lang: str) -> str:
    n = LANGUAGES.index(lang)
    lines = rows("asvs")
    counts = Counter(row["status"] for row in lines for _ in row["ids"].split())
    sums = ", ".join(f"{names[n]} {counts[code]}" for code, names in STATUS.items())
    page = [HEAD["asvs", lang], (f"Of 253: {sums}.\n", f"共 253 条：{sums}。\n".replace(", ", "，"))[n]]
    head = ("| requirements | | why | shown by |", "| 要求 | | 说明 | 依据 |")[n]
    for chapter, names in CHAPTERS.items():
        page.append(f"## V{chapter} {names[n]}\n{head}\n|---|---|---|---|")
        for row in sorted(lines, key=lambda row: _number(row["ids"].split()[0])):
            ids = [id for id in row["ids"].split() if _number(id)[0] == chapter]
            if ids:
                said = f"{STATUS[row['status']][n]} | {row[lang]} | {_shown(row, lang)}"
                page.append(f"| {' '.join(ids)} | {said} |")
        page.append("")
    return "\n".join(page)


def pages() -> dict[Path, str]:
    """File → what it must hold."""
    made = {}
    for lang in LANGUAGES:
        made[ROOT / "docs" / lang / "threats.md"] = threats(lang)
        made[ROOT / "docs" / lang / "asvs.md"] = asvs(lang)
    return made


def main() -> int:
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
