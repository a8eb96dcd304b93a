"""Contacts and pictures, each sealed under its own key; the key is wrapped by the master key.

AES-256-GCM by `cryptography`. The wrapped key and the sealed contact are bound to the contact's id, so
neither can be moved to another row. Erasing takes the wrapped key away; nothing else opens the contact.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from huying.base.clock import Chance
from huying.base.refusal import Refusal
from huying.domain.contact import Contact
from huying.domain.photo import PhotoFile
from huying.store.codec import encode

KEY_BYTES = 32
NONCE_BYTES = 12
MARK_BYTES = 8
# A sealed contact is padded to a multiple of this, so that its length tells nothing of a name.
PAD_BYTES = 64

_contact = msgspec.json.Decoder(Contact).decode


class Vault:
    """Seals and opens; holds the master key and no contact."""

    def __init__(self, master: bytes, chance: Chance) -> None:
        self._master = AESGCM(master)
        self._chance = chance
        self.mark = sha256(b"huying master key " + master).digest()[:MARK_BYTES]

    def __repr__(self) -> str:
        return "Vault(…)"

    def seal(self, id: int, contact: Contact) -> tuple[bytes, bytes]:
        """(wrapped key, sealed contact)."""
        return self.seal_bytes(id, encode(contact))

    def seal_bytes(self, id: int, plain: bytes) -> tuple[bytes, bytes]:
        """(wrapped key, sealed JSON)."""
        return self._seal(b"contact %d" % id, plain + b" " * (-len(plain) % PAD_BYTES))

    def photo_row(self, file: PhotoFile, image: bytes) -> tuple[Any, ...]:
        """The row of the table `photo` for a new picture."""
        wrapped, sealed = self._seal(b"photo " + file.token.encode(), image)
        shape = (file.size, file.width, file.height)
        return file.token, file.id, file.at, file.sha256, sha256(sealed).digest(), *shape, wrapped, sealed

    def _seal(self, about: bytes, plain: bytes) -> tuple[bytes, bytes]:
        dice = self._chance.bytes(KEY_BYTES + 2 * NONCE_BYTES)
        key, nonces = dice[:KEY_BYTES], dice[KEY_BYTES:]
        first, second = nonces[:NONCE_BYTES], nonces[NONCE_BYTES:]
        wrapped = first + self._master.encrypt(first, key, about)
        # The key is used once, so a fresh nonce is a second lock, not the first.
        return wrapped, second + AESGCM(key).encrypt(second, plain, about)

    def open(self, id: int, wrapped: bytes | None, sealed: bytes | None) -> Contact:
        """Refuses with `contact_erased` without a key, `vault_locked` under another master key."""
        return _contact(self.open_bytes(id, wrapped, sealed))

    def open_bytes(self, id: int, wrapped: bytes | None, sealed: bytes | None) -> bytes:
        if wrapped is None or sealed is None:
            raise Refusal("contact_erased", contact=id)
        return self._open(b"contact %d" % id, wrapped, sealed, contact=id)

    def open_photo(self, token: str, wrapped: bytes | None, sealed: bytes | None) -> bytes:
        """Refuses with `photo_erased` without a key."""
        if wrapped is None or sealed is None:
            raise Refusal("photo_erased")
        return self._open(b"photo " + token.encode(), wrapped, sealed)

    def _open(self, about: bytes, wrapped: bytes, sealed: bytes, **named: int) -> bytes:
        try:
            key = self._master.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], about)
            return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about)
        except InvalidTag:
            raise Refusal("vault_locked", **named) from None
