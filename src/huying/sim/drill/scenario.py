"""Scenarios: TOML files in the folder `drills` of a pack. What a city drills is data; a code that its pack
does not have is refused with the file's name."""

from __future__ import annotations

from datetime import date, datetime
from importlib.resources.abc import Traversable
from typing import Literal

import msgspec
from msgspec import Struct

from huying.base.clock import HOUR, MINUTE, SECOND
from huying.base.refusal import Refusal
from huying.domain.pack import Pack
from huying.store.packdir import find_folder

FOLDER, ENDING = "drills", ".toml"
# A scenario is read at a glance; a file beyond this is something else.
FILE_BYTES_MAX = 200_000
SCENARIOS_MAX = 200
# Longer than a fortnight is no drill but a replay.
HOURS_MAX = 24 * 14
CALLS_MAX = 20_000
PER_DAY_MAX = 100_000

Said = dict[str, str]


class _Shape(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A key that nobody reads is a slip of the pen and refused."""


class Wave(_Shape, frozen=True, kw_only=True):
    """`calls` within `over_min` minutes about `happenings` things of one of `types` at one of `places`.

    `places` are codes of the gazetteer or kinds of its places; callers stand within `spread_m`. `words` are
    what they say (`{p}` is the place), else the pack's sentences of the type. `states_type` is the share of
    calls whose type the desk states at once. `wrong_m`: the place is first understood so far off, and put
    right after `corrected_min`. `shelter` has it be over after so many minutes whoever comes.
    """

    name: str
    after_min: float
    calls: int = 1
    over_min: float = 0.0
    happenings: int = 1
    types: tuple[str, ...]
    places: tuple[str, ...]
    spread_m: float = 60.0
    words: tuple[Said, ...] = ()
    states_type: float = 0.7
    wrong_m: float = 0.0
    corrected_min: float = 6.0
    said: Said = {}


class Fault(_Shape, frozen=True, kw_only=True):
    """What goes wrong from `after_min` on for `for_min` minutes (0: to the end).

    `network_cut`: telephones and radios in `areas` are dead; `notifier_dead`: agencies aren't told;
    `unit_lost`: `units` are silent and out of service; `road_closed` and `roads_slow` (`times` as long)
    within `reach_m` of `place`, of the name `road` where given; `surge`: calls of `groups` come `times` as
    often.
    """

    kind: Literal["network_cut", "notifier_dead", "unit_lost", "road_closed", "roads_slow", "surge"]
    after_min: float
    for_min: float = 0.0
    areas: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    place: str = ""
    road: str = ""
    reach_m: float = 150.0
    times: float = 2.0
    said: Said = {}


class Scenario(_Shape, frozen=True, kw_only=True):
    """`day` and `start` are local time; `warm_up_min` of ordinary calls come before the clock of the drill.

    `takers` is how many calls can be answered at once, 0 for as many as come.
    """

    title: Said
    about: Said
    day: date
    start: str = "09:00"
    hours: float = 4.0
    warm_up_min: float = 60.0
    calls_per_day: float = 600.0
    takers: int = 6
    wave: tuple[Wave, ...] = ()
    fault: tuple[Fault, ...] = ()
    name: str = ""

    def begins_at(self, pack: Pack) -> int:
        """UTC µs at which the clock of the drill starts."""
        hour, minute = (int(each) for each in self.start.split(":"))
        local = datetime(self.day.year, self.day.month, self.day.day, hour, minute)
        return int(local.replace(tzinfo=pack.worktime.zone).timestamp()) * SECOND

    def ends_at(self, pack: Pack) -> int:
        return self.begins_at(pack) + int(self.hours * HOUR)

    @property
    def warm_up(self) -> int:
        return int(self.warm_up_min * MINUTE)


def scenarios_of(pack: str) -> dict[str, Traversable]:
    """Files of the pack's scenarios by name."""
    folder = find_folder(pack) / FOLDER
    if not folder.is_dir():
        return {}
    named = {each.name.removesuffix(ENDING): each for each in folder.iterdir() if each.name.endswith(ENDING)}
    return dict(sorted(named.items())[:SCENARIOS_MAX])


def read_scenario(pack: Pack, folder: str, name: str) -> Scenario:
    """One of the pack's scenarios. Refuses with `pack_without_drills`, `drill_not_found`, `drill_unreadable`,
    `drill_unknown_code`.

    Args:
        folder: the name or folder that the pack was read from.
    """
    known = scenarios_of(folder)
    if not known:
        raise Refusal("pack_without_drills", pack=pack.name)
    if name not in known:
        raise Refusal("drill_not_found", name=name, known=", ".join(known) or "–")
    try:
        with known[name].open("rb") as opened:
            text = opened.read(FILE_BYTES_MAX + 1)
        if len(text) > FILE_BYTES_MAX:
            raise ValueError(f"> {FILE_BYTES_MAX} B")
        read = msgspec.toml.decode(text, type=Scenario)
        scenario = msgspec.structs.replace(read, name=name)
        scenario.begins_at(pack)
    except (OSError, ValueError, LookupError) as error:
        raise Refusal("drill_unreadable", name=name, why=str(error)) from None
    check(scenario, pack)
    return scenario


def check(scenario: Scenario, pack: Pack) -> None:
    """Refuse codes that the pack doesn't have, and numbers beyond the bounds."""
    _within("hours", scenario.hours, 0.1, HOURS_MAX)
    _within("warm_up_min", scenario.warm_up_min, 0, 24 * 60)
    _within("calls_per_day", scenario.calls_per_day, 0, PER_DAY_MAX)
    _within("takers", scenario.takers, 0, 10_000)
    kinds = {each.kind for each in pack.places.values()}
    groups = {each.group for each in pack.types.values()}
    for wave in scenario.wave:
        _within("after_min", wave.after_min, 0, scenario.hours * 60)
        _within("over_min", wave.over_min, 0, HOURS_MAX * 60)
        _within("calls", wave.calls, 1, CALLS_MAX)
        _within("happenings", wave.happenings, 1, wave.calls)
        _within("spread_m", wave.spread_m, 0, 20_000)
        _within("wrong_m", wave.wrong_m, 0, 20_000)
        _known(scenario, "type", wave.types, pack.types)
        _known(scenario, "place", wave.places, pack.places.keys() | kinds)
    for fault in scenario.fault:
        _within("after_min", fault.after_min, 0, scenario.hours * 60)
        _within("for_min", fault.for_min, 0, HOURS_MAX * 60)
        _within("times", fault.times, 1, 100)
        _within("reach_m", fault.reach_m, 1, 50_000)
        _known(scenario, "area", fault.areas, pack.areas)
        _known(scenario, "unit", fault.units, pack.units)
        _known(scenario, "group", fault.groups, groups)
        place = () if fault.kind not in ("road_closed", "roads_slow") else (fault.place,)
        _known(scenario, "place", place, pack.places)


def _within(field: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise Refusal("out_of_range", field=field, low=low, high=high)


def _known(scenario: Scenario, noun: str, codes: tuple[str, ...], known: object) -> None:
    for code in codes:
        if code not in known:  # type: ignore[operator]
            raise Refusal("drill_unknown_code", name=scenario.name, noun=noun, code=code)
