"""The pack's tables and its check over HTTP: as the folder is, and whether the house still decides by it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from huying.store.packdir import read_pack
from web_client import NOBODY, Web, open_web


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with open_web(pack=read_pack("starter")) as opened:
        yield opened


def test_a_sound_pack_is_said_to_be_sound_and_the_one_that_runs(web: Web) -> None:
    found = web.get("/api/pack/check")[1]
    assert found["sound"]
    assert found["digest"] == found["running"] == read_pack("starter").digest
    assert not [each for each in found["faults"] if each["level"] == "fault"]
    assert all(each["says"] and "{" not in each["says"] for each in found["faults"])


def test_tables_are_shown_as_the_city_wrote_them(web: Web) -> None:
    tables = {each["file"]: each for each in web.get("/api/pack/tables")[1]["items"]}
    assert tables["agencies.csv"]["total"] == len(read_pack("starter").agencies)
    assert tables["agencies.csv"]["rows"] == []
    one = web.get("/api/pack/tables/agencies.csv")[1]
    assert one["header"][0] == "code"
    assert [row[0] for row in one["rows"]] == list(read_pack("starter").agencies)


@pytest.mark.parametrize("file", ["nothing.csv", "pack.toml", "..%2fpolicy.csv", "%2e%2e"])
def test_nothing_else_is_read(web: Web, file: str) -> None:
    assert web.get(f"/api/pack/tables/{file}")[0] == 404


def test_it_is_for_staff(web: Web) -> None:
    for path in ("check", "tables", "tables/units.csv"):
        assert web.client.get(f"/api/pack/{path}", auth=NOBODY).status_code == 401
