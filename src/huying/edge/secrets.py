"""Secrets that are handed out once: how they are made, and what is kept of them."""

from __future__ import annotations

import base64
import hashlib

from huying.base.clock import Chance

SECRET_BYTES = 32
# A key begins so, that a scan for secrets finds one that was pasted where it doesn't belong.
KEY_PREFIX = "huying_"


def new_secret(chance: Chance) -> str:
    """256 random bits as text for addresses, cookies and headers."""
    return base64.urlsafe_b64encode(chance.bytes(SECRET_BYTES)).rstrip(b"=").decode()


def hash_of(secret: str | bytes) -> str:
    """What is kept: SHA-256 in hex. A salt would add nothing to 256 random bits."""
    return hashlib.sha256(secret.encode() if isinstance(secret, str) else secret).hexdigest()
