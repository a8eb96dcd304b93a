"""Who goes, and why, in the hand-made city."""

from __future__ import annotations

from itertools import permutations
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from huying.dispatch.match import match
from huying.dispatch.recommend import Recommendation, recommend
from huying.dispatch.runcard import shifts_on
from huying.domain.assignment import Assignment
from huying.domain.incident import Incident
from huying.domain.pack import Pack
from huying.domain.place import NOWHERE, Place
from huying.domain.run_card import Need, RunCard, UnitRow
from huying.domain.statuses import AssignmentStatus, UnitStatus
from huying.domain.unit import Unit
from huying.geo.points import distance_m
from huying.geo.travel import StraightTravel
from huying.words import load_words
from tiny_pack import (
    IN_EAST,
    IN_WEST,
    MONDAY_10,
    MONDAY_23,
    SATURDAY_10,
    UNITS,
    WEST_STATION,
    text,
    tiny_pack,
    tiny_units,
)

pack = tiny_pack()
travel = StraightTravel(detour=1.0)


def incident(type: str, at: tuple[float, float] | None = WEST_STATION, *units: str) -> Incident:
    place = Place(*at) if at else NOWHERE
    on = [Assignment(n, code, "police", MONDAY_10) for n, code in enumerate(units, 1)]
    return Incident(7, MONDAY_10, type, 1, place=place, assignments=on)


def asked(
    what: Incident, units: dict[str, Unit] | None = None, at: int = MONDAY_10, city: Pack = pack
) -> Recommendation:
    return recommend(city, what, units or tiny_units(), travel, at)


def lines(found: Recommendation) -> list[tuple[str, str]]:
    return [(each.unit, each.ability) for each in found.lines]


def card(*needs: Need) -> Pack:
    return tiny_pack(run_cards={"fire": RunCard("fire", needs), "patrol": pack.run_cards["patrol"]})


def test_the_nearest_fit_units_of_several_agencies() -> None:
    found = asked(incident("fire.building"))
    assert lines(found) == [("f1", "pump"), ("p1", "patrol")]
    assert [each.agency for each in found.lines] == ["fire", "police"]
    assert found.shortfalls == ()


def test_each_line_says_why() -> None:
    found = asked(incident("police.theft", IN_EAST))  # p2 at (28.05, 121.25), 40 km/h
    (line,) = found.lines
    metres = distance_m(28.05, 121.25, *IN_EAST)
    assert line.unit == "p2"
    assert line.expected_s == pytest.approx(metres * 3.6 / 40)
    reason, after = line.reasons
    assert (reason.key, reason.of) == ("dispatch.nearest", "p2")
    assert (reason.values["seconds"], reason.values["metres"]) == (round(line.expected_s), round(metres))
    assert (after.key, after.of) == ("dispatch.next", "p1")
    assert after.values["seconds"] - reason.values["seconds"] == pytest.approx(after.values["later"], abs=1)


def test_each_line_says_why_not_the_next_one() -> None:
    """Who would go after those who go, and who is nearer but can't be had."""
    units = tiny_units()
    busy = units | {"p2": replace(units["p2"], status=UnitStatus.ON_SCENE, incident=9)}
    (line,) = asked(incident("police.theft", IN_EAST), busy).lines
    told = [(each.key, each.of) for each in line.reasons if each.key != "dispatch.late"]
    assert line.unit == "p1"
    assert told[:3] == [("dispatch.nearest", "p1"), ("dispatch.nearer", "p2"), ("dispatch.busy", "p2")]
    assert [each for each, _ in told[3:]] == ["dispatch.nobody_next"]  # p3 is on foot and rests
    alone = {code: each for code, each in busy.items() if code == "p1"}
    (line,) = asked(incident("police.theft", IN_EAST), alone).lines
    assert line.reasons[-1].key == "dispatch.nobody_next"
    two = card(Need("patrol", 2))
    found = asked(incident("fire.building"), city=two)
    assert [each.reasons[-1].key for each in found.lines] == ["dispatch.nearest", "dispatch.nobody_next"]


