"""The place field of the desk: candidates while somebody types."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from huying.geo.datum import from_wgs84
from web_client import Web, open_web


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with open_web() as opened:
        yield opened


def test_a_place_with_its_confidence_and_a_reason_in_words(web: Web) -> None:
    status, told = web.get("/api/places", params={"q": "东溪小学门口"}, headers={"Accept-Language": "zh"})
    assert status == 200
    (best,) = told["items"]
    assert (best["code"], best["how"], best["sure"], best["inside"]) == ("east-school", "named", True, True)
    assert best["confidence"] > 0.9
    assert best["areas"] == ["east", "xikou"]
    assert best["reasons"][0]["sentence"].startswith("按来件中提到的地名定位")


def test_what_is_typed_so_far(web: Web) -> None:
    for typed in ("东溪小", "dongxix", "dxxx", "east sc"):
        codes = [each["code"] for each in web.get("/api/places", params={"q": typed})[1]["items"]]
        assert "east-school" in codes, typed
    assert web.get("/api/places")[1] == {"items": [], "elsewhere": [], "areas": []}


def test_how_far_from_the_caller_whatever_the_datum(web: Web) -> None:
    here = (28.06, 121.26)
    for datum in ("WGS-84", "GCJ-02", "BD-09", "CGCS2000"):
        lat, lon = from_wgs84(*here, datum)
        told = web.get("/api/places", params={"q": "东溪小学", "near": f"{lat},{lon}", "datum": datum})[1]
        assert told["items"][0]["distance_m"] <= 1, datum


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"near": "here"}, "near_unreadable"),
        ({"near": "28"}, "near_unreadable"),
        ({"near": "99,121"}, "coordinates_invalid"),
        ({"near": "nan,1"}, "coordinates_invalid"),
        ({"near": "28,121", "datum": "Mars"}, "datum_unknown"),
        ({"q": "x" * 2001}, "invalid"),
    ],
)
def test_what_cannot_be_read_is_refused(web: Web, params: dict[str, str], code: str) -> None:
    status, told = web.get("/api/places", params={"q": "东溪小学"} | params)
    assert 400 <= status < 500
    assert told["code"] == code or code == "invalid"


@pytest.mark.parametrize(
    ("said", "zh", "en"),
    [
        ({"words": "东溪小学门口有人打架"}, "东溪小学", "East School"),
        ({"words": "东溪镇有人打架"}, "东溪镇", "East Brook"),
        ({"words": "有人打架", "lat": 28.06, "lon": 121.26}, "", ""),
    ],
)
def test_an_incident_tells_what_its_place_is_called(web: Web, said: dict[str, str], zh: str, en: str) -> None:
    _, made = web.post("/api/calls", {"channel": "desk", **said})
    for lang, name in (("zh", zh), ("en", en)):
        _, story = web.get(f"/api/incidents/{made['incident_id']}", headers={"Accept-Language": lang})
        assert story["place_name"] == name
