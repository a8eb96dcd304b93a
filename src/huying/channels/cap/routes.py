"""`POST /api/alerts/cap`: alerts come in."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from huying.base.refusal import Refusal
from huying.channels.cap.alert import CapAlert, read_alert
from huying.channels.cap.intake import CHANNEL, best_info, call_of, words_of
from huying.domain.commands import AddNote, Command
from huying.edge.asker import Asker, asker_of
from huying.edge.desk import Desk


class Alerted(Struct, frozen=True):
    """What became of an alert. `taken` is false for tests, exercises and messages that tell nothing new."""

    taken: bool
    status: str
    kind: str
    incident_id: int = 0
    call_id: int = 0
    seq: int = 0


_OPT = {"media": "application/cap+xml", "gives": Alerted, "scope": "alerts"}


@post("/api/alerts/cap", summary="A CAP 1.2 alert comes in", status_code=200, opt=_OPT)
async def alert_received(request: Request[Any, Any, Any], desk: NamedDependency[Desk]) -> Response[bytes]:
    """An actual alert becomes a call and so an incident; an update or a cancellation becomes a note on the
    incident of the message that it refers to. Tests and exercises are read and answered, and nothing else."""
    alert = read_alert(await request.body())
    asker = asker_of(request.scope, desk.lang).as_actor(CHANNEL)
    if alert.status != "Actual" or alert.kind in ("Ack", "Error"):
        return _answer(alert, taken=False)
    earlier = await _earlier(desk, asker, alert)
    if not earlier and alert.kind == "Cancel":
        return _answer(alert, taken=False)
    if not earlier and not alert.infos:
        raise Refusal("bad_alert", element="info", reason="–")
    command: Command = _note(desk, alert, earlier) if earlier else call_of(alert, desk.pack.languages)
    keyed = _keyed(asker, alert.name)
    # What adds to an earlier alert was found by its sender's own key: it is their own.
    told = await (desk.public_view(keyed).do_own(command) if earlier else desk.do(keyed, command))
    return _answer(
        alert,
        taken=True,
        incident_id=earlier or told["incident_id"],
        call_id=told.get("call_id", 0),
        seq=told["seq"],
    )


async def _earlier(desk: Desk, asker: Asker, alert: CapAlert) -> int:
    """The incident of the first message referred to that is known here; 0 for none."""
    for triple in alert.references:
        key = _keyed(asker, ",".join(triple)).key
        told = await desk.ask(desk.view(asker).told, asker.actor, key)
        if told is not None:
            return int(told["incident_id"])
    return 0


def _keyed(asker: Asker, name: str) -> Asker:
    """A message that comes twice is taken once: its own name is the idempotency key."""
    key = "cap:" + hashlib.sha256(name.encode()).hexdigest()[:40]
    return msgspec.structs.replace(asker, key=key)


def _note(desk: Desk, alert: CapAlert, incident: int) -> AddNote:
    words = words_of(best_info(alert, desk.pack.languages)) if alert.infos else ""
    said = desk.word("cap.note", desk.lang, kind=alert.kind, sender=alert.sender, words=words)
    return AddNote(incident=incident, words=said)


def _answer(alert: CapAlert, **what: Any) -> Response[bytes]:
    alerted = Alerted(status=alert.status, kind=alert.kind, **what)
    return Response(msgspec.json.encode(alerted), media_type="application/json")


ROUTES: tuple[HTTPRouteHandler, ...] = (alert_received,)
