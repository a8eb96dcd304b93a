"""The city's pack as its tables stand, and what its check says: for whoever looks after them."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from huying.edge.pack_folder import Table
from huying.service.packs import Checked, Fault
from huying.web.answers import answer, lang_of
from huying.web.params import Here, Name


class FaultShown(Struct, frozen=True):
    """`level`: fault (the pack would be refused), warning or notice; `line` from 1, 0: the whole file."""

    file: str
    line: int
    level: str
    code: str
    says: str


class PackCheck(Struct, frozen=True):
    """`digest` is that of the folder now, `running` that of the pack the house decides by: when they differ,
    the folder has been changed and is adopted at the next start."""

    sound: bool
    edition: str
    digest: str
    running: str
    faults: list[FaultShown]


class TableList(Struct, frozen=True):
    items: list[Table]


@get("/api/pack/check", summary="What the check of the pack says", opt={"gives": PackCheck})
async def pack_check(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    lang = lang_of(request.scope, desk)

    def checked() -> PackCheck:
        found: Checked = desk.folder.check()
        pack = found.pack
        return PackCheck(
            sound=pack is not None,
            edition=pack.edition if pack else "",
            digest=pack.digest if pack else "",
            running=desk.pack.digest,
            faults=[_shown(each, desk, lang) for each in found.faults],
        )

    return answer(await desk.ask(checked))


def _shown(fault: Fault, desk: Here, lang: str) -> FaultShown:
    says = desk.word(f"pack.fault.{fault.code}", lang, **fault.params)
    if fault.params.get("hint"):
        says += " " + desk.word("pack.hint", lang, hint=fault.params["hint"])
    return FaultShown(fault.file, fault.line, fault.level.value, fault.code, says)


@get("/api/pack/tables", summary="The tables of the pack", opt={"gives": TableList})
async def tables(desk: Here) -> Response[bytes]:
    """Without their rows."""
    return answer(TableList(await desk.ask(desk.folder.tables)))


@get(
    "/api/pack/tables/{file:str}", summary="One table of the pack, as the city wrote it", opt={"gives": Table}
)
async def table(desk: Here, file: Name) -> Response[bytes]:
    return answer(await desk.ask(desk.folder.table, file))


ROUTES: tuple[HTTPRouteHandler, ...] = (pack_check, tables, table)
