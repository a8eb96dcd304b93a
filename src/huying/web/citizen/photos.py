"""Pictures chosen in a form: handed in with the page they were chosen on, named when the form is sent."""

from __future__ import annotations

import re
from typing import Any

from litestar.datastructures import FormMultiDict, UploadFile

from huying.base.refusal import Refusal
from huying.edge.asker import Asker
from huying.edge.desk import Desk
from huying.edge.pictures import BYTES_MAX
from huying.service.photos import PHOTOS_MAX
from huying.web.citizen.look import Look
from huying.web.citizen.page import Fault, fault_of

# Six pictures as telephones take them, with the words around them.
FORM_MAX = 3 * BYTES_MAX
# A button `drop:…` takes one picture of the draft away again.
DROP = "drop:"
_TOKEN = re.compile(r"[0-9a-f]{32}")


def tokens_of(said: str) -> tuple[str, ...]:
    """Names of pictures, as the form carries them."""
    return tuple(dict.fromkeys(_TOKEN.findall(said)))[:PHOTOS_MAX]


async def take(
    form: FormMultiDict, desk: Desk, look: Look, address: str, there: tuple[str, ...]
) -> tuple[tuple[str, ...], Fault | None]:
    """The pictures of the draft with those that came with the form, and what was wrong with the rest."""
    there = tuple(each for each in there if each != str(form.get("go", "")).removeprefix(DROP))
    fault: Fault | None = None
    for file in form.getall("photo", []):
        raw = await file.read() if isinstance(file, UploadFile) else b""
        if not raw:
            continue
        try:
            there = (*there, await _taken(raw, desk, look, address, len(there)))
        except Refusal as refusal:
            fault = fault_of(refusal, look.lang, "photo")
    return there, fault


async def _taken(raw: bytes, desk: Desk, look: Look, address: str, there: int) -> str:
    if there >= PHOTOS_MAX:
        raise Refusal("photos_many", limit=PHOTOS_MAX)
    desk.pictures.count("", address)
    view = desk.public_view(Asker(look.lang))
    told: dict[str, Any] = await view.do(await desk.pictures.take(raw))
    return str(told["photo"])
