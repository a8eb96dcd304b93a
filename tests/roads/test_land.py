"""The demo county's roads are invented from its named roads, again and again the same."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest

from huying.domain.unit import Unit
from huying.geo.roads.classes import CLASS_OF
from huying.geo.roads.travel import RoadTravel
from huying.sim.land.invent import invent_roads
from huying.store.packdir import read_net
from shipped_packs import pack

yunxi = pack("yunxi")
net = read_net("yunxi")
assert net is not None
travel = RoadTravel(net)


def test_the_net_that_ships_is_the_one_that_is_invented_now() -> None:
    assert net is not None
    again = "places or roads have changed: huying roads invent yunxi -o src/huying/packs/yunxi/roads.npz"
    assert invent_roads(yunxi, seed=1).graph.digest() == net.digest(), again
    assert invent_roads(yunxi, seed=2).graph.digest() != net.digest()


def test_it_has_every_kind_of_road_and_the_posts() -> None:
    assert net is not None
    have = set(net.road_class.tolist())
    wanted = "motorway primary secondary tertiary unclassified track path ferry water"
    assert {CLASS_OF[each] for each in wanted.split()} <= have
    assert {"G330国道", "飞鹤路", "S217省道"} <= set(net.names)
    assert len(net.post_km) > 50


@pytest.mark.parametrize("kind", ["car", "foot"])
def test_every_village_and_station_is_reached_from_every_town(kind: str) -> None:
    row = next(each for each in yunxi.units.values() if each.kind == kind)
    places = [each for each in yunxi.places.values() if each.kind in ("village", "gov", "hospital")]
    units = [(Unit(n, row.code, lat=each.lat, lon=each.lon), row) for n, each in enumerate(places)]
    for unit, _ in units:
        unit.code = f"{kind}{unit.id}"
    times = np.array([travel.seconds(units, (each.lat, each.lon)) for each in places[::10]])
    assert (times < inf).all()


def test_stations_reach_their_own_town_within_what_one_believes() -> None:
    car = next(each for each in yunxi.units.values() if each.kind == "car")
    hall = yunxi.places["gov_001"]
    unit = Unit(1, car.code, lat=28.12136, lon=121.18937)  # the joint duty station of the county town
    (seconds,) = travel.seconds([(unit, car)], (hall.lat, hall.lon))
    assert 240 < seconds < 900  # 3 km through town


def test_an_islet_is_reached_by_boat_and_by_ferry_but_not_quickly_by_car() -> None:
    islet = (28.11526, 121.38939)
    rows = [next(each for each in yunxi.units.values() if each.kind == kind) for kind in ("car", "boat")]
    quay = yunxi.places["quay_008"]
    units = [(Unit(1, row.code, lat=quay.lat, lon=quay.lon), row) for row in rows]
    car, boat = travel.seconds(units, islet)
    assert boat < 1_200 < car


def test_the_way_names_its_roads() -> None:
    car = next(each for each in yunxi.units.values() if each.kind == "car")
    way = travel.way(car, (28.12136, 121.18937), (28.20202, 121.34564))
    assert way is not None and way.metres > 15_000
    assert any(name.startswith(("G330", "S217")) for name in way.roads)
    assert len(way.line) > 50
