"""The hand-made city names only what exists."""

from huying.domain.pack import Pack
from tiny_pack import MONDAY_10, MONDAY_23, SATURDAY_10, tiny_pack, tiny_units


def test_every_code_that_is_named_exists() -> None:
    pack = tiny_pack()
    agencies = set(pack.agencies) | {"{town}", ""}
    assert {each.parent for each in pack.agencies.values()} <= agencies
    assert {each.area for each in pack.agencies.values()} - {""} <= set(pack.areas)
    for each in pack.types.values():
        assert each.agency in agencies
        assert each.run_card in {*pack.run_cards, ""}
        assert set(each.questions) <= set(pack.questions)
    for row in pack.units.values():
        assert row.agency in pack.agencies
        assert row.station in pack.stations
        assert set(row.shifts) <= set(pack.shifts)
    for rule in pack.rules:
        assert rule.agency in agencies
        assert rule.ladder in pack.ladders
    assert {each.type for each in pack.words} <= set(pack.types)
    assert pack.default_type in pack.types
    assert pack.duty_desk in pack.agencies
    assert pack.town_agency == {"west": "west", "east": "east"}


def test_the_instants_are_what_they_say() -> None:
    time = tiny_pack().worktime
    assert str(time.local(MONDAY_10)) == "2026-03-02 10:00:00+08:00"
    assert time.is_working(MONDAY_10)
    assert not time.is_working(MONDAY_23)
    assert not time.is_working(SATURDAY_10)


def test_units_stand_at_their_posts() -> None:
    assert {code: unit.status for code, unit in tiny_units().items()} == dict.fromkeys(
        ["p1", "p2", "p3", "f1", "d1", "v1"], "available"
    )


def test_a_changed_pack_takes_nothing_along_that_was_worked_out_before() -> None:
    pack = tiny_pack()
    card = pack.run_cards["fire"]
    assert pack.rows_able(card) and pack.town_agency and pack.once(len_of_places)
    bare = pack.changed(units={}, agencies={}, places={})
    assert (bare.rows_able(card), bare.town_agency, bare.once(len_of_places)) == ((), {}, 0)
    assert pack.once(len_of_places) == len(pack.places), "the first one is as it was"


def len_of_places(pack: Pack) -> int:
    return len(pack.places)
