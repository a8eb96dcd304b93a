"""What is learnt from the journal: what each call was taken for, by which model, and what it turned out to
be."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from huying.domain import facts as f
from huying.domain import model_facts as m
from huying.domain.facts import Fact
from huying.domain.reason import Reason

# How the truth is known, the better way last: the work ended without a change, somebody changed it, somebody
# labelled the call, somebody did so without seeing the suggestion.
OPEN, ENDED, CHANGED, LABELLED, BLIND = range(5)


class Lesson(Struct):
    """One call that opened an incident. `said` is the type as proposed, by the model `model` (empty: by
    words) with `chance`; `shadow_type` what the model `shadow` would have said; `type` and `priority` what it
    is by now, `known` how that is known."""

    call: int
    at: int
    words: str
    said: str = ""
    model: str = ""
    chance: float = 0.0
    shadow: str = ""
    shadow_type: str = ""
    type: str = ""
    priority: int = 0
    agency: str = ""
    scam: str = ""
    known: int = OPEN


def lessons_of(facts: Iterable[Fact]) -> list[Lesson]:
    """Lessons in the order of the calls. A call whose words were erased teaches nothing and is left out.

    Memory: the words of all calls that have an incident.
    """
    words: dict[int, tuple[int, str]] = {}
    by_incident: dict[int, Lesson] = {}
    by_call: dict[int, Lesson] = {}
    for fact in facts:
        body = fact.body
        match body:
            case f.CallReceived():
                if body.words and not body.stated_type and not fact.hidden:
                    words[fact.stream] = (fact.at, body.words)
            case f.IncidentOpened():
                heard = words.pop(body.call, None)
                if heard is not None:
                    lesson = _opened(body, *heard)
                    by_incident[fact.stream] = by_call[body.call] = lesson
            case f.IncidentRetyped() if fact.stream in by_incident:
                _known(by_incident[fact.stream], CHANGED, body.type, body.priority)
            case f.PrioritySet() if fact.stream in by_incident:
                lesson = by_incident[fact.stream]
                _known(lesson, CHANGED, lesson.type, body.priority)
            case f.IncidentResolved() | f.IncidentClosed() if fact.stream in by_incident:
                lesson = by_incident[fact.stream]
                _known(lesson, ENDED, lesson.type, lesson.priority)
            case m.CallLabelled() if body.call in by_call:
                lesson = by_call[body.call]
                _known(lesson, BLIND if body.blind else LABELLED, body.type, body.priority)
                lesson.agency, lesson.scam = body.agency, body.scam or "none"
    return list(by_call.values())


def _opened(body: f.IncidentOpened, at: int, words: str) -> Lesson:
    lesson = Lesson(body.call, at, words, body.type, type=body.type, priority=body.priority)
    for each in body.reasons:
        if each.key == "triage.model":
            lesson.model, lesson.chance = _model(each), float(each.values.get("percent", 0)) / 100
        elif each.key == "triage.shadow":
            lesson.shadow, lesson.shadow_type = _model(each), str(each.values.get("code", ""))
    return lesson


def _model(reason: Reason) -> str:
    return reason.of.removeprefix("model:")


def _known(lesson: Lesson, known: int, type: str, priority: int) -> None:
    """A worse way of knowing never takes the place of a better one."""
    if known >= lesson.known:
        lesson.known, lesson.type, lesson.priority = known, type, priority
