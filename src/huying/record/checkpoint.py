"""Checkpoints (C2SP tlog-checkpoint): a note whose text is origin, number of leaves and root."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from typing import NamedTuple

from huying.base.refusal import Refusal
from huying.record.note import Note, read_note

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


class Checkpoint(NamedTuple):
    """A tree head: `size` facts of the log `origin` have the root `root`."""

    origin: str
    size: int
    root: bytes

    @property
    def body(self) -> str:
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


def read_checkpoint(text: str) -> tuple[Checkpoint, Note]:
    """The tree head in a note and the note itself, unverified; refuses `bad_note`. Lines after the third are
    the log's own matter and are only signed."""
    note = read_note(text)
    lines = note.body.split("\n")
    try:
        origin, size, root = lines[:3]
        raw = b64decode(root, validate=True)
    except ValueError:
        raise Refusal("bad_note") from None
    if not origin or not _SIZE.fullmatch(size) or len(raw) != 32 or "" in lines[:-1]:
        raise Refusal("bad_note")
    return Checkpoint(origin, int(size), raw), note
