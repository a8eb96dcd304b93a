"""Takes out of things what an asker is not shown. What nobody has classified stays hidden.

A field that is not shown is empty, as if it had never been filled; `View` says which those are.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from huying.domain.call import Call
from huying.domain.facts import CallReceived, Fact, IncidentOpened, Payload, PlaceSet
from huying.domain.incident import Incident
from huying.domain.photo import PhotoAttached
from huying.domain.place import Place
from huying.domain.policy import FIELDS, Thing

S = TypeVar("S", bound=Struct)
Shown = Mapping[Thing, frozenset[str]]
"""For each kind of thing the fields that are shown; a kind that is missing is not shown at all."""

EVERYTHING: Shown = {thing: frozenset(fields) for thing, fields in FIELDS.items()}

# What a field of a rule covers, and what is left of it when it is hidden.
_BLANK: dict[Thing, dict[str, dict[str, Any]]] = {
    Thing.CALL: {
        "words": {"words": "", "answers": {}},
        "contact": {"contact": 0},
        "source": {"source_id": ""},
    },
    Thing.INCIDENT: {
        "title": {"title": ""},
        "work": {
            "reasons": (),
            "referrals": [],
            "assignments": [],
            "deadlines": [],
            "follow_up": None,
            "disposition": "",
            "glass": [],
            "wishes": [],
            "photos": [],
            "changed_by": "",
            "backup_at": 0,
            "backup_by": "",
            "alarm": 1,
            "asked_at": 0,
        },
    },
    # What is asked, in one line: the first words, and where.
    Thing.REFERRAL: {"title": {"title": "", "address": ""}},
    Thing.UNIT: {"position": {"lat": 0.0, "lon": 0.0, "moved_at": 0, "post": ""}},
}
# The same for one line of a list.
_BLANK_LINE: dict[str, dict[str, Any]] = {
    "title": {"title": ""},
    "place": {"lat": None, "lon": None, "address": ""},
    "work": {"agencies": (), "units": (), "next_due": 0, "escalations": 0, "backup_at": 0},
}


@lru_cache(maxsize=1_024)  # kinds × sets of fields that rules name
def _blanks(thing: Thing, fields: frozenset[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, blanks in _BLANK.get(thing, {}).items():
        if name not in fields:
            found |= blanks
    return found


@lru_cache(maxsize=256)
def blanks_of_line(fields: frozenset[str]) -> dict[str, Any]:
    """What to put in place of a line's hidden values."""
    found: dict[str, Any] = {}
    for name, blanks in _BLANK_LINE.items():
        if name not in fields:
            found |= blanks
    return found


def plain(thing: Thing, each: S, fields: frozenset[str]) -> S:
    """A referral's line or a unit without what is hidden of it."""
    blanks = _blanks(thing, fields)
    return replace(each, **blanks) if blanks else each


def hidden_of(shown: Shown) -> list[str]:
    """What of an incident's story is not shown, as `thing.field`."""
    things = (Thing.INCIDENT, Thing.CALL, Thing.MEDIA, Thing.TIMELINE)
    nothing: frozenset[str] = frozenset()
    return [
        f"{each}.{field}"
        for each in things
        for field in FIELDS[each]
        if field not in shown.get(each, nothing)
    ]


def _somewhere(place: Place) -> Place:
    """Which areas, and nothing nearer."""
    return Place(areas=place.areas)


def call_shown(call: Call, fields: frozenset[str], media: bool) -> Call:
    blanks = dict(_blanks(Thing.CALL, fields))
    if "place" not in fields:
        blanks["place"] = _somewhere(call.place)
    if not media:
        blanks |= {"media_url": "", "photos": []}
    return replace(call, **blanks) if blanks else call


def incident_shown(incident: Incident, fields: frozenset[str], media: bool = False) -> Incident:
    blanks = dict(_blanks(Thing.INCIDENT, fields))
    if incident.photos and not media:
        blanks["photos"] = []
    if "place" not in fields:
        blanks["place"] = _somewhere(incident.place)
    if "words" not in fields and "work" in fields:
        blanks["referrals"] = [replace(each, why="", answer="") for each in incident.referrals]
        blanks["glass"] = [replace(each, why="") for each in incident.glass]
        if incident.follow_up is not None:
            blanks["follow_up"] = replace(incident.follow_up, words="")
    return replace(incident, **blanks) if blanks else incident


