"""A witness (C2SP tlog-witness): remembers each log's newest checkpoint, signs only what goes on from it.

Whoever runs one needs nothing of the log but its public key. What it remembers is one small file, on the disk
before a signature leaves the house, and locked, so that two witnesses never share a memory.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import threading
from base64 import b64decode, b64encode
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple, TextIO

from huying.base.clock import SECOND, Clock
from huying.base.refusal import Refusal
from huying.record.checkpoint import Checkpoint, read_checkpoint
from huying.record.note import Signer, Verifier
from huying.store.tree import consistent

# The format allows 63 lines of a proof; a checkpoint is 16 kB at most.
PROOF_MAX = 63
BODY_BYTES_MAX = 24_576
SIZE_TYPE = "text/x.tlog.size"

_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")


class Answer(NamedTuple):
    """An HTTP answer."""

    status: int
    body: str
    media_type: str = "text/plain; charset=utf-8"


class Witness:
    """Cosigns for the logs it knows.

    Args:
        signer: of kind `COSIGNED`.
        logs: public keys; several of one name are keys of one log, any of which will do.
        state: the file in which the newest checkpoints are kept; made when missing.
        clock: its time goes into every signature.

    Refuses with `witness_taken` when another process uses the file, `witness_unreadable` when it holds no
    memory of a witness.
    """

    def __init__(self, signer: Signer, logs: Iterable[Verifier], state: Path, clock: Clock) -> None:
        self.signer = signer
        self.logs: dict[str, list[Verifier]] = {}
        for log in logs:
            self.logs.setdefault(log.name, []).append(log)
        self._state, self._clock = state, clock
        self._one = threading.Lock()  # between looking at what is remembered and remembering anew
        self._file = self._take(state)
        self.latest = self._read(state)

    def add_checkpoint(self, body: bytes) -> Answer:
        """What `POST …/add-checkpoint` with this body is answered."""
        try:
            old, proof, text = _read_request(body)
            point, note = read_checkpoint(text)
        except (Refusal, ValueError):
            return Answer(400, "unreadable\n")
        keys = self.logs.get(point.origin)
        if keys is None:
            return Answer(404, "unknown log\n")
        if not any(key.signed(note) for key in keys):
            return Answer(403, "no signature of a key known for this log\n")
        if old > point.size:
            return Answer(400, "the old size is larger than the checkpoint\n")
        with self._one:
            known = self.latest.get(point.origin)
            size = known[0].size if known else 0
            if old != size or (known and size == point.size and known[0].root != point.root):
                return Answer(409, f"{size}\n", SIZE_TYPE)
            if not _goes_on(known[0] if known else None, point, proof):
                return Answer(422, "the proof does not hold\n")
            line = self.signer.line(note.body, self._clock.now() // SECOND)
            self._remember(point, note.text + line)
        return Answer(200, line)

    def close(self) -> None:
        self._file.close()

    # ── the memory ───────────────────────────────────────────────────────────────────────────────────────
    def _take(self, state: Path) -> TextIO:
        try:
            file = state.with_name(state.name + ".lock").open("w")
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refusal("witness_taken", path=str(state)) from error
        except OSError as error:
            raise Refusal("file_unwritable", path=str(state)) from error
        return file

    def _read(self, state: Path) -> dict[str, tuple[Checkpoint, str]]:
        if not state.exists():
            return {}
        try:
            notes: dict[str, str] = json.loads(state.read_bytes())
            found = {origin: (read_checkpoint(text)[0], text) for origin, text in notes.items()}
            if any(point.origin != origin for origin, (point, _) in found.items()):
                raise ValueError("a checkpoint of another log")
        except (OSError, ValueError, AttributeError, Refusal) as error:
            raise Refusal("witness_unreadable", path=str(state)) from error
        return found

    def _remember(self, point: Checkpoint, text: str) -> None:
        """On the disk first: a witness that forgets could sign two pasts."""
        latest = self.latest | {point.origin: (point, text)}
        fresh = self._state.with_name(self._state.name + ".new")
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(
                {origin: each[1] for origin, each in latest.items()}, file, ensure_ascii=False, indent=1
            )
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, self._state)
        folder = os.open(self._state.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self.latest = latest


def request_body(old: int, proof: Iterable[bytes], text: str) -> bytes:
    """What is sent to a witness: the size it knows, the proof from there, the checkpoint."""
    lines = [f"old {old}", *(b64encode(each).decode() for each in proof), ""]
    return "\n".join(lines).encode() + b"\n" + text.encode()


def _read_request(body: bytes) -> tuple[int, list[bytes], str]:
    if len(body) > BODY_BYTES_MAX:
        raise ValueError("too long")
    head, gap, text = body.decode("utf-8").partition("\n\n")
    first, *rest = head.split("\n")
    old = _OLD.fullmatch(first)
    if not gap or old is None or len(rest) > PROOF_MAX:
        raise ValueError("not a request")
    proof = [b64decode(each, validate=True) for each in rest]
    if any(len(each) != 32 for each in proof):
        raise ValueError("not a hash")
    return int(old[1]), proof, text


def _goes_on(known: Checkpoint | None, point: Checkpoint, proof: list[bytes]) -> bool:
    if known is None or known.size == 0:
        return not proof
    return consistent(known.size, known.root, point.size, point.root, proof)
