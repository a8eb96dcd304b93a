"""A short line by which an incident is told from others in a list."""

from __future__ import annotations

import re

TITLE_CHARS_MAX = 60
"""What fits on one line of a list on a phone held upright, in Chinese, and on a desk in English."""

# Words beyond this never reach the title, even if all before them are blank or hidden.
LOOK_AT = 200

# Seven digits and more are telephone, identity or card numbers, also when written in groups or in Chinese.
_NUMBER = re.compile(r"\d(?:[ \-.·]?\d){6,}[xX]?")
_SPOKEN = re.compile("[零〇一二三四五六七八九幺两]{7,}")
_BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
_HIDDEN = "…"
_ENDS = "。！？!?；;"


def mask_numbers(words: str) -> str:
    """The words with every number of seven digits or more hidden."""
    return _SPOKEN.sub(_HIDDEN, _NUMBER.sub(_HIDDEN, words))


def title(words: str, type_name: str) -> str:
    """The beginning of the caller's words on one line, else the type's name; at most 60 characters.

    Numbers that may lead to a person are hidden and characters that turn or hide text are dropped. A first
    sentence that is long enough to tell stands alone.
    """
    line = _BLANK.sub(" ", mask_numbers(words[:LOOK_AT])).strip()
    if not line.strip(_HIDDEN + " "):
        return type_name[:TITLE_CHARS_MAX]
    if len(line) <= TITLE_CHARS_MAX:
        return line
    end = min((at for mark in _ENDS if (at := line.find(mark, 8, TITLE_CHARS_MAX)) > 0), default=0)
    return line[:end] if end else line[: TITLE_CHARS_MAX - 1].rstrip() + _HIDDEN
