"""Signed notes (C2SP signed-note) with Ed25519, and the timestamped cosignatures of C2SP tlog-cosignature.

A note is text that ends in a newline, an empty line, and lines `— NAME BASE64(key id ‖ signature)`.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from huying.base.refusal import Refusal

# Signature types: a log's own Ed25519 signature, and a witness's with the time in it.
PLAIN, COSIGNED = 1, 4
# Longer notes are no checkpoints; 16 signatures must be taken, more may be refused.
NOTE_BYTES_MAX = 16_384
LINES_MAX = 64
NAME_MAX = 255

_DASH = "— "


class Line(NamedTuple):
    """A signature line as it stands, and its parts."""

    text: str
    name: str
    id: bytes
    signature: bytes


class Note(NamedTuple):
    """`body` is what is signed, with its last newline."""

    body: str
    lines: list[Line]

    @property
    def text(self) -> str:
        return self.body + "\n" + "".join(line.text for line in self.lines)


class Verifier:
    """One key that is trusted under a name; written as a vkey: `NAME+KEY ID+BASE64(type ‖ public key)`."""

    def __init__(self, name: str, public: bytes, kind: int = PLAIN) -> None:
        self.name, self.public, self.kind = name, public, kind
        self.id = key_id(name, public, kind)
        self._key = Ed25519PublicKey.from_public_bytes(public)

    @property
    def vkey(self) -> str:
        return f"{self.name}+{self.id.hex()}+{b64encode(bytes([self.kind]) + self.public).decode()}"

    def time_of(self, line: Line, body: str) -> int | None:
        """None unless the line is a true signature of this key; else its time in s, 0 for a plain one."""
        if (line.name, line.id) != (self.name, self.id):
            return None
        time, signature, message = 0, line.signature, body.encode()
        if self.kind == COSIGNED:
            time, signature = int.from_bytes(line.signature[:8]), line.signature[8:]
            message = _cosigned(body, time)
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return None
        return time

    def signed(self, note: Note) -> bool:
        return any(self.time_of(line, note.body) is not None for line in note.lines)


class Signer:
    """A name and a secret key; `kind` says how it signs."""

    def __init__(self, name: str, seed: bytes, kind: int = PLAIN) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = Verifier(good_name(name), self._key.public_key().public_bytes_raw(), kind)

    def __repr__(self) -> str:
        return f"Signer({self.verifier.name})"

    def line(self, body: str, time: int = 0) -> str:
        """A signature line over `body`; `time` (s) is for cosignatures."""
        if self.verifier.kind == COSIGNED:
            signature = time.to_bytes(8) + self._key.sign(_cosigned(body, time))
        else:
            signature = self._key.sign(body.encode())
        return f"{_DASH}{self.verifier.name} {b64encode(self.verifier.id + signature).decode()}\n"


def _cosigned(body: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{body}".encode()


def key_id(name: str, public: bytes, kind: int) -> bytes:
    return sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def good_name(name: str) -> str:
    """The name, when it can be one of a key: without spaces, plus signs and control characters."""
    if not name or len(name) > NAME_MAX or "+" in name or any(each.isspace() or each < " " for each in name):
        raise Refusal("bad_key_name", name=name[:60])
    return name


def read_vkey(text: str) -> Verifier:
    """Refuses `bad_vkey`."""
    try:
        name, id, key = text.strip().split("+", 2)
        raw = b64decode(key, validate=True)
        found = Verifier(good_name(name), raw[1:], raw[0])
        if found.id.hex() != id or found.kind not in (PLAIN, COSIGNED):
            raise ValueError("the id is not that of the key")
    except (ValueError, IndexError, Refusal):
        raise Refusal("bad_vkey", vkey=text[:120]) from None
    return found


def sign(body: str, signers: Iterable[Signer]) -> str:
    """A note over `body` with a plain signature of each."""
    return body + "\n" + "".join(signer.line(body) for signer in signers)


def read_note(text: str) -> Note:
    """Refuses `bad_note` when it isn't one; nothing is verified."""
    body, gap, rest = text.rpartition("\n\n")
    lines = read_lines(rest)
    if not gap or not lines or len(text) > NOTE_BYTES_MAX or any(c < " " and c != "\n" for c in text):
        raise Refusal("bad_note")
    return Note(body + "\n", lines)


def read_lines(text: str) -> list[Line]:
    """Signature lines, one after another; refuses `bad_note` when there is anything else."""
    rows = text.split("\n")
    if rows.pop() or len(rows) > LINES_MAX:
        raise Refusal("bad_note")
    lines: list[Line] = []
    for row in rows:
        dash, name, packed = row[:2], *row[2:].rpartition(" ")[::2]
        try:
            raw = b64decode(packed, validate=True)
        except ValueError:
            raise Refusal("bad_note") from None
        if dash != _DASH or not name or " " in name or len(raw) < 5:
            raise Refusal("bad_note")
        lines.append(Line(row + "\n", name, raw[:4], raw[4:]))
    return lines


def with_lines(text: str, lines: Sequence[str]) -> str:
    """A note with more signature lines; those it has already are left out."""
    return text + "".join(line for line in dict.fromkeys(lines) if line not in text)
