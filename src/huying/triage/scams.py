"""A scam that may be going on: which kind, from the words of a caller or a bank clerk.

The words are rows of the pack: for a kind, for money that moves or somebody who is led (`any`), and against
(`none`): a real refund, a real officer at the door. A learned model may speak as well. What comes of it is a
card with what to say now; nothing is sent, stopped or closed by it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from msgspec import Struct

from huying.domain.pack import Pack, ScamWord
from huying.domain.reason import Reason
from huying.domain.suggestion import Likely
from huying.triage.phrases import Phrases, spoken
from huying.triage.reading import Words, reader_of

ANY, NONE = "any", "none"

WEIGHT_MIN = 2.0
"""The sum from which a card is shown: one telling word, or two that are usual in scams."""

OWN_MIN = 0.8
"""Of that, words of a kind, not only money that moves: who sends money to a son sends money too."""

MODEL_MIN = 0.5
"""A model's chance for a kind from which the card is shown without a word."""

REASONS_MAX = 4

OTHER = "other"


class Sign(Struct, frozen=True):
    """The kind of scam that may be going on, and why."""

    kind: str
    reasons: tuple[Reason, ...]


class ScamFinder:
    """Finds signs of a scam with a city's words."""

    def __init__(self, pack: Pack) -> None:
        self._kinds = pack.scams
        self._reader = reader_of(pack.shorthand)
        self._phrases: Phrases[ScamWord] = Phrases(
            ((row.words, row) for row in pack.scam_words), self._reader
        )
        self._types = {code for code, row in pack.types.items() if row.group == "fraud"}

    def sign(self, words: Words, likely: Sequence[Likely] = (), type: str = "") -> Sign | None:
        """The sign in what was said, or None.

        Args:
            likely: what the live model says; its head `scam` counts.
            type: as understood; a call that is fraud by its type gets a card whatever its words.
        """
        if not self._kinds:
            return None
        weights: dict[str, float] = {}
        said: dict[int, Reason] = {}
        reading = self._reader.of(words)
        for each in self._phrases.find(reading.text):
            row = each.value
            if row.line not in said:
                weights[row.kind] = weights.get(row.kind, 0.0) + row.weight
                values: dict[str, str | int | float] = {
                    "word": spoken(row.words, each, reading),
                    "kind": row.kind,
                }
                span = reading.span(each.start, each.end)
                said[row.line] = Reason("scam.word", of=f"scam_words:{row.line}", values=values, span=span)
        against = weights.pop(NONE, 0.0)
        total = sum(weights.values()) - against
        moving = weights.pop(ANY, 0.0)
        own = total - moving + against
        kind = max(weights, key=lambda each: (weights[each], each != OTHER), default=OTHER)
        reasons = [each for each in said.values() if each.values["kind"] not in (NONE,)]
        modelled = _modelled(likely, self._kinds)
        if modelled:
            return Sign(modelled, (Reason("scam.model", of=modelled), *reasons[:REASONS_MAX]))
        if total >= WEIGHT_MIN and own >= OWN_MIN:
            return Sign(self._known(kind), tuple(reasons[:REASONS_MAX]))
        if type in self._types and total > 0:
            return Sign(self._known(kind), (Reason("scam.type", of=type), *reasons[:REASONS_MAX]))
        return None

    def _known(self, kind: str) -> str:
        return kind if kind in self._kinds else next(iter(self._kinds))


def _modelled(likely: Sequence[Likely], kinds: Collection[str]) -> str:
    for each in likely:
        if each.head == "scam" and each.classes:
            kind, chance = each.classes[0]
            if kind in kinds and chance >= MODEL_MIN:
                return kind
    return ""
