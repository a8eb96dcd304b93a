"""Questions of outsiders: checkpoints, their witnesses, tiles."""

from __future__ import annotations

import sqlalchemy as sa

from huying.store import schema as t
from huying.store.asking import Asking


class RecordQuestions(Asking):
    """What is signed, and by whom."""

    def checkpoint(self, size: int = 0, cosigned: int = 0) -> tuple[int, int, str, list[str]] | None:
        """(size, at, note, cosignatures) of the newest checkpoint, or of that over `size` facts; with
        `cosigned`, the newest that has as many cosignatures."""
        c, w = t.checkpoint.c, t.cosignature.c
        count = sa.select(sa.func.count()).where(w.size == c.size).scalar_subquery()
        statement = sa.select(c.size, c.at, c.note).order_by(c.size.desc()).limit(1)
        if size:
            statement = statement.where(c.size == size)
        if cosigned:
            statement = statement.where(count >= cosigned)
        with self.reading() as connection:
            found = connection.execute(statement).first()
            if found is None:
                return None
            lines = connection.execute(sa.select(w.line).where(w.size == found.size).order_by(w.name))
            return found.size, found.at, found.note, [row.line for row in lines]

    def checkpoints(self, after: int, limit: int) -> list[tuple[int, int, str]]:
        """(size, at, note) of checkpoints over more than `after` facts, in order."""
        c = t.checkpoint.c
        statement = sa.select(c.size, c.at, c.note).where(c.size > after).order_by(c.size).limit(limit)
        return [tuple(row) for row in self._rows(statement)]

    def cosignatures(self, after: int, limit: int) -> list[tuple[int, str, str]]:
        """(size, name, line) of cosignatures of checkpoints over more than `after` facts, in order; all of
        the last checkpoint's, so that a page may be longer than `limit`."""
        w = t.cosignature.c
        sizes = sa.select(w.size).where(w.size > after).order_by(w.size).limit(limit).subquery()
        statement = sa.select(w.size, w.name, w.line).where(w.size.in_(sa.select(sizes.c.size)))
        return [tuple(row) for row in self._rows(statement.order_by(w.size, w.name))]

    def witnesses(self) -> list[tuple[str, int, int, str, int]]:
        """(name, size, at, fault, fault_at) of every witness that was ever asked."""
        return [tuple(row) for row in self._rows(sa.select(t.witness).order_by(t.witness.c.name))]

    def tile_count(self, level: int) -> int:
        """One more than the number of the last tile of a level."""
        last = self._rows(sa.select(sa.func.max(t.tile.c.n)).where(t.tile.c.level == level))[0][0]
        return 0 if last is None else int(last) + 1
