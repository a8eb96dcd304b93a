"""Open311 GeoReport v2: the package `georeport` as a client, and the standard's own examples."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from georeport import GeoReport

from huying.base.clock import DAY, HOUR, ManualClock
from huying.domain.commands import AcceptReferral, Envelope, ReceiveCall, ResolveReferral
from real_server import serving
from tiny_pack import IN_WEST

SAMPLES = Path(__file__).parent.parent / "samples" / "open311"
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept-Language": "en"}


class City:
    def __init__(self, address: str, writer: Any, clock: ManualClock) -> None:
        self.at = f"{address}/open311/v2"
        self.writer = writer
        self.clock = clock
        self.http = httpx.Client(headers=FORM, timeout=120)

    def get(self, path: str, **query: Any) -> Any:
        answer = self.http.get(f"{self.at}/{path}", params=query or None)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, form: str | bytes) -> httpx.Response:
        return self.http.post(f"{self.at}/{path}", content=form)

    def create(self, **fields: str) -> str:
        form = {"service_code": "city.noise", "address_string": "West Market"} | fields
        answer = self.http.post(f"{self.at}/requests.json", data=form)
        assert answer.status_code == 200, answer.text
        return str(answer.json()[0]["service_request_id"])

    def do(self, command: Any) -> Any:
        return self.writer.submit(Envelope(command, actor="desk-1")).result(10).answer


@pytest.fixture
def city() -> Iterator[City]:
    with serving() as opened:
        yield City(*opened)


def form(name: str) -> str:
    return (SAMPLES / name).read_text("utf-8")


# ── a real client ───────────────────────────────────────────────────────────────────────────────────────
def test_the_client_georeport_reads_everything(city: City) -> None:
    first, second = city.create(description="too loud"), city.create(description="still too loud")
    for format in ("json", "xml"):
        read_with(GeoReport(city.at, output_format=format), first, second)


def read_with(client: GeoReport, first: str, second: str) -> None:
    services = client.get_service_list()
    assert [each["service_code"] for each in services] == ["city.noise", "town.dispute"]
    definition = client.get_service_definition("city.noise")
    assert definition["service_code"] == "city.noise"
    found = client.get_service_requests(status="open")
    assert [each["service_request_id"] for each in found] == [second, first]
    one = client.get_service_request(first)
    assert (one["service_request_id"], one["description"], one["status"]) == (first, "too loud", "open")


# ── the standard's examples ─────────────────────────────────────────────────────────────────────────────
def test_discovery(city: City) -> None:
    found = city.get("discovery.json")
    assert found["endpoints"][0]["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert found["endpoints"][0]["url"] == city.at
    root = ElementTree.fromstring(city.http.get(f"{city.at}/discovery.xml").content)
    assert [each.text for each in root.iter("format")] == ["text/xml", "application/json"]


def test_services_and_a_definition_in_xml(city: City) -> None:
    answer = city.http.get(f"{city.at}/services.xml?jurisdiction_id=xikou")
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert answer.text.startswith('<?xml version="1.0" encoding="utf-8"?>')
    service = ElementTree.fromstring(answer.content).find("service")
    assert service is not None
    assert [(each.tag, each.text) for each in service] == [
        ("service_code", "city.noise"),
        ("service_name", "Noise"),
        ("description", "Noise of building sites, dancing or shops"),
        ("metadata", "true"),
        ("type", "realtime"),
        ("keywords", "噪声扰民, Noise"),
        ("group", "city"),
    ]
    definition = ElementTree.fromstring(city.http.get(f"{city.at}/services/city.noise.xml").content)
    attribute = definition.find("attributes/attribute")
    assert attribute is not None
    assert attribute.findtext("code") == "danger"
    assert attribute.findtext("datatype") == "singlevaluelist"
    assert [each.findtext("key") for each in attribute.iterfind("values/value")] == ["yes", "no"]


def test_the_standard_s_request_is_kept_with_its_contact_sealed(city: City) -> None:
    answer = city.post("requests.json", form("post-request.form"))
    assert answer.status_code == 200
    made = answer.json()[0]
    assert set(made) == {"service_request_id", "service_notice", "account_id"}
    row = city.get(f"requests/{made['service_request_id']}.json")[0]
    assert row["description"] == "A large sinkhole is destroying the street"
    assert (row["lat"], row["long"], row["address"]) == (28.0217, 121.1234, "1234 5th street")
    assert row["media_url"].endswith("2212426634_5ed477a060.jpg")
    assert row["requested_datetime"] == "2026-03-02T10:00:00+08:00"
    assert row["expected_datetime"] == "2026-03-04T17:30:00+08:00"
    assert row["agency_responsible"] == "Urban management"
    for secret in ("smit333", "john", "111111111", "tt222111"):
        assert secret not in str(row)
        assert secret not in city.http.get(f"{city.at}/requests.xml").text


def test_a_request_answered_in_xml(city: City) -> None:
    answer = city.post("requests.xml", form("post-utf8.form"))
    root = ElementTree.fromstring(answer.content)
    id = root.findtext("request/service_request_id")
    assert root.tag == "service_requests"
    assert id
    found = ElementTree.fromstring(city.http.get(f"{city.at}/requests/{id}.xml").content)
    assert found.findtext("request/address") == "西溪菜场"
    assert found.find("request/zipcode") is not None


def test_a_token_instead_of_an_id() -> None:
    with serving(open311_tokens=True) as opened:
        city = City(*opened)
        made = city.post("requests.json", form("post-utf8.form")).json()[0]
        assert set(made) == {"token", "service_notice", "account_id"}
        found = city.get(f"tokens/{made['token']}.json")[0]
        assert found["token"] == made["token"]
        assert city.get(f"requests/{found['service_request_id']}.json")[0]["status"] == "open"
        assert city.http.get(f"{city.at}/tokens/0000000.json").status_code == 404


# ── lists ───────────────────────────────────────────────────────────────────────────────────────────────
def test_filters_and_pages(city: City) -> None:
    noise = [city.create(description=f"noise {n}") for n in range(5)]
    city.clock.at += HOUR
    quarrel = city.create(service_code="town.dispute", lat="28.02", long="121.12")
    every = [quarrel, *reversed(noise)]

    def ids(**query: str) -> list[str]:
        return [each["service_request_id"] for each in city.get("requests.json", **query)]

    assert ids() == every
    assert ids(service_code="town.dispute") == [quarrel]
    assert ids(service_code="town.dispute,city.noise", page_size="2", page="2") == every[2:4]
    assert ids(service_request_id=f"{noise[0]},{quarrel},999999,abc") == [noise[0], quarrel]
    assert ids(status="closed") == []
    assert ids(status="open,closed") == every
    assert ids(start_date="2026-03-02T10:30:00+08:00") == [quarrel]
    assert ids(end_date="2026-03-02T02:30:00Z") == every[1:]
    assert ids(end_date="2026-03-02") == []
    assert ids(service_code="police.theft") == []
    answer = city.http.get(f"{city.at}/requests.json?{form('get-requests.url')}")
    assert [each["service_request_id"] for each in answer.json()] == every
    city.clock.at += 91 * DAY
    assert ids() == []


def test_what_is_no_citizen_s_business_is_not_shown(city: City) -> None:
    """Types that are not public aren't found at all; words said on the telephone aren't repeated."""
    crime = city.do(ReceiveCall("desk", "手机被偷", lat=IN_WEST[0], lon=IN_WEST[1]))
    phone = city.do(ReceiveCall("desk", "张三家噪音太吵", lat=IN_WEST[0], lon=IN_WEST[1]))
    listed = city.get("requests.json")
    assert [each["service_request_id"] for each in listed] == [str(phone["call_id"])]
    assert listed[0]["description"] == ""
    assert city.http.get(f"{city.at}/requests/{crime['call_id']}.json").status_code == 404


# ── updates ─────────────────────────────────────────────────────────────────────────────────────────────
def test_updates_tell_the_story_and_take_a_word(city: City) -> None:
    id = city.create(description="too loud")
    incident = city.do(ReceiveCall("desk", "打架"))["incident_id"]  # another matter, not public
    city.clock.at += HOUR
    request = int(id) + 1
    city.do(AcceptReferral(incident=request, n=1))
    city.do(ResolveReferral(incident=request, n=1, answer="Asked them to stop", disposition="done"))
    rows = city.get("servicerequestupdates.json")
    assert {each["service_request_id"] for each in rows} == {id}
    assert incident != request
    assert [each["status"] for each in rows] == ["OPEN", "OPEN", "OPEN", "CLOSED"]
    assert "Asked them to stop" in rows[2]["description"]
    assert rows[0]["updated_datetime"] == "2026-03-02T10:00:00+08:00"
    assert city.get(f"requests/{id}.json")[0]["status"] == "closed"
    later = city.get("servicerequestupdates.json", start_date="2026-03-02T10:30:00+08:00")
    assert [each["update_id"] for each in later] == [each["update_id"] for each in rows[1:]]
    made = city.post("servicerequestupdates.xml", form("post-update.form").replace("ID", id))
    assert ElementTree.fromstring(made.content).findtext("request_update/update_id")


def test_only_the_caller_s_own_token_reopens(city: City) -> None:
    notice = city.http.post(
        f"{city.at}/requests.json", data={"service_code": "city.noise", "address_string": "x"}
    ).json()[0]
    id = notice["service_request_id"]
    code = "".join(each for each in notice["service_notice"] if each.isdigit())
    incident = int(id) + 1
    city.do(ResolveReferral(incident=incident, n=1, answer="done", disposition="done"))
    stranger = f"service_request_id={id}&status=OPEN&description=no"
    assert city.post("servicerequestupdates.json", stranger).status_code == 200
    assert city.get(f"requests/{id}.json")[0]["status"] == "closed"
    assert city.post("servicerequestupdates.json", stranger + "&token=123").status_code == 403
    assert city.post("servicerequestupdates.json", stranger + f"&token={code}").status_code == 200
    assert city.get(f"requests/{id}.json")[0]["status"] == "open"


# ── errors ──────────────────────────────────────────────────────────────────────────────────────────────
WRONG: list[tuple[str, str, int]] = [
    ("", "service_code was not provided", 400),
    ("service_code=dragon&address_string=x", "service_code dragon was not found", 404),
    ("service_code=police.theft&address_string=x", "was not found", 404),
    ("service_code=city.noise", "location", 400),
    ("service_code=city.noise&lat=28.0", "numbers", 400),
    ("service_code=city.noise&lat=nan&long=1", "lat must lie", 400),
    ("service_code=city.noise&lat=91&long=1", "lat must lie", 400),
    ("service_code=city.noise&address_id=nowhere", "address_id", 404),
    ("service_code=city.noise&address_string=x&description=" + "x" * 4_001, "longer than 4000", 400),
    ("service_code=city.noise&address_string=x&jurisdiction_id=elsewhere", "jurisdiction_id", 404),
    ("service_code=city.noise&address_string=%ff", "UTF-8", 400),
    ("&".join(f"a{n}=1" for n in range(300)), "at most 200 fields", 400),
]


def test_errors_as_the_standard_has_them(city: City) -> None:
    for body, said, status in WRONG:
        answer = city.post("requests.json", body)
        assert answer.status_code == status, body
        error = answer.json()[0]
        assert error["code"] == status
        assert said in error["description"]
        root = ElementTree.fromstring(city.post("requests.xml", body).content)
        assert (root.tag, root.findtext("error/code")) == ("errors", str(status))


def test_more_errors(city: City) -> None:
    assert city.post("requests.json", b"service_code=\xff").status_code == 400
    assert city.http.post(f"{city.at}/requests.json", json={}).status_code in (400, 415)
    assert city.post("requests.json", "x=" + "y" * 2_000_000).status_code == 413
    for query in (
        "status=lost",
        "start_date=yesterday",
        "page=0",
        "page_size=1001",
        "page=x",
        "start_date=2026-01-01T00:00:00Z&end_date=2026-06-01T00:00:00Z",
        "start_date=2026-02-01T00:00:00Z&end_date=2026-01-01T00:00:00Z",
        "page=21&page_size=1000",
    ):
        assert city.http.get(f"{city.at}/requests.json?{query}").status_code == 400, query
    assert city.http.get(f"{city.at}/services/dragon.json").status_code == 404
    assert city.http.get(f"{city.at}/requests/{10**30}.json").status_code == 404
    assert city.http.get(f"{city.at}/services.yaml").status_code == 404


def test_a_key_where_one_is_asked_for() -> None:
    with serving(open311_keys=frozenset({"abc"})) as opened:
        city = City(*opened)
        body = form("post-utf8.form")
        assert city.post("requests.json", body).status_code == 403
        assert city.post("requests.json", body + "&api_key=abd").status_code == 403
        assert city.post("requests.json", body + "&api_key=abc").status_code == 200
        assert city.get("requests.json")
