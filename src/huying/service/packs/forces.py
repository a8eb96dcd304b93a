"""Who there is: agencies, stations, shifts, units, run cards."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from msgspec.structs import replace

from huying.domain.pack import Agency, Area, Station
from huying.domain.run_card import Need, RunCard, Shift, UnitRow, UnitRule
from huying.geo.roads.classes import CLASSES, KMH_MAX
from huying.service.packs.tables import Row, by_code

AGENCY_KINDS = (
    "police",
    "fire",
    "ambulance",
    "traffic",
    "department",
    "utility",
    "town",
    "volunteers",
    "desk",
)
UNIT_KINDS = ("car", "foot", "motorcycle", "engine", "ambulance", "boat", "drone", "volunteers")

# More units than this for one need is a number in the wrong column.
COUNT_MAX = 100
WITHIN_S_MAX = 86_400
# Alarm levels: three are usual, five the largest services have.
ALARM_MAX = 5
SPEED_KMH_MAX = 400
DEFAULT_SPEED_KMH = 40.0


def read_agencies(
    rows: Sequence[Row], areas: Mapping[str, Area], languages: Collection[str]
) -> dict[str, Agency]:
    def read(row: Row, code: str) -> Agency:
        return Agency(
            code=code,
            kind=row.one_of("kind", AGENCY_KINDS),
            name=row.name("name", languages),
            parent=row.raw("parent"),
            area=row.ref("area", areas, "area"),
        )

    agencies = by_code(rows, read)
    towns: dict[str, str] = {}
    for row in rows:
        row.ref("parent", agencies, "agency")
        agency = agencies.get(row.raw("code"))
        if agency and agency.kind == "town" and agency.area:
            other = towns.setdefault(agency.area, agency.code)
            if other != agency.code:
                row.bad("area_has_town", "area", other=other)
    return agencies


def read_stations(
    rows: Sequence[Row], agencies: Collection[str], languages: Collection[str]
) -> dict[str, Station]:
    def read(row: Row, code: str) -> Station:
        lat, lon = read_point(row)
        station = Station(
            code=code,
            name=row.name("name", languages),
            lat=lat,
            lon=lon,
            joint=row.flag("joint"),
            agencies=row.refs("agencies", agencies, "agency"),
        )
        if station.joint and len(station.agencies) < 2:
            row.warn("joint_alone", value=code)
        return station

    return by_code(rows, read)


def read_point(row: Row) -> tuple[float, float]:
    """Columns `lat` and `lon`, WGS-84 degrees; reads on as if they were not exchanged when they are."""
    lat, lon = row.number("lat", -180, 180), row.number("lon", -180, 180)
    if abs(lat) > 90:
        row.bad("outside_swapped", value=row.raw("code"), lat=lat, lon=lon)
        return (lon, lat) if abs(lon) <= 90 else (0.0, 0.0)
    return lat, lon


def read_shifts(rows: Sequence[Row], languages: Collection[str]) -> dict[str, Shift]:
    def read(row: Row, code: str) -> Shift:
        days = row.listed("days")
        if not all(day in "1234567" and len(day) == 1 for day in days):
            row.bad("days_bad", "days")
            days = ()
        start, end = row.clock("start"), row.clock("end")
        if start == end:
            row.bad("shift_empty", "end")
        return Shift(
            code=code,
            name=row.name("name", languages),
            start_min=start,
            end_min=end,
            days=frozenset(int(day) - 1 for day in days) or frozenset(range(7)),
        )

    return by_code(rows, read)


def read_units(
    rows: Sequence[Row],
    agencies: Collection[str],
    stations: Mapping[str, Station],
    shifts: Collection[str],
    languages: Collection[str],
) -> dict[str, UnitRow]:
    def read(row: Row, code: str) -> UnitRow:
        station = stations.get(row.ref("station", stations, "station"))
        if station and not row.raw("lat") and not row.raw("lon"):
            lat, lon = station.lat, station.lon
        else:
            lat, lon = read_point(row)
        agency = row.ref("agency", agencies, "agency", needed=True)
        if station and station.agencies and agency in agencies and agency not in station.agencies:
            row.warn("unit_not_of_station", value=code, agency=agency, station=station.code)
        return UnitRow(
            code=code,
            name=row.name("name", languages),
            agency=agency,
            kind=row.one_of("kind", UNIT_KINDS),
            abilities=frozenset(row.listed("abilities")),
            station=row.raw("station"),
            lat=lat,
            lon=lon,
            speed_kmh=row.number("speed_kmh", 1, SPEED_KMH_MAX, DEFAULT_SPEED_KMH),
            shifts=row.refs("shifts", shifts, "shift"),
        )

    return by_code(rows, read)


def read_run_cards(
    rows: Sequence[Row], agencies: Collection[str], units: Mapping[str, UnitRow]
) -> dict[str, RunCard]:
    """One line per need; a line with `else` is what is taken when the need before it can't be had in time,
    one with `alarm` 2 or more comes on top from that level on. Warns of a need that no unit of the city, nor
    anybody instead, could ever fill."""
    needs: dict[str, list[tuple[int, Need]]] = {}
    first: dict[str, list[Row]] = {}
    for row in rows:
        code = row.code("run_card")
        need = Need(
            ability=row.filled("ability"),
            count=row.whole("count", 1, COUNT_MAX),
            agencies=row.refs("agencies", agencies, "agency"),
            within_s=row.whole("within_s", 0, WITHIN_S_MAX, 0),
            ask=row.ref("ask", agencies, "agency"),
        )
        alarm = row.whole("alarm", 1, ALARM_MAX, 1)
        mine, lines = needs.setdefault(code, []), first.setdefault(code, [])
        if row.flag("else"):
            if not mine:
                row.bad("else_of_nothing", "else")
                continue
            level, before = mine[-1]
            mine[-1] = level, replace(before, others=(*before.others, need))
        else:
            mine.append((alarm, need))
            lines.append(row)
    for code, each in needs.items():
        for row, (_, need) in zip(first[code], each, strict=True):
            able = sum(need.takes(unit) for unit in units.values())
            if able < need.count:
                row.warn("need_too_large", ability=need.ability, count=need.count, able=able)
    return {
        code: RunCard(
            code,
            tuple(need for alarm, need in each if alarm == 1),
            tuple((alarm, need) for alarm, need in each if alarm > 1),
        )
        for code, each in needs.items()
    }


def read_unit_rules(rows: Sequence[Row], agencies: Collection[str]) -> tuple[UnitRule, ...]:
    """What units of a kind may be sent to; the first rule that speaks of a unit counts."""

    def read(row: Row, code: str) -> UnitRule:
        priorities = row.listed("priorities")
        if not all(each in "12345" and len(each) == 1 for each in priorities):
            row.bad("priorities_bad", "priorities")
            priorities = ()
        return UnitRule(
            code=code,
            kind=row.one_of("kind", UNIT_KINDS),
            agency=row.ref("agency", agencies, "agency"),
            types=row.listed("types"),
            priorities=frozenset(map(int, priorities)) or frozenset(range(1, 6)),
            abilities=frozenset(row.listed("abilities")),
            alone=row.raw("alone") == "" or row.flag("alone"),
        )

    return tuple(by_code(rows, read).values())


def read_speeds(rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    """km/h by kind of unit and class of road; 0 where such a unit can't go."""
    speeds: dict[str, dict[str, float]] = {}
    for row in rows:
        kind, road = row.one_of("kind", UNIT_KINDS), row.one_of("road_class", CLASSES)
        own = speeds.setdefault(kind, {})
        if road in own:
            row.bad("code_twice", "road_class", first=row.line)
        own[road] = row.number("kmh", 0, KMH_MAX)
    return speeds
