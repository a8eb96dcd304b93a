"""Facts to bytes and back: payloads are JSON, read by their type, upcast when their shape is old."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import msgspec

from huying.domain.facts import FACTS, Erased, Fact, Payload
from huying.store.upcast import UPCASTERS, upcast

SALT_BYTES = 16

encode = msgspec.json.Encoder().encode
_lines = msgspec.json.Encoder().encode_lines
_object = msgspec.json.Decoder(dict[str, object]).decode
_decoders = {name: msgspec.json.Decoder(payload).decode for name, payload in FACTS.items()}

# A row of the table `fact`: seq, stream, version, type, at, actor, purpose, payload, salt, digest.
# Payload and salt are None once erased; digest is None until then.
FactRow = tuple[int, int, int, str, int, str, str, bytes | None, bytes | None, bytes | None]


# (how it was taken away, what is left of the payload), from the table `remainder`.
Left = tuple[str, bytes]
# The types of facts that take payloads away → what the payload is from then on.
TAKES_AWAY = {"incident.erased": "erased", "correction.made": "corrected", "incident.retitled": "corrected"}


def decode(type: str, payload: bytes | None) -> Payload:
    """The payload of a fact in today's shape; an unknown type is a bug or a newer journal."""
    if payload is None:
        return Erased()
    if type in UPCASTERS:
        today, body = upcast(type, _object(payload))
        return msgspec.convert(body, FACTS[today])
    try:
        return _decoders[type](payload)
    except KeyError:
        raise ValueError(f"this edition knows no fact of type {type!r}") from None


def fact_of(row: Sequence[object], left: Left | None = None) -> Fact:
    """A fact from the first eight columns of its row; `left` stands for a payload that is gone."""
    seq, stream, version, type, at, actor, purpose, payload = row[:8]
    raw = bytes(payload) if isinstance(payload, memoryview) else payload
    if raw is None:
        how = TAKES_AWAY[left[0]] if left else "erased"
        body = decode(type, left[1] if left else None)  # type: ignore[arg-type]
        return Fact(seq, stream, version, type, at, actor, purpose, body, how)  # type: ignore[arg-type]
    return Fact(seq, stream, version, type, at, actor, purpose, decode(type, raw))  # type: ignore[arg-type]


def fact_rows(facts: Sequence[Fact], salts: bytes) -> tuple[list[FactRow], list[bytes]]:
    """Rows and tree leaves of new facts. `salts` are `SALT_BYTES` for each fact, one after another.

    leaf = SHA-256(0x00 ‖ header ‖ digest), header = JSON array [seq, stream, version, type, at, actor,
    purpose], digest = SHA-256(salt ‖ payload).
    """
    heads = [(f.seq, f.stream, f.version, f.type, f.at, f.actor, f.purpose) for f in facts]
    # A line each, all in one call: JSON has no line break of its own outside of escapes.
    payloads = _lines([fact.body for fact in facts]).split(b"\n")[:-1]
    headers = _lines(heads).split(b"\n")[:-1]
    own = [salts[start : start + SALT_BYTES] for start in range(0, SALT_BYTES * len(facts), SALT_BYTES)]
    digests = [sha256(salt + payload).digest() for salt, payload in zip(own, payloads, strict=True)]
    leaves = [sha256(b"\0" + head + digest).digest() for head, digest in zip(headers, digests, strict=True)]
    rows: list[FactRow] = [
        (*head, payload, salt, None) for head, payload, salt in zip(heads, payloads, own, strict=True)
    ]
    return rows, leaves


def leaf_parts(row: FactRow) -> tuple[bytes, bytes]:
    """(header, digest) of a stored row; of an erased one the digest that it left."""
    payload, salt, digest = row[7], row[8], row[9]
    if payload is not None:
        digest = sha256((salt or b"") + payload).digest()
    return encode(row[:7]), digest or b""


def leaf_of(row: FactRow) -> bytes:
    """The tree leaf that a stored row must have."""
    header, digest = leaf_parts(row)
    return sha256(b"\0" + header + digest).digest()
