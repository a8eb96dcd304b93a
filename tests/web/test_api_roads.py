"""The way to an incident and what is reached, on the demo county's roads."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from huying.edge.instants import iso
from huying.geo.points import distance_m
from web_client import Web, open_web, person

HALL = {"lat": 28.11489, "lon": 121.21634}


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with open_web(pack="yunxi") as opened:
        yield opened


@pytest.fixture(scope="module")
def incident(web: Web) -> int:
    told = web.call("县政府门口两车相撞，有人受伤", lang="zh", **HALL)
    return int(told["incident_id"])


def test_units_are_recommended_by_the_time_on_roads(web: Web, incident: int) -> None:
    told = web.get(f"/api/incidents/{incident}/recommendation")[1]
    assert told["lines"]
    first = told["lines"][0]
    way = web.get(f"/api/incidents/{incident}/way", params={"unit": first["unit"]})[1]
    assert way["seconds"] == pytest.approx(first["expected_s"], abs=0.1)


def test_the_way_is_a_line_along_named_roads(web: Web, incident: int) -> None:
    status, way = web.get(f"/api/incidents/{incident}/way", params={"unit": "jg102"})
    assert status == 200
    assert way["line"]["type"] == "LineString" and len(way["line"]["coordinates"]) > 5
    lon, lat = way["line"]["coordinates"][-1]
    assert (lat, lon) == pytest.approx((HALL["lat"], HALL["lon"]), abs=0.003)
    assert 2_000 < way["metres"] < 9_000
    chinese, english = (
        web.get(f"/api/incidents/{incident}/way", params={"unit": "jg102"}, headers={"Accept-Language": each})
        for each in ("zh", "en")
    )
    assert "东门街" in chinese[1]["roads"]
    assert "Dongmen Street" in english[1]["roads"] and all(each.isascii() for each in english[1]["roads"])


def test_a_drone_flies_straight_and_a_boat_cannot_come_to_town(web: Web, incident: int) -> None:
    pack = web.house.pack
    drone = next(each.code for each in pack.units.values() if each.kind == "drone")
    boat = next(each.code for each in pack.units.values() if each.kind == "boat")
    flown = web.get(f"/api/incidents/{incident}/way", params={"unit": drone})[1]
    assert len(flown["line"]["coordinates"]) == 2
    status, told = web.get(f"/api/incidents/{incident}/way", params={"unit": boat})
    assert (status, told["code"]) == (422, "no_way")


def test_what_is_reached_grows_with_the_time(web: Web) -> None:
    where = f"{HALL['lat']},{HALL['lon']}"
    status, told = web.get("/api/reach", params={"at": where, "seconds": "120,300,600"})
    assert status == 200
    metres = [each["metres"] for each in told["items"]]
    assert 0 < metres[0] < metres[1] < metres[2]
    on_foot = web.get("/api/reach", params={"at": where, "kind": "foot", "seconds": "300"})[1]["items"]
    assert 0 < on_foot[0]["metres"] < metres[0] + metres[1]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"at": "here"}, "near_unreadable"),
        ({"at": "28.1,121.2", "seconds": "x"}, "out_of_range"),
        ({"at": "28.1,121.2", "seconds": "600,300"}, "out_of_range"),
        ({"at": "28.1,121.2", "seconds": "99999"}, "out_of_range"),
        ({"at": "28.1,121.2", "kind": "balloon"}, "unknown_code"),
    ],
)
def test_what_cannot_be_is_refused(web: Web, params: dict[str, str], code: str) -> None:
    status, told = web.get("/api/reach", params=params)
    assert 400 <= status < 500 and told["code"] == code


def test_areas_are_geojson_from_a_point_a_unit_a_station_or_an_incident(web: Web, incident: int) -> None:
    where = f"{HALL['lat']},{HALL['lon']}"
    station = next(iter(web.house.pack.stations))
    for of in ({"at": where}, {"unit": "jg102"}, {"station": station}, {"incident": incident}):
        status, told = web.get("/api/isochrone", params=of)
        assert (status, told["type"]) == (200, "FeatureCollection"), of
        assert [each["properties"]["seconds"] for each in told["features"]] == [300, 600, 900]
        sizes = [each["properties"]["square_km"] for each in told["features"]]
        assert 0 < sizes[0] < sizes[1] < sizes[2]
        for each in told["features"]:
            assert each["geometry"]["type"] == "MultiPolygon"
            for polygon in each["geometry"]["coordinates"]:
                assert all(ring[0] == ring[-1] and len(ring) > 3 for ring in polygon)
                lon, lat = polygon[0][0]
                assert 27 < lat < 29 and 120 < lon < 122


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, "near_unreadable"),
        ({"at": "28.1,121.2", "unit": "jg102"}, "isochrone_from"),
        ({"unit": "nobody"}, "not_found"),
        ({"station": "nowhere"}, "unknown_code"),
        ({"incident": "999999"}, "not_found"),
        ({"at": "28.1,121.2", "kind": "balloon"}, "unknown_code"),
        ({"at": "28.1,121.2", "seconds": "0"}, "out_of_range"),
        ({"at": "91,181"}, "coordinates_invalid"),
    ],
)
def test_areas_that_cannot_be_are_refused(web: Web, params: dict[str, str], code: str) -> None:
    status, told = web.get("/api/isochrone", params=params)
    assert 400 <= status < 500 and told["code"] == code


def test_no_area_around_the_open_sea(web: Web) -> None:
    assert web.get("/api/isochrone", params={"at": "27.5,123.0"})[1]["features"] == []


def test_what_flies_reaches_circles_by_its_speed(web: Web) -> None:
    drone = next(each for each in web.house.pack.units.values() if each.kind == "drone")
    for of in ({"unit": drone.code}, {"at": f"{drone.lat},{drone.lon}", "kind": "drone"}):
        found = web.get("/api/isochrone", params=of)[1]["features"]
        assert [each["properties"]["seconds"] for each in found] == [300, 600, 900]
        for each in found:
            metres = drone.speed_kmh / 3.6 * each["properties"]["seconds"]
            assert each["properties"]["square_km"] == pytest.approx(
                3.14159 * (metres / 1_000) ** 2, rel=0.001
            )
            ((ring,),) = each["geometry"]["coordinates"]
            away = [distance_m(drone.lat, drone.lon, lat, lon) for lon, lat in ring]
            assert ring[0] == ring[-1] and all(metres - 1 < one < metres * 1.002 + 1 for one in away)


def test_nothing_is_reached_from_the_open_sea(web: Web) -> None:
    assert web.get("/api/reach", params={"at": "27.5,123.0"})[1] == {"items": []}


def test_a_closed_road_is_gone_around_at_once_and_opened_again(web: Web, incident: int) -> None:
    before = web.get(f"/api/incidents/{incident}/way", params={"unit": "jg102"})[1]
    lon, lat = before["line"]["coordinates"][len(before["line"]["coordinates"]) // 2]
    body = {"lat": lat, "lon": lon, "reach_m": 30, "why": "涝水过膝"}
    status, told = web.post("/api/closures", body)
    assert status == 200
    around = web.get(f"/api/incidents/{incident}/way", params={"unit": "jg102"})[1]
    assert around["seconds"] > before["seconds"]
    (closed,) = web.get("/api/closures")[1]["items"]
    assert (closed["id"], closed["why"]) == (told["closure_id"], "涝水过膝")
    assert web.post(f"/api/closures/{closed['id']}/reopen", {"why": "水退了"})[0] == 200
    assert web.get("/api/closures")[1]["items"] == []
    again = web.get(f"/api/incidents/{incident}/way", params={"unit": "jg102"})[1]
    assert again["seconds"] == before["seconds"]
    assert web.post(f"/api/closures/{closed['id']}/reopen", {})[1]["code"] == "already_so"


def test_an_area_is_closed_by_its_corners(web: Web, incident: int) -> None:
    before = web.get(f"/api/incidents/{incident}/way", params={"unit": "jg102"})[1]["seconds"]
    place = web.get(f"/api/incidents/{incident}")[1]["incident"]["place"]
    lat, lon = place["lat"], place["lon"]
    ring = [[lat + north, lon + east] for north, east in ((-0.02, -0.02), (0.02, -0.02), (0.02, 0.02))]
    closing = {"lat": lat, "lon": lon, "why": "涝", "slow": 4, "ring": ring}
    status, told = web.post("/api/closures", closing, auth=person(web, "dispatcher", "li-7", name="李敏"))
    assert status == 200, told
    assert web.get(f"/api/incidents/{incident}/way", params={"unit": "jg102"})[1]["seconds"] > before
    told = web.get("/api/closures")[1]
    (closed,) = told["items"]
    assert closed["ring"] == ring
    assert told["names"] == {closed["by"]: "李敏"}
    assert web.post(f"/api/closures/{closed['id']}/reopen", {})[0] == 200


def test_a_closure_ends_by_itself(web: Web) -> None:
    until = web.clock.now() + 60_000_000
    body = {"lat": 28.1, "lon": 121.2, "why": "fair", "slow": 3, "until_at": iso(until)}
    assert web.post("/api/closures", body)[0] == 200
    assert len(web.get("/api/closures")[1]["items"]) == 1
    web.clock.at = until
    assert web.get("/api/closures")[1]["items"] == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"lat": 28.1, "lon": 121.2, "why": " "}, "why_missing"),
        ({"lat": 28.1, "lon": 121.2, "why": "x", "reach_m": 0}, "out_of_bounds"),
        ({"lat": 28.1, "lon": 121.2, "why": "x", "reach_m": 1e9}, "out_of_bounds"),
        ({"lat": 28.1, "lon": 121.2, "why": "x", "slow": 0.5}, "out_of_range"),
        ({"lat": 128.1, "lon": 121.2, "why": "x"}, "out_of_bounds"),
        ({"lat": 28.1, "lon": 121.2, "why": "x", "until_at": "2001-01-01T00:00:00Z"}, "closure_over"),
        ({"lat": 28.1, "lon": 121.2, "why": "x", "incident": 999_999}, "not_found"),
        ({"lat": 28.1, "lon": 121.2, "why": "x" * 501}, "too_long"),
        ({"lat": 28.1, "lon": 121.2, "why": "x", "ring": [[28.1, 121.2], [28.2, 121.2]]}, "out_of_range"),
        ({"lat": 28.1, "lon": 121.2, "why": "x", "ring": [[28.1, 121.2]] * 9}, "out_of_range"),
        (
            {"lat": 28.1, "lon": 121.2, "why": "x", "ring": [[28, 121], [29, 121], [28, 122]]},
            "closure_too_wide",
        ),
        ({"lat": 28.1, "lon": 121.2, "why": "x", "ring": [[28, 121], [99, 121], [28, 122]]}, ""),
        ({"lat": 28.1, "lon": 121.2, "why": "x", "ring": [[28, 121, 3], "b"]}, ""),
    ],
)
def test_closures_that_cannot_be_are_refused(web: Web, body: dict[str, object], code: str) -> None:
    status, told = web.post("/api/closures", body)
    assert 400 <= status < 500 and told["code"] and code in ("", told["code"])


def test_the_whole_board_is_planned_at_once(web: Web, incident: int) -> None:
    second = web.call("云口渔港有人打架，已经有人流血", lang="zh", lat=28.0975, lon=121.3257)
    status, told = web.get("/api/plan")
    assert status == 200
    incidents = {each["incident"] for each in told["sent"]}
    assert {incident, second["incident_id"]} <= incidents
    units = [each["unit"] for each in told["sent"]]
    assert len(units) == len(set(units))
    assert all(each["reasons"][0]["key"] == "board.sent" for each in told["sent"])
    assert {each["ability"] for each in told["covered"]} and len(told["moves"]) <= 3


def test_a_unit_is_asked_to_wait_elsewhere_until_it_is_sent(web: Web) -> None:
    pack = web.house.pack
    units = {each["state"]["code"]: each["state"] for each in web.get("/api/units")[1]["items"]}
    unit = next(code for code, each in units.items() if each["status"] == "available")
    station = next(each for each in pack.stations.values() if each.code != pack.units[unit].station)
    address = f"/api/units/{unit}/post"
    assert web.post(address, {"station": station.code})[0] == 200
    assert web.post(address, {"station": station.code})[1]["code"] == "already_so"
    assert web.post(address, {"station": "nowhere"})[1]["code"] == "unknown_code"
    assert web.post("/api/units/none/post", {"station": ""})[0] == 404

    def state() -> dict[str, object]:
        items = web.get("/api/units")[1]["items"]
        return next(each["state"] for each in items if each["state"]["code"] == unit)

    assert state()["post"] == station.code
    moved = [(each["unit"], each["station"]) for each in web.get("/api/plan")[1]["moves"]]
    assert (unit, station.code) not in moved, "it counts as there"
    sent = web.call("中心广场有人打架", lang="zh", lat=station.lat, lon=station.lon)["incident_id"]
    assert web.post(f"/api/incidents/{sent}/dispatch", {"units": [unit]})[0] == 200
    assert state()["post"] == ""
    assert web.post(address, {"station": station.code})[1]["code"] == "unit_busy"
    assert web.post(f"/api/units/{unit}/advance", {"to": "recalled"})[0] == 200
