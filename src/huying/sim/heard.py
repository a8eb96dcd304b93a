"""What triage would have made of the words of records by itself, beside what the records say they were."""

from __future__ import annotations

from collections import Counter
from typing import Any

from huying.domain.commands import ReceiveCall
from huying.domain.pack import Pack
from huying.service.ports import Triage

WORDS_KEPT = 50_000
"""Texts whose type is remembered: records of one city say the same few hundred things again and again."""


class Heard:
    """Counts, for records with words: types that were suggested, and those that were right where the record
    states one of the pack."""

    def __init__(self, pack: Pack, triage: Triage) -> None:
        self._pack, self._triage = pack, triage
        self._known: dict[str, str] = {}
        self.counts: Counter[str] = Counter()

    def take(self, call: ReceiveCall) -> None:
        """Understand one record's words without what it states."""
        if not call.words.strip():
            return
        type = self._known.get(call.words)
        if type is None:
            type = self._triage.understand(call.words, call.lang, "", {}).type
            if len(self._known) < WORDS_KEPT:
                self._known[call.words] = type
        named = type != self._pack.default_type
        self.counts["texts"] += 1
        self.counts["named"] += named
        if call.stated_type and call.stated_type != self._pack.default_type:
            self.counts["stated"] += 1
            self.counts["stated_named"] += named
            self.counts["right"] += call.stated_type == type

    def summary(self) -> dict[str, Any]:
        """JSON values: shares of all texts; `accuracy` of those that were named, None where no type is
        stated."""
        count = self.counts
        return {
            "texts": count["texts"],
            "suggested": _share(count["named"], count["texts"]),
            "abstained": _share(count["texts"] - count["named"], count["texts"]),
            "accuracy": _share(count["right"], count["stated_named"]),
        }


def _share(part: int, of: int) -> float | None:
    return round(part / of, 4) if of else None
