"""A call comes in: it is kept, understood, and becomes an incident or joins one."""

from __future__ import annotations

import hashlib
from typing import Any

from msgspec.structs import replace

from huying.base.refusal import Refusal
from huying.base.text import say
from huying.domain import facts as f
from huying.domain.call import Call
from huying.domain.commands import Envelope, JoinCall, PartCall, ReceiveCall
from huying.domain.incident import Incident
from huying.domain.pack import Pack
from huying.domain.photo import CALL
from huying.domain.reason import Reason
from huying.domain.statuses import IncidentStatus
from huying.domain.suggestion import Understood
from huying.geo.locate import why_there
from huying.privacy import mask
from huying.service.closing import by_a_person
from huying.service.dispatching import came_along
from huying.service.offering import answers_of, clocks, promise, refer, withdraw
from huying.service.photos import attach, named
from huying.service.ports import House, Suggestion
from huying.service.work import Work
from huying.triage.reading import Reading
from huying.triage.title import LOOK_AT, title

# What one caller can say in one call; longer words belong into a file beside it.
WORDS_MAX = 20_000
ANSWERS_MAX = 50
TEXT_MAX = 500
# How an incident ends whose last call was joined to another.
DUPLICATE = "duplicate"
# Digits of the code with which a caller follows a call: 10 digits against 10 tries a minute.
CODE_DIGITS = 10


def receive_call(work: Work, command: ReceiveCall) -> dict[str, Any]:
    """Keep the call, then open an incident for it or join the one that a person named."""
    check(work.pack, command)
    target = work.incident(command.incident) if command.incident else None
    if target is not None and target.status is IncidentStatus.CLOSED:
        raise Refusal("not_from_here", noun="incident", at="closed", to="joined", possible="open")
    photos = named(work, command.photos, target)
    heard = work.understood or understand(work.house, command)
    contact = work.seal(command.contact, f.ContactSealed()) if command.contact else 0
    code = str(int.from_bytes(work.chance.bytes(8)) % 10**CODE_DIGITS).zfill(CODE_DIGITS)
    call = work.begin(
        f.CallReceived(
            channel=command.channel,
            words=command.words,
            lang=command.lang,
            stated_type=command.stated_type,
            place=heard.place,
            answers=command.answers,
            contact=contact,
            source_id=command.source_id,
            code_hash=hash_of_code(code),
            media_url=command.media_url,
            # Nothing was received before it happened; a clock that ran ahead elsewhere counts as now.
            received_at=command.received_at if command.received_at < work.at else 0,
        )
    ).stream
    answer: dict[str, Any] = {"call_id": call, "code": code}
    if target is not None:
        work.on(target, f.CallJoined(call=call, reasons=(Reason("joined.by_person"),)))
        attach(work, target, photos, CALL, call)
        return answer | {"incident_id": target.id, "joined": True}
    incident, alike = open_incident(work, work.call(call), heard, command.stated_priority)
    attach(work, incident, photos, CALL, call)
    if heard.suggestion.scam:
        answer["scam"] = heard.suggestion.scam
    return answer | {
        "incident_id": incident.id,
        "joined": False,
        "type": incident.type,
        "priority": incident.priority,
        "may_be_same_as": [found for found, _ in alike],
    }


def understand(house: House, command: ReceiveCall, reading: Reading | None = None) -> Understood:
    """What a call says by itself; `reading` is that of its words, where somebody has read them. Refuses a
    place that can't be one."""
    place = house.locate.place(
        command.lat, command.lon, command.address, command.datum, command.error_m, command.words
    )
    return Understood(place, *_said(house, command, reading))


def _said(house: House, call: ReceiveCall | Call, reading: Reading | None = None) -> tuple[Suggestion, str]:
    """What the words say, and the title that they make."""
    reading = reading or house.reader.read(call.words)
    said = house.triage.understand(reading, call.lang, call.stated_type, call.answers)
    sign = house.scams.sign(reading, said.likely, said.type)
    if sign is not None:
        said = replace(said, scam=sign.kind, reasons=(*said.reasons, *sign.reasons))
    name = say(house.pack.type_of(said.type).name, call.lang)
    return said, title(mask(call.words[:LOOK_AT]).text, name)


def prepared(house: House, envelope: Envelope, reading: Reading | None = None) -> Envelope:
    """The envelope with what its call says by itself; what can't be understood is left to who decides.
    What a person might have picked instead stays here: it is no part of deciding, and half of what would be
    sent."""
    command = envelope.command
    if type(command) is not ReceiveCall:
        return envelope
    try:
        heard = understand(house, command, reading)
    except Refusal:
        return envelope
    said = heard.suggestion
    light = Suggestion(said.type, said.priority, said.reasons, scam=said.scam)
    return replace(envelope, understood=Understood(heard.place, light, heard.title))


def hash_of_code(code: str) -> str:
    """The stored form of a caller's code: 32 hex characters of SHA-256."""
    return hashlib.sha256(code.encode()).hexdigest()[:32]


