"""The map is given out by ranges, to anybody, and nothing but the map."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from huying.store.basemap import shelf
from huying.store.packdir import find_folder
from huying.web import basemap
from tiny_pack import tiny_pack
from web_client import NOBODY, Web, open_web

WHOLE = (Path(str(find_folder("yunxi"))) / "basemap.pmtiles").read_bytes()
SIZE = len(WHOLE)


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with open_web(pack="yunxi") as opened:
        yield opened


def ask(web: Web, name: str = "yunxi", **headers: str) -> httpx.Response:
    given: Any = {key.replace("_", "-"): value for key, value in headers.items()}
    return web.client.get(f"/map/{name}.pmtiles", headers=given, auth=NOBODY)


def test_the_whole_is_given_with_a_tag_and_the_word_that_parts_can_be_had(web: Web) -> None:
    told = ask(web)
    assert told.status_code == 200 and told.content == WHOLE
    assert told.headers["accept-ranges"] == "bytes" and told.headers["etag"].startswith('"')
    assert ask(web, If_None_Match=told.headers["etag"]).status_code == 304


@pytest.mark.parametrize(
    ("range", "first", "last"),
    [
        ("bytes=0-16383", 0, 16383),
        ("bytes=100-100", 100, 100),
        (f"bytes={SIZE - 5}-", SIZE - 5, SIZE - 1),
        ("bytes=-7", SIZE - 7, SIZE - 1),
        (f"bytes=10-{SIZE + 999}", 10, SIZE - 1),
    ],
)
def test_a_part_is_that_part(web: Web, range: str, first: int, last: int) -> None:
    told = ask(web, Range=range)
    assert told.status_code == 206
    assert told.headers["content-range"] == f"bytes {first}-{last}/{SIZE}"
    assert told.content == WHOLE[first : last + 1]


@pytest.mark.parametrize("range", [f"bytes={SIZE}-", f"bytes={SIZE + 5}-{SIZE + 9}", "bytes=-0"])
def test_no_byte_of_it_is_there(web: Web, range: str) -> None:
    told = ask(web, Range=range)
    assert told.status_code == 416 and told.headers["content-range"] == f"bytes */{SIZE}"


@pytest.mark.parametrize("range", ["bytes=5-2", "lines=1-2", "bytes=0-1,4-5", "bytes=x", "bytes=-"])
def test_a_range_that_cannot_be_read_is_no_range(web: Web, range: str) -> None:
    assert ask(web, Range=range).status_code == 200


def test_a_part_of_another_edition_is_not_mixed_in(web: Web) -> None:
    tag = ask(web).headers["etag"]
    assert ask(web, Range="bytes=0-9", If_Range=tag).status_code == 206
    assert ask(web, Range="bytes=0-9", If_Range='"older"').status_code == 200


def test_a_long_range_is_answered_in_part_and_a_large_map_by_ranges_only(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(basemap, "RANGE_MAX", 1000)
    assert len(ask(web, Range="bytes=5-").content) == 1000
    told = ask(web)
    assert told.status_code == 422 and told.json()["code"] == "map_by_ranges"


@pytest.mark.parametrize("name", ["starter", "..%2fyunxi", "yunxi.pmtiles"])
def test_there_is_no_other_map(web: Web, name: str) -> None:
    assert ask(web, name).status_code == 404


def test_a_county_without_a_map_says_so() -> None:
    with open_web() as plain:
        status, told = plain.get(f"/map/{tiny_pack().name}.pmtiles")
    assert (status, told["code"]) == (404, "no_map")


def test_a_file_that_is_no_map_is_refused_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "basemap.pmtiles").write_bytes(b"PNG, by mistake" * 40)
    with pytest.raises(shelf.Refusal) as refused:
        shelf.shelve(tiny_pack(), str(tmp_path))
    assert refused.value.code == "map_broken"
