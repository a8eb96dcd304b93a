"""What somebody has filled in so far. It travels in the form itself; the house keeps what is sent."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from huying.domain.commands import ReceiveCall
from huying.domain.contact import Contact
from huying.service.intake import TEXT_MAX
from huying.web.citizen.page import Fault
from huying.web.citizen.photos import tokens_of
from huying.words import load_words

# A page of handwriting; who has more to say is rung back. What is longer is kept and pointed at, not cut.
WORDS_MAX = 4_000
NAME_MAX = 60
# Far more than any of these fields may say, so that a slip is shown with what was typed; what nobody types
# is cut there.
FIELD_MAX = 20_000
KEY = re.compile(r"[0-9a-f]{32}")
_PHONE = re.compile(r"\+?[0-9][0-9 ()\-]{4,24}")
# How wide a browser's own position may be before it says nothing: a town.
ERROR_MAX_M = 20_000.0


class Draft(Struct, frozen=True):
    """`lat`, `lon`, `error_m` are a browser's position as text; `spot` is the code of the place that was
    chosen among several, `none` for none of them; `same` the incident that it is about as well, `no` for
    none, empty before it was asked. `photos` are names of pictures that were handed in. `key` makes sending
    twice the same as sending once."""

    words: str = ""
    address: str = ""
    lat: str = ""
    lon: str = ""
    error_m: str = ""
    spot: str = ""
    same: str = ""
    phone: str = ""
    name: str = ""
    photos: str = ""
    key: str = ""

    def items(self) -> list[tuple[str, str]]:
        """Fields and their values, for a form."""
        return list(asdict(self).items())

    @property
    def pictures(self) -> tuple[str, ...]:
        return tokens_of(self.photos)

    @property
    def position(self) -> tuple[float, float, float] | None:
        """(lat, lon, error in metres) of a browser that found where it is; None for what can't be one."""
        try:
            lat, lon, error_m = float(self.lat), float(self.lon), float(self.error_m or "100")
        except ValueError:
            return None
        there = math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180
        return (lat, lon, max(error_m, 1.0)) if there and error_m <= ERROR_MAX_M else None

    def call(self, lang: str) -> ReceiveCall:
        """The call as it is sent, but for the place that was chosen and the incident that it joins."""
        position = self.position
        lat, lon, error_m = position or (None, None, None)
        contact = Contact(name=self.name, phone=self.phone, lang=lang) if self.phone or self.name else None
        return ReceiveCall(
            channel="web",
            words=self.words,
            lang=lang,
            lat=lat,
            lon=lon,
            error_m=error_m,
            address=self.address,
            contact=contact,
            photos=self.pictures,
        )


def read_draft(form: Mapping[str, Any]) -> Draft:
    """The draft that a form carries; fields that aren't there are empty."""
    said = {}
    for name in Draft.__struct_fields__:
        value = form.get(name, "")
        said[name] = _plain(value) if isinstance(value, str) else ""
    if not KEY.fullmatch(said["key"]):
        said["key"] = ""
    return Draft(**said)


def _plain(value: str) -> str:
    """As it was typed, with one kind of line end and without what can't be typed."""
    return value[:FIELD_MAX].replace("\r\n", "\n").replace("\0", "").strip()


def fault_in(step: str, draft: Draft, lang: str) -> Fault | None:
    """What is wrong with what was filled in at `step`; None for nothing."""
    if step == "what" and not draft.words and not draft.photos:
        return _fault("words", lang)
    if step == "what" and len(draft.words) > WORDS_MAX:
        return _fault("long", lang, "words", many=len(draft.words), limit=WORDS_MAX)
    if step == "where" and len(draft.address) > TEXT_MAX:
        return _fault("long", lang, "address", many=len(draft.address), limit=TEXT_MAX)
    if step == "alike" and not draft.same:
        return _fault("same", lang)
    if step == "which" and not draft.spot:
        return _fault("spot", lang)
    if step == "reach" and draft.phone and not _PHONE.fullmatch(draft.phone):
        return _fault("phone", lang)
    if step == "reach" and len(draft.name) > NAME_MAX:
        return _fault("long", lang, "name", many=len(draft.name), limit=NAME_MAX)
    return None


def _fault(what: str, lang: str, field: str = "", **params: Any) -> Fault:
    say = load_words().say
    return Fault(say(f"citizen.fault.{what}", lang, **params), field=field or what)
