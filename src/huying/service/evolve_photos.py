"""Facts of pictures become state: a call or an incident lists what was attached to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from huying.domain import photo as p
from huying.domain.facts import Fact
from huying.domain.payload import Payload
from huying.service.evolve_erasing import Erasing, touch


def _attached(state: Erasing, fact: Fact, body: p.PhotoAttached) -> None:
    photo = p.Photo(
        id=fact.seq,
        at=fact.at,
        part=body.part,
        of=body.of,
        size=body.size,
        width=body.width,
        height=body.height,
        gone=not body.sha256,
    )
    if body.part == p.CALL:
        call = state.call_to_change(fact.stream)
        call.version = fact.version
        call.photos = [*call.photos, photo]
        return
    incident = touch(state, fact)
    incident.erased = ()  # there is something again that can be erased
    incident.photos = [*incident.photos, photo]


EVOLVE_PHOTOS: dict[type[Payload], Callable[[Any, Fact, Any], None]] = {p.PhotoAttached: _attached}