def test_a_type_without_run_card_needs_nobody() -> None:
    assert asked(incident("city.noise")) == Recommendation()
    assert asked(incident("never_heard_of")) == Recommendation()


def test_who_comes_late_is_proposed_with_that_reason() -> None:
    units = tiny_units()
    units["p1"].status = UnitStatus.OUT_OF_SERVICE
    (line,) = asked(incident("police.fight", IN_WEST), units).lines  # p2 is 13 km away
    assert line.unit == "p2"
    assert [each.key for each in line.reasons] == [
        "dispatch.nearest",
        "dispatch.late",
        "dispatch.nobody_next",
    ]
    assert line.reasons[1].values["within_s"] == 600


def test_a_shortfall_names_the_nearest_and_what_keeps_them() -> None:
    units = tiny_units()
    units["p1"].status = UnitStatus.OUT_OF_SERVICE
    units["p2"].status, units["p2"].incident = UnitStatus.ON_SCENE, 12
    found = asked(incident("police.fight", IN_WEST), units)
    (short,) = found.shortfalls
    assert (found.lines, short.ability, short.missing) == ((), "patrol", 1)
    assert [(each.key, each.of) for each in short.reasons] == [
        ("dispatch.out_of_service", "p1"),
        ("dispatch.busy", "p2"),
        ("dispatch.off_shift", "p3"),  # on foot: 5 km/h
    ]
    assert short.reasons[1].values["incident"] == 12
    assert short.reasons[0].values["seconds"] == round(distance_m(*WEST_STATION, *IN_WEST) * 3.6 / 40)


def test_who_is_on_the_way_beyond_the_card_may_be_let_go() -> None:
    units, fight = tiny_units(), incident("police.fight", IN_WEST, "p1", "p2")
    (spare,) = asked(fight, units).spare
    (reason,) = spare.reasons
    assert (spare.unit, spare.agency, reason.key, reason.of) == ("p2", "police", "dispatch.spare", "p2")
    values = reason.values
    assert (values["ability"], values["count"], values["by"]) == ("patrol", 1, "p1")
    assert values["seconds"] == round(distance_m(28.05, 121.25, *IN_WEST) * 3.6 / 40)
    # Who is there stays, and whoever is nearer but still on the way goes home.
    fight.assignments[1].status = AssignmentStatus.ON_SCENE
    assert [each.unit for each in asked(fight, units).spare] == ["p1"]
    fight.assignments[0].status = AssignmentStatus.ON_SCENE
    assert asked(fight, units).spare == ()
    # One who is needed, one whom the card does not ask for, and anybody while help is asked for: they stay.
    assert asked(incident("police.fight", IN_WEST, "p1"), units).spare == ()
    assert asked(incident("police.fight", IN_WEST, "p1", "f1"), units).spare == ()
    helped = incident("police.fight", IN_WEST, "p1", "p2")
    helped.backup_at = MONDAY_10
    assert asked(helped, units).spare == ()
    assert asked(incident("police.fight", None, "p1", "p2"), units).spare == ()


def test_shifts_are_local_time() -> None:
    assert shifts_on(pack, MONDAY_10) == {"day", "weekday"}
    assert shifts_on(pack, MONDAY_23) == {"night"}
    assert shifts_on(pack, SATURDAY_10) == {"day"}
    units = tiny_units()
    units["p1"].status = units["p2"].status = UnitStatus.OUT_OF_SERVICE
    assert lines(asked(incident("police.fight"), units, MONDAY_23)) == [("p3", "patrol")]
    assert lines(asked(incident("police.fight"), units, MONDAY_10)) == []


