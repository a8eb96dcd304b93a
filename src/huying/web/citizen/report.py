"""`/report`: what happened, where, how to reach you. Three pages, or five when something has to be asked.

Every page is a form that carries the whole draft, so a step back, a refusal, larger letters or another
language lose nothing, and the house keeps nothing of what was never sent.
"""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, Router, get, post
from msgspec.structs import replace

from huying.base.refusal import Refusal
from huying.edge.asker import Asker
from huying.edge.buckets import Buckets
from huying.edge.desk import Desk, state_of
from huying.edge.origin import same_origin
from huying.web.answers import address_of
from huying.web.citizen.draft import Draft, fault_in, read_draft
from huying.web.citizen.heard import Heard, hear
from huying.web.citizen.look import Look, look_of
from huying.web.citizen.page import OPT, Fault, answer_calmly, fault_of, lead, page
from huying.web.citizen.photos import DROP, FORM_MAX, take
from huying.web.params import Here

# Pages in order; `which` and `alike` are shown only where there is something to choose.
STEPS = ("what", "where", "which", "alike", "reach")
NUMBER = {"what": 1, "where": 2, "which": 2, "alike": 2, "reach": 3}
# Reports of one address that may come at once, and how fast more may: behind one address of a telephone
# company sits a whole quarter, whose every household writes when the water is gone.
SENT_BURST, SENT_PER_S = 120, 2.0


@get("/report", include_in_schema=False, opt=OPT)
async def begin(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """The first question; `?look=` changes letters or language."""
    look = look_of(request.scope, desk)
    said = request.query_params.get("look", "")
    if said:
        return lead("/report", desk, look.changed(said), keep=True)
    return _show("what", desk, look, Draft(key=desk.chance.bytes(16).hex()))


@post("/report", include_in_schema=False, status_code=200, opt=OPT, request_max_body_size=FORM_MAX)
async def go_on(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """`at` is the page that was filled in, `go` the button: on, to another page, or another look."""
    same_origin(request.scope, desk.settings)
    look, form = look_of(request.scope, desk), await request.form()
    at = form.get("at", "")
    at = at if at in STEPS else "what"
    draft, go = read_draft(form), str(form.get("go", ""))
    if not draft.key:
        draft = replace(draft, key=desk.chance.bytes(16).hex())
    photos, unfit = await take(form, desk, look, address_of(request.scope), draft.pictures)
    draft = replace(draft, photos=" ".join(photos))
    if go.startswith("look:"):
        look = look.changed(go[5:])
        return await _asked(at, request, desk, look, draft, unfit, keep=True)
    if unfit is not None or go.startswith(DROP):
        return await _asked("what", request, desk, look, draft, unfit)
    if go in STEPS:
        return await _asked(go, request, desk, look, draft)
    if at == "where":  # what was chosen belongs to the place as it was written before
        draft = replace(draft, spot="", same="")
    fault = fault_in(at, draft, look.lang)
    if fault is not None:
        return await _asked(at, request, desk, look, draft, fault)
    if at == "reach":
        return await _send(request, desk, look, draft)
    return await _next(at, request, desk, look, draft)


async def _next(
    at: str, request: Request[Any, Any, Any], desk: Desk, look: Look, draft: Draft
) -> Response[bytes]:
    """The page after `at`, leaving out those that have nothing to ask."""
    heard = await _hear(request, desk, look, draft)
    for step in STEPS[STEPS.index(at) + 1 :]:
        if step == "which" and not heard.spots:
            continue
        if step == "alike" and (not heard.alike or draft.same):
            continue
        return _show(step, desk, look, draft, heard)
    raise AssertionError("the last page is always shown")


async def _asked(
    step: str,
    request: Request[Any, Any, Any],
    desk: Desk,
    look: Look,
    draft: Draft,
    fault: Fault | None = None,
    keep: bool = False,
) -> Response[bytes]:
    """A page that was asked for, or is shown again with what is wrong."""
    told = bool(draft.words or draft.photos)
    heard = await _hear(request, desk, look, draft) if told else None
    if heard is not None and ((step == "which" and not heard.spots) or (step == "alike" and not heard.alike)):
        step = "where"
    if heard is None and step != "what":
        step, fault = "what", fault_in("what", draft, look.lang)
    return _show(step, desk, look, draft, heard, fault, keep)


async def _hear(request: Request[Any, Any, Any], desk: Desk, look: Look, draft: Draft) -> Heard:
    return await desk.ask(hear, desk.public_view(Asker(look.lang)), draft, look.lang)


async def _send(request: Request[Any, Any, Any], desk: Desk, look: Look, draft: Draft) -> Response[bytes]:
    """Hand the call to the house, once; then on to where it is followed."""
    view = desk.public_view(Asker(look.lang, key=draft.key))
    earlier = await desk.ask(view.told, view.asker.actor, draft.key)
    if earlier is not None:  # the button was pressed twice, or the answer was lost on its way
        return lead(f"/follow/{earlier['code']}?new=1", desk, look)
    address = address_of(request.scope)
    sent: Buckets = state_of(request.scope)["reports"]
    if sent.rate and not sent.take(address):
        return await _asked("reach", request, desk, look, draft, fault_of(Refusal("too_many"), look.lang))
    try:
        heard = await _hear(request, desk, look, draft)
        told = await view.do(heard.call)
    except Refusal as refusal:
        fault = fault_of(refusal, look.lang)
        if refusal.code == "photo_gone":  # an hour has passed: they have to be chosen again, and nothing else
            return await _asked("what", request, desk, look, replace(draft, photos=""), fault)
        return await _asked("reach", request, desk, look, draft, fault)
    more = f"&scam={told['scam']}" if told.get("scam") else ""
    return lead(f"/follow/{told['code']}?new=1{more}", desk, look)


def _show(
    step: str,
    desk: Desk,
    look: Look,
    draft: Draft,
    heard: Heard | None = None,
    fault: Fault | None = None,
    keep: bool = False,
) -> Response[bytes]:
    scam = desk.pack.scams.get(heard.scam) if heard is not None else None
    same = next((each for each in heard.alike if str(each.id) == draft.same), None) if heard else None
    return page(
        step,
        desk,
        look,
        422 if fault else 200,
        keep,
        draft=draft,
        heard=heard,
        fault=fault,
        step=step,
        nth=NUMBER[step],
        scam=scam,
        same=same,
        here="/report",
    )


def reports(desk: Desk) -> Buckets:
    """How many reports each address may still send; no limit where requests have none."""
    return Buckets(SENT_PER_S if desk.settings.rate else 0.0, SENT_BURST, desk.clock)


ROUTES = Router("/", route_handlers=[begin, go_on], exception_handlers={Exception: answer_calmly})
