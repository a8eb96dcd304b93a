"""How long what is kept, and taking it away when that is over. What is due is decided under the lock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from huying.base.refusal import Refusal
from huying.domain import erasing as e
from huying.domain.commands import EraseDue, EraseIncident, HoldIncident, ReleaseIncident
from huying.domain.facts import Erased, Fact
from huying.domain.incident import Incident
from huying.domain.pack import Keep, Pack, names_type
from huying.domain.statuses import IncidentStatus
from huying.privacy.redaction import redact
from huying.service.work import Work

# Incidents in one command: some thousand facts, so that no commit is slow.
AT_ONCE_MAX = 500
WHY_MAX = 500
# Sums of what was erased are themselves no words; they stay.
_STAY = frozenset(e.ERASING)
# What a correction says instead goes with what it corrects.
_GO_ALONG = frozenset({"correction.asked", "correction.made", "incident.retitled"})


def rules_for(pack: Pack, incident: Incident, kind: str) -> list[Keep]:
    """The rows that speak of this kind of thing for this incident; none: it is kept without end."""
    type = pack.type_of(incident.type)
    return [
        row
        for row in pack.keeps
        if row.kind == kind and (not row.types or any(names_type(each, type) for each in row.types))
    ]


def over_since(pack: Pack, incident: Incident, kind: str) -> int:
    """The instant (UTC µs) up to which things of an incident closed just then are over; 0 for none: as long
    as any purpose needs it, a thing is kept."""
    rows = rules_for(pack, incident, kind)
    return max((pack.worktime.add(incident.closed_at, row.keep) for row in rows), default=0)


def due_kinds(pack: Pack, incident: Incident, at: int) -> list[str]:
    """Kinds of which something may be left, and which every purpose has ceased to need at `at`."""
    if incident.status is not IncidentStatus.CLOSED or incident.held:
        return []
    left = [kind for kind in e.KINDS if kind not in incident.erased]
    if not incident.sealed:
        left = [kind for kind in left if kind != e.CONTACT]
    return [kind for kind in left if 0 < over_since(pack, incident, kind) <= at]


def erase_due(work: Work, command: EraseDue) -> dict[str, Any]:
    """Erase what is due of these incidents, asked anew now; the rest is left alone."""
    if len(command.incidents) > AT_ONCE_MAX:
        raise Refusal("too_long", field="incidents", limit=AT_ONCE_MAX)
    work.fetch(command.incidents)
    due = []
    for id in command.incidents:
        incident = work.incident(id)
        kinds = due_kinds(work.pack, incident, work.at)
        if kinds and id not in work.batch.incidents:  # what is being written just now waits for the next time
            due.append((incident, kinds))
    return _erase(work, due)


def erase_incident(work: Work, command: EraseIncident) -> dict[str, Any]:
    """For a reason of its own. A machine that applies again what was erased before asks for no closing."""
    incident = work.incident(command.incident, command.version)
    _reason(command.why)
    unknown = [kind for kind in command.kinds if kind not in e.KINDS]
    if unknown or not command.kinds:
        raise Refusal("unknown_code", noun="kind", code=", ".join(unknown) or "–")
    if not work.automatic:
        if incident.held:
            raise Refusal("held", id=incident.id)
        if incident.status is not IncidentStatus.CLOSED:
            raise Refusal(
                "not_from_here", noun="incident", at=incident.status, to="erased", possible="closed"
            )
    if incident.id in work.batch.incidents:
        raise Refusal("busy")
    told = _erase(work, [(incident, list(command.kinds))], why=command.why)
    return told | {"incident_id": incident.id, "version": incident.version}


def hold_incident(work: Work, command: HoldIncident) -> dict[str, Any]:
    incident = work.incident(command.incident, command.version)
    _reason(command.why)
    if incident.held:
        raise Refusal("already_so", id=incident.id)
    work.on(incident, e.IncidentHeld(why=command.why))
    return {"incident_id": incident.id, "version": incident.version}


def release_incident(work: Work, command: ReleaseIncident) -> dict[str, Any]:
    incident = work.incident(command.incident, command.version)
    _reason(command.why)
    if not incident.held:
        raise Refusal("already_so", id=incident.id)
    work.on(incident, e.IncidentReleased(why=command.why))
    return {"incident_id": incident.id, "version": incident.version}


def _reason(why: str) -> None:
    if not why.strip():
        raise Refusal("reason_needed", field="why")
    if len(why) > WHY_MAX:
        raise Refusal("too_long", field="why", limit=WHY_MAX)


# ── taking away ─────────────────────────────────────────────────────────────────────────────────────────
def _erase(work: Work, due: Sequence[tuple[Incident, list[str]]], why: str = "") -> dict[str, Any]:
    streams = {
        each: incident.id
        for incident, kinds in due
        if e.WORDS in kinds
        for each in (incident.id, *incident.calls)
    }
    spoken: dict[int, list[Fact]] = {incident.id: [] for incident, _ in due}
    for fact in work.store.load_streams(list(streams)) if streams else ():
        spoken[streams[fact.stream]].append(fact)
    calls = {each.id: each for each in work.calls(id for incident, _ in due for id in incident.calls)}
    told = {"incidents": 0, "contacts": 0, "facts": 0}
    for incident, kinds in due:
        contacts = [calls[id].contact for id in incident.calls] if e.CONTACT in kinds else []
        if e.WORDS in kinds:  # what was wrong, and sealed
            contacts += [each.made_by for each in incident.corrections]
        body = _body(work, incident, kinds, [each for each in contacts if each], spoken[incident.id], why)
        if body is None:
            continue
        work.forget(body.contacts, body.facts)
        work.on(incident, body)
        told["incidents"] += 1
        told["contacts"] += len(body.contacts)
        told["facts"] += len(body.facts)
    return told


def _body(
    work: Work,
    incident: Incident,
    kinds: Iterable[str],
    contacts: Sequence[int],
    facts: Sequence[Fact],
    why: str,
) -> e.IncidentErased | None:
    """What is recorded of it; None when it would say nothing new."""
    done = list(kinds)
    rows = [row for kind in kinds for row in rules_for(work.pack, incident, kind)]
    seqs: list[int] = []
    left: dict[str, Any] = {}
    if e.WORDS in kinds:
        keep = over_since(work.pack, incident, e.WORDS) - incident.closed_at
        for fact in facts:
            bare = fact.body if fact.type in _STAY or isinstance(fact.body, Erased) else redact(fact.body)
            if bare is fact.body and fact.hidden != "corrected":
                continue
            if (
                not why and fact.at + keep > work.at and fact.type not in _GO_ALONG
            ):  # said after the end: it has its own time
                done = [kind for kind in done if kind != e.WORDS]
                continue
            seqs.append(fact.seq)
            left[str(fact.seq)] = msgspec.to_builtins(bare)
    if not done and not seqs:
        return None
    return e.IncidentErased(
        kinds=tuple(done),
        rules=() if why else tuple(dict.fromkeys(row.code for row in rows)),
        why=why,
        contacts=tuple(contacts),
        facts=tuple(seqs),
        left=left,
    )
