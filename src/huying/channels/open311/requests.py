"""Service requests: a form becomes a call, and a call with its incident becomes a row."""

from __future__ import annotations

from typing import Any

from huying.base.clock import DAY
from huying.base.text import say
from huying.channels.open311.faults import Fault
from huying.channels.open311.forms import (
    Fields,
    answers_of,
    contact_of,
    instant_of,
    point_of,
)
from huying.channels.open311.services import public_type, public_types
from huying.domain.call import Call
from huying.domain.commands import ReceiveCall
from huying.domain.incident import Incident
from huying.domain.pack import Pack
from huying.domain.referral import Referral
from huying.domain.statuses import IncidentStatus
from huying.edge.desk import Desk
from huying.edge.instants import iso_local
from huying.edge.public import PublicView

CHANNEL = "open311"

# The standard's own bounds: 90 days and 1,000 requests, whichever is first.
SPAN = 90 * DAY
PAGE_MAX = 1_000
# Pages are walked from the newest; further back a narrower time is the better question.
DEPTH_MAX = 20_000
IDS_MAX = 100
PAGE_LEAST = 200

_CLOSED = (IncidentStatus.RESOLVED, IncidentStatus.CLOSED)
_OPEN = (IncidentStatus.OPEN, IncidentStatus.ACTIVE)


# ── in ──────────────────────────────────────────────────────────────────────────────────────────────────
def call_of(fields: Fields, pack: Pack, lang: str) -> ReceiveCall:
    """A request's form → the command.

    Raises:
        Fault: 400 or 404, in the standard's words.
    """
    code = fields.get("service_code", "")
    if not code:
        raise Fault(400, "service_code was not provided")
    kind = public_type(pack, code)
    point = point_of(fields)
    address = fields.get("address_string", "")
    if address_id := fields.get("address_id", ""):
        known = pack.places.get(address_id)
        if known is None:
            raise Fault(404, "address_id was not found")
        address = address or say(known.name, lang)
        point = point or (known.lat, known.lon)
    if point is None and not address:
        raise Fault(400, "a location is needed: lat and long, or address_string, or address_id")
    return ReceiveCall(
        channel=CHANNEL,
        words=fields.get("description", ""),
        lang=lang,
        stated_type=kind.code,
        lat=point[0] if point else None,
        lon=point[1] if point else None,
        address=address,
        answers=answers_of(fields, kind, pack),
        contact=contact_of(fields, lang),
        media_url=fields.get("media_url", ""),
    )


def created(answer: dict[str, Any], desk: Desk, lang: str) -> dict[str, Any]:
    """What the sender is told; the code for following it is in the notice, or is the token."""
    notice = desk.word("open311.notice", lang, code=answer["code"])
    if desk.settings.open311_tokens:
        return {"token": answer["code"], "service_notice": notice, "account_id": ""}
    return {"service_request_id": str(answer["call_id"]), "service_notice": notice, "account_id": ""}


# ── out ─────────────────────────────────────────────────────────────────────────────────────────────────
def find(fields: Fields, view: PublicView) -> list[tuple[Call, Incident]]:
    """The requests of a query, newest first."""
    pack, public = view.desk.pack, set(public_types(view.desk.pack))
    if named := fields.get("service_request_id", ""):
        return _by_ids(named, view)
    types = _codes(fields.get("service_code", "")) or sorted(public)
    since, until = _span(fields, view.at, pack)
    size, skip = _page(fields)
    found: list[tuple[Call, Incident]] = []
    cursor, wanted = "", skip + size
    while len(found) < wanted:
        # Pages may come back short; asking for a few at a time would be many questions.
        limit = min(PAGE_MAX, max(PAGE_LEAST, wanted - len(found)))
        wanted_types = [each for each in types if each in public]
        page = view.requests_received(since, until + 1, cursor, limit, wanted_types, _status(fields), CHANNEL)
        found += page.items
        cursor = page.next
        if not cursor:
            break
    return found[skip:wanted]