# ── facts ───────────────────────────────────────────────────────────────────────────────────────────────
# What a payload's field shows, by its name; a text under another name is shown to nobody.
_NAMES: dict[str, tuple[Thing, str]] = {
    "words": (Thing.TIMELINE, "words"),
    "why": (Thing.TIMELINE, "words"),
    "answer": (Thing.TIMELINE, "words"),
    "title": (Thing.INCIDENT, "title"),
    "place": (Thing.INCIDENT, "place"),
    "reasons": (Thing.INCIDENT, "work"),
    "answers": (Thing.CALL, "words"),
    "source_id": (Thing.CALL, "source"),
    "contact": (Thing.CALL, "contact"),
    "media_url": (Thing.MEDIA, "link"),
    "lat": (Thing.UNIT, "position"),
    "lon": (Thing.UNIT, "position"),
}
_OWN: dict[type[Payload], dict[str, tuple[Thing, str]]] = {
    CallReceived: {"words": (Thing.CALL, "words"), "place": (Thing.CALL, "place")},
    IncidentOpened: {},
    PlaceSet: {},
    PhotoAttached: {
        **dict.fromkeys(("part", "of", "size", "width", "height", "kind"), (Thing.TIMELINE, "outline")),
        **dict.fromkeys(("sha256", "seal"), (Thing.MEDIA, "link")),
    },
}
# Codes, counts and instants: they name rows of the pack and things of the journal, and tell of nobody.
_CODES = frozenset(
    {
        "accept_due",
        "agency",
        "alarm",
        "arrive_due",
        "automatic",
        "by_s",
        "call",
        "channel",
        "chosen",
        "chosen_s",
        "code",
        "dispatch_due",
        "disposition",
        "done_at",
        "due",
        "edition",
        "expected_s",
        "held",
        "how",
        "incident",
        "joined",
        "key",
        "ladder",
        "lang",
        "n",
        "name",
        "next",
        "priority",
        "policy",
        "rating",
        "received_at",
        "rule",
        "rung",
        "sent",
        "sent_s",
        "solved",
        "stated_type",
        "station",
        "status",
        "to",
        "type",
        "unit",
        "until",
        "was",
    }
)
# What a stream of facts is about, by the first part of a fact's type. Others are shown to nobody.
THING_OF: dict[str, Thing] = {
    "call": Thing.TIMELINE,
    "incident": Thing.TIMELINE,
    "deadline": Thing.TIMELINE,
    "referral": Thing.TIMELINE,
    "assignment": Thing.TIMELINE,
    "follow_up": Thing.TIMELINE,
    "contact": Thing.TIMELINE,
    "glass": Thing.TIMELINE,
    "photo": Thing.TIMELINE,
    "unit": Thing.UNIT,
    "look": Thing.LOOK,
    "road": Thing.ROAD,
    "deployment": Thing.PLAN,
    "dispatch": Thing.PLAN,
    "account": Thing.STAFF,
    "passkey": Thing.STAFF,
    "session": Thing.STAFF,
    "duty": Thing.STAFF,
    "sign_in": Thing.STAFF,
    "key": Thing.STAFF,
}
# Of the installation itself: everybody who may look at anything may know of it.
OF_ALL = frozenset({"pack", "clock"})


def thing_of(fact_type: str) -> Thing | None:
    """What a fact is about; None for what nobody has classified."""
    return THING_OF.get(fact_type.partition(".")[0])


# Payloads that are shown whole or not at all, by the file they are in: they tell of no caller.
_WHOLE = {
    "huying.domain.office_facts": Thing.STAFF,
    "huying.domain.closure": Thing.ROAD,
    "huying.domain.deployment": Thing.PLAN,
}


@lru_cache(maxsize=4_096)
def _plan(body: type[Payload], shown: frozenset[tuple[Thing, frozenset[str]]]) -> tuple[tuple[str, Any], ...]:
    """(field, empty value) for each field of a payload that is hidden."""
    open_to = dict(shown)
    own = _OWN.get(body, {})
    hidden = []
    for each in msgspec.structs.fields(body):
        if each.name in _CODES:
            continue
        whole = _WHOLE.get(body.__module__)
        if whole is not None and whole in open_to:
            continue
        found = None if whole is not None else own.get(each.name) or _NAMES.get(each.name)
        if found is None or found[1] not in open_to.get(found[0], frozenset()):
            hidden.append((each.name, _empty(each)))
    return tuple(hidden)


def _empty(field: msgspec.structs.FieldInfo) -> Any:
    if field.default is not msgspec.NODEFAULT:
        return field.default
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    kinds: dict[Any, Any] = {str: "", int: 0, float: 0.0, bool: False, Place: Place()}
    return kinds.get(field.type, ())


def fact_shown(fact: Fact, shown: Shown) -> Fact:
    """The fact without what is hidden of it. Whether it is shown at all is decided before."""
    return _fact_shown(fact, frozenset(shown.items()))


def _fact_shown(fact: Fact, key: frozenset[tuple[Thing, frozenset[str]]]) -> Fact:
    plan = _plan(type(fact.body), key)
    body = fact.body
    if plan:
        changes = dict(plan)
        place = changes.get("place")
        if place is not None:
            changes["place"] = _somewhere(body.place)  # type: ignore[attr-defined]
        body = replace(body, **changes)
    timeline = dict(key).get(Thing.TIMELINE, frozenset())
    actor = fact.actor if "actor" in timeline or thing_of(fact.type) is not Thing.TIMELINE else ""
    if body is fact.body and actor == fact.actor:
        return fact
    return replace(fact, body=body, actor=actor)