def check(pack: Pack, command: ReceiveCall) -> None:
    """Refuse what can't be a call."""
    if len(command.words) > WORDS_MAX:
        raise Refusal("too_long", field="words", limit=WORDS_MAX)
    for field in ("address", "source_id", "media_url"):
        if len(getattr(command, field)) > TEXT_MAX:
            raise Refusal("too_long", field=field, limit=TEXT_MAX)
    if len(command.answers) > ANSWERS_MAX:
        raise Refusal("too_long", field="answers", limit=ANSWERS_MAX)
    if command.stated_type and command.stated_type not in pack.types:
        raise Refusal("unknown_code", noun="incident_type", code=command.stated_type)
    if not 0 <= command.stated_priority <= 5:
        raise Refusal("out_of_range", field="priority", low=1, high=5)
    if not (command.words.strip() or command.stated_type or command.answers or command.photos):
        raise Refusal("nothing_said")


def open_incident(
    work: Work, call: Call, heard: Understood, stated_priority: int = 0
) -> tuple[Incident, list[tuple[int, Reason]]]:
    """A new incident for a call, routed; and the incidents that it may be the same as.

    A stated priority may raise urgency above what was understood, never lower it.
    """
    suggestion = heard.suggestion
    type = work.pack.type_of(suggestion.type)
    priority = min(suggestion.priority, stated_priority or 5)
    alike = work.nearby.candidates(type, call.place, work.at, heard.title)
    dispatch, arrive, ladder = clocks(work, priority) if type.run_card else (0, 0, "")
    fact = work.begin(
        f.IncidentOpened(
            call=call.id,
            type=type.code,
            priority=priority,
            place=call.place,
            title=heard.title,
            reasons=(*suggestion.reasons, *why_there(call.place), *(reason for _, reason in alike)),
            dispatch_due=dispatch,
            arrive_due=arrive,
            ladder=ladder,
        )
    )
    incident = work.incident(fact.stream)
    refer(work, incident, answers=call.answers)
    return incident, alike


# ── joining and parting ─────────────────────────────────────────────────────────────────────────────────
def join_call(work: Work, command: JoinCall) -> dict[str, Any]:
    """Move a call into another incident; one that is left without calls closes as a duplicate."""
    target = work.incident(command.incident, command.version)
    call = work.call(command.call)
    if call.incident == target.id:
        raise Refusal("already_joined", call=call.id, incident=target.id)
    if target.status is IncidentStatus.CLOSED:
        raise Refusal("not_from_here", noun="incident", at="closed", to="joined", possible="open")
    left = work.incident(call.incident)
    came: list[str] = []
    if left.calls == [call.id]:
        came = _leave(work, left, target, command.bring)
    work.on(left, f.CallParted(call=call.id, why="joined"))
    work.on(target, f.CallJoined(call=call.id, reasons=(Reason("joined.by_person"),)))
    if not left.calls and left.status is not IncidentStatus.CLOSED:
        work.on(left, f.IncidentClosed(how=DUPLICATE, why=str(target.id)))
    return {"call_id": call.id, "incident_id": target.id, "version": target.version, "units": came}


def _leave(work: Work, left: Incident, target: Incident, bring: bool) -> list[str]:
    """The last call leaves: its offers are taken back, and who is on the way for it comes along or keeps it
    from leaving; the units that came."""
    busy = [each.unit for each in left.running_assignments]
    if busy and not bring:
        raise Refusal("units_at_work", id=left.id, what=", ".join(busy))
    by_a_person(work, left)
    if busy:
        came_along(work, left, target)
    withdraw(work, left, "joined")
    return busy


def part_call(work: Work, command: PartCall) -> dict[str, Any]:
    """Undo a join: back to the incident that was closed for it, else into a new one. An incident that had
    been closed before, by a person or after an answer, takes its call back and stays closed."""
    incident = work.incident(command.incident, command.version)
    call = work.call(command.call)
    if call.incident != incident.id:
        raise Refusal("not_joined", call=call.id, incident=incident.id)
    if incident.calls == [call.id]:
        raise Refusal("last_call", call=call.id, incident=incident.id)
    was_in = call.was_in
    work.on(incident, f.CallParted(call=call.id, why=command.why))
    earlier = work.incident(was_in) if was_in else None
    if earlier is not None and earlier.status is IncidentStatus.CLOSED and not earlier.calls:
        for_the_join = earlier.closed_how == DUPLICATE
        if for_the_join:
            work.on(earlier, f.IncidentReopened(why="parted"))
        work.on(earlier, f.CallJoined(call=call.id))
        if for_the_join:
            refer(work, earlier, answers_of(work, earlier))
            promise(work, earlier)
        return {"call_id": call.id, "incident_id": earlier.id}
    new, _ = open_incident(work, call, Understood(call.place, *_said(work.house, call)))
    return {"call_id": call.id, "incident_id": new.id}
