"""Names that begin as somebody types: characters, letters, pinyin (`yunxizho`) or initials (`yxzx`)."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from huying.domain.pack import Pack
from huying.geo.finding.spots import ERROR_M, ERROR_OTHER_M, GROUND, Spot
from huying.geo.finding.syllables import SYLLABLE
from huying.geo.names import fold

TYPED_CHARS_MIN = 2
TYPED_CHARS_MAX = 40
"""A beginning; what is longer is a sentence, and is understood as one."""

SHOWN_MAX = 10

_GLUE = re.compile(r"[\s'’.-]+")


class Typing:
    """Beginnings of the gazetteer's names. Rows of posts and junctions are left to whole sentences."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        keys: list[tuple[str, str]] = []
        for place in pack.places.values():
            if place.kind in ("kmpost", "junction"):
                continue
            for name in dict.fromkeys((*place.name.values(), *place.aliases)):
                keys += [(key, place.code) for key in _keys(name)]
        self._keys = sorted(set(keys))

    def begin_with(self, typed: str) -> Iterator[Spot]:
        """Places of which a name begins so, shorter names first, at most `SHOWN_MAX`."""
        beginning = _GLUE.sub("", fold(typed.strip()))
        if not TYPED_CHARS_MIN <= len(beginning) <= TYPED_CHARS_MAX:
            return
        found: dict[str, int] = {}
        for at in range(bisect_left(self._keys, (beginning, "")), len(self._keys)):
            key, code = self._keys[at]
            if not key.startswith(beginning) or len(found) > 20 * SHOWN_MAX:
                break
            found.setdefault(code, len(key))
        for code, length in sorted(found.items(), key=lambda each: (each[1], each[0]))[:SHOWN_MAX]:
            row = self._pack.places[code]
            odds = GROUND["begins"] - 0.15 * (length - len(beginning))
            error_m = ERROR_M.get(row.kind, ERROR_OTHER_M)
            yield Spot(0, 0, "begins", code, row.lat, row.lon, error_m, odds)


def _keys(name: str) -> Iterator[str]:
    folded = _GLUE.sub("", fold(name))
    yield folded
    if any(char in SYLLABLE for char in folded):
        yield "".join(SYLLABLE.get(char, char) for char in folded)
        yield "".join(SYLLABLE.get(char, char)[0] for char in folded)
