"""Numbers that lead to a person, however they are grouped, spaced or typed. One pass, linear in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from huying.privacy import checks
from huying.privacy.spans import Span

# The longest number, a card of 19 digits with its country prefix; tokens beyond can't belong together.
DIGITS_MAX = 23
# Eleven digits said one by one.
TOKENS_MAX = 11
# More groups than this are digits said one by one, as people say a mobile number.
TOKENS_GROUPED = 6
_MOBILE_DIGITS = 11
_SHORTEST = 7
# A whole run of digits of this length leads somewhere (accounts, parcels, foreign numbers) even unknown.
UNKNOWN_DIGITS = 9
# "call 8765 4321": so far before a number the word that tells what it is may stand.
CUE_CHARS = 12

_WRITTEN = re.compile(r"[0-9A-Za-z]")
_RUN = re.compile(r"\d+(?:[ \-.()/]{1,3}\d+)*[xX]?")
_DIGITS = re.compile(r"\d+")
_SAID = re.compile(r"(?:[零〇一二三四五六七八九幺两][ \-]?){7,}")
_SPOKEN = str.maketrans("零〇一二三四五六七八九幺两", "0012345678912")
_CUE = re.compile(
    r"(?:电话|手机|号码|座机|联系|打给|拨打|短号|\b(?:tel|phone|call|cell|mobile|number|ring|text)\b)[^\d]*$",
    re.IGNORECASE,
)
_PAPERS = re.compile(
    r"(?:护照|通行证|证件号?码?|\bpassport)[^\w]{0,3}(?:是|号码?|no\.?|number)?[^\w]{0,3}$", re.I
)
_LETTERED = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{1,2}\d{7,9}(?![A-Za-z0-9])")
_SOCIAL = re.compile(r"(?<!\d)\d{3}-\d{2}-\d{4}(?!\d)")
_PLATE = re.compile(
    "[京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新][A-HJ-Z][ \\-]?"
    "[A-HJ-NP-Z0-9]{4}[A-HJ-NP-Z0-9警学挂港澳领][A-HJ-NP-Z0-9]?(?![A-Za-z0-9])"
)
_ACCOUNT = re.compile(
    r"(?:微信|微信号|QQ|QQ号|支付宝|抖音号?|\bwechat|\bweixin|\bwhatsapp|\btelegram)"
    r"(?:号码?|账号| id)?[ 是:;,]{0,3}([A-Za-z0-9][\w.\-]{4,29})",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[A-Za-z0-9._%+\-]")
# RFC 5321: 64 characters before the @; hosts as people write them are shorter than this.
MAIL_CHARS = 64


def find_numbers(text: str) -> Iterator[Span]:
    """Spans in a text that was made `plain`."""
    for said in _SAID.finditer(text):
        yield Span(said.start(), said.start() + len(said.group().rstrip(" -")), "phone")
    if not _WRITTEN.search(text):  # every other kind has a digit or a letter
        return
    for run in _RUN.finditer(text):
        if len(run.group()) >= _SHORTEST:
            yield from _in_run(text, run.start(), run.group())
    for pattern, kind in ((_SOCIAL, "id"), (_PLATE, "plate")):
        for found in pattern.finditer(text):
            yield Span(found.start(), found.end(), kind)
    for found in _ACCOUNT.finditer(text):
        yield Span(found.start(1), found.end(1), "account")
    for found in _LETTERED.finditer(text):
        if _PAPERS.search(text, max(0, found.start() - CUE_CHARS), found.start()):
            yield Span(found.start(), found.end(), "id")
    yield from _mails(text)


def _in_run(text: str, offset: int, run: str) -> Iterator[Span]:
    """Numbers among digits that stand close together: from the left, the longest that is known."""
    tokens = [(each.start(), each.end()) for each in _DIGITS.finditer(run)]
    i = 0
    while i < len(tokens):
        j, total = i, 0
        while j < len(tokens) and j - i < TOKENS_MAX and total + tokens[j][1] - tokens[j][0] <= DIGITS_MAX:
            total += tokens[j][1] - tokens[j][0]
            j += 1
        if j == i:  # one token that is longer than any number
            yield Span(offset + tokens[i][0], offset + tokens[i][1], "number")
            j += 1
        else:
            while j > i and not (found := _number(text, offset, run, tokens[i:j], total)):
                j -= 1
                total -= tokens[j][1] - tokens[j][0]
            if j > i and found:
                yield found
        i = max(j, i + 1)


def _number(text: str, offset: int, run: str, part: list[tuple[int, int]], total: int) -> Span | None:
    """The span of these tokens if together they are a number of a kind; `total` digits."""
    if total < _SHORTEST or (len(part) > TOKENS_GROUPED and total != _MOBILE_DIGITS):
        return None
    start, end = offset + part[0][0], offset + part[-1][1]
    kind, longer = _kind(text, start, end, [run[a:b] for a, b in part])
    if not kind:
        return None
    if text[max(0, start - 1) : start] == "+":
        start -= 1
    if text[max(0, start - 1) : start] == "(" and ")" in text[start:end]:
        start -= 1
    return Span(start, end + longer, kind)


def _kind(text: str, start: int, end: int, tokens: list[str]) -> tuple[str, int]:
    """(kind or nothing, whether a check letter X belongs to it)."""
    digits = "".join(tokens)
    sizes = [len(each) for each in tokens]
    if len(digits) == 17 and text[end : end + 1] in ("x", "X") and checks.is_identity_shaped(digits):
        return "id", 1
    if checks.is_identity(digits) and (len(digits) == 18 or len(tokens) == 1):
        return "id", 0
    if checks.is_mobile(digits) or _landline(digits, sizes):
        return "phone", 0
    if (checks.is_card(digits) and (len(tokens) == 1 or min(sizes[:-1]) >= 4)) or _card_shaped(digits, sizes):
        return "card", 0
    if _american(digits, sizes) or (checks.is_service(digits) and len(tokens) < 5):
        return "phone", 0
    if len(tokens) == 1 and len(digits) >= UNKNOWN_DIGITS and text[max(0, start - 1) : start] != ".":
        return "number", 0
    if len(digits) <= 8 and len(tokens) <= 2 and max(sizes) >= 4:
        return ("phone", 0) if _CUE.search(text, max(0, start - CUE_CHARS), start) else ("", 0)
    return "", 0


def _card_shaped(digits: str, sizes: list[int]) -> bool:
    """Four by four, as a card shows it, is hidden even when a digit was read wrongly."""
    return digits[0] in "3456" and sizes[:4] == [4, 4, 4, 4] and len(sizes) <= 5


def _landline(digits: str, sizes: list[int]) -> bool:
    """The area code stands alone or all in one; a day and a time can't be one."""
    return checks.is_landline(digits) and (len(sizes) == 1 or sizes[0] in (2, 3, 4, 5))


def _american(digits: str, sizes: list[int]) -> bool:
    if not checks.is_american(digits):
        return False
    groups = sizes[1:] if digits[0] == "1" and sizes[0] == 1 else sizes
    return groups in ([10], [11], [3, 3, 4], [3, 7], [6, 4])


def _mails(text: str) -> Iterator[Span]:
    at = text.find("@")
    while at >= 0:
        start, end = at, at + 1
        while start > 0 and at - start < MAIL_CHARS and _ADDRESS.match(text[start - 1]):
            start -= 1
        while end < len(text) and end - at <= MAIL_CHARS and _ADDRESS.match(text[end]):
            end += 1
        host = text[at + 1 : end].rstrip(".-")
        if start < at and "." in host:
            yield Span(start, at + 1 + len(host), "email")
        at = text.find("@", at + 1)