def test_a_shift_over_midnight_belongs_to_the_day_it_starts() -> None:
    friday_night = replace(pack.shifts["night"], days=frozenset({4}))
    city = tiny_pack(shifts={"night": friday_night})
    hour = 3_600_000_000
    friday_10 = SATURDAY_10 - 24 * hour
    assert shifts_on(city, friday_10) == frozenset()
    assert shifts_on(city, friday_10 + 13 * hour) == {"night"}  # Friday 23:00
    assert shifts_on(city, friday_10 + 21 * hour) == {"night"}  # Saturday 07:00
    assert shifts_on(city, friday_10 + 37 * hour) == frozenset()  # Saturday 23:00


def test_units_on_the_incident_count() -> None:
    units = tiny_units()
    units["p1"].status, units["p1"].incident = UnitStatus.ON_SCENE, 7
    found = asked(incident("fire.building", WEST_STATION, "p1"), units)
    assert (lines(found), found.already, found.shortfalls) == ([("f1", "pump")], ("p1",), ())


def test_a_unit_that_was_cleared_no_longer_counts() -> None:
    what = incident("police.theft", WEST_STATION, "p2")
    what.assignments[0].clear_at = MONDAY_10
    assert lines(asked(what)) == [("p1", "patrol")]


def test_one_unit_fills_one_need_so_that_all_are_filled() -> None:
    """f1 can pump and rescue and is nearest; f2 can only pump: f2 pumps, so that f1 can rescue."""
    f2 = replace(pack.units["f1"], code="f2", abilities=frozenset({"pump"}), lat=28.06)
    city = card(Need("pump", 1), Need("rescue", 1))
    city = city.changed(units={**city.units, "f2": f2})
    found = asked(incident("fire.building"), tiny_units(city), city=city)
    assert lines(found) == [("f2", "pump"), ("f1", "rescue")]
    reason = found.lines[0].reasons[0]
    assert (reason.key, reason.values["other"], reason.values["other_ability"]) == (
        "dispatch.nearest_left",
        "f1",
        "rescue",
    )


def test_a_need_for_two_takes_the_two_nearest() -> None:
    found = asked(incident("fire.building"), city=card(Need("patrol", 2)))
    assert lines(found) == [("p1", "patrol"), ("p2", "patrol")]
    assert [each.reasons[0].key for each in found.lines] == ["dispatch.nearest", "dispatch.next_nearest"]


def test_too_few_are_counted() -> None:
    found = asked(incident("fire.building"), city=card(Need("patrol", 5)))
    assert len(found.lines) == 2
    assert [(each.ability, each.missing) for each in found.shortfalls] == [("patrol", 3)]


def test_the_same_need_twice_is_two_units() -> None:
    found = asked(incident("fire.building"), city=card(Need("patrol", 1), Need("patrol", 1)))
    assert sorted(each.unit for each in found.lines) == ["p1", "p2"]


def test_a_card_has_an_end() -> None:
    found = asked(incident("fire.building"), city=card(Need("patrol", 1000)))
    assert len(found.lines) == 2
    assert sum(each.missing for each in found.shortfalls) == 998
    assert [each.key for each in found.shortfalls[-1].reasons] == ["dispatch.too_many"]


@pytest.mark.parametrize(
    ("need", "key"),
    [
        (Need("swim", 1), "dispatch.nobody_has"),
        (Need("rescue", 1, ("police",)), "dispatch.other_agency"),
    ],
)
def test_other_shortfalls(need: Need, key: str) -> None:
    (short,) = asked(incident("fire.building"), city=card(need)).shortfalls
    assert [each.key for each in short.reasons] == [key]


def test_a_unit_that_fills_another_need_is_no_mystery() -> None:
    (short,) = asked(incident("fire.building"), city=card(Need("pump", 1), Need("rescue", 1))).shortfalls
    assert [(each.key, each.of) for each in short.reasons] == [("dispatch.used", "f1")]


