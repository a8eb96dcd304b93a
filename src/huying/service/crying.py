"""A unit asks for help: on its incident, or from wherever it is when it is on none."""

from __future__ import annotations

from typing import Any

from huying.base.clock import SECOND
from huying.base.refusal import Refusal
from huying.base.text import say
from huying.domain import facts as f
from huying.domain.commands import AskBackup, ReceiveCall
from huying.domain.incident import Incident
from huying.domain.suggestion import Understood
from huying.domain.unit import Unit
from huying.service.intake import hash_of_code, open_incident, understand
from huying.service.offering import clocks
from huying.service.reported import when_done
from huying.service.work import Work

# What for, in a breath; the rest is said by radio.
BACKUP_WORDS_MAX = 500
# Pressed again within this, it is the same cry: nothing new is put on record.
BACKUP_AGAIN = 30 * SECOND
# How such a call came in.
CHANNEL = "unit"


def ask_backup(work: Work, command: AskBackup) -> dict[str, Any]:
    """A unit needs help: its incident is of priority 1 now, and a clock runs until one more is sent. One
    that is on no incident gets one of its own, at the place where it was last known."""
    unit = work.unit(command.unit)
    if command.incident and command.incident != unit.incident:
        raise Refusal("unit_not_assigned", unit=unit.code)
    if len(command.words) > BACKUP_WORDS_MAX:
        raise Refusal("too_long", field="words", limit=BACKUP_WORDS_MAX)
    if unit.incident:
        incident = work.incident(unit.incident)
        n, since = next(
            (each.n, each.dispatched_at)
            for each in incident.assignments
            if each.unit == unit.code and each.running
        )
        # A cry of before it was sent here, told only now, is still a cry.
        done_at = when_done(work, command.done_at, since if command.incident else 0)
    else:
        done_at = when_done(work, command.done_at)
        incident, n = _of_its_own(work, unit, command.words.strip(), done_at), 1
    if incident.backup_by == unit.code and (done_at or work.at) < incident.backup_at + BACKUP_AGAIN:
        raise Refusal("already_so", id=incident.id)
    waits = bool(incident.backup_at)
    work.on(incident, f.BackupAsked(n=n, unit=unit.code, words=command.words.strip(), done_at=done_at))
    if incident.priority != 1:
        work.on(incident, f.PrioritySet(priority=1))
    if not waits:
        due, _, ladder = clocks(work, 1)
        work.on(incident, f.DeadlineSet(key="backup", due=due, ladder=ladder))
    return {"incident_id": incident.id, "version": incident.version, "unit": unit.code}


def _of_its_own(work: Work, unit: Unit, words: str, done_at: int) -> Incident:
    """An incident of priority 1 where the unit is; the unit is on scene from the start."""
    row = work.pack.units.get(unit.code)
    heard = understand(
        work.house, ReceiveCall(channel=CHANNEL, words=words, lat=unit.lat, lon=unit.lon, datum="WGS-84")
    )
    if not words:
        name = say(row.name, work.pack.languages[0]) if row else unit.code
        heard = Understood(heard.place, heard.suggestion, name)
    call = work.begin(
        f.CallReceived(
            channel=CHANNEL,
            words=words,
            place=heard.place,
            code_hash=hash_of_code(work.chance.bytes(8).hex()),  # nobody follows it from outside
            received_at=done_at,
        )
    ).stream
    incident, _ = open_incident(work, work.call(call), heard, 1)
    agency = row.agency if row else ""
    work.on(incident, f.UnitDispatched(n=1, unit=unit.code, agency=agency, expected_s=0))
    work.on(incident, f.UnitArrived(n=1, unit=unit.code, done_at=done_at))
    return incident
