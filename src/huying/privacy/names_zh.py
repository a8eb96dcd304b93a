"""Chinese names: after words that announce one, before a title, and beside a person's number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from huying.privacy.spans import Span
from huying.privacy.surnames import COMMON, DOUBLE, NOT_NAMES, RARE

# How far from a number a name is looked for: a name, a title and a label fit.
NEAR = 16

_SURNAMES = COMMON | RARE
_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_ONE = "[" + "".join(sorted(_SURNAMES)) + "]"
_TWO = "|".join(sorted(DOUBLE))
_POLITE = "先生|女士|小姐|太太|师傅|阿姨|大爷|大妈|大伯|大娘|奶奶|爷爷|同志"
_TITLES = _POLITE + "|老师|医生|老板|经理|主任|所长|同学"
# Characters that follow a name and hardly ever end one.
_AFTER = (
    "的是在住我你他她说今昨被电手和跟与要来把了也就从去给打有已不没家这那因为女男身份号联系现想报称叫到让先、"
)

_ANNOUNCED = re.compile(
    f"(?:我叫|名叫|叫做|名字叫|名字是|姓名是?|[联报][系警]人是?|当事人是?|本人|户主是?|[的他她人亲妈爸女儿子公婆弟妹哥姐友居]叫)"
    f"[ :]{{0,2}}((?:{_TWO}|{_ONE})[{_HAN}]{{1,2}})"
)
_I_AM = re.compile(f"(?:我是|这是)((?:{_TWO}|{_ONE})[{_HAN}]{{1,2}})(?=[^{_HAN}]|$)")
_SURNAME = re.compile(f"(?<![百同])姓((?:{_TWO})|{_ONE})(?!名)")
_TITLED = re.compile(f"((?:{_TWO}|[{''.join(sorted(COMMON))}])[{_HAN}]{{0,2}}?)(?:{_POLITE})")
_LABEL = re.compile(
    r"(?:[ ,.:;(（、，：；是为的在]|本人|联系|电话|手机|号码|方式|号|座机|身份证|银行|账户|账号|卡|"
    r"邮箱|微信|tel|phone)*$",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    f"(?:^|[^{_HAN}]|联系|联系人|找|叫|是|和|跟|给|名|向|对|问|托|人|户主|业主|租客|租户|房东|司机|老板|家属|儿子|女儿|父亲|母亲)"
    f"((?:{_TWO}|{_ONE})[{_HAN}]{{1,2}})(?:{_TITLES})?$"
)
_BEHIND = re.compile(
    f"[ ,.:;()（）、，：；是为的找联系人姓名]{{0,6}}"
    f"((?:{_TWO}|{_ONE})[{_HAN}]{{1,2}})(?:{_TITLES}|[^{_HAN}]|$)"
)
_BEHIND_TITLED = re.compile(f"[ ,.:;()（）、，：；找]{{0,3}}((?:{_TWO}|{_ONE})[{_HAN}]{{0,2}}?)(?:{_TITLES})")
_WORDS = re.compile("|".join(sorted(NOT_NAMES, key=len, reverse=True)))


_Cued = tuple[tuple[tuple[str, ...], re.Pattern[str]], ...]
# One of these stands in whatever the pattern finds; most texts have none, and asking for them is quick.
_CUED: _Cued = ((("叫", "名", "系人", "警人", "事人", "本人", "户主"), _ANNOUNCED), (("我是", "这是"), _I_AM))
_CUED_SURE: _Cued = ((("姓",), _SURNAME), (tuple(_POLITE.split("|")), _TITLED))
_ANY = re.compile(f"[{_HAN}]")


def find_names(text: str, numbers: Iterable[Span]) -> Iterator[Span]:
    """Spans of names; `numbers` are the spans of numbers beside which names are looked for."""
    if not _ANY.search(text):
        return
    for cues, pattern in _CUED:
        if any(cue in text for cue in cues):
            for found in pattern.finditer(text):
                yield from _name(text, found.start(1), found.end(1))
    for cues, pattern in _CUED_SURE:
        if any(cue in text for cue in cues):
            for found in pattern.finditer(text):
                if not _WORDS.match(text, found.start(1)):
                    yield Span(found.start(1), found.end(1), "name")
    for number in numbers:
        if number.kind != "plate":
            yield from _before(text, number.start)
            yield from _behind(text, number.end)


def _name(text: str, start: int, end: int) -> Iterator[Span]:
    """Cut what only follows a name; nothing for a word that begins like one."""
    if _WORDS.match(text, start):
        return
    least = 3 if text[start : start + 2] in DOUBLE else 2
    if end - start > least and text[end - 1] in _AFTER:
        end -= 1
    if text[end - 1] not in _AFTER:
        yield Span(start, end, "name")


def _before(text: str, at: int) -> Iterator[Span]:
    window = text[max(0, at - NEAR) : at]
    label = _LABEL.search(window)
    found = _BEFORE.search(window[: label.start()] if label else window)
    if found is not None:
        start = max(0, at - NEAR) + found.start(1)
        yield from _name(text, start, start + len(found.group(1)))


def _behind(text: str, at: int) -> Iterator[Span]:
    window = text[at : at + NEAR]
    found = _BEHIND_TITLED.match(window) or _BEHIND.match(window)
    if found is not None and not _WORDS.match(window, found.start(1)):
        yield Span(at + found.start(1), at + found.end(1), "name")
