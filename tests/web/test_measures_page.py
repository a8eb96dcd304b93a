"""Measures over HTTP: who sees what, with definitions, last year, lists and CSV; small numbers hidden."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest

from huying.base.clock import DAY
from huying.domain.commands import Envelope, ReceiveCall
from huying.domain.measure import CODES, year_before
from huying.edge.instants import iso
from tiny_pack import IN_EAST, IN_WEST, MONDAY_10, instant, tiny_pack
from web_client import NOBODY, Web, key_of, open_web, person

SEVEN = 7


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    """Last year one noise; this year 12 in the west and 7 in the east, and 10 quarrels in the east."""
    with open_web() as web:
        lat, lon = IN_WEST
        web.writer.submit(Envelope(ReceiveCall("desk", "太吵", lat=lat, lon=lon), actor="desk-1")).result(10)
        web.clock.at = MONDAY_10 + 365 * DAY
        for n in range(29):
            where = IN_WEST if n < 12 else IN_EAST
            web.call("", stated_type="city.noise" if n < 19 else "town.dispute", **at(where))
        yield web


def at(point: tuple[float, float]) -> dict[str, float]:
    return {"lat": point[0], "lon": point[1]}


def ask(web: Web, query: str = "", **more: Any) -> dict[str, Any]:
    web.clock.at += 1
    status, told = web.get(f"/api/measures?{query}", **more)
    assert status == 200, told
    return dict(told)


def values(line: dict[str, Any]) -> dict[str, Any]:
    return {code: (each["value"], each["of"]) for code, each in line["numbers"].items()}


def test_every_number_has_a_definition_and_last_year_beside_it(web: Web) -> None:
    told = ask(web, "by=area", headers={"accept-language": "zh"})
    assert [each["code"] for each in told["measures"]] == list(CODES)
    assert all(len(each["definition"]) > 10 for each in told["measures"])
    assert told["measures"][0]["name"] == "来件"
    assert told["since"] == "2027-02-28T16:00:00Z", "the first of the month in the city's time"
    assert told["before_since"] == "2026-02-28T16:00:00Z"
    assert told["total"]["numbers"]["calls"] == {
        "value": 29, "of": 29, "hidden": False, "before": 1, "before_of": 1, "before_hidden": False
    }  # fmt: skip
    assert [(each["key"], values(each)["calls"][0]) for each in told["lines"]] == [("east", 17), ("west", 12)]
    assert told["lines"][0]["name"]["zh"] == "东溪镇"
    by_type = ask(web, "by=type&area=east")
    assert [(each["key"], values(each)["incidents"][0]) for each in by_type["lines"]] == [
        ("town.dispute", 10),
        ("city.noise", 7),
    ]
    assert values(ask(web)["total"])["solved"] == (None, 0)


@pytest.fixture(scope="module")
def month_over() -> Iterator[Web]:
    """A month with 12 noises in the west, 7 in the east, and a quarrel there; it is mid-April."""
    with open_web() as web:
        for n in range(20):
            where = IN_WEST if n < 12 else IN_EAST
            web.call("", stated_type="city.noise" if n < 19 else "town.dispute", **at(where))
        web.clock.at = MONDAY_10 + 44 * DAY
        web.call("", stated_type="city.noise", **at(IN_WEST))
        yield web


def test_small_numbers_are_hidden_from_who_has_no_right_to_them(month_over: Web) -> None:
    fire = person(month_over, "clerk", "f-1", agency="fire")
    told = ask(month_over, "by=area", auth=fire)
    assert told["small_hidden"] and told["kinds"] == ["town"]
    assert (told["since"], told["until"]) == ("2026-02-28T16:00:00Z", "2026-03-31T16:00:00Z")
    numbers = {each["key"]: each["numbers"]["incidents"] for each in told["lines"]}
    assert numbers["east"]["hidden"] and numbers["east"]["value"] is None
    assert told["total"]["numbers"]["incidents"]["hidden"] or numbers["west"]["hidden"], "nor worked out"
    assert told["lines"][0]["numbers"]["incidents"]["before_hidden"] is False, "a zero is nobody's"
    for line in (*told["lines"], told["total"]):
        shares = [each for code, each in line["numbers"].items() if code not in ("calls", "incidents")]
        assert all(each["of"] in (None, 0) for each in shares)
    assert not ask(month_over, "by=type", auth=person(month_over, "analyst"))["small_hidden"]


def test_no_two_answers_to_who_sees_no_small_numbers_can_be_subtracted(month_over: Web) -> None:
    """By day, area, type, agency, level: whoever asks for a part of a month is refused, or told the whole."""
    web = month_over
    days = [iso(web.clock.at - n * DAY) for n in range(50)]
    partner: dict[str, Any] = {"auth": NOBODY, "headers": key_of(web, "read")}
    clerk, crew = person(web, "clerk", "f-1", agency="fire"), person(web, "unit", "c-1", unit="p1")
    for more in ({"auth": clerk}, {"auth": crew}, {"auth": person(web, "administrator")}, partner):
        for by in ("", "by=area", "by=agency", "by=type"):
            periods = [f"since={a}&until={b}" for a in days[20::9] for b in days[:12:11]]
            told = [ask(web, f"{by}&{each}", **more) for each in ("", f"since={days[1]}", *periods)]
            assert all(each == told[0] for each in told), by
        for part in ("type=city.noise", "area=east", "agency=urban", "by=area&kind=county"):
            status, refused = web.get(f"/api/measures?{part}", **more)
            assert (status, refused["code"]) == (422, "numbers_coarse"), part
            assert refused["detail"]


def test_months_are_told_to_everybody_as_each_is_told_alone(month_over: Web) -> None:
    """A course that a clerk of another agency, too, may see: whole months, and no sum of them."""
    web = month_over
    for asker in (person(web, "clerk", "f-1", agency="fire"), person(web, "analyst")):
        told = ask(web, "by=month", auth=asker)
        assert (told["by"], [each["key"] for each in told["lines"]]) == ("month", [str(n) for n in range(12)])
        assert (told["since"], told["until"]) == ("2025-03-31T16:00:00Z", "2026-03-31T16:00:00Z")
        assert told["lines"][11]["numbers"]["incidents"]["value"] == 20, "March, and nothing of April"
        assert told["total"]["numbers"]["incidents"]["hidden"] == told["small_hidden"]
        for n, line in enumerate(told["lines"]):
            since, until = (f"{(2025 * 12 + 3 + n + k) // 12}-{(3 + n + k) % 12 + 1:02}-01" for k in (0, 1))
            period = f"since={since}T00:00:00%2B08:00&until={until}T00:00:00%2B08:00"
            assert ask(web, period, auth=asker)["total"]["numbers"] == line["numbers"], (n, period)
    fire = person(web, "clerk", "f-1", agency="fire")
    for query, code in (
        ("type=city.noise", "numbers_coarse"),
        ("since=2026-04-02T00:00:00Z", "period_empty"),
    ):
        status, refused = web.get(f"/api/measures?by=month&{query}", auth=fire)
        assert (status, refused["code"]) == (422, code)


def test_of_what_the_own_agency_was_given_everything_is_told(month_over: Web) -> None:
    urban = person(month_over, "clerk", "u-1", agency="urban")
    told = ask(month_over, "agency=urban&by=area&since=2026-03-01T00:00:00Z", auth=urban)
    assert not told["small_hidden"]
    assert [values(each)["calls"][0] for each in told["lines"]] == [13, 7]
    assert month_over.get("/api/measures?agency=fire", auth=urban)[1]["code"] == "numbers_coarse"


def test_who_may_not_is_told_so_and_the_list_obeys_the_rules(web: Web) -> None:
    assert web.get("/api/measures", auth=NOBODY)[0] == 401
    fire = person(web, "clerk", "f-1", agency="fire")
    assert web.get("/api/measures/incidents/list", auth=fire)[1]["items"] == []
    urban = person(web, "clerk", "u-1", agency="urban")
    found = web.get("/api/measures/incidents/list?limit=100", auth=urban)[1]["items"]
    assert {each["incident"]["type"] for each in found} == {"city.noise"} and len(found) == 19
    key = key_of(web, "read")
    assert web.get("/api/measures", headers=key, auth=NOBODY)[1]["small_hidden"]


def test_the_list_goes_on_by_its_cursor(web: Web) -> None:
    seen, cursor = [], ""
    while True:
        page = web.get(f"/api/measures/calls/list?area=east&limit={SEVEN}&cursor={cursor}")[1]
        seen += [each["incident"]["id"] for each in page["items"]]
        cursor = page["next"]
        if not cursor:
            break
    assert len(seen) == len(set(seen)) == 17
    assert page["measure"]["code"] == "calls"


def test_csv_holds_the_same_numbers(web: Web) -> None:
    answer = web.client.get("/api/measures?by=area&format=csv", headers={"accept-language": "zh"})
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.content.startswith(b"\xef\xbb\xbf"), "or a spreadsheet makes nonsense of Chinese"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 3 * len(CODES)
    east = next(row for row in rows if (row["key"], row["measure"]) == ("east", "incidents"))
    assert (east["name"], east["value"], east["last_year"]) == ("东溪镇", "17", "0")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("since=2026-03-02T10:00:00Z&until=2026-03-02T10:00:00Z", "period_empty"),
        ("since=2020-01-01T00:00:00Z&until=2026-01-01T00:00:00Z", "period_long"),
        ("by=person", "unknown_code"),
        ("by=area&kind=planet", "unknown_code"),
        ("type=none", "unknown_code"),
        ("area=none", "unknown_code"),
        ("since=yesterday", "bad_time"),
    ],
)
def test_what_cannot_be_measured_is_refused(web: Web, query: str, code: str) -> None:
    status, told = web.get(f"/api/measures?{query}")
    assert (status, told["code"]) == (422 if code != "bad_time" else status, code)
    assert told["detail"]


def test_a_list_of_nothing_known_is_refused(web: Web) -> None:
    assert web.get("/api/measures/height/list")[1]["code"] == "unknown_code"
    assert web.get("/api/measures/calls/list?cursor=x")[1]["code"] == "cursor_unreadable"


def test_a_year_before_is_the_same_day_also_of_leap_years() -> None:
    time = tiny_pack().worktime
    for now, before in (
        (instant(2026, 3, 2, 10), instant(2025, 3, 2, 10)),
        (instant(2028, 2, 29, 10), instant(2027, 2, 28, 10)),
        (instant(2029, 2, 28, 10), instant(2028, 2, 28, 10)),
    ):
        assert year_before(now, time) == before


def test_the_course_by_day_is_told_beside_last_years(web: Web) -> None:
    told = ask(web, "by=day")
    assert (told["by"], [each["key"] for each in told["lines"]]) == ("day", ["1"])
    assert told["lines"][0]["numbers"]["calls"]["value"] == 29, "2 March is the second day of the month"
    assert told["lines"][0]["numbers"]["calls"]["before"] == 1
    since = "2026-03-01T00:00:00Z"
    status, refused = web.get(f"/api/measures?by=hour&since={since}&until=2026-12-01T00:00:00Z")
    assert (status, refused["code"]) == (422, "period_long")
    assert ask(web, "by=week")["lines"][0]["key"] == "0"
