"""What it turned out to be: another type, priority or place; notes on the way."""

from __future__ import annotations

from typing import Any

from huying.base.refusal import Refusal
from huying.domain import facts as f
from huying.domain.commands import AddNote, RaiseAlarm, RetypeIncident, SetPlace, SetPriority
from huying.domain.incident import Incident
from huying.domain.photo import NOTE
from huying.domain.reason import Reason
from huying.domain.statuses import IncidentStatus
from huying.service.closing import by_a_person
from huying.service.offering import answers_of, decide, promise, refer, withdraw
from huying.service.photos import attach, named
from huying.service.reported import when_done
from huying.service.work import Work

WORDS_MAX = 4_000
ALARM_MAX = 5


def _open(work: Work, id: int, version: int) -> Incident:
    incident = work.incident(id, version)
    if incident.status is IncidentStatus.CLOSED:
        raise Refusal("not_from_here", noun="incident", at="closed", to="changed", possible="open")
    return incident


def _answer(incident: Incident) -> dict[str, Any]:
    return {"incident_id": incident.id, "version": incident.version}


def retype_incident(work: Work, command: RetypeIncident) -> dict[str, Any]:
    """Say what it really is. Offers to agencies that are not competent for it any more are taken back."""
    incident = _open(work, command.incident, command.version)
    type = work.pack.types.get(command.type)
    if type is None:
        raise Refusal("unknown_code", noun="incident_type", code=command.type)
    if not 0 <= command.priority <= 5:
        raise Refusal("out_of_range", field="priority", low=1, high=5)
    if type.code == incident.type and command.priority in (0, incident.priority):
        raise Refusal("already_so", id=incident.id)
    _bounded(command.why)
    by_a_person(work, incident)
    work.on(
        incident,
        f.IncidentRetyped(
            type=type.code,
            priority=command.priority or type.priority,
            was=incident.type,
            reasons=(Reason("typed.by_person", values={"why": command.why}),),
        ),
    )
    if incident.status is not IncidentStatus.RESOLVED:
        answers = answers_of(work, incident)
        withdraw(work, incident, "retyped", keep=decide(work, incident, answers).agency)
        refer(work, incident, answers, Reason("route.retyped", of=type.code))
        promise(work, incident)
    return _answer(incident)


def set_priority(work: Work, command: SetPriority) -> dict[str, Any]:
    incident = _open(work, command.incident, command.version)
    if not 1 <= command.priority <= 5:
        raise Refusal("out_of_range", field="priority", low=1, high=5)
    if command.priority == incident.priority:
        raise Refusal("already_so", id=incident.id)
    _bounded(command.why)
    by_a_person(work, incident)
    work.on(incident, f.PrioritySet(priority=command.priority, why=command.why))
    if incident.status is not IncidentStatus.RESOLVED:
        promise(work, incident)
    return _answer(incident)


def raise_alarm(work: Work, command: RaiseAlarm) -> dict[str, Any]:
    """More (or fewer) are needed than the run card's first level asks for; a person says so. The level that
    it has, said once more after units have cleared, asks for all of them again."""
    incident = _open(work, command.incident, command.version)
    if not 1 <= command.alarm <= ALARM_MAX:
        raise Refusal("out_of_range", field="alarm", low=1, high=ALARM_MAX)
    if command.alarm == incident.alarm and not incident.done_assignments:
        raise Refusal("already_so", id=incident.id)
    _bounded(command.why)
    by_a_person(work, incident)
    done = bool(incident.done_assignments)
    work.on(incident, f.AlarmRaised(alarm=command.alarm, why=command.why))
    if done and incident.status is not IncidentStatus.RESOLVED:
        promise(work, incident)
    return _answer(incident)


def set_place(work: Work, command: SetPlace) -> dict[str, Any]:
    incident = _open(work, command.incident, command.version)
    place = work.house.locate.place(command.lat, command.lon, command.address, command.datum, command.error_m)
    work.on(incident, f.PlaceSet(place=place))
    return _answer(incident)


def add_note(work: Work, command: AddNote) -> dict[str, Any]:
    """A note may be added to a closed incident too: it belongs to its history."""
    incident = work.incident(command.incident, command.version)
    if not (command.words.strip() or command.media_url or command.photos):
        raise Refusal("nothing_said")
    _bounded(command.words)
    done_at = when_done(work, command.done_at, incident.opened_at)
    photos = named(work, command.photos, incident)
    note = work.on(
        incident,
        f.NoteAdded(words=command.words, media_url=command.media_url, done_at=done_at, unit=work.left),
    )
    attach(work, incident, photos, NOTE, note.seq)
    return _answer(incident)


def _bounded(words: str) -> None:
    if len(words) > WORDS_MAX:
        raise Refusal("too_long", field="words", limit=WORDS_MAX)
