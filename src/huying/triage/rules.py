"""Triage by the pack's words: what it is and how urgent, with a reason for each step."""

from __future__ import annotations

from collections.abc import Iterable

from huying.domain.pack import IncidentType, Pack, TypeWord
from huying.domain.reason import Reason
from huying.domain.suggestion import Suggestion
from huying.geo.names import Found
from huying.triage.phrases import OR, spoken
from huying.triage.reading import Reading, Words, reader_of
from huying.triage.words import WordFinder

WEIGHT_MIN = 1.0
"""Less than one ordinary word is no ground for a type."""

MARGIN = 1.0
"""Two types nearer than one ordinary word are equally likely, and the more urgent of them is taken."""

REASONS_MAX = 8
"""Reasons are stored with the incident and read by a person at a desk: eight is more than anybody reads."""

ALTERNATIVES_MAX = 5

_SAYS_YES = frozenset({"yes", "true", "1", "是"})


class WordTriage:
    """Understands a call by words; the port `Triage`.

    A type that somebody stated is taken. Otherwise the type with the greatest sum of weights, each word
    counted once; with nothing said for any, the pack's default type, or its danger type where the call is
    urgent all the same. The priority is the type's own, raised
    by any urgent word that is said, and by answers: a "yes" speaks with the words of its question, a choice
    with the words of what was chosen, a text with its own.
    """

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._reader = reader_of(pack.shorthand)
        places = [name for row in pack.places.values() for name in (*row.name.values(), *row.aliases)]
        self._finder = WordFinder(pack.words, self._reader, places)
        self._rank = {code: n for n, code in enumerate(pack.types)}
        self._answers: dict[tuple[str, str], tuple[TypeWord, ...]] = {}
        for question in pack.questions.values():
            if question.kind == "yesno":
                urgent = self._urgent(question.text.values())
                self._answers.update({(question.code, yes): urgent for yes in _SAYS_YES})
            for value, name in question.choices:
                self._answers[question.code, _key(value)] = self._urgent(name.values())

    def understand(self, words: Words, lang: str, stated_type: str, answers: dict[str, str]) -> Suggestion:
        """What the call is. `lang` changes nothing: the words of all languages are looked for."""
        reading = self._reader.of(words)
        said = self._finder.said(reading.text)
        weights: dict[str, float] = {}
        for each in said:
            row = each.value
            weights[row.type] = weights.get(row.type, 0.0) + row.weight
        ranked = sorted(weights.items(), key=lambda pair: (-pair[1], self._rank[pair[0]]))
        chosen, reasons = self._choose(stated_type, ranked)
        reasons += [_because(each, reading) for each in said if each.value.type == chosen.code]
        priority, raised = self._raise(chosen, said, answers, reading)
        if stated_type not in self._pack.types:
            code, why = in_danger(self._pack, chosen.code, priority)
            chosen, raised = self._pack.types[code], [*raised, *why]
        others = tuple(pair for pair in ranked if pair[0] != chosen.code)
        return Suggestion(chosen.code, priority, (*raised, *reasons)[:REASONS_MAX], others[:ALTERNATIVES_MAX])

    def _choose(self, stated: str, ranked: list[tuple[str, float]]) -> tuple[IncidentType, list[Reason]]:
        types = self._pack.types
        if stated in types:
            return types[stated], [Reason("triage.stated", of=stated)]
        reasons = [Reason("triage.stated_unknown", values={"stated": stated[:40]})] if stated else []
        if not ranked or ranked[0][1] < WEIGHT_MIN:
            key = "triage.weak" if ranked else "triage.unknown"
            return types[self._pack.default_type], [*reasons, Reason(key)]
        best, weight = ranked[0]
        rivals = [code for code, other in ranked[1:] if weight - other < MARGIN]
        if not rivals:
            return types[best], reasons
        chosen = min((best, *rivals), key=lambda code: types[code].priority)
        rival = next(code for code in (best, *rivals) if code != chosen)
        return types[chosen], [*reasons, Reason("triage.close", of=rival, values={"type": rival})]

    def _raise(
        self, chosen: IncidentType, said: list[Found[TypeWord]], answers: dict[str, str], reading: Reading
    ) -> tuple[int, list[Reason]]:
        """The priority, and why it is more urgent than the type's own."""
        priority, reasons = chosen.priority, list[Reason]()
        for each in said:
            if 0 < each.value.priority < priority:
                priority = each.value.priority
                reasons = [_urgent(each, priority, reading)]
        for code, value in answers.items():
            for row in self._answered(code, value):
                if 0 < row.priority < priority:
                    priority = row.priority
                    values: dict[str, str | int | float] = {
                        "question": code,
                        "word": row.words.replace(OR, "/"),
                        "priority": priority,
                    }
                    reasons = [Reason("triage.answer", of=code, values=values)]
        return priority, reasons

    def _answered(self, code: str, value: str) -> tuple[TypeWord, ...]:
        question = self._pack.questions.get(code)
        if question is None or not value:
            return ()
        if question.kind == "text":
            return self._urgent([value])
        return self._answers.get((code, _key(value)), ())

    def _urgent(self, texts: Iterable[str]) -> tuple[TypeWord, ...]:
        return tuple(
            each.value
            for text in texts
            for each in self._finder.said(self._reader.text(text))
            if each.value.priority
        )


def in_danger(pack: Pack, type: str, priority: int) -> tuple[str, list[Reason]]:
    """The pack's danger type, and why, for a call of which nobody knows what it is and which is as urgent as
    that type: so that somebody is proposed for a cry without words. Otherwise the type as it is."""
    danger = pack.types.get(pack.danger_type)
    if type != pack.default_type or danger is None or priority > danger.priority:
        return type, []
    return danger.code, [Reason("triage.danger", of=f"type:{danger.code}")]


def _key(value: str) -> str:
    return value.strip().lower()


def _because(found: Found[TypeWord], reading: Reading) -> Reason:
    row = found.value
    return Reason(
        "triage.word",
        of=f"words:{row.line}",
        values={"word": spoken(row.words, found, reading), "type": row.type, "weight": row.weight},
        span=reading.span(found.start, found.end),
    )


def _urgent(found: Found[TypeWord], priority: int, reading: Reading) -> Reason:
    row = found.value
    values: dict[str, str | int | float] = {
        "word": spoken(row.words, found, reading),
        "priority": priority,
    }
    span = reading.span(found.start, found.end)
    return Reason("triage.urgent", of=f"words:{row.line}", values=values, span=span)
