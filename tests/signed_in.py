"""Signed-in clients for tests: the door stays as it is, and a test comes in as a desk does."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import httpx

from huying.bootstrap import Installation
from huying.domain.account import by_code
from huying.domain.commands import Command, Envelope
from huying.domain.office import BeginSession, OpenAccount, ProvePresence
from huying.edge.secrets import hash_of

COOKIE = "huying"
_secrets = (f"secret of the test {n}" for n in itertools.count())

Submit = Callable[[Envelope], Any]


def open_account(submit: Submit, code: str = "desk-1", role: str = "supervisor", **more: Any) -> int:
    told = submit(Envelope(OpenAccount(code=code, role=role, **more), actor="console"))
    return int(told["account"])


def begin_session(
    submit: Submit, account: int, actor: str, how: str = "passkey"
) -> tuple[str, dict[str, Any]]:
    """The token of a new session, and what its sender was told."""
    secret = next(_secrets)
    command: Command = BeginSession(account=account, hash=hash_of(secret), how=how)
    return secret, submit(Envelope(command, actor=actor))


def do(house: Installation) -> Submit:
    """Decide commands before the writer of the house starts."""

    def submit(envelope: Envelope) -> dict[str, Any]:
        with house.engine.transaction((envelope,)) as transaction:
            return transaction.execute(envelope).answer

    return submit


class Desk(httpx.Auth):
    """Signs the desk in anew when its session has run out, as its people would.

    Args:
        submit: has a command decided.
        account, actor: of the desk.
        now: the clock of the house.
        elevate: prove presence for sealed data with every new session.
    """

    def __init__(
        self, submit: Submit, account: int, actor: str, now: Callable[[], int], elevate: bool = False
    ) -> None:
        self.submit, self.account, self.actor, self.now = submit, account, actor, now
        self.elevate = elevate
        self.secret, self.until = "", 0

    def cookie(self) -> str:
        if self.now() >= self.until:
            self.secret, told = begin_session(self.submit, self.account, self.actor)
            self.until = told["until"]
            if self.elevate:
                proof = ProvePresence(account=self.account, session=told["session"], elevate=True)
                self.submit(Envelope(proof, actor=self.actor))
        return f"{COOKIE}={self.secret}"

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:
        if "cookie" not in request.headers and "authorization" not in request.headers:
            request.headers["cookie"] = self.cookie()
            request.headers.setdefault("origin", f"{request.url.scheme}://{request.url.netloc.decode()}")
        yield request


class Stranger(httpx.Auth):
    """Comes in as nobody."""

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:
        yield request


def known(house: Installation, code: str) -> int:
    found = house.questions.account_by(by_code(code))
    return found.id if found else 0
