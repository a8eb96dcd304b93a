"""What one person, sensor or partner told us, kept as it came."""

from __future__ import annotations

from msgspec import Struct

from huying.domain.photo import Photo
from huying.domain.place import NOWHERE, Place


class Call(Struct, omit_defaults=True, gc=False):
    """A call as it came; never edited. Only `incident` moves, when the call joins or parts; `was_in` is
    the incident it left, so that a join can be undone.

    `source` and `source_id` name the record in the system it came from; `code_hash` is the SHA-256 (hex,
    32 characters) of the code with which the caller follows it; `contact` is an id in the vault or 0.
    """

    id: int
    at: int
    channel: str
    words: str
    version: int = 1
    lang: str = ""
    stated_type: str = ""
    place: Place = NOWHERE
    answers: dict[str, str] = {}
    contact: int = 0
    source_id: str = ""
    code_hash: str = ""
    media_url: str = ""
    incident: int = 0
    was_in: int = 0
    photos: list[Photo] = []
