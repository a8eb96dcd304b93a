"""CAP 1.2: alerts become calls, updates and cancellations notes, tests nothing; checked against two other
readers of the standard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import capparser.capparser as capparser
import pytest
from cap_tools.models import Alert
from xsdata.formats.dataclass.parsers import XmlParser

from huying.base.refusal import Refusal
from huying.channels.cap.alert import read_alert
from huying.channels.cap.intake import call_of, middle
from huying.channels.cap.xmltree import read_xml
from web_client import Web, key_of, open_web

SAMPLES = Path(__file__).parent.parent / "samples" / "cap"
TYPHOON = (SAMPLES / "typhoon.xml").read_bytes()
STORM = (SAMPLES / "thunderstorm.xml").read_bytes()


@pytest.fixture
def web() -> Iterator[Web]:
    with open_web() as opened:
        yield opened


def send(web: Web, raw: bytes, **headers: str) -> tuple[int, Any]:
    weather = {"Accept-Language": "en"} | key_of(web, "alerts", name="weather")
    answer = web.client.post("/api/alerts/cap", content=raw, headers=weather | headers)
    return answer.status_code, answer.json()


@pytest.mark.parametrize("raw", [TYPHOON, STORM], ids=["typhoon", "thunderstorm"])
def test_other_readers_of_the_standard_agree(raw: bytes) -> None:
    ours = read_alert(raw)
    tools = XmlParser().from_bytes(raw, Alert)
    parsed = capparser.parse(stringXML=raw.decode())
    assert ours.identifier == tools.identifier == parsed.identifier[0]
    assert ours.sender == tools.sender == parsed.sender[0]
    assert ours.kind == tools.msg_type.value == parsed.msgType[0]
    assert [each.headline for each in ours.infos] == [each.headline for each in tools.infos]
    assert [each.severity for each in ours.infos] == [each.severity.value for each in tools.infos]
    assert [area.words for info in ours.infos for area in info.areas] == [
        area.area_desc for info in tools.infos for area in info.areas
    ]
    assert len(ours.infos) == len(parsed.info[0])


def test_the_standard_s_storm_as_a_call() -> None:
    call = call_of(read_alert(STORM), ("zh", "en"))
    assert call.words.startswith("SEVERE THUNDERSTORM WARNING\nAT 254 PM PDT")
    assert (call.lang, call.stated_priority) == ("en", 3)
    assert call.lat is not None
    assert call.lon is not None
    assert call.error_m is not None
    assert (round(call.lat, 2), round(call.lon, 2)) == (38.48, -119.93)
    assert 17_000 < call.error_m < 21_000  # the far corner is 0.14° north, 0.19° west of the middle
    assert call.source_id == "KSTO@NWS.NOAA.GOV,KSTO1055887203,2003-06-17T14:57:00-07:00"


def test_an_alert_becomes_an_incident_in_the_city_s_language(web: Web) -> None:
    status, told = send(web, TYPHOON)
    assert (status, told["taken"]) == (200, True)
    story = web.story(told["incident_id"])
    call = story["calls"][0]
    assert call["words"].splitlines()[0] == "台风红色预警"
    assert (call["channel"], call["place"]["address"]) == ("cap", "溪口县西溪镇")
    assert (call["place"]["lat"], call["place"]["lon"], call["place"]["error_m"]) == (28.05, 121.15, 3000)
    assert story["incident"]["priority"] == 1
    assert {each["actor"] for each in story["timeline"]} == {"partner:weather"}


def test_the_same_alert_twice_is_taken_once(web: Web) -> None:
    first, again = send(web, TYPHOON)[1], send(web, TYPHOON)[1]
    assert again == first
    assert len(web.get("/api/incidents")[1]["items"]) == 1


def test_updates_and_cancellations_are_notes_on_the_first_one_s_incident(web: Web) -> None:
    incident = send(web, TYPHOON)[1]["incident_id"]
    earlier = b"<references>office@xikou.example,XK-2026-0017,2026-03-02T10:00:00+08:00</references>"
    for n, kind in enumerate((b"Update", b"Cancel"), 18):
        raw = TYPHOON.replace(b"0017</identifier>", b"%04d</identifier>" % n)
        raw = raw.replace(b"<msgType>Alert", b"<msgType>" + kind)
        raw = raw.replace(b"<scope>Public</scope>", b"<scope>Public</scope>" + earlier)
        status, told = send(web, raw)
        assert (status, told["incident_id"]) == (200, incident), told
        # The next message refers to this one, which refers to the first.
        earlier = b"<references>office@xikou.example,XK-2026-%04d,2026-03-02T10:00:00+08:00</references>" % n
    notes = [each for each in web.story(incident)["timeline"] if each["type"] == "incident.note_added"]
    assert [each["body"]["words"].partition("（")[0] for each in notes] == ["预警Update", "预警Cancel"]
    assert len(web.get("/api/incidents")[1]["items"]) == 1


def test_tests_and_strangers_news_open_nothing(web: Web) -> None:
    for old, new in (
        (b"<status>Actual", b"<status>Test"),
        (b"<status>Actual", b"<status>Exercise"),
        (b"<msgType>Alert", b"<msgType>Ack"),
        (b"<msgType>Alert", b"<msgType>Cancel"),
    ):
        status, told = send(web, TYPHOON.replace(old, new))
        assert (status, told["taken"]) == (200, False)
    assert web.get("/api/incidents")[1]["items"] == []


XXE = b"""<?xml version="1.0"?><!DOCTYPE alert [<!ENTITY x SYSTEM "file:///etc/hostname">]>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>&x;</identifier></alert>"""
LAUGHS = b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><alert>&b;</alert>'
BAD: list[tuple[bytes, str, int]] = [
    (b"", "bad_xml", 422),
    (b"<alert", "bad_xml", 422),
    (b"<alert/>", "bad_alert", 422),
    (XXE, "bad_xml", 422),
    (LAUGHS, "bad_xml", 422),
    (b"<a>" * 1_000 + b"</a>" * 1_000, "bad_xml", 422),
    (b"<a>" + b"<b/>" * 30_000 + b"</a>", "bad_xml", 422),
    (TYPHOON.replace(b"UTF-8", b"no-such-code"), "bad_xml", 422),
    (TYPHOON.replace(b"<status>Actual", b"<status>Perhaps"), "bad_alert", 422),
    (TYPHOON.replace(b"2026-03-02T", b"3026-03-02T"), "time_out_of_range", 422),
    (TYPHOON.replace(b"2026-03-02T10:00:00+08:00", b"soon"), "bad_time", 422),
    (TYPHOON.replace(b"28.05,121.15 3", b"28.05,121.15 -3"), "bad_alert", 422),
    (TYPHOON.replace(b"28.05,121.15 3", b"nan,121.15 3"), "bad_alert", 422),
    (TYPHOON.replace(b"28.05,121.15 3", b"98.05,121.15 3"), "bad_alert", 422),
    (b"<alert>" + b"x" * 2_000_000 + b"</alert>", "too_large", 413),
]


def test_what_is_no_alert_is_refused_and_no_file_is_read(web: Web) -> None:
    for raw, code, expected in BAD:
        status, told = send(web, raw)
        assert (status, told["code"]) == (expected, code), raw[:80]
    assert web.get("/api/incidents")[1]["items"] == []


def test_bad_xml_names_the_line() -> None:
    with pytest.raises(Refusal) as caught:
        read_xml(b"<a>\n<b>\n</a>")
    assert caught.value.params["line"] == 3


def test_the_middle_of_a_square_is_its_middle_and_a_line_has_one_too() -> None:
    square = b"28.00,121.00 28.00,121.02 28.02,121.02 28.02,121.00 28.00,121.00"
    line = b"28.00,121.00 28.02,121.00"
    for shape, lat, lon in ((square, 28.01, 121.01), (line, 28.01, 121.0)):
        raw = STORM.replace(b"38.47,-120.14 38.34,-119.95 38.52,-119.74 38.62,-119.89 38.47,-120.14", shape)
        found = middle(read_alert(raw).infos[0].areas)
        assert found[:2] == (pytest.approx(lat), pytest.approx(lon))