def test_a_unit_that_cannot_come_is_not_proposed() -> None:
    city = pack.changed(units={"p1": replace(pack.units["p1"], speed_kmh=0.0)})
    found = asked(incident("police.theft"), tiny_units(city), city=city)
    assert [each.key for each in found.shortfalls[0].reasons] == ["dispatch.cannot_come"]


def test_nobody_is_nearest_to_nowhere() -> None:
    found = asked(incident("fire.building", None))
    assert found.lines == ()
    assert [[each.key for each in short.reasons] for short in found.shortfalls] == [["dispatch.no_point"]] * 2


def test_equal_units_go_by_code() -> None:
    twins = {code: replace(pack.units["p1"], code=code) for code in ("z", "m", "a")}
    city = pack.changed(units=twins)
    assert lines(asked(incident("police.theft"), tiny_units(city), city=city)) == [("a", "patrol")]


def test_a_drone_flies_straight() -> None:
    units = tiny_units()
    both = [(units["d1"], pack.units["d1"]), (units["p2"], pack.units["p2"])]
    drone, car = StraightTravel(detour=1.5).seconds(both, IN_EAST)
    metres = distance_m(28.05, 121.25, *IN_EAST)
    assert drone == pytest.approx(metres / (60 / 3.6))
    assert car == pytest.approx(1.5 * metres / (40 / 3.6))
    assert StraightTravel().seconds([(units["p1"], replace(pack.units["p1"], speed_kmh=0))], IN_EAST) == [inf]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_reason_has_its_sentence(lang: str) -> None:
    said = load_words().by_language[lang]
    kinds = ["nearest", "next_nearest", "nearest_left", "late", "no_point", "nobody_has", "out_of_service"]
    kinds += ["off_shift", "busy", "used", "other_agency", "cannot_come"]
    assert [kind for kind in kinds if f"reason.dispatch.{kind}" not in said] == []


costs = st.lists(
    st.tuples(st.integers(0, 9), st.sampled_from("abcde")), max_size=5, unique_by=lambda each: each[1]
)


@settings(deadline=None)
@given(st.lists(costs, min_size=1, max_size=4))
def test_matching_is_as_good_as_trying_everything(wanted: list[list[tuple[int, str]]]) -> None:
    slots = [sorted((float(cost), code) for cost, code in slot) for slot in wanted]
    chosen = match(slots)
    taken = [each[1] for each in chosen if each]
    assert len(taken) == len(set(taken))
    for slot, each in zip(slots, chosen, strict=True):
        assert each is None or each in slot
    best = (0, 0.0)
    for order in permutations([*"abcde", *"----"], len(slots)):
        prices = [
            {name: cost for cost, name in slot}.get(code) for slot, code in zip(slots, order, strict=True)
        ]
        filled = [price for price in prices if price is not None]
        best = min(best, (-len(filled), sum(filled)))
    assert (-len(taken), sum(each[0] for each in chosen if each)) == best


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), st.booleans()), max_size=12))
def test_no_unit_left_at_home_is_nearer_than_one_that_is_sent(rows: list[tuple[int, int, bool]]) -> None:
    fleet: dict[str, UnitRow] = {}
    for n, (north, east, _) in enumerate(rows):
        point = {"lat": 28 + north / 200, "lon": 121.1 + east / 200}
        fleet[f"u{n:02}"] = replace(UNITS[0], code=f"u{n:02}", name=text("车", "Car"), **point)
    city = card(Need("patrol", 3)).changed(units=fleet)
    units = tiny_units(city)
    for (_, _, busy), unit in zip(rows, units.values(), strict=True):
        unit.incident = 99 if busy else 0
    found = asked(incident("fire.building"), units, city=city)
    free = [code for code, unit in units.items() if not unit.incident]
    seconds = travel.seconds([(units[code], fleet[code]) for code in free], WEST_STATION)
    assert [each.unit for each in found.lines] == [
        code for _, code in sorted(zip(seconds, free, strict=True))[:3]
    ]
    assert sum(each.missing for each in found.shortfalls) == max(0, 3 - len(free))
