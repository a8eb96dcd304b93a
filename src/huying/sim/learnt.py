"""What a model says of later records when it has learnt from the earlier ones and from nothing else.

The records are cut by time, never at random: a model is used on tomorrow's calls. It is made for the summary
and thrown away with it.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from huying.sim.answers import Answers, share
from huying.triage.hearing import Heard, Hearer
from huying.triage.learning.learn import Sample, learn
from huying.triage.modelled import FAMILIAR_MIN, SURE

HEAD = "label"
EARLIER = 0.8
"""Share of the records, in order of time, that is learnt from; the rest is held out. As in the tables of
docs/en/understanding.md, so that their figures can be laid side by side."""

RECORDS_MIN = 100
"""Fewer leave a held-out part of which nothing can be said."""

RECORDS_MAX = 200_000
"""Labelled records that are kept in memory, about 100 MB of short ones; those after them are not looked
at, and counted."""


class Later:
    """Records as they come in, in order of time; `summary` learns and judges."""

    def __init__(self) -> None:
        self._at: list[int] = []
        self._texts: list[str] = []
        self._labels: list[str] = []
        self._same: dict[str, str] = {}
        self._more = 0

    def take(self, at: int, words: str, label: str) -> None:
        """Keep a record with a label; the same words are kept once."""
        if len(self._at) >= RECORDS_MAX:
            self._more += 1
            return
        self._at.append(at)
        self._texts.append(self._same.setdefault(words, words))
        self._labels.append(self._same.setdefault(label, label))

    def summary(self, answers: Answers) -> dict[str, Any] | None:
        """JSON values, `answers` among them counted over the held-out part; None where there are too few
        records, or none of two classes."""
        cut = self._cut()
        if len(self._at) < RECORDS_MIN or not 0 < cut < len(self._at):
            return None
        # Records are in order of time; as text their numbers are so too.
        order = [f"{n:07d}" for n in range(cut)]
        model = learn(Sample(self._texts[:cut], {HEAD: self._labels[:cut]}, order)).model
        if HEAD not in model.heads:
            return None
        right, frequent = self._judge(Hearer(model), cut, answers)
        known, held = set(self._texts[:cut]), len(self._at) - cut
        return {
            "learnt_from": cut,
            "learnt_until": _day(self._at[cut - 1]),
            "held_out": held,
            "held_out_from": _day(self._at[cut]),
            "not_looked_at": self._more,
            "classes": len(model.heads[HEAD].classes),
            **answers.summary(),
            "accuracy_without_abstaining": share(right, held),
            "most_frequent_alone": share(frequent, held),
            "same_words_before": share(sum(text in known for text in self._texts[cut:]), held),
        }

    def _cut(self) -> int:
        """Where the held-out part begins: records of one instant stay on one side."""
        cut = int(len(self._at) * EARLIER)
        while 0 < cut < len(self._at) and self._at[cut] == self._at[cut - 1]:
            cut += 1
        return cut

    def _judge(self, hearer: Hearer, cut: int, answers: Answers) -> tuple[int, int]:
        """How often the likeliest class was right, and the most frequent of the earlier part."""
        usual = Counter(self._labels[:cut]).most_common(1)[0][0]
        heard: dict[str, tuple[tuple[str, ...], str]] = {}
        right = frequent = 0
        for text, label in zip(self._texts[cut:], self._labels[cut:], strict=True):
            if text not in heard:
                heard[text] = _answer(hearer.hear(text))
            answer, best = heard[text]
            answers.take(answer, (label,))
            right += best == label
            frequent += usual == label
        return right, frequent


def _answer(heard: Heard) -> tuple[tuple[str, ...], str]:
    """What the desk would be shown by the live rule, and the likeliest class all the same."""
    said = heard.likely[0]
    best, chance = said.classes[0]
    if heard.familiar < FAMILIAR_MIN:
        return (), best
    return ((best,) if chance >= SURE or said.choice == (best,) else said.choice), best


def _day(at: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)).isoformat(timespec="seconds")
