"""Incidents: the list, one of them with its timeline, and what can be done with it."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from huying.base.refusal import Refusal
from huying.base.text import Text, say
from huying.domain import commands as c
from huying.domain import oversight as w
from huying.domain.call import Call
from huying.domain.facts import Fact
from huying.domain.incident import Incident
from huying.domain.pack import Pack
from huying.domain.place import Place
from huying.edge.instants import from_iso, iso
from huying.edge.view import View
from huying.service.ports import House
from huying.service.questions import IncidentFilter, IncidentLine
from huying.web.answers import answer, asker_of
from huying.web.params import (
    PAGE_USUAL,
    TIMELINE_MAX,
    Box,
    Code,
    Cursor,
    Here,
    Id,
    Level,
    Limit,
    MayBe,
    Statuses,
    Streams,
    When,
)
from huying.web.shapes import Instant, dump, outer, show
from huying.web.steps import Step
from huying.words.explain import describe


class IncidentPage(Struct, frozen=True):
    """Newest first; `next` is the cursor of the page that follows, empty at the end."""

    items: list[outer(IncidentLine)]  # type: ignore[valid-type]
    next: str


class TimelineEntry(Struct, frozen=True):
    """One fact of the incident's or its calls' story; `sentence` says it in the asker's language.
    `hidden` is `erased` or `corrected` when the body is not what was recorded, else empty."""

    seq: int
    stream: int
    version: int
    type: str
    at: Instant
    actor: str
    purpose: str
    sentence: str
    hidden: str
    body: dict[str, Any]


class IncidentStory(Struct, frozen=True):
    """An incident with the calls that are in it and everything that happened, in order. `hidden` are the
    fields that the asker is not shown, as `thing.field`; they are empty. `names` says what the colleagues who
    act in it are called, by the `actor` of the timeline; whose account has no name is not in it. `place_name`
    is what the city calls the place that words led to, or the area where only that is known; else empty."""

    incident: outer(Incident)  # type: ignore[valid-type]
    calls: list[outer(Call)]  # type: ignore[valid-type]
    timeline: list[TimelineEntry]
    hidden: list[str]
    names: dict[str, str]
    place_name: str


@get("/api/incidents", summary="Incidents, newest first", opt={"gives": IncidentPage})
async def incidents(
    request: Request[Any, Any, Any],
    desk: Here,
    status: Statuses = None,
    type: Code = "",
    priority_max: Level = 5,
    agency: Code = "",
    area: Code = "",
    since: When = "",
    until: When = "",
    box: Box = "",
    duty_desk: MayBe = None,
    stream: Streams = None,
    cursor: Cursor = "",
    limit: Limit = PAGE_USUAL,
) -> Response[bytes]:
    """Conditions that are not given hold for all. `status` may be repeated; `since` and `until` bound the
    time of opening; `agency` means a referral to it or a unit of it. With `stream`, ids of incidents and of
    calls as facts name them, the answer is the lines of these incidents, whatever the other conditions."""
    view = desk.view(asker_of(request.scope, desk))
    line = dump(IncidentLine)
    if stream:
        return answer({"items": [line(each) for each in await desk.ask(view.lines_of, stream)], "next": ""})
    which = IncidentFilter(
        status=tuple(status or ()),
        type=type,
        priority_max=priority_max,
        agency=agency,
        area=area,
        since=from_iso(since, "since") if since else 0,
        until=from_iso(until, "until") if until else 0,
        box=_box(box) if box else None,
        duty_desk=duty_desk,
    )
    page = await desk.ask(view.incidents, which, cursor, limit)
    return answer({"items": [line(each) for each in page.items], "next": page.next})


def _box(words: str) -> tuple[float, float, float, float]:
    try:
        south, west, north, east = (float(part) for part in words.split(","))
    except ValueError:
        raise Refusal("bad_value", field="box", reason="south,west,north,east") from None
    if not (-90 <= south <= north <= 90 and -180 <= west <= east <= 180):
        raise Refusal("bad_value", field="box", reason="south ≤ north, west ≤ east")
    return south, west, north, east


@get("/api/incidents/{incident:int}", summary="One incident with its story", opt={"gives": IncidentStory})
async def incident_shown(request: Request[Any, Any, Any], desk: Here, incident: Id) -> Response[bytes]:
    """The state as it is now, the calls in it, and the timeline with a sentence for each fact."""
    asker = asker_of(request.scope, desk)
    return answer(await desk.ask(_story, desk.view(asker), incident, asker.lang))


def _story(view: View, id: int, lang: str) -> dict[str, Any]:
    story = view.story(id, TIMELINE_MAX)
    return {
        "incident": show(story.incident),
        "calls": [show(each) for each in story.calls],
        "timeline": [entry(each, view.desk.pack, lang) for each in story.facts],
        "hidden": story.hidden,
        "names": story.names,
        "place_name": say(_called(story.incident.place, view.desk.house), lang),
    }


def _called(place: Place, house: House) -> Text:
    """The name of a place, or of the area where no point is known; a pack may have dropped either."""
    if place.code:
        return house.locate.name_of(place.code)
    area = house.pack.areas.get(place.areas[0]) if place.areas and place.point is None else None
    return area.name if area is not None else {}


def entry(fact: Fact, pack: Pack, lang: str) -> dict[str, Any]:
    return {
        "seq": fact.seq,
        "stream": fact.stream,
        "version": fact.version,
        "type": fact.type,
        "at": iso(fact.at),
        "actor": fact.actor,
        "purpose": fact.purpose,
        "sentence": describe(fact, pack, lang),
        "hidden": fact.hidden,
        "body": show(fact.body),
    }


_ONE = "/api/incidents/{incident:int}"
STEPS = (
    Step(f"{_ONE}/join", c.JoinCall, "Move a call into this incident"),
    Step(f"{_ONE}/part", c.PartCall, "Take a call out of this incident"),
    Step(f"{_ONE}/retype", c.RetypeIncident, "Say what it really is"),
    Step(f"{_ONE}/alarm", c.RaiseAlarm, "Raise or lower the alarm level"),
    Step(f"{_ONE}/priority", c.SetPriority, "Set the priority"),
    Step(f"{_ONE}/place", c.SetPlace, "Say where it is"),
    Step(f"{_ONE}/notes", c.AddNote, "Add a note"),
    Step(f"{_ONE}/dispatch", c.DispatchUnits, "Send units"),
    Step(f"{_ONE}/resolve", c.ResolveIncident, "Say that the work is done"),
    Step(f"{_ONE}/follow-up", c.AnswerFollowUp, "Record whether the caller says it is solved"),
    Step(f"{_ONE}/close", c.CloseIncident, "Close it"),
    Step(f"{_ONE}/reopen", c.ReopenIncident, "Open it again"),
    Step(f"{_ONE}/contacts/{{contact:int}}/open", c.OpenContact, "Look at how a caller can be reached"),
    Step(f"{_ONE}/hold", c.HoldIncident, "Let nothing of it be erased"),
    Step(f"{_ONE}/release", c.ReleaseIncident, "Let it be erased in its time again"),
    Step(f"{_ONE}/erase", c.EraseIncident, "Erase what was said, or how its callers are reached"),
    Step(f"{_ONE}/wishes/{{n:int}}/agree", w.AgreeToOpen, "Agree, as the second person, to the opening"),
    Step(f"{_ONE}/glass", w.BreakGlass, "See it in an emergency, and answer for it"),
    Step(f"{_ONE}/glass/{{n:int}}/review", w.ReviewGlass, "Say whether an emergency view was proper"),
    Step("/api/contacts/{contact:int}/erase", c.EraseContact, "Erase a contact for good"),
)
ROUTES: tuple[HTTPRouteHandler, ...] = (incidents, incident_shown)
