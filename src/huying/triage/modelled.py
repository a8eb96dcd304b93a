"""Triage by the pack's words and a learnt model together; the words of danger always come first.

The model proposes; it may raise urgency and never lowers it, and where it is not sure everything is as
without it: the words decide, or a person.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from huying.domain.pack import Pack
from huying.domain.reason import Reason
from huying.domain.suggestion import Likely, Suggestion
from huying.triage.fast import FastModel, Read
from huying.triage.rules import ALTERNATIVES_MAX, REASONS_MAX, WordTriage

LEVEL = 0.9
"""Of the sets that a desk picks from: nine of ten hold the truth."""

CHOICE_MAX = 5
"""More than five to pick from is no help while a caller waits: a person decides."""

SURE = 0.5
"""Chance from which the model's type is proposed: it is then rather right than wrong."""

FAMILIAR_MIN = 0.1
"""Share of a text's features that the model must know; below it the words are of another world than its
own."""

SPEAKS_MIN = 0.25
"""Of the strongest share: characters that speak less are not shown as reasons."""

SPANS_MAX = 3


class Named(Struct, frozen=True):
    """A model and the hash by which facts speak of it."""

    digest: str
    model: FastModel


class ModelTriage:
    """The port `Triage` with a live model and one on trial beside it; either may be missing.

    Both may be exchanged while calls come in: each call is understood by the models that it found.
    """

    def __init__(self, pack: Pack, live: Named | None = None, shadow: Named | None = None) -> None:
        self._pack = pack
        self._words = WordTriage(pack)
        self.live, self.shadow = live, shadow

    def use(self, live: Named | None, shadow: Named | None) -> None:
        """Exchange the models."""
        self.live, self.shadow = live, shadow

    def understand(self, words: str, lang: str, stated_type: str, answers: dict[str, str]) -> Suggestion:
        """What the call is; by the words of the pack alone where no model is live or the type was stated."""
        said = self._words.understand(words, lang, stated_type, answers)
        live, shadow = self.live, self.shadow
        if not words.strip() or (live is None and shadow is None):
            return said
        if live is not None:
            said = self._with(live, words, said, stated_type in self._pack.types)
        if shadow is not None:
            said = self._noted(shadow, words, said)
        return said

    def _with(self, live: Named, words: str, said: Suggestion, stated: bool) -> Suggestion:
        """What was said by the words, with what the model adds."""
        likely, read = likely_of(live.model, words)
        by_head = {each.head: each for each in likely}
        reasons = list(said.reasons)
        type, priority = said.type, said.priority
        others = said.alternatives
        what = by_head.get("type")
        if what is not None and not stated:
            type, reasons = self._typed(live, words, read, said, what)
            priority = min(priority, self._pack.types[type].priority)
            ranked = tuple((code, chance) for code, chance in what.classes if code != type)
            others = tuple(pair for pair in ranked if pair[0] in self._pack.types)[:ALTERNATIVES_MAX]
        urgency = by_head.get("urgency")
        if urgency is not None:
            priority, why = _raised(live, urgency, priority)
            reasons = [*why, *reasons]
        return Suggestion(type, priority, tuple(reasons[:REASONS_MAX]), others, likely)

    def _typed(
        self, live: Named, words: str, read: Read, said: Suggestion, what: Likely
    ) -> tuple[str, list[Reason]]:
        """The type that words and model agree on, and why; the words' own where the model isn't sure."""
        best, chance = what.classes[0]
        urgent = [each for each in said.reasons if each.key in ("triage.urgent", "triage.answer")]
        sure = best in self._pack.types and (what.choice == (best,) or chance >= SURE)
        if not sure:
            return said.type, list(said.reasons)
        values = _names(self._pack, best) | {"percent": round(100 * chance)}
        reasons = [*urgent, Reason("triage.model", of=f"model:{live.digest}", values=values)]
        if best == said.type:
            reasons += [each for each in said.reasons if each not in urgent]
        reasons += _speaking(live.model, words, read, best, what)
        return best, reasons

    def _noted(self, shadow: Named, words: str, said: Suggestion) -> Suggestion:
        """The suggestion with a note of what the model on trial would have said; it changes nothing else."""
        what = next((each for each in likely_of(shadow.model, words)[0] if each.head == "type"), None)
        if what is None:
            return said
        best, chance = what.classes[0]
        values = _names(self._pack, best) | {"code": best, "percent": round(100 * chance)}
        note = Reason("triage.shadow", of=f"model:{shadow.digest}", values=values)
        reasons = (*said.reasons[: REASONS_MAX - 1], note)
        return Suggestion(said.type, said.priority, reasons, said.alternatives, said.likely)


def likely_of(model: FastModel, words: str) -> tuple[tuple[Likely, ...], Read]:
    """What the model says to each question about these words, and how it read them; nothing when it hardly
    knows them."""
    read = model.read(words)
    if read.familiar < FAMILIAR_MIN:
        return (), read  # it would only say what is most frequent
    scores = model.weigh(read.bag, 1)
    found = []
    for head in model.heads.values():
        chances = head.chances(scores)
        inside = np.flatnonzero(head.sets(chances, LEVEL)[0])
        chance = chances[0]
        order = np.argsort(-chance, kind="stable")[: CHOICE_MAX + 1].tolist()
        classes = tuple((head.classes[n], round(float(chance[n]), 4)) for n in order)
        few = inside.tolist() if len(inside) <= CHOICE_MAX else []
        choice = tuple(head.classes[n] for n in order if n in few)
        found.append(Likely(head.name, classes, choice))
    return tuple(found), read


def _raised(live: Named, urgency: Likely, priority: int) -> tuple[int, list[Reason]]:
    """A greater urgency when it is rather likely than not, and why; never a smaller one."""
    so_far = 0.0
    for code, chance in sorted(urgency.classes):
        so_far += chance
        if code.isdigit() and 1 <= int(code) < priority and so_far >= SURE:
            values: dict[str, str | int | float] = {"priority": int(code), "percent": round(100 * so_far)}
            return int(code), [Reason("triage.model_urgent", of=f"model:{live.digest}", values=values)]
    return priority, []


def _names(pack: Pack, code: str) -> dict[str, str | int | float]:
    type = pack.types.get(code)
    names = dict(type.name) if type else {}
    return {f"type_{lang}": names.get(lang) or code for lang in ("zh", "en")}


def _speaking(model: FastModel, words: str, read: Read, best: str, what: Likely) -> list[Reason]:
    """The parts of the words that speak most for the type, against the one that came next."""
    head = model.heads["type"]
    column = head.low + head.classes.index(best)
    against = head.low + head.classes.index(what.classes[1][0]) if len(what.classes) > 1 else -1
    shares = model.shares_by_character(read, column, against)
    spans = _spans(shares[:-1])
    reasons = []
    for start, end in spans:
        begin, stop = read.normal.span(start, end)
        values: dict[str, str | int | float] = {"word": words[begin:stop][:40]}
        reasons.append(Reason("triage.model_word", of=best, values=values, span=(begin, stop)))
    return reasons


def _spans(shares: NDArray[np.float32]) -> Sequence[tuple[int, int]]:
    """Runs of characters that speak, the strongest first."""
    top = float(shares.max(initial=0))
    if top <= 0:
        return []
    edges = np.flatnonzero(np.diff((shares >= SPEAKS_MIN * top).astype(np.int8), prepend=0, append=0))
    runs = list(zip(edges[0::2].tolist(), edges[1::2].tolist(), strict=True))
    return sorted(runs, key=lambda run: -float(shares[run[0] : run[1]].sum()))[:SPANS_MAX]
