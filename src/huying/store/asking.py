"""A pool of read-only connections, from which every question is asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from huying.base.refusal import Refusal

# Ids asked for at once, well below every engine's limit of parameters.
IDS_MAX = 500


class Asking:
    """Questions over a pool of read-only connections. `lock` (memory only) waits for the writer."""

    def __init__(
        self,
        engine: sa.Engine,
        refusal_of: Callable[[BaseException], str | None],
        lock: threading.RLock | None = None,
    ) -> None:
        self._engine = engine
        self._refusal_of = refusal_of
        self._lock: AbstractContextManager[Any] = lock or nullcontext()

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        try:
            with self._lock, self._engine.connect() as connection:
                yield connection
        except PoolTimeout as error:
            raise Refusal("busy") from error
        except DBAPIError as error:
            code = self._refusal_of(error.orig) if error.orig else None
            if code is None:
                raise
            raise Refusal(code) from error

    def _rows(self, statement: sa.Select[Any] | sa.CompoundSelect[Any]) -> Sequence[sa.Row[Any]]:
        with self.reading() as connection:
            return connection.execute(statement).all()

    def close(self) -> None:
        self._engine.dispose()
