"""Pictures: kept for an hour, attached by the command that names them, gone with the words beside them.

No fact tells of a picture that nobody has named. Once named, one fact holds its hash, and its bytes lie
sealed in the store like a contact; erasing the fact's payload takes their key.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from huying.base.clock import HOUR
from huying.base.refusal import Refusal
from huying.domain import photo as p
from huying.domain.incident import Incident
from huying.domain.photo import PhotoFile
from huying.domain.picturing import DropPhotos, KeepPhoto
from huying.service.work import Work

# Long enough to fill in a form on a bad line; a unit that is offline sends pictures when it is back.
WAIT = HOUR
# Pictures of one report, note or answer: all sides of a thing; more is a file for somebody's desk.
PHOTOS_MAX = 6
# Pictures of one incident: a long one with many notes; about 100 MB.
OF_INCIDENT_MAX = 120
# Pictures that may wait to be named, of all senders: 2 GB at the very most, 500 MB as they come.
WAITING_MAX = 1_000
# A picture as the edge makes it; the bytes of a command of anybody else are bounded all the same.
BYTES_MAX = 4 * 1024 * 1024
TOKEN_BYTES = 16


def keep_photo(work: Work, command: KeepPhoto) -> dict[str, Any]:
    """Keep it under a token that nobody can guess."""
    if len(command.image) > BYTES_MAX:
        raise Refusal("too_large", limit=BYTES_MAX)
    work.batch.photos_before = before = work.at - WAIT
    if work.store.photos_waiting(before) + len(work.batch.photos) >= WAITING_MAX:
        raise Refusal("busy")
    token = work.chance.bytes(TOKEN_BYTES).hex()
    hash = sha256(command.image).digest()
    file = PhotoFile(token, 0, work.at, hash, b"", len(command.image), command.width, command.height)
    work.batch.photos[token] = (file, command.image)
    return {
        "photo": token,
        "size": file.size,
        "width": file.width,
        "height": file.height,
        "until": work.at + WAIT,
    }


def drop_photos(work: Work, command: DropPhotos) -> dict[str, Any]:
    work.batch.photos_before = work.at - WAIT
    return {}


def named(work: Work, tokens: Sequence[str], incident: Incident | None = None) -> list[PhotoFile]:
    """The pictures that a command names, in its order. To be asked before anything is recorded.

    Raises:
        Refusal: `photos_many`, or `photo_gone` for one that is not there, too old, or used already.
    """
    if not tokens:
        return []
    if len(tokens) > PHOTOS_MAX or (incident is not None and len(incident.photos) >= OF_INCIDENT_MAX):
        raise Refusal("photos_many", limit=PHOTOS_MAX)
    found = work.store.load_photos(tokens)
    files = []
    for token in dict.fromkeys(tokens):
        file = found.get(token)
        if file is None or file.id or token in work.batch.photos_named or file.at <= work.at - WAIT:
            raise Refusal("photo_gone", photo=token[:40])
        files.append(file)
    return files


def attach(work: Work, incident: Incident, files: Sequence[PhotoFile], part: str, of: int) -> None:
    """Record that pictures belong to a part of the incident."""
    for file in files:
        body = p.PhotoAttached(
            incident=incident.id,
            part=part,
            of=of,
            sha256=file.sha256.hex(),
            seal=file.seal.hex(),
            size=file.size,
            width=file.width,
            height=file.height,
        )
        fact = work.of_call(work.call(of), body) if part == p.CALL else work.on(incident, body)
        work.batch.photos_named[file.token] = fact.seq
