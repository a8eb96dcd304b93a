"""Whether the house is well: for a watchdog, and for the line at the top of a screen."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from huying import __version__
from huying.base.clock import MINUTE
from huying.base.refusal import Refusal
from huying.edge.instants import iso
from huying.service.questions import Counts
from huying.web.answers import answer, asker_of
from huying.web.gate import OPEN
from huying.web.params import Here
from huying.web.record import RecordStanding, record_standing
from huying.web.shapes import Instant, outer, show


class Health(Struct, frozen=True):
    """`head` is the last `seq` of the journal and `head_at` the instant of that fact; `lag` is how many
    facts the questions are behind the writer; `pending` commands wait for the disk."""

    status: str
    version: str
    store: str
    pack: str
    head: int
    head_at: Instant | None
    lag: int
    pending: int
    now: Instant
    record: RecordStanding


# How far two servers' clocks may be apart before somebody should look.
CLOCK_SLACK = MINUTE
# What a witness says when it has seen another past of the journal; one that is merely away disturbs nothing.
GRAVE = frozenset({"conflict", "inconsistent"})


@get("/healthz", summary="Is the house well?", opt={"door": OPEN, "gives": Health})
async def health(desk: Here) -> Response[bytes]:
    """200 when calls are taken; 503 with the reason when they are not.

    `status` is `clock_behind` when the journal's last fact lies in the future: the machine's clock was ahead
    once or is behind now, and until it has caught up all facts get the journal's last instant. It is
    `clock_leapt` while the machine's clock was set by more than a minute and is not followed. It is
    `record_forked` when the journal no longer begins with what was signed, and `record_disputed` when a
    witness has seen another past of it; calls are taken all the same.
    """
    try:
        head = await desk.ask(desk.questions.head)
        record = await desk.ask(record_standing, desk)
    except Refusal as refusal:
        return answer({"status": refusal.code, "version": __version__}, 503)
    now = desk.clock.now()
    return answer(
        Health(
            status=_status(desk, head.at <= now + CLOCK_SLACK, record),
            version=__version__,
            store=desk.store_kind,
            pack=f"{desk.pack.name} {desk.pack.edition}",
            head=head.seq,
            head_at=iso(head.at) if head.at else None,
            lag=max(0, desk.writer.head - head.seq),
            pending=desk.writer.waiting,
            now=iso(now),
            record=record,
        )
    )


def _status(desk: Here, in_time: bool, record: RecordStanding) -> str:
    if record.fault:
        return f"record_{record.fault}"
    if any(each.fault in GRAVE for each in record.witnesses):
        return "record_disputed"
    if getattr(desk.clock, "leap", 0):
        return "clock_leapt"
    return "ok" if in_time else "clock_behind"


@get("/api/counts", summary="The state of the house at a glance", opt={"gives": outer(Counts)})
async def counts(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    return answer(show(await desk.ask(desk.view(asker_of(request.scope, desk)).counts)))


ROUTES: tuple[HTTPRouteHandler, ...] = (health, counts)
