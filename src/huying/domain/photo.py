"""Pictures beside words: of a call, a note, an agency's or caller's answer. The store has the bytes."""

from __future__ import annotations

from msgspec import Struct

from huying.domain.payload import Payload

# What every picture is kept as, whatever it came as.
KIND = "image/jpeg"
# To what of an incident a picture belongs; `of` is then the call's id, the number of the note's fact, the
# referral's `n`, the follow-up's `n`.
CALL, NOTE, ANSWER, FOLLOW_UP = "call", "note", "answer", "follow_up"


class Photo(Struct, omit_defaults=True, gc=False):
    """A picture in the state of a call or an incident. `id` is the number of the fact that attached it,
    `size` bytes, `width` and `height` pixels; `gone` once its bytes were erased."""

    id: int
    at: int
    part: str
    of: int
    size: int
    width: int
    height: int
    gone: bool = False


class PhotoAttached(Payload, frozen=True):
    """A picture belongs to `incident` from now on, on the stream of its call or of the incident.

    `sha256` (hex) is of the picture as it is shown; `seal` (hex) of the sealed bytes in the store, so that
    `huying verify` finds another picture in its place without a key.
    """

    incident: int
    part: str
    of: int
    sha256: str
    seal: str
    size: int
    width: int
    height: int
    kind: str = KIND


class PhotoFile(Struct, frozen=True):
    """A stored picture but for its bytes. `token` names it until it is attached as `id` (0 before);
    `at` is when it came (UTC µs), `sha256` and `seal` as in `PhotoAttached`, as bytes."""

    token: str
    id: int
    at: int
    sha256: bytes
    seal: bytes
    size: int
    width: int
    height: int


PHOTOS: dict[str, type[Payload]] = {"photo.attached": PhotoAttached}
