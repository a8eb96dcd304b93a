"""Numbers as people say them: 12, １２, 十二, 一百二十, 三三零, 半, 12.3."""

from __future__ import annotations

import re

_DIGIT = {**{c: n for n, c in enumerate("零一二三四五六七八九")}, "〇": 0, "两": 2, "幺": 1, "壹": 1}
_UNIT = {"十": 10, "百": 100, "千": 1000}

SPOKEN = "零〇一二三四五六七八九两幺十百千"
NUMBER = rf"(?:\d{{1,6}}(?:\.\d{{1,3}})?|[{SPOKEN}]{{1,9}})"
"""A pattern for one number, in digits or in Chinese."""

DIGITS = "零〇一二三四五六七八九幺"
_RUN = re.compile(f"(?<![十百千万{DIGITS}])[{DIGITS}]{{2,}}(?![十百千万{DIGITS}])")


def number(said: str) -> float | None:
    """The number that was said; None when it is none."""
    if said[:1].isdigit():
        try:
            return float(said)
        except ValueError:
            return None
    if not said or any(c not in _DIGIT and c not in _UNIT for c in said):
        return None
    if not any(c in _UNIT for c in said):
        return float("".join(str(_DIGIT[c]) for c in said))
    total, last = 0, 0
    for n, char in enumerate(said):
        if char in _UNIT:
            total += (last or 1) * _UNIT[char] if n == 0 or last else _UNIT[char] * (total == 0)
            last = 0
        else:
            last = _DIGIT[char]
    # 一百二 is 120: a last digit counts tenths of the unit before it.
    if last and len(said) > 1 and said[-2] in "百千":
        last *= _UNIT[said[-2]] // 10
    return float(total + last)


def in_digits(text: str) -> str:
    """The text with runs of two or more spoken digits (三三零) in figures; as long as before."""
    return _RUN.sub(lambda run: figures(run[0]), text)


def figures(said: str) -> str:
    """Spoken digits, one by one, as figures: 三零五 → 305."""
    return "".join(str(_DIGIT[c]) for c in said)
