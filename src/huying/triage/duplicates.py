"""Has somebody called about this already? Unfinished incidents near in place and time; persons join.

Blocks keep the search short: incidents of one group near the point, those at the same named place, and those
in the same small area when one of the two is not known to a point. Only what is in a block is compared.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from operator import mul

from msgspec import Struct

from huying.base.clock import SECOND
from huying.domain.incident import Incident
from huying.domain.pack import Pack
from huying.domain.place import Place
from huying.domain.reason import Reason
from huying.geo.grid import Grid
from huying.geo.points import distance_m
from huying.triage.alike import (
    EMPTY,
    FEATURES,
    WEIGHTS,
    Pair,
    Said,
    cosine,
    features,
    log_odds_of,
    reasons,
    said,
)

REMEMBERED_MAX = 50_000
"""Incidents remembered: half an hour of a disaster in a city of ten million. Beyond it those remembered
longest go, and a duplicate is then not seen, which costs a person's look and nothing else."""

CROWD_MAX = 8
"""Incidents of one group remembered in one cell of the map, at one place or in one area: of a flood of calls
about one fire the first are the ones to join, and looking stays short however many come."""

COMPARED_MAX = 16
"""Incidents of the blocks that are compared with one call, the nearest first."""

SHOWN_MAX = 3
"""Suggestions that a desk can look at while the caller waits."""

SPANS_NEAR = 4
"""Spans of the pack after which an incident is no longer meant by a point alone."""

SPANS_NAMED = 144
"""The same for one that was named by the same place: three days at half an hour a span, in which people ask
what became of it."""

WIDE_MAX_M = 1600.0
"""What is known less exactly than this is no point; it is compared by its area."""

WIDE_CELL_M = 800.0

WIDE_REACH_M = 500.0
"""How far around a wide place incidents with a sharp point are looked at."""

GRAMS_MAX = 60
"""n-grams of one text by which incidents that were placed by words are found again."""

SHARED_MIN = 4
"""n-grams that two texts must share to be compared for their words alone."""


class _Known(Struct, gc=False):
    """`said` is worked out when it is first compared."""

    type: str
    group: str
    place: Place
    at: int
    title: str
    said: Said | None = None


