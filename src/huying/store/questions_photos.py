"""Questions of pictures: the sealed bytes, and what they should hash to."""

from __future__ import annotations

from hashlib import sha256

import sqlalchemy as sa

from huying.base.refusal import Refusal
from huying.store import schema as t
from huying.store.asking import Asking

# (token, wrapped key, sealed bytes) of a picture; the last two are None once erased.
Sealed = tuple[str, bytes | None, bytes | None]


class PhotoQuestions(Asking):
    """Sealed pictures by the number of the fact that attached them."""

    def sealed_photo(self, id: int) -> Sealed:
        """Refuses with `not_found` where nothing was attached by that fact."""
        c = t.photo.c
        found = self._rows(sa.select(c.token, c.wrapped, c.sealed).where(c.id == id)) if id > 0 else ()
        if not found:
            raise Refusal("not_found", photo=id)
        return found[0].token, found[0].wrapped, found[0].sealed

    def photos_after(self, after: int, limit: int) -> list[int]:
        """Numbers of the next attached pictures that were not erased, in order."""
        c = t.photo.c
        wanted = sa.select(c.id).where(c.id > max(after, 0), c.wrapped.is_not(None))
        return [row.id for row in self._rows(wanted.order_by(c.id).limit(limit))]

    def photo_digest(self, id: int) -> str:
        """SHA-256 (hex) of the sealed bytes, `gone` where they were erased, `missing` without a row."""
        try:
            _, _, sealed = self.sealed_photo(id)
        except Refusal:
            return "missing"
        return "gone" if sealed is None else sha256(sealed).hexdigest()
