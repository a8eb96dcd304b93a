"""The whole application over HTTP in one process: the real engine on a store in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from litestar.testing import TestClient

from huying.base.clock import ManualClock
from huying.bootstrap import Installation, create_app, open_desk, open_house, start_writer
from huying.edge.settings import Settings
from tiny_pack import MONDAY_10, tiny_pack
from town import Dice


class Web:
    """`get` and `post` return (status, JSON); `clock` is moved by the test."""

    def __init__(self, client: TestClient[Any], house: Installation, clock: ManualClock) -> None:
        self.client = client
        self.house = house
        self.clock = clock

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
def open_web(store: str = ":memory:", pack: str = "", **settings: Any) -> Iterator[Web]:
    clock = ManualClock(MONDAY_10)
    house = open_house(store, pack or tiny_pack(), clock, Dice())
    writer = start_writer(house)
    try:
        app = create_app(open_desk(house, writer, Settings(**settings)))
        with TestClient(app, raise_server_exceptions=False) as client:
            yield Web(client, house, clock)
    finally:
        writer.close()
        house.close()
