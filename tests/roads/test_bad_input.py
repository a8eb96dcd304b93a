"""What goes wrong with roads gets a plain answer, by both searchers: no exception, no endless loop."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import inf, nan

import pytest

from huying.dispatch.board import plan_board
from huying.dispatch.cover import Cover
from huying.dispatch.recommend import recommend
from huying.domain.incident import Incident
from huying.domain.pack import Pack
from huying.domain.place import Place
from huying.domain.reason import Reason
from huying.domain.run_card import Need, RunCard, UnitRow
from huying.domain.unit import Unit
from huying.geo.roads.cch import Hierarchy
from huying.geo.roads.classes import speeds_of
from huying.geo.roads.dijkstra import Dijkstra
from huying.geo.roads.topology import Topology
from huying.geo.roads.travel import RoadTravel
from huying.geo.travel import StraightTravel
from huying.words.explain import because
from small_roads import PLACES, small
from tiny_pack import MONDAY_10, text, tiny_pack
from web_client import Web, open_web

SEA = (12.0, 23.0)
HALL = {"lat": 28.11489, "lon": 121.21634}
MANY = 1_000


@pytest.fixture(params=[Hierarchy, lambda topology: Dijkstra], ids=["hierarchy", "dijkstra"])
def travel(request: pytest.FixtureRequest) -> RoadTravel:
    graph = small().graph
    return RoadTravel(graph, make=request.param(Topology(graph)))


def row(code: str, kind: str = "car", kmh: float = 40.0) -> UnitRow:
    return UnitRow(code, text("车", "unit"), "police", kind, frozenset({"patrol"}), "", *PLACES[0], kmh)


def unit(n: int, at: tuple[float, float]) -> Unit:
    return Unit(n, f"u{n}", lat=at[0], lon=at[1])


def city(*rows: UnitRow, count: int = 1) -> Pack:
    cards = {code: RunCard(code, (Need("patrol", count),)) for code in ("patrol", "fire")}
    return tiny_pack(units={each.code: each for each in rows}, run_cards=cards, unit_rules=())


def incident(at: tuple[float, float]) -> Incident:
    return Incident(1, MONDAY_10, "police.theft", 2, place=Place(*at))


def test_a_thousand_units_at_one_point_are_told_apart_by_their_codes(travel: RoadTravel) -> None:
    rows = [row(f"u{n}") for n in range(MANY)]
    pack = city(*rows, count=3)
    units = {f"u{n}": unit(n, PLACES[0]) for n in range(MANY)}
    found = recommend(pack, incident(PLACES[4]), units, travel, MONDAY_10)
    assert [each.unit for each in found.lines] == sorted(units)[:3]
    assert len({each.expected_s for each in found.lines}) == 1
    planned = plan_board(Cover(pack, units, travel, MONDAY_10), [incident(PLACES[4])], MONDAY_10)
    assert len({each.unit for each in planned.sent}) == 3


def test_a_unit_in_the_sea_can_not_come_and_is_named(travel: RoadTravel) -> None:
    pack = city(row("u1"))
    found = recommend(pack, incident(PLACES[4]), {"u1": unit(1, SEA)}, travel, MONDAY_10)
    assert found.lines == ()
    assert [each.key for each in found.shortfalls[0].reasons] == ["dispatch.cannot_come"]
    assert found.ways[0].key == "dispatch.no_road"
    assert travel.reach("car", SEA, [600]) == [] and travel.way(row("u1"), SEA, PLACES[0]) is None


def test_no_unit_fit_says_so(travel: RoadTravel) -> None:
    pack = city()
    found = recommend(pack, incident(PLACES[4]), {}, travel, MONDAY_10)
    assert [each.key for each in found.shortfalls[0].reasons] == ["dispatch.nobody_has"]
    assert plan_board(Cover(pack, {}, travel, MONDAY_10), [incident(PLACES[4])], MONDAY_10).sent == ()


@pytest.mark.parametrize("kmh", [0.0, -5.0, nan])
def test_a_class_without_a_speed_is_not_travelled(kmh: float) -> None:
    graph = small().graph
    for make in (Hierarchy, lambda topology: Dijkstra):
        slow = RoadTravel(graph, {"car": {"tertiary": kmh}}, make(Topology(graph)))
        assert slow.seconds([(unit(1, PLACES[0]), row("u1"))], PLACES[4]) == [inf]
        assert slow.way(row("u1"), PLACES[0], PLACES[4]) is None
    assert speeds_of("car", {"tertiary": kmh}) is not None


@pytest.mark.parametrize("kmh", [0.0, -5.0])
def test_by_line_a_unit_without_speed_never_comes(kmh: float) -> None:
    line = StraightTravel()
    assert line.seconds([(unit(1, PLACES[0]), row("u1", kmh=kmh))], PLACES[1]) == [inf]
    assert line.way(row("u1", kmh=kmh), PLACES[0], PLACES[1]) is None


def test_roads_near_are_named_once_the_nearest_first(travel: RoadTravel) -> None:
    middle = (PLACES[0][0] + 0.001, (PLACES[0][1] + PLACES[1][1]) / 2)
    assert travel.roads(middle, 200.0) == ["South Road"]
    assert travel.roads(middle, 2_000.0)[0] == "South Road"
    assert set(travel.roads(middle, 2_000.0)) == {"South Road", "North Road", "Hill Street"}
    assert travel.roads(SEA, 20_000.0) == []


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with open_web(pack="yunxi") as opened:
        yield opened


def test_a_town_that_is_cut_off_hears_by_whom_it_is_reached_and_when(web: Web) -> None:
    harbour = {"lat": 28.09416, "lon": 121.34774}
    id = web.call("有人打架", **harbour)["incident_id"]
    address = f"/api/incidents/{id}/recommendation"
    before = web.get(address)[1]
    assert before["lines"] and before["ways"] == []
    flood = {**harbour, "reach_m": 3_000, "why": "flood", "feet_pass": False}
    status, told = web.post("/api/closures", flood)
    assert status == 200, told
    cut = web.get(address)[1]
    assert cut["ways"][0]["key"] == "dispatch.no_road"
    kinds = {each["values"]["kind"]: each["values"]["minutes"] for each in cut["ways"][1:]}
    assert {"drone", "boat"} <= set(kinds) and all(each >= 1 for each in kinds.values())
    assert "car" not in kinds
    closure = web.get("/api/closures")[1]["items"][0]["id"]
    assert web.post(f"/api/closures/{closure}/reopen")[0] == 200
    assert web.get(address)[1]["lines"] == before["lines"]


ISLET = {"lat": 28.11526, "lon": 121.38939}


def test_an_islet_hears_in_a_plain_sentence_how_it_is_reached(web: Web) -> None:
    id = web.call("竹屿岛有人打架，已经有人流血", lang="zh", **ISLET)["incident_id"]
    told = web.get(f"/api/incidents/{id}/recommendation")[1]
    assert told["lines"] == []
    for lang, says in (
        ("en", r"It can’t be reached by road\. drone: \d+ min \(.+\) boat: \d+ min \(.+\)"),
        ("zh", r"走陆路到不了。 无人机：\d+ 分钟（消防无人机二号） 船：\d+ 分钟（渔政201艇）"),
    ):
        reasons = [Reason(each["key"], each["of"], each["values"]) for each in told["ways"]]
        said = " ".join(because(each, web.house.pack, lang) for each in reasons)
        assert re.fullmatch(says, said), said
    car = next(each.code for each in web.house.pack.units.values() if each.kind == "car")
    assert web.get(f"/api/incidents/{id}/way", params={"unit": car})[1]["code"] == "no_way"
    assert web.get("/api/isochrone", params={"incident": id})[1]["features"] == []
    boat = web.get("/api/isochrone", params={"incident": id, "kind": "boat"})[1]["features"]
    assert len(boat) == 3


def test_a_hundred_units_that_stand_at_one_point_over_http(web: Web) -> None:
    """All that the county has, where the first of them stands: each is there at the same time, none twice."""
    rows = web.house.pack.units
    for code in rows:
        assert web.post(f"/api/units/{code}/move", HALL)[0] == 200
    id = web.call("县政府门口两车相撞，有人受伤", **HALL)["incident_id"]
    lines = web.get(f"/api/incidents/{id}/recommendation")[1]["lines"]
    assert lines and len({each["unit"] for each in lines}) == len(lines)
    assert all(each["expected_s"] < 60 for each in lines)
    assert web.get("/api/plan")[0] == 200
    for code, row in rows.items():
        assert web.post(f"/api/units/{code}/move", {"lat": row.lat, "lon": row.lon})[0] == 200


def test_a_unit_that_says_it_is_in_the_sea_is_left_out_and_named_over_http(web: Web) -> None:
    id = web.call("县政府门口两车相撞，有人受伤", lat=28.11489, lon=121.21634)["incident_id"]
    address = f"/api/incidents/{id}/recommendation"
    nearest = web.get(address)[1]["lines"][0]["unit"]
    home = web.house.pack.units[nearest]
    assert web.post(f"/api/units/{nearest}/move", {"lat": 27.5, "lon": 123.0})[0] == 200
    assert nearest not in [each["unit"] for each in web.get(address)[1]["lines"]]
    status, told = web.get(f"/api/incidents/{id}/way", params={"unit": nearest})
    assert (status, told["code"]) == (422, "no_way")
    assert web.get("/api/isochrone", params={"unit": nearest})[1]["features"] == []
    assert web.post(f"/api/units/{nearest}/move", {"lat": home.lat, "lon": home.lon})[0] == 200
    assert web.get(address)[1]["lines"][0]["unit"] == nearest


@pytest.mark.parametrize(
    ("ring", "code"),
    [
        ([[28.1, 121.2], [28.2, 121.2]], "out_of_range"),
        ([[28.1, 121.2]] * 4, "out_of_range"),
        ([[28.1, 121.2], [28.2, 121.2], [29.2, 121.3]], "closure_too_wide"),
        ([[28.1, 121.2], [28.2, 121.2], [128.2, 121.3]], "coordinates_invalid"),
    ],
)
def test_areas_that_cannot_be_closed_are_refused(web: Web, ring: list[list[float]], code: str) -> None:
    body = {"lat": 28.1, "lon": 121.2, "ring": ring, "why": "flood"}
    status, told = web.post("/api/closures", body)
    assert status in (400, 422) and told["code"] == code
    assert web.get("/api/closures")[1]["items"] == []


def test_an_area_whose_sides_cross_closes_something_and_opens_again(web: Web) -> None:
    lat, lon = 28.11489, 121.21634
    bow = [
        [lat - 0.01, lon - 0.01],
        [lat + 0.01, lon + 0.01],
        [lat + 0.01, lon - 0.01],
        [lat - 0.01, lon + 0.01],
    ]
    status, told = web.post("/api/closures", {"lat": lat, "lon": lon, "ring": bow, "why": "flood"})
    assert status == 200
    assert web.get("/api/isochrone", params={"at": f"{lat},{lon}"})[0] == 200
    assert web.post(f"/api/closures/{told['closure_id']}/reopen")[0] == 200


def test_roads_near_a_place_over_http(web: Web) -> None:
    status, told = web.get("/api/roads", params={"at": "28.11489,121.21634", "within_m": 300})
    assert status == 200 and told["items"] and len(set(told["items"])) == len(told["items"])
    assert web.get("/api/roads", params={"at": "28.1", "within_m": 300})[0] in (400, 422)
    assert web.get("/api/roads", params={"at": "28.1,121.2", "within_m": 0})[0] in (400, 422)
