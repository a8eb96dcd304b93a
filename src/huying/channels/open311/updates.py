"""Service request updates (FixMyStreet's extension): what has happened to requests, and what clients add."""

from __future__ import annotations

from typing import Any

from huying.base.clock import DAY
from huying.base.refusal import Refusal
from huying.channels.open311.faults import Fault
from huying.channels.open311.forms import Fields, instant_of
from huying.channels.open311.requests import is_closed, one
from huying.domain.commands import AddNote, AnswerFollowUp, Command
from huying.domain.facts import Fact
from huying.domain.incident import Incident
from huying.edge.instants import iso_local
from huying.edge.public import PublicView
from huying.service.intake import hash_of_code
from huying.words.explain import describe

# What citizens may read of an incident's story. Notes, units and contacts are the desk's own.
_SENTENCES = frozenset({"referral.offered", "referral.accepted", "referral.resolved", "incident.resolved"})
# Told by the status alone: the reason may be meant for the desk.
_STATUSES = {"incident.closed": "closed", "incident.reopened": "open"}
_CLOSING = frozenset({"incident.resolved", "incident.closed"})

UPDATES_MAX = 1_000
# Facts looked through for one answer, a second or two of work; a client asks for days, not for years.
FACTS_MAX = 200_000
PAGE = 1_000
USUAL_SPAN = DAY


def find(fields: Fields, view: PublicView, lang: str) -> list[dict[str, Any]]:
    """Updates between `start_date` and `end_date` (the last day when not given), oldest first."""
    pack, now = view.desk.pack, view.at
    end = instant_of(fields, "end_date", pack) or now
    start = instant_of(fields, "start_date", pack) or max(0, end - USUAL_SPAN)
    if end < start:
        raise Fault(400, "end_date lies before start_date")
    seq = first = _seq_before(view, start)
    incidents: dict[int, Incident | None] = {}
    rows: list[dict[str, Any]] = []
    while True:
        facts, last, at = view.request_facts(seq, PAGE, _SENTENCES | _STATUSES.keys())
        for fact in facts:
            if fact.at > end:
                return rows
            rows += _rows(fact, incidents, view, lang)
            if len(rows) >= UPDATES_MAX:
                return rows
        if last == seq or at > end:
            return rows
        seq = last
        if seq - first >= FACTS_MAX:
            raise Fault(400, "too much happened in this time; narrow start_date and end_date")


def _seq_before(view: PublicView, at: int) -> int:
    """The last `seq` before the instant `at`: the journal's time never runs backwards."""
    low, high = 0, view.head()
    while low < high:
        middle = (low + high) // 2
        _, _, found = view.request_facts(middle, 1, frozenset())
        if found and found < at:
            low = middle + 1
        else:
            high = middle
    return low


def _rows(
    fact: Fact, incidents: dict[int, Incident | None], view: PublicView, lang: str
) -> list[dict[str, Any]]:
    desk = view.desk
    if fact.stream not in incidents:
        incidents[fact.stream] = view.request_of(fact.stream)
    incident = incidents[fact.stream]
    if incident is None:
        return []
    if fact.type in _STATUSES:
        said = desk.word(f"status.incident.{_STATUSES[fact.type]}", lang)
    else:
        said = describe(fact, desk.pack, lang)
    return [
        {
            "update_id": f"{fact.seq}-{call}",
            "service_request_id": str(call),
            "status": "CLOSED" if fact.type in _CLOSING else "OPEN",
            "updated_datetime": iso_local(fact.at, desk.pack.worktime.zone),
            "description": said,
            "media_url": "",
        }
        for call in incident.calls
    ]


def command_of(fields: Fields, view: PublicView) -> Command:
    """An update's form → the command. The status counts as the caller's own answer only with their `token`;
    everybody else may add words."""
    id = fields.get("service_request_id", "")
    if not id:
        raise Fault(400, "service_request_id was not provided")
    call, incident = one(id, view)
    words = fields.get("description", "")
    status = fields.get("status", "").lower()
    if status not in ("", "open", "closed", "fixed"):
        raise Fault(400, "status must be OPEN or CLOSED")
    if status and is_closed(incident) and (token := fields.get("token", "")):
        if hash_of_code(token) != call.code_hash:
            raise Fault(403, "token does not belong to this request")
        return AnswerFollowUp(incident=incident.id, solved=status != "open", words=words)
    if not (words or fields.get("media_url", "")):
        raise Fault(400, "description was not provided")
    return AddNote(incident=incident.id, words=words or "–", media_url=fields.get("media_url", ""))


def as_fault(refusal: Refusal, sentence: str) -> Fault:
    """What the house refused, in the standard's form."""
    status = refusal.status if refusal.status in (404, 413, 429, 503, 507) else 400
    return Fault(status, sentence)
