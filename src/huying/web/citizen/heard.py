"""What the house makes of a draft: how urgent, which place, and what others have told already."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from huying.base.refusal import Refusal
from huying.base.text import say
from huying.domain.commands import ReceiveCall
from huying.domain.incident import Incident
from huying.domain.suggestion import Understood
from huying.edge.public import PublicView
from huying.geo.finding.spots import Candidate
from huying.geo.points import distance_m
from huying.service.intake import understand
from huying.web.citizen.draft import Draft
from huying.web.citizen.when import when

# Places that may be meant, on one page of a telephone.
SPOTS_MAX = 5
# Metres are told in steps of these: nobody counts them, and they are not known better.
STEP_M = 50


class Spot(Struct, frozen=True):
    """A place that may be meant: its name and the area that it lies in."""

    code: str
    name: str
    area: str


class Alike(Struct, frozen=True):
    """What others have told already, as far as everybody may know it."""

    id: int
    type: str
    when: str
    away: int
    area: str


class Heard(Struct, frozen=True):
    """`urgent` is what should be said by telephone at once; `scam` the kind of scam that may be going on."""

    call: ReceiveCall
    understood: Understood
    spots: tuple[Spot, ...] = ()
    alike: tuple[Alike, ...] = ()
    urgent: bool = False
    scam: str = ""


def hear(view: PublicView, draft: Draft, lang: str) -> Heard:
    """Blocks; refuses a place that can't be one."""
    house = view.desk.house
    call, spots = _placed(view, draft, lang)
    understood = understand(house, call)
    suggestion = understood.suggestion
    kind = house.pack.type_of(suggestion.type)
    alike = _alike(view, understood, lang)
    if draft.same.isascii() and draft.same.isdigit() and int(draft.same[:18]) in {each.id for each in alike}:
        call = replace(call, incident=int(draft.same[:18]))
    urgent = suggestion.priority == 1 or (suggestion.priority == 2 and bool(kind.run_card))
    return Heard(call, understood, spots, alike, urgent, suggestion.scam)


def _placed(view: PublicView, draft: Draft, lang: str) -> tuple[ReceiveCall, tuple[Spot, ...]]:
    """The call with the place that was chosen, and the places to choose from where one has to."""
    call, locate = draft.call(lang), view.desk.house.locate
    if not draft.address or call.lat is not None:
        return call, ()
    found = [each for each in locate.complete(draft.address).candidates if each.lat is not None][:SPOTS_MAX]
    chosen = next((each for each in found if each.code == draft.spot), None)
    if chosen is not None:
        return replace(call, lat=chosen.lat, lon=chosen.lon, error_m=chosen.error_m), ()
    sure = locate.place(None, None, draft.address, call.datum, None).point is not None
    if sure or draft.spot or len(found) < 2:
        return call, ()
    return call, tuple(_spot(view, each, lang) for each in found)


def _spot(view: PublicView, candidate: Candidate, lang: str) -> Spot:
    return Spot(candidate.code, say(candidate.name, lang), _area(view, candidate.areas, lang))


def _area(view: PublicView, areas: tuple[str, ...], lang: str) -> str:
    """The smallest area and the town that it lies in, as people name a place."""
    known = [view.desk.pack.areas[code] for code in areas if code in view.desk.pack.areas]
    named = [each for each in known if each.kind in ("village", "community", "town")]
    return " · ".join(dict.fromkeys(say(each.name, lang) for each in reversed(named[:1] + named[-1:])))


def _alike(view: PublicView, understood: Understood, lang: str) -> tuple[Alike, ...]:
    try:
        found = view.alike(understood)
    except Refusal:  # a city that narrowed what everybody may see shows nobody's calls to others
        return ()
    return tuple(_shown(view, each, understood, lang) for each in found)


def _shown(view: PublicView, incident: Incident, understood: Understood, lang: str) -> Alike:
    pack, one, other = view.desk.pack, understood.place.point, incident.place.point
    away = round(distance_m(*one, *other) / STEP_M) * STEP_M if one and other else -1
    return Alike(
        incident.id,
        say(pack.type_of(incident.type).name, lang),
        when(incident.opened_at, view.at, pack.worktime, lang),
        away,
        _area(view, incident.place.areas, lang),
    )
