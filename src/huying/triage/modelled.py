"""Triage by the pack's words and a learnt model together; the words of danger always come first.

The model proposes; it may raise urgency and never lowers it, and where it is not sure everything is as
without it: the words decide, or a person.
"""

from __future__ import annotations

from functools import cached_property

from msgspec import Struct

from huying.domain.pack import Pack
from huying.domain.reason import Reason
from huying.domain.suggestion import Likely, Suggestion
from huying.triage.fast import FastModel
from huying.triage.hearing import Heard, Hearer
from huying.triage.reading import Reading, Words, reader_of
from huying.triage.rules import ALTERNATIVES_MAX, REASONS_MAX, WordTriage, in_danger

SURE = 0.5
"""Chance from which the model's type is proposed: it is then rather right than wrong."""

FAMILIAR_MIN = 0.1
"""Share of a text's features that the model must know; below it the words are of another world than its
own."""

# Reasons of the words and answers that make something urgent by themselves.
URGENT = frozenset({"triage.urgent", "triage.answer"})


class Named(Struct, frozen=True, dict=True):
    """A model and the hash by which facts speak of it."""

    digest: str
    model: FastModel

    @cached_property
    def hearer(self) -> Hearer:
        return Hearer(self.model)

    def hear(self, words: Words) -> Heard | None:
        """What the model says; None when it hardly knows the words: it would only say what is most
        frequent."""
        heard = self.hearer.hear(words)
        return heard if heard.familiar >= FAMILIAR_MIN else None


class ModelTriage:
    """The port `Triage` with a live model and one on trial beside it; either may be missing.

    Both may be exchanged while calls come in: each call is understood by the models that it found.
    """

    def __init__(self, pack: Pack, live: Named | None = None, shadow: Named | None = None) -> None:
        self._pack = pack
        self._words = pack.once(WordTriage)
        self._reader = reader_of(pack.shorthand)
        self.live, self.shadow = live, shadow

    def use(self, live: Named | None, shadow: Named | None, ready: bool = True) -> None:
        """Exchange the models. `ready`: what they need besides is made now, so that no caller waits."""
        for each in (live, shadow):
            if ready and each is not None:
                each.hear("")
        self.live, self.shadow = live, shadow

    def understand(self, words: Words, lang: str, stated_type: str, answers: dict[str, str]) -> Suggestion:
        """What the call is; by the words of the pack alone where no model is live or the type was stated."""
        reading = self._reader.of(words)
        said = self._words.understand(reading, lang, stated_type, answers)
        live, shadow = self.live, self.shadow
        if not reading.said.strip() or (live is None and shadow is None):
            return said
        if live is not None:
            said = self._with(live, reading, said, stated_type in self._pack.types)
        if shadow is not None:
            said = self._noted(shadow, reading, said)
        return said

    def _with(self, live: Named, reading: Reading, said: Suggestion, stated: bool) -> Suggestion:
        """What was said by the words, with what the model adds."""
        heard = live.hear(reading)
        if heard is None:
            return said
        by_head = {each.head: each for each in heard.likely}
        reasons = list(said.reasons)
        type, priority = said.type, said.priority
        others = said.alternatives
        what = by_head.get("type")
        if what is not None and not stated:
            type, reasons = self._typed(live, reading, heard, said, what)
            own = self._pack.types[type].priority
            if said.type in self._pack.open_types and not any(each.key in URGENT for each in said.reasons):
                priority = own  # the words said nothing, so there is nothing of theirs to keep
            elif priority < own and not any(each.key in URGENT for each in said.reasons):
                # What the words alone were taken for is more urgent: it stays so, and it is said why.
                kept = _names(self._pack, said.type) | {"priority": priority}
                reasons = [Reason("triage.kept", of=f"type:{said.type}", values=kept), *reasons]
            priority = min(priority, own)
            ranked = tuple((code, chance) for code, chance in what.classes if code != type)
            others = tuple(pair for pair in ranked if pair[0] in self._pack.types)[:ALTERNATIVES_MAX]
        urgency = by_head.get("urgency")
        if urgency is not None:
            priority, why = _raised(live, urgency, priority)
            reasons = [*why, *reasons]
        if not stated:
            type, why = in_danger(self._pack, type, priority)
            reasons = [*reasons[:1], *why, *reasons[1:]]
        return Suggestion(type, priority, tuple(reasons[:REASONS_MAX]), others, heard.likely)

    def _typed(
        self, live: Named, reading: Reading, heard: Heard, said: Suggestion, what: Likely
    ) -> tuple[str, list[Reason]]:
        """The type that words and model agree on, and why; the words' own where the model isn't sure."""
        best, chance = what.classes[0]
        urgent = [each for each in said.reasons if each.key in URGENT]
        sure = best in self._pack.types and (what.choice == (best,) or chance >= SURE)
        if not sure:
            return said.type, list(said.reasons)
        values = _names(self._pack, best) | {"percent": round(100 * chance)}
        reasons = [*urgent, Reason("triage.model", of=f"model:{live.digest}", values=values)]
        if best == said.type:
            reasons += [each for each in said.reasons if each not in urgent]
        reasons += [_speaks(reading.said, reading.span(*span), best) for span in heard.speaking()]
        return best, reasons

    def _noted(self, shadow: Named, reading: Reading, said: Suggestion) -> Suggestion:
        """The suggestion with a note of what the model on trial would have said; it changes nothing else."""
        heard = shadow.hear(reading)
        what = next((each for each in heard.likely if each.head == "type"), None) if heard else None
        if what is None:
            return said
        best, chance = what.classes[0]
        values = _names(self._pack, best) | {"code": best, "percent": round(100 * chance)}
        note = Reason("triage.shadow", of=f"model:{shadow.digest}", values=values)
        reasons = (*said.reasons[: REASONS_MAX - 1], note)
        return Suggestion(said.type, said.priority, reasons, said.alternatives, said.likely)


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


def _speaks(words: str, span: tuple[int, int], best: str) -> Reason:
    """Part of the words, as a reason for the type."""
    return Reason("triage.model_word", of=best, values={"word": words[span[0] : span[1]][:40]}, span=span)
