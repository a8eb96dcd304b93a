"""The record for outsiders: checkpoints, tiles (C2SP tlog-tiles under /api/record) and proofs.

Checkpoints and that the record only grew are anybody's; entries name who acted when, so whole they are given
to oversight and to whoever was handed a key for the record.
"""

from __future__ import annotations

from base64 import b64encode
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter, QueryParameter
from msgspec import Struct

from huying.domain.policy import Thing
from huying.edge.desk import Desk
from huying.edge.instants import iso
from huying.edge.onlooking import newest, sees_headers
from huying.edge.view import View
from huying.record.book import Entry
from huying.record.checking import Checked
from huying.record.settings import WITNESSES_MAX
from huying.record.tiles import ENTRIES, read_path
from huying.web.answers import answer, asker_of, lang_of
from huying.web.gate import OPEN
from huying.web.params import PAGE_USUAL, Here, Id, Limit, Seq
from huying.web.shapes import Instant, outer, show
from huying.web.sign_in import Nothing

Cosigned = Annotated[
    int, QueryParameter(ge=0, le=WITNESSES_MAX, description="The newest with at least so many cosignatures")
]
# What a partner's key must be for, to read who acted when.
RECORD = "record"
# Five steps of three digits and a width are 27 characters.
Tile = Annotated[str, PathParameter(max_length=60, description="LEVEL/N, LEVEL/N.p/WIDTH or entries/N")]

# What is said about a size of the tree never changes; the newest checkpoint does every minute.
_FOR_EVER = {"cache-control": "public, max-age=31536000, immutable"}
_FRESH = {"cache-control": "no-cache"}


class WitnessStanding(Struct, frozen=True):
    """`size` facts had its last signature, given at `at`; `fault` says why it gives none now."""

    name: str
    size: int
    at: Instant | None
    fault: str


class RecordStanding(Struct, frozen=True):
    """`size` facts have the newest checkpoint, made at `at`; `keys` (C2SP vkeys) sign checkpoints now."""

    origin: str
    keys: tuple[str, ...]
    size: int
    at: Instant | None
    fault: str
    witnesses: list[WitnessStanding]


class Consistency(Struct, frozen=True):
    """The hashes in base64, as in RFC 6962 §2.1.2."""

    old: int
    size: int
    proof: list[str]


@get(
    "/api/record",
    summary="How the record stands: keys, checkpoint, witnesses",
    opt={"door": OPEN, "gives": RecordStanding},
)
async def standing(desk: Here) -> Response[bytes]:
    return answer(await desk.ask(record_standing, desk))


def record_standing(desk: Here) -> RecordStanding:
    """Blocking."""
    book, found = desk.record, desk.record.standing()
    return RecordStanding(
        origin=book.origin,
        keys=book.vkeys,
        size=found.size,
        at=iso(found.at) if found.at else None,
        fault=found.fault,
        witnesses=[
            WitnessStanding(each.name, each.size, iso(each.at) if each.at else None, each.fault)
            for each in found.witnesses
        ],
    )


@get(
    "/api/record/checkpoint",
    summary="The newest signed tree head, with cosignatures",
    media_type="text/plain",
    opt={"door": OPEN},
)
async def checkpoint(desk: Here, size: Seq = 0, cosigned: Cosigned = 0) -> Response[str]:
    """A C2SP checkpoint. `size` asks for an older one that was made over just so many facts."""
    text = await desk.ask(desk.record.checkpoint, size, cosigned)
    return Response(text, media_type="text/plain; charset=utf-8", headers=_FRESH)


@get(
    "/api/record/tile/{tile:path}",
    summary="Hashes of the tree",
    media_type="application/octet-stream",
    opt={"scope": RECORD},
)
async def tile(request: Request[Any, Any, Any], desk: Here, tile: Tile) -> Response[bytes]:
    """A C2SP tile, or, for oversight and keys for the record, a bundle of entries (header and digest of each
    fact, nothing of what was said)."""
    level, n, width = read_path(tile.lstrip("/"))
    view = desk.view(asker_of(request.scope, desk))
    if level == ENTRIES and not sees_headers(view):
        view.ever(Thing.EXPORT)
    packed = await desk.ask(desk.record.tile, level, n, width)
    return Response(packed, media_type="application/octet-stream", headers=_FOR_EVER)


