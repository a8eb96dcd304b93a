"""What triage makes of the words of records by itself, beside what the records say they were.

Two things are counted apart: the house as it stands, which learnt nothing from these records; and a
model that learns from the earlier part of them and is judged on the later part alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

from huying.channels.files import Record
from huying.channels.files.mapping import LabelShape
from huying.domain.commands import ReceiveCall
from huying.domain.pack import Pack
from huying.domain.suggestion import Suggestion
from huying.service.ports import Triage
from huying.sim.answers import Answers
from huying.sim.learnt import Later
from huying.triage.reading import Words

WORDS_KEPT = 50_000
"""Texts whose answer is remembered: records of one city say the same few hundred things again and again."""


class Alone:
    """What triage makes of words by themselves, without what is stated beside them."""

    def __init__(self, pack: Pack, triage: Triage) -> None:
        self._pack, self._triage = pack, triage
        self._known: dict[str, tuple[str, ...]] = {}

    def types(self, call: ReceiveCall, words: Words | None = None) -> tuple[str, ...]:
        """See `answer_of`; `words` are the call's, where somebody has read them already."""
        types = self._known.get(call.words)
        if types is None:
            types = answer_of(self._triage.understand(words or call.words, call.lang, "", {}), self._pack)
            if len(self._known) < WORDS_KEPT:
                self._known[call.words] = types
        return types


class Heard:
    """Hears every record's words; nothing that the record states is told to the one who hears."""

    def __init__(self, pack: Pack, triage: Triage, label: LabelShape | None = None) -> None:
        self._pack, self._label = pack, label
        self._alone = Alone(pack, triage)
        self._truths = _truths(label)
        self.answers = Answers(Counter())
        self.later = Later() if label else None

    def take(self, record: Record) -> None:
        """Understand one record's words without what it states."""
        call = record.call
        if not call.words.strip():
            return
        types = record.suggested
        if types is None:  # nobody has heard it ahead
            types = self._alone.types(call)
        self.answers.take(self._as_labelled(types), self._truth(record))
        if self.later is not None and record.label:
            self.later.take(record.at, call.words, record.label)

    def _truth(self, record: Record) -> Collection[str]:
        """Codes of the pack that are right by the record: by its label, else the type that it states."""
        if self._truths is not None:
            return self._truths.get(record.label.casefold(), ())
        stated = record.call.stated_type
        return (stated,) if stated and stated != self._pack.default_type else ()

    def _as_labelled(self, types: tuple[str, ...]) -> tuple[str, ...]:
        """The types, or their agencies where the records name agencies."""
        if self._truths is None or self._label is None or self._label.means == "type":
            return types
        return tuple(dict.fromkeys(self._pack.types[type].agency for type in types))

    def summary(self) -> dict[str, Any]:
        """JSON values: what the house as it stands answered, and under `learnt` what a model answered that
        learnt from the earlier records; None where they carry no label, or too few."""
        judged_by = "" if self._label is None or self._truths is None else self._label.of.strip("{}")
        return {
            **self.answers.summary(),
            "judged_by": judged_by or "type",
            "learnt": self.later.summary(Answers(Counter())) if self.later and self._label else None,
        }


def answer_of(said: Suggestion, pack: Pack) -> tuple[str, ...]:
    """The type that the desk is shown, or the types that it may pick from, or nothing."""
    if said.type not in pack.open_types:
        return (said.type,)
    likely = next((each for each in said.likely if each.head == "type"), None)
    return tuple(code for code in likely.choice if code in pack.types) if likely else ()


def _truths(label: LabelShape | None) -> dict[str, tuple[str, ...]] | None:
    if label is None or not label.table:
        return None
    return {key.casefold(): codes for key, codes in label.table.items()}
