"""What stays when words are erased.

One law: redacting what came of facts equals what comes of redacted facts.
So a store whose payloads are gone rebuilds to the state that the live one has.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from huying.domain.call import Call
from huying.domain.incident import Incident
from huying.domain.payload import Payload
from huying.domain.photo import Photo
from huying.domain.place import Place

P = TypeVar("P", bound=Payload)

# Fields in which somebody's own words, or a way to them, may stand, and what is left of each.
HIDDEN: dict[str, Any] = {
    "words": "",
    "why": "",
    "answer": "",
    "answers": {},
    "title": "",
    "source_id": "",
    "media_url": "",
    "code_hash": "",
    "reasons": (),
    "right": "",
    "left": {},
    "sha256": "",
    "seal": "",
}
# A place is kept to about 100 m: near enough for the map of a quarter, too wide for a door.
PLACE_DECIMALS = 3


def coarse(place: Place) -> Place:
    """The place without its words, its point rounded; areas stay as they were found."""
    return Place(
        lat=None if place.lat is None else round(place.lat, PLACE_DECIMALS),
        lon=None if place.lon is None else round(place.lon, PLACE_DECIMALS),
        code=place.code,
        areas=place.areas,
        datum=place.datum,
    )


def redact(body: P) -> P:
    """The payload without words; the very same object when it has none."""
    changes: dict[str, Any] = {}
    for name in body.__struct_fields__:
        value = getattr(body, name)
        if name in HIDDEN and value != HIDDEN[name]:
            changes[name] = HIDDEN[name]
        elif type(value) is Place and (bare := coarse(value)) != value:
            changes[name] = bare
    return msgspec.structs.replace(body, **changes) if changes else body


def redact_call(call: Call) -> None:
    """The same for the state that came of the call's fact."""
    _strip(call)
    _gone(call.photos)


def redact_incident(incident: Incident) -> None:
    """The same for the state that came of the incident's facts."""
    _strip(incident)
    for each in (*incident.referrals, *incident.assignments, *incident.glass, *incident.corrections):
        _strip(each)
    if incident.follow_up is not None:
        _strip(incident.follow_up)
    _gone(incident.photos)


def _gone(photos: list[Photo]) -> None:
    for each in photos:
        each.gone = True


def _strip(state: Struct) -> None:
    for name in state.__struct_fields__:
        if name in HIDDEN:
            empty = HIDDEN[name]
            setattr(state, name, {} if empty == {} else empty)
        elif type(value := getattr(state, name)) is Place:
            setattr(state, name, coarse(value))
