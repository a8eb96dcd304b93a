"""The map under everything: one PMTiles file of the city, read by ranges (RFC 9110 §14).

It is anybody's, as a printed map of the county is: nothing in it comes from the journal.
"""

from __future__ import annotations

import re
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from huying.base.refusal import Refusal
from huying.web.gate import OPEN
from huying.web.params import Here, Name

MEDIA = "application/vnd.pmtiles"
RANGE_MAX = 8 << 20
"""Bytes of one answer. A reader asks for a directory (16 KiB) or some tiles; a longer range is answered in
part, as RFC 9110 allows, and the reader goes on from there."""

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


@get("/map/{name:str}", include_in_schema=False, opt={"door": OPEN})
async def basemap(request: Request[Any, Any, Any], desk: Here, name: Name) -> Response[bytes]:
    """The file, whole or in part; HEAD is answered by the same rules."""
    shelved = desk.basemap
    if shelved is None or name != f"{desk.pack.name}.pmtiles":
        raise Refusal("no_map", pack=desk.pack.name)
    headers = {
        "etag": shelved.etag,
        "accept-ranges": "bytes",
        # Who has the file may show it; the tag says within one question whether it is still the same.
        "cache-control": "public, max-age=3600, must-revalidate",
        "content-encoding": "identity",
    }
    if request.headers.get("if-none-match") == shelved.etag:
        return Response(b"", status_code=304, headers=headers)
    wanted = request.headers.get("range", "")
    # A part of another file than the reader has begun with would be nonsense: it gets the whole.
    if request.headers.get("if-range", shelved.etag) != shelved.etag:
        wanted = ""
    found = _part(wanted, shelved.size)
    if found is None:
        return Response(b"", status_code=416, headers={**headers, "content-range": f"bytes */{shelved.size}"})
    first, last, part = found
    if not part and shelved.size > RANGE_MAX:
        raise Refusal("map_by_ranges", limit=RANGE_MAX >> 20)
    body = await desk.ask(shelved.read, first, last - first + 1)
    if part:
        headers["content-range"] = f"bytes {first}-{last}/{shelved.size}"
    return Response(body, status_code=206 if part else 200, headers=headers, media_type=MEDIA)


def _part(wanted: str, size: int) -> tuple[int, int, bool] | None:
    """First and last byte and whether that is a part; None when no byte of the range is there.

    Several ranges, other units and what can't be read are ignored, as the RFC has it: the whole is given.
    """
    match = _RANGE.fullmatch(wanted.replace(" ", ""))
    if match is None or not (match[1] or match[2]):
        return 0, size - 1, False
    if not match[1]:  # the last so many bytes
        count = int(match[2])
        return (max(0, size - min(count, RANGE_MAX)), size - 1, True) if count else None
    first = int(match[1])
    last = min(int(match[2]) if match[2] else size - 1, size - 1)
    if match[2] and int(match[2]) < first:
        return 0, size - 1, False
    return (first, min(last, first + RANGE_MAX - 1), True) if first < size else None


ROUTES: tuple[HTTPRouteHandler, ...] = (basemap,)