@get(
    "/api/record/proof/{seq:int}",
    summary="That a fact is in the record",
    media_type="text/plain",
    opt={"scope": RECORD},
)
async def proof(request: Request[Any, Any, Any], desk: Here, seq: Id, size: Seq = 0) -> Response[str]:
    """A C2SP tlog-proof under the newest checkpoint, or that over `size` facts. For oversight and keys for
    the record `extra` is the fact without what was said: what is hashed follows from it."""
    extra = False if sees_headers(desk.view(asker_of(request.scope, desk))) else None
    text = await desk.ask(desk.record.proof, seq, size, body=extra)
    return Response(text, media_type="text/plain; charset=utf-8", headers=_FRESH)


@get("/api/record/consistency", summary="That the record only grew", opt={"door": OPEN, "gives": Consistency})
async def consistency(desk: Here, old: Seq, size: Seq) -> Response[bytes]:
    hashes = await desk.ask(desk.record.consistency, old, size)
    return answer(Consistency(old, size, [b64encode(each).decode() for each in hashes]))


class Tail(Struct, frozen=True):
    """The newest entries, newest first; `names` says what the colleagues are called who acted in them."""

    items: list[outer(Entry)]  # type: ignore[valid-type]
    names: dict[str, str]


@get(
    "/api/record/tail",
    summary="The newest facts, without what was said",
    opt={"scope": RECORD, "gives": Tail},
)
async def tail(request: Request[Any, Any, Any], desk: Here, limit: Limit = PAGE_USUAL) -> Response[bytes]:
    """Of the newest entries those that the asker's rules show of everybody's incidents; all for oversight."""
    view = desk.view(asker_of(request.scope, desk))
    return answer(await desk.ask(_tail, view, desk, limit))


def _tail(view: View, desk: Desk, limit: int) -> dict[str, Any]:
    found = newest(view, desk.record, limit)
    return {"items": [show(each) for each in found], "names": view.called(each.actor for each in found)}


class CheckShown(Struct, frozen=True):
    """A check of the whole journal: `never`, `running`, `done` or `failed`. `fault` is empty when all is
    well, else what is wrong, at `bad_seq` or between it and `bad_until`; `says` is the same as a sentence."""

    state: str
    at: Instant | None
    done: int
    total: int
    fault: str
    bad_seq: int
    bad_until: int
    says: str


def _check_shown(checked: Checked, desk: Here, lang: str) -> CheckShown:
    says = ""
    if checked.state == "done":
        told = {"n": checked.total, "signed": checked.signed}
        says = desk.word(f"fault.{checked.fault}" if checked.fault else "record.check.well", lang, **told)
    return CheckShown(
        state=checked.state,
        at=iso(checked.at) if checked.at else None,
        done=checked.done,
        total=checked.total,
        fault=checked.fault,
        bad_seq=checked.bad_seq,
        bad_until=checked.bad_until,
        says=says,
    )


@get("/api/record/check", summary="How the check of the whole journal stands", opt={"gives": CheckShown})
async def check(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    return answer(_check_shown(desk.checking.standing(), desk, lang_of(request.scope, desk)))


@post(
    "/api/record/check",
    summary="Check the whole journal now: every fact, leaf, tile and signature",
    status_code=200,
    opt={"takes": Nothing, "gives": CheckShown},
)
async def start_check(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """One check at a time; who asks within a minute is told of the last one."""
    return answer(_check_shown(desk.checking.start(), desk, lang_of(request.scope, desk)))


ROUTES: tuple[HTTPRouteHandler, ...] = (
    standing,
    checkpoint,
    tile,
    proof,
    consistency,
    tail,
    check,
    start_check,
)
