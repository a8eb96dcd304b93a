"""What askers and live readers see of a writer, whether it works in this process or in a room of its own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from typing import Any

from huying.domain.commands import Envelope
from huying.store.live import Fetch, Live, Ring, follow

# Commands waiting at most: a few seconds of work; a caller told `busy` then waits better than in a queue.
WAITING_MAX = 10_000
# Commands in one commit: beyond this a larger group saves nothing and the first of it waits too long.
GROUP_MAX = 512


class Askers(ABC):
    """Answers come after the commit that holds their facts.

    `ring` has the newest committed facts, `_fetch` reads older ones, and `_waiting` counts commands that are
    not answered yet.
    """

    ring: Ring
    _fetch: Fetch
    _waiting: int

    async def do(self, envelope: Envelope) -> Any:
        """In an event loop: the `Done` after the commit; raises the refusal. A room's has no facts in it."""
        outcome = (await self._ask((envelope,)))[0]
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    async def do_all(self, envelopes: Sequence[Envelope]) -> list[Any]:
        """Several commands in order, in as few commits as they fit: for each its `Done` or its exception."""
        outcomes: list[Any] = []
        for start in range(0, len(envelopes), GROUP_MAX):
            outcomes += await self._ask(envelopes[start : start + GROUP_MAX])
        return outcomes

    def subscribe(self, after: int | None = None) -> AsyncIterator[list[Live]]:
        """Live facts in chunks, from `after` (a seq) or from now on; see `live.follow`."""
        return follow(self.ring, self._fetch, after)

    @property
    def head(self) -> int:
        """The last `seq` that was committed, here or by another process, as far as we have heard."""
        return self.ring.head

    @property
    def waiting(self) -> int:
        """Commands not answered yet."""
        return self._waiting

    @abstractmethod
    async def _ask(self, envelopes: Sequence[Envelope]) -> list[Any]:
        """The outcomes of up to `GROUP_MAX` commands; refuses `busy` when too many wait."""
