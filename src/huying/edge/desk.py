"""The desk: what every way in needs of the house, and how it asks without holding up the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, Protocol, TypeVar

from msgspec import Struct

from huying.base.clock import Chance, Clock
from huying.base.refusal import Refusal
from huying.domain.call import Call
from huying.domain.commands import Command, Envelope
from huying.domain.office import OnAccount, RevokeKey
from huying.domain.pack import Pack
from huying.edge.asker import Asker
from huying.edge.basemap import Basemap
from huying.edge.buckets import Buckets
from huying.edge.challenges import Challenges
from huying.edge.door import Door
from huying.edge.looks import Looks
from huying.edge.models import Workshop
from huying.edge.oidc import Oidc
from huying.edge.pack_folder import PackFolder
from huying.edge.pictures import Pictures
from huying.edge.planner import Planner
from huying.edge.public import PublicView
from huying.edge.semantic.second import Second
from huying.edge.settings import Settings
from huying.edge.view import View
from huying.record.book import Book
from huying.record.checking import Checking
from huying.service.engine import Done
from huying.service.intake import hash_of_code
from huying.service.ports import House
from huying.service.questions import Questions
from huying.words import load_words

P = ParamSpec("P")
T = TypeVar("T")

# Where a request's scope has what belongs to the house that it came to.
STATE = "huying.state"

# Questions take a few ms each and share one interpreter: more threads only trade places. SQLite gives each
# its own connection.
READERS = 4
# Questions that may wait for a thread; beyond that an answer would come after its asker has given up.
WAITING_MAX = 2_000


class Live(Protocol):
    """A committed fact as JSON bytes; `data` None means: too much was missed, go on from `seq`."""

    @property
    def seq(self) -> int: ...
    @property
    def data(self) -> bytes | None: ...


class Writer(Protocol):
    """Takes commands and answers when what came of them is on disk."""

    @property
    def waiting(self) -> int:
        """Commands not answered yet."""
        ...

    @property
    def head(self) -> int:
        """The last `seq` that was committed."""
        ...

    async def do(self, envelope: Envelope) -> Done: ...

    async def do_all(self, envelopes: Sequence[Envelope]) -> list[Any]:
        """For each its `Done` or its exception."""
        ...

    def subscribe(self, after: int | None = None) -> AsyncIterator[Sequence[Live]]:
        """Committed facts from `after` on, in chunks, for ever."""
        ...


class Readers:
    """A small pool of threads in which blocking questions run."""

    def __init__(self, threads: int = READERS) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="question")
        self._waiting = 0

    def words(self, lang: str) -> Mapping[str, str]:
        """All sentences of a language by key."""
        return load_words().by_language[lang]

    async def ask(self, question: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The answer to `question(*args, **kwargs)`, found in another thread.

        Raises:
            Refusal: `busy` when too many are waiting already; or what the question itself refuses.
        """
        if self._waiting >= WAITING_MAX:
            raise Refusal("busy")
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._pool, lambda: question(*args, **kwargs))
        finally:
            self._waiting -= 1

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


class Desk(Struct, frozen=True):
    """One installation as the ways in see it. `guesses` counts wrong codes; `door` knows who asks; `drill`
    tells how the drill stands that is played here; `planner` works out plans of deployment."""

    house: House
    questions: Questions
    writer: Writer
    readers: Readers
    clock: Clock
    settings: Settings
    guesses: Buckets
    looks: Looks
    pictures: Pictures
    record: Book
    checking: Checking
    folder: PackFolder
    door: Door
    challenges: Challenges
    oidc: Oidc
    chance: Chance
    store_kind: str = "memory"
    drill: Callable[[], dict[str, Any]] | None = None
    basemap: Basemap | None = None
    planner: Planner | None = None
    workshop: Workshop | None = None
    second: Second | None = None

    @property
    def pack(self) -> Pack:
        return self.house.pack

    @property
    def lang(self) -> str:
        """The language of an asker who names none."""
        return self.house.pack.languages[0]

    def view(self, asker: Asker) -> View:
        """The house as `asker` may see it: the one way to everything that a rule speaks of."""
        return View(self, asker)

    def public_view(self, asker: Asker) -> PublicView:
        """The house as everybody may see it."""
        return PublicView(self, asker)

    async def do(self, asker: Asker, command: Command) -> dict[str, Any]:
        """Hand a command to the writer, if the rules allow it; what its sender is told."""
        told = await self.view(asker).do(command)
        if isinstance(command, OnAccount):
            self.door.forget(command.account)
        elif isinstance(command, RevokeKey):
            self.door.forget_key(command.key)
        return told

    def call_by_code(self, code: str, address: str) -> Call:
        """The call that a caller's code belongs to; spaces and dashes in it don't matter.

        Raises:
            Refusal: `not_found`; `too_many` for an address that has guessed wrong too often.
        """
        if not self.guesses.left(address):
            raise Refusal("too_many")
        try:
            return self.questions.call_by_code(hash_of_code(code.replace(" ", "").replace("-", "")))
        except Refusal as refusal:
            if refusal.code == "not_found":
                self.guesses.take(address)
            raise

    def word(self, key: str, lang: str, **params: Any) -> str:
        return load_words().say(key, lang, **params)

    def words(self, lang: str) -> Mapping[str, str]:
        """All sentences of a language by key."""
        return load_words().by_language[lang]

    async def ask(self, question: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.readers.ask(question, *args, **kwargs)


def state_of(scope: Any) -> dict[str, Any]:
    """What the house that a request came to keeps for the ways in."""
    state: dict[str, Any] = scope[STATE]
    return state


def desk_of(scope: Any) -> Desk:
    """The desk that a request came to."""
    desk: Desk = scope[STATE]["desk"]
    return desk