def one(id: str, view: PublicView) -> tuple[Call, Incident]:
    found = _by_ids(id, view)
    if not found:
        raise Fault(404, "service_request_id was not found")
    return found[0]


def _by_ids(named: str, view: PublicView) -> list[tuple[Call, Incident]]:
    ids = [int(each) for each in _codes(named) if each.isascii() and each.isdigit() and len(each) < 17]
    if len(ids) > IDS_MAX:
        raise Fault(400, f"at most {IDS_MAX} service_request_id at once")
    return view.requests(ids, CHANNEL)


def _codes(text: str) -> list[str]:
    return [code for each in text.split(",") if (code := each.strip())]


def _status(fields: Fields) -> list[str] | None:
    wanted = set(_codes(fields.get("status", "").lower()))
    if wanted - {"open", "closed"}:
        raise Fault(400, "status must be open or closed")
    if len(wanted) != 1:
        return None
    return list(_OPEN if "open" in wanted else _CLOSED)


def _span(fields: Fields, now: int, pack: Pack) -> tuple[int, int]:
    start, end = instant_of(fields, "start_date", pack), instant_of(fields, "end_date", pack)
    if start and end:
        if end < start:
            raise Fault(400, "end_date lies before start_date")
        if end - start > SPAN:
            raise Fault(400, "start_date and end_date may not span more than 90 days")
        return start, end
    if start:
        return start, start + SPAN
    end = end or now
    return max(0, end - SPAN), end


def _page(fields: Fields) -> tuple[int, int]:
    """(size, how many to skip)."""
    try:
        page, size = int(fields.get("page") or 1), int(fields.get("page_size") or PAGE_MAX)
    except ValueError:
        raise Fault(400, "page and page_size must be whole numbers") from None
    if not (page >= 1 and 1 <= size <= PAGE_MAX):
        raise Fault(400, f"page begins at 1 and page_size lies within 1…{PAGE_MAX}")
    if page * size > DEPTH_MAX:
        raise Fault(400, f"at most {DEPTH_MAX} requests can be paged through; narrow the dates")
    return size, (page - 1) * size


def is_closed(incident: Incident) -> bool:
    return incident.status in _CLOSED


def row(call: Call, incident: Incident, desk: Desk, lang: str) -> dict[str, Any]:
    """One request as everybody may read it. What a caller said is shown only when it was sent here, to a
    public channel; calls of other channels show type, place and status alone."""
    pack, zone = desk.pack, desk.pack.worktime.zone
    kind = pack.type_of(incident.type)
    public = call.channel == CHANNEL
    place = call.place if call.place.point or call.place.address else incident.place
    referral = _responsible(incident)
    agency = pack.agencies.get(referral.agency) if referral else None
    notes = (referral.answer if referral else "") or desk.word(f"status.incident.{incident.status}", lang)
    return {
        "service_request_id": str(call.id),
        "status": "closed" if is_closed(incident) else "open",
        "status_notes": notes,
        "service_name": say(kind.name, lang),
        "service_code": kind.code,
        "description": call.words if public else "",
        "agency_responsible": say(agency.name, lang) if agency else "",
        "service_notice": "",
        "requested_datetime": iso_local(call.at, zone),
        "updated_datetime": iso_local(incident.changed_at or call.at, zone),
        "expected_datetime": iso_local(referral.due, zone) if referral and referral.due else "",
        "address": place.address,
        "address_id": place.code,
        "zipcode": "",
        "lat": place.lat,
        "long": place.lon,
        "media_url": call.media_url if public else "",
    }


def _responsible(incident: Incident) -> Referral | None:
    """The referral that speaks for the incident: the one that runs, else the last that was not taken away."""
    running = incident.running_referrals
    done = [each for each in incident.referrals if each.status == "resolved"]
    found = running or done
    return found[-1] if found else None
