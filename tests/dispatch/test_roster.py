"""Rosters that can be counted by hand, and what holds of all of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from huying.dispatch.roster import roster_of


def turns(units: dict[str, tuple[str, ...]], wanted: dict[str, int]) -> dict[str, tuple[str, ...]]:
    return {each.unit: each.shifts for each in roster_of(units, wanted).turns}


def test_who_is_on_a_shift_stays_and_the_least_busy_join() -> None:
    today = {"c1": ("day",), "c2": ("day",), "c3": ("night",)}
    assert turns(today, {"day": 2, "night": 1}) == today
    assert turns(today, {"day": 1, "night": 2}) == {"c1": ("day",), "c2": ("night",), "c3": ("night",)}


def test_who_works_at_all_hours_counts_everywhere_and_goes_on_so() -> None:
    found = roster_of({"c1": (), "c2": ("day",)}, {"day": 1, "night": 2})
    assert {each.unit: each.shifts for each in found.turns} == {"c1": (), "c2": ("night",)}
    assert found.short == {}


def test_what_nobody_is_left_for_is_said() -> None:
    found = roster_of({"c1": ("day",)}, {"day": 3})
    assert found.short == {"day": 2} and found.turns[0].shifts == ("day",)
    assert roster_of({}, {"day": 2}).short == {"day": 2}


SHIFTS = ("early", "late", "night")


@given(
    st.dictionaries(
        st.sampled_from([f"c{n}" for n in range(8)]), st.lists(st.sampled_from(SHIFTS), unique=True)
    ),
    st.dictionaries(st.sampled_from(SHIFTS), st.integers(0, 10)),
)
def test_every_shift_has_its_crews_or_says_how_many_are_short(
    units: dict[str, list[str]], wanted: dict[str, int]
) -> None:
    found = roster_of(units, wanted)
    always = sum(not shifts for shifts in units.values())
    assert [each.unit for each in found.turns] == sorted(units)
    for each in found.turns:
        assert bool(each.shifts) == bool(units[each.unit])  # nobody loses every shift, nor the whole day
    for shift, crews in wanted.items():
        there = always + sum(shift in each.shifts for each in found.turns)
        assert there + found.short.get(shift, 0) >= crews
        assert not found.short.get(shift) or there == len(units)
