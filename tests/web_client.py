"""The whole application over HTTP in one process: the real engine on a store in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from litestar.testing import TestClient

from huying.base.clock import DAY, ManualClock
from huying.bootstrap import Installation, open_house, start_writer
from huying.domain.account import by_key_name
from huying.domain.commands import Envelope
from huying.domain.office import IssueKey
from huying.domain.pack import Pack
from huying.doors import create_app, open_desk
from huying.edge.secrets import hash_of
from huying.edge.settings import Settings
from huying.store.writer import Writer
from signed_in import Desk, Stranger, do, known, open_account
from tiny_pack import MONDAY_10, tiny_pack
from town import Dice

# Who asks in tests, unless they say otherwise.
DESK = "desk-1"
NOBODY = Stranger()


class Web:
    """`get` and `post` return (status, JSON), asked by the desk that is signed in, or by nobody with
    `auth=NOBODY`; `clock` is moved by the test, `state` is what the application keeps for this house."""

    def __init__(
        self,
        client: TestClient[Any],
        state: dict[str, Any],
        house: Installation,
        clock: ManualClock,
        writer: Writer,
        desk: Desk,
    ) -> None:
        self.client = client
        self.state = state
        self.house = house
        self.clock = clock
        self.writer = writer
        self.desk = desk
        client.auth = desk

    def get(self, path: str, **more: Any) -> tuple[int, Any]:
        answer = self.client.get(path, **more)
        return answer.status_code, answer.json()

    def post(self, path: str, body: Any = None, **more: Any) -> tuple[int, Any]:
        answer = self.client.post(path, json=body if body is not None else {}, **more)
        return answer.status_code, answer.json()

    def call(self, words: str, **more: Any) -> dict[str, Any]:
        status, told = self.post("/api/calls", {"channel": "desk", "words": words, **more})
        assert status == 201, told
        return told

    def story(self, incident: int, lang: str = "en") -> Any:
        status, told = self.get(f"/api/incidents/{incident}", headers={"Accept-Language": lang})
        assert status == 200, told
        return told


@contextmanager
def open_web(store: str = ":memory:", pack: str | Pack = "", **settings: Any) -> Iterator[Web]:
    clock = ManualClock(MONDAY_10)
    house = open_house(store, pack or tiny_pack(), clock, Dice())
    account = known(house, DESK) or open_account(do(house), DESK)
    writer = start_writer(house)
    try:
        app = create_app(open_desk(house, writer, Settings(**settings)))
        with TestClient(app, raise_server_exceptions=False) as client:
            desk = Desk(lambda sent: writer.submit(sent).result(10).answer, account, DESK, clock.now)
            yield Web(client, app.state, house, clock, writer, desk)
    finally:
        writer.close()
        house.close()


def key_of(web: Web, *scopes: str, name: str = "water") -> dict[str, str]:
    """The header of a partner's program with a key for these scopes, good for a day."""
    secret = f"huying_{name}"
    if web.house.questions.key_by(by_key_name(name)) is None:
        command = IssueKey(name=name, hash=hash_of(secret), scopes=scopes, until=web.clock.at + DAY)
        web.writer.submit(Envelope(command, actor="console")).result(10)
    return {"Authorization": f"Bearer {secret}"}


def person(web: Web, role: str, code: str = "", elevate: bool = True, **account: Any) -> Desk:
    """Somebody of a role who has signed in and, unless told otherwise, has just proven to be there."""

    def submit(sent: Envelope) -> Any:
        return web.writer.submit(sent).result(10).answer

    code = code or role
    id = known(web.house, code) or open_account(submit, code, role, **account)
    return Desk(submit, id, code, web.clock.now, elevate=elevate)
