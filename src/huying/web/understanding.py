"""What words say, as one types; and the audit sample, asked about without the suggestion."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from huying.base.refusal import Refusal
from huying.domain.call import Call
from huying.domain.commands import ReceiveCall
from huying.domain.modelling import LabelCall
from huying.domain.pack import Pack
from huying.domain.place import Place
from huying.domain.reason import Reason
from huying.domain.suggestion import Likely, Understood
from huying.edge.desk import Desk
from huying.edge.instants import iso
from huying.edge.semantic.second import NONE
from huying.edge.view import View
from huying.geo.locate import why_there
from huying.routing import route
from huying.service.intake import check, understand
from huying.service.questions import IncidentLine
from huying.web.answers import answer, asker_of, lang_of
from huying.web.bodies import body_of, reader_of
from huying.web.params import Here
from huying.web.shapes import Instant, dump, outer, show
from huying.web.steps import Step
from huying.words.explain import because

CHANNEL = {"channel": "desk"}


class Why(Struct, frozen=True):
    """A reason: its key, its sentence in the asker's language, and the characters [start, end) that it is
    about; null when it is about none."""

    key: str
    sentence: str
    start: int | None
    end: int | None


class WhoseShown(Struct, frozen=True):
    """Whose it would be by the rules: the agency, by when it accepts and is done. `units` is true where units
    are its answer, so that no agency is written to."""

    agency: str
    rule: str
    units: bool
    accept_due: Instant | None
    due: Instant | None
    reasons: list[Why]


class AlikeShown(Struct, frozen=True):
    """An unfinished incident that the call may be about as well, and why."""

    incident: outer(IncidentLine)  # type: ignore[valid-type]
    sentence: str


class UnderstandingShown(Struct, frozen=True):
    """What the words say by themselves; nothing was kept. `likely` is what the live model says to each
    question: with one class in `choice` it is a suggestion, with several a list to pick from, with none a
    person decides. `unknown` is true when neither words nor model knew a type; `scam` names the card of
    `/api/scams` that is to be shown, empty for none. `second` is what meaning says besides where the model
    left the type open, empty while it is worked out (`second_pending`: ask again in a moment) and where no
    model of meaning is at hand; it changes nothing by itself. `place_reasons` say how the place is known,
    `whose` and `alike` what would become of it now."""

    type: str
    priority: int
    unknown: bool
    reasons: list[Why]
    alternatives: tuple[tuple[str, float], ...]
    likely: tuple[Likely, ...]
    place: outer(Place)  # type: ignore[valid-type]
    place_reasons: list[Why]
    title: str
    whose: WhoseShown
    alike: list[AlikeShown]
    model: str
    scam: str
    second: tuple[Likely, ...]
    second_pending: bool


class AuditNext(Struct, frozen=True):
    """The next call of the audit sample, by its words alone; null when none waits."""

    call: outer(Call) | None  # type: ignore[valid-type]
    waiting: int


_read = reader_of(ReceiveCall, optional=frozenset(CHANNEL))


@post(
    "/api/understand",
    status_code=200,
    summary="What words say, as one types",
    opt={
        "takes": body_of(ReceiveCall, optional=frozenset(CHANNEL)),
        "gives": UnderstandingShown,
    },
)
async def understand_words(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """Type, urgency and place of what was typed so far, with reasons. Keeps nothing."""
    command = _read(await request.body(), CHANNEL)
    assert isinstance(command, ReceiveCall)
    if not (command.words.strip() or command.stated_type or command.answers):
        raise Refusal("nothing_said")
    check(desk.pack, command)
    heard = understand(desk.house, command)
    said = heard.suggestion
    lang = lang_of(request.scope, desk)
    view, line = desk.view(asker_of(request.scope, desk)), dump(IncidentLine)
    alike = await desk.ask(view.alike_lines, heard)
    second = desk.second.on(command.words, said.likely) if desk.second else NONE
    live = getattr(desk.house.triage, "live", None)
    shown = UnderstandingShown(
        type=said.type,
        priority=said.priority,
        unknown=said.type in desk.pack.open_types,
        reasons=[_why(each, desk.pack, lang) for each in said.reasons if each.key != "triage.shadow"],
        alternatives=said.alternatives,
        likely=said.likely,
        place=show(heard.place),
        place_reasons=[_why(each, desk.pack, lang) for each in why_there(heard.place)],
        title=heard.title,
        whose=_whose(desk, view, heard, command, lang),
        alike=[AlikeShown(line(each), because(why, desk.pack, lang)) for each, why in alike],
        model=live.digest if live is not None else "",
        scam=said.scam,
        second=second.likely,
        second_pending=second.pending,
    )
    return answer(shown)


def _whose(desk: Desk, view: View, heard: Understood, command: ReceiveCall, lang: str) -> WhoseShown:
    said = heard.suggestion
    priority = min(said.priority, command.stated_priority or 5)
    made = route(desk.pack, said.type, heard.place, priority, view.at, command.answers)
    return WhoseShown(
        agency=made.agency,
        rule=made.rule,
        units=bool(desk.pack.type_of(said.type).run_card),
        accept_due=iso(made.accept_due) if made.accept_due else None,
        due=iso(made.due) if made.due else None,
        reasons=[_why(each, desk.pack, lang) for each in made.reasons],
    )


def _why(reason: Reason, pack: Pack, lang: str) -> Why:
    start, end = reason.span if reason.span is not None else (None, None)
    return Why(reason.key, because(reason, pack, lang), start, end)


@get("/api/audit", summary="The next call of the audit sample", opt={"gives": AuditNext})
async def audit_next(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """Three calls in a hundred are labelled by a person who has not seen what the machine made of them."""
    found, waiting = await desk.ask(desk.view(asker_of(request.scope, desk)).audit)
    return answer(AuditNext(show(found) if found is not None else None, waiting))


STEPS = (Step("/api/calls/{call:int}/label", LabelCall, "Say what a call is, by its words"),)

ROUTES: tuple[HTTPRouteHandler, ...] = (understand_words, audit_next)