class Duplicates:
    """Unfinished incidents of the last while, by place, with what speaks for each."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._metres, self._span = pack.duplicate_m, pack.duplicate_s * SECOND
        self._weights = tuple(({**WEIGHTS, **pack.duplicate_weights})[name] for name in FEATURES)
        self._least = log_odds_of(pack.duplicate_threshold)
        self._near: Grid[int] = Grid(pack.duplicate_m, pack.centre[0], CROWD_MAX)
        self._wide: Grid[int] = Grid(WIDE_CELL_M, pack.centre[0], CROWD_MAX)
        self._error_m = 0.0
        self._known: OrderedDict[int, _Known] = OrderedDict()
        self._named: dict[tuple[str, str], dict[int, None]] = {}
        self._grams: dict[int, dict[int, None]] = {}

    def __len__(self) -> int:
        return len(self._known)

    def add(self, incident: Incident) -> None:
        """Remember the incident as it is by now; without a point, a name or a small area it is forgotten."""
        place = incident.place
        group = self._pack.type_of(incident.type).group
        known = self._known.get(incident.id)
        if known is not None and (known.group, known.place) != (group, place):
            self.remove(incident.id)
        row = _Known(incident.type, group, place, incident.opened_at, incident.title)
        held = self._place(incident.id, group, place, incident.opened_at)
        if _by_words(place):
            held = self._word(incident.id, row) or held
        if not held:
            self._known.pop(incident.id, None)
            return
        self._known[incident.id] = row
        if len(self._known) > REMEMBERED_MAX:
            self.remove(next(iter(self._known)))

    def _place(self, incident: int, group: str, place: Place, at: int) -> bool:
        """Enter the incident into its blocks; False when none would take it."""
        point, error_m = place.point, place.error_m or 0.0
        held = False
        if point is not None and error_m <= self._metres:
            held = self._near.put(incident, group, *point) or self._make_room(incident, group, point, at)
            self._error_m = max(self._error_m, error_m)
        elif point is not None and error_m <= WIDE_MAX_M:
            held = self._wide.put(incident, group, *point)
        for key in self._keys(group, place):
            block = self._named.setdefault(key, {})
            if len(block) < CROWD_MAX or incident in block:
                block[incident] = None
                held = True
        return held

    def _word(self, incident: int, row: _Known) -> bool:
        """Enter the incident under the n-grams of its words; False for one that has none."""
        grams = self._said(row).order[:GRAMS_MAX]
        for gram in grams:
            block = self._grams.setdefault(gram, {})
            block[incident] = None
            if len(block) > CROWD_MAX:
                del block[next(iter(block))]
        return bool(grams)

    def _said(self, row: _Known) -> Said:
        if row.said is None:
            row.said = EMPTY if self._is_type(row.title, row.type) else said(row.title)
        return row.said

    def _is_type(self, title: str, type: str) -> bool:
        """Whether the title is only the type's name, because the call had no words."""
        return not title or title in self._pack.type_of(type).name.values()

    def _make_room(self, incident: int, group: str, point: tuple[float, float], at: int) -> bool:
        """Put the incident where one stands that is too old to be meant by a point."""
        if at - next(iter(self._known.values())).at <= SPANS_NEAR * self._span:
            return False  # not even the oldest is
        for _, other in self._near.within(group, *point, self._metres):
            row = self._known.get(other)
            if row is None or at - row.at > SPANS_NEAR * self._span:
                self._near.remove(other)
                return self._near.put(incident, group, *point)
        return False

    def _keys(self, group: str, place: Place) -> Iterable[tuple[str, str]]:
        """The same named place; the smallest area for what is not known to a point."""
        if place.code:
            yield group, place.code
        if place.areas and (place.how or place.lat is None or (place.error_m or 0.0) > self._metres):
            yield group, place.areas[0]

    def remove(self, incident: int) -> None:
        """Forget the incident; one that is not remembered is no fault."""
        known = self._known.pop(incident, None)
        if known is None:
            return
        self._near.remove(incident)
        self._wide.remove(incident)
        for key in self._keys(known.group, known.place):
            block = self._named.get(key)
            if block is not None:
                block.pop(incident, None)
                if not block:
                    del self._named[key]
        if _by_words(known.place) and known.said is not None:
            for gram in known.said.order[:GRAMS_MAX]:
                held = self._grams.get(gram)
                if held is not None:
                    held.pop(incident, None)
                    if not held:
                        del self._grams[gram]

    def candidates(self, type: str, place: Place, at: int, title: str = "") -> list[tuple[int, Reason]]:
        """(incident, why) of what a call of `type` at `place` and `at` (UTC µs), in words `title`, may be
        about: those of its group with a probability of at least the pack's threshold, likeliest first."""
        found = self.compared(type, place, at, title)
        if not found:
            return []
        ranked = []
        for incident, pair in found:
            if pair.text is None and not pair.same_place and pair.error_m > 2 * self._metres:
                continue  # "the village", without a word on what it is, is no evidence
            log_odds = sum(map(mul, features(pair, self._metres, self._span / SECOND), self._weights))
            if log_odds >= self._least:
                ranked.append((-log_odds, pair.metres or 0.0, -incident, incident, pair))
        ranked.sort(key=lambda each: each[:3])
        return [(each[3], reasons(each[3], each[4], -each[0])) for each in ranked[:SHOWN_MAX]]

    def compared(self, type: str, place: Place, at: int, title: str) -> list[tuple[int, Pair]]:
        """Every incident in the call's blocks, as a pair with it."""
        self._forget(at)
        group = self._pack.type_of(type).group
        blocks = self._blocks(group, place, at)
        by_words = bool(self._grams) and _by_words(place)
        if not blocks and not by_words:
            return []
        words = None if self._is_type(title, type) else said(title)
        if by_words and words is not None:
            self._same_words(words, group, place, blocks)
        crowd = sum(1 for incident in blocks if self._known[incident].type == type) - 1
        return [
            (incident, self._pair(self._known[incident], metres, type, place, at, words, max(crowd, 0)))
            for incident, metres in list(blocks.items())[:COMPARED_MAX]
        ]

    def _blocks(self, group: str, place: Place, at: int) -> dict[int, float | None]:
        """Incident → metres away (None without two points), the nearest first."""
        blocks: dict[int, float | None] = {}
        point, error_m = place.point, place.error_m or 0.0
        known, span = self._known, self._span
        if point is not None and error_m <= WIDE_MAX_M:
            narrow = error_m <= self._metres
            reach = self._metres + min(error_m + self._error_m, self._metres if narrow else WIDE_REACH_M)
            for metres, incident in self._near.within(group, *point, reach):
                row = known[incident]
                if abs(at - row.at) > SPANS_NEAR * span:
                    continue
                slack = error_m + (row.place.error_m or 0.0)
                if metres - (min(slack, self._metres) if narrow else slack) <= self._metres:
                    blocks[incident] = metres
            if self._wide:
                for metres, incident in self._wide.within(group, *point, WIDE_CELL_M):
                    if abs(at - known[incident].at) <= SPANS_NEAR * span:
                        blocks.setdefault(incident, metres)
        if self._named:
            for key in self._keys(group, place):
                for incident in self._named.get(key, ()):
                    blocks.setdefault(incident, _apart(place, known[incident].place))
        return blocks

    def _same_words(self, words: Said, group: str, place: Place, blocks: dict[int, float | None]) -> None:
        """Add the incidents that share most of the words, wherever they are said to be."""
        shared: dict[int, int] = {}
        for gram in words.order:
            for incident in self._grams.get(gram, ()):
                shared[incident] = shared.get(incident, 0) + 1
        for incident, count in shared.items():
            row = self._known[incident]
            if count >= SHARED_MIN and row.group == group:
                blocks.setdefault(incident, _apart(place, row.place))

    def _pair(
        self,
        row: _Known,
        metres: float | None,
        type: str,
        place: Place,
        at: int,
        words: Said | None,
        crowd: int,
    ) -> Pair:
        text, number, other = None, False, False
        if words is not None:
            theirs = self._said(row)
            if theirs.grams:
                text = cosine(words, theirs)
                number = bool(words.numbers and theirs.numbers) and words.numbers.isdisjoint(theirs.numbers)
            other = words.other
        error_m = (place.error_m or 0.0) + (row.place.error_m or 0.0)
        same = bool(place.code) and place.code == row.place.code
        area = bool(place.areas) and bool(row.place.areas) and place.areas[0] == row.place.areas[0]
        return Pair(
            metres,
            error_m,
            same,
            area,
            row.type == type,
            abs(at - row.at) / SECOND,
            crowd,
            text,
            number,
            other,
            not _by_words(place) and not _by_words(row.place),
        )

    def _forget(self, at: int) -> None:
        """Drop what is too old to be meant; incidents are remembered nearly in order of time."""
        while self._known:
            oldest = next(iter(self._known))
            row = self._known[oldest]
            spans = SPANS_NAMED if row.place.code or row.place.lat is None else SPANS_NEAR
            if at - row.at <= spans * self._span:
                return
            self.remove(oldest)


def _by_words(place: Place) -> bool:
    """Whether the caller's words led to the place, or to none: then words are all there is to go by."""
    return bool(place.how) or place.lat is None


def _apart(one: Place, other: Place) -> float | None:
    """Metres between two places; None where one has no point."""
    if one.point is None or other.point is None:
        return None
    return distance_m(*one.point, *other.point)
