"""Answers kept for a repeated request, readable only to who sends the same key again.

An answer holds the code with which a caller follows a call. It is covered by a stream made of the sender's
own key, of which the store keeps only a hash: who reads the table learns nothing. A week later it is gone.
"""

from __future__ import annotations

import hashlib

# What is covered begins so; JSON can't.
_COVERED = b"\x01"


def receipt_key(actor: str, key: str) -> bytes:
    """Under what the answer to an idempotency key is kept: 32 bytes of SHA-256."""
    return hashlib.sha256(f"{actor}\0{key}".encode()).digest()


def cover(actor: str, key: str, answer: bytes) -> bytes:
    return _COVERED + _stream(actor, key, answer)


def uncover(actor: str, key: str, kept: bytes) -> bytes:
    """The answer; one that was kept before answers were covered is as it stands."""
    return _stream(actor, key, kept[1:]) if kept[:1] == _COVERED else kept


def _stream(actor: str, key: str, text: bytes) -> bytes:
    """The text under a stream of SHAKE-256; applied twice it is the text again. A key is used for one answer
    only, so no stream is used twice."""
    pad = hashlib.shake_256(f"answer\0{actor}\0{key}".encode()).digest(len(text))
    return (int.from_bytes(text) ^ int.from_bytes(pad)).to_bytes(len(text))
