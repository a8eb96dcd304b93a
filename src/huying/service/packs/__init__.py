"""A pack is read whole and pure: bytes of its files → `Pack`, or every fault with its file and line."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Mapping
from typing import Any

from msgspec import Struct

from huying.base.refusal import Refusal
from huying.domain.pack import Pack
from huying.domain.policy import PolicyRow
from huying.domain.worktime import WorkTime
from huying.service.packs import areas as geojson
from huying.service.packs import check, policy, settings
from huying.service.packs.faults import Fault, Faults, Level
from huying.service.packs.forces import (
    read_agencies,
    read_run_cards,
    read_shifts,
    read_speeds,
    read_stations,
    read_unit_rules,
    read_units,
)
from huying.service.packs.keeps import check_keeps, read_keeps
from huying.service.packs.lines import read_elsewhere, read_roads, read_weights
from huying.service.packs.matters import (
    read_dispositions,
    read_letter,
    read_places,
    read_questions,
    read_types,
    read_words,
)
from huying.service.packs.promises import read_ladders, read_rules, read_standards
from huying.service.packs.scams import read_scam_words, read_scams
from huying.service.packs.settings import Calendar, Settings
from huying.service.packs.shorthand import read_shorthand
from huying.service.packs.tables import FILE_BYTES_MAX, Row, read_table

__all__ = ["FILES", "FILE_BYTES_MAX", "Calendar", "Checked", "Fault", "Level", "check_pack", "parse_pack"]

# Columns of each table; `?` marks those that may be left out, `*` stands for each language of the pack.
COLUMNS: dict[str, str] = {
    "agencies.csv": "code kind parent? area? name_*",
    "stations.csv": "code joint? agencies? lat lon name_*",
    "types.csv": "code group priority police agency? run_card? questions? open311? apco?"
    " name_* description_*?",
    "questions.csv": "code kind required? choices? text_*",
    "words.csv": "words type weight? priority?",
    "rules.csv": "code types? areas? priority_max? hours? answers? agency accept due ladder? reason_*",
    "ladders.csv": "ladder rung after to",
    "standards.csv": "priority dispatch_s arrive_s ladder? cover?",
    "run_cards.csv": "run_card ability count agencies? within_s? alarm? else? ask?",
    "unit_rules.csv": "code kind agency? types? priorities? abilities? alone?",
    "shifts.csv": "code start end days? name_*",
    "units.csv": "code agency kind abilities station? lat? lon? speed_kmh? shifts? name_*",
    "dispositions.csv": "code follow_up name_*",
    "letter.csv": "code text_*",
    "places.csv": "code kind area? lat lon name_* aliases?",
    "speeds.csv": "kind road_class kmh",
    policy.FILE: policy.COLUMNS,
    "roads.csv": "code kind ref? area? numbers? line name_* aliases?",
    "elsewhere.csv": "name",
    "scams.csv": "code desk name_* say_* ask_*",
    "scam_words.csv": "words kind weight?",
    "shorthand.csv": "short long kind? lang? note?",
    "duplicates.csv": "feature weight provenance?",
    "retention.csv": "code kind types? keep purpose_*",
}
NEEDED = frozenset(
    {"agencies.csv", "types.csv", "rules.csv", "ladders.csv", "standards.csv", "dispositions.csv"}
)
ROADS = "roads.npz"  # the road net, made by `huying roads build`; read when the house is opened
MAP = "basemap.pmtiles"  # the map under everything, made by `huying map build`; only served
FILES = (settings.FILE, *COLUMNS, geojson.FILE, settings.CALENDAR_FILE, ROADS, MAP)


class Checked(Struct, frozen=True):
    """`pack` is None when a fault is among `faults`; these are in order, what stops the pack first."""

    pack: Pack | None
    faults: tuple[Fault, ...]


def parse_pack(files: Mapping[str, bytes], calendar: Calendar, base: bytes = b"") -> Pack:
    """The pack in these files, by name. Refuses with `pack_faulty`, `faults` holding every `Fault`."""
    checked = check_pack(files, calendar, base)
    if checked.pack is None:
        count = sum(each.level is Level.FAULT for each in checked.faults)
        first = checked.faults[0]
        raise Refusal(
            "pack_faulty", count=count, file=first.file, line=first.line, faults=list(checked.faults)
        )
    return checked.pack


def check_pack(files: Mapping[str, bytes], calendar: Calendar, base: bytes = b"") -> Checked:
    """The pack and all that there is to say about it.

    Args:
        base: the table of who may do what that comes with the house; without it nobody may do anything.
    """
    faults = Faults()
    for file in sorted(set(files) - set(FILES)):
        if file.endswith((".csv", ".geojson", ".toml")):
            faults.warn(file, 0, "file_unknown", files=" ".join(FILES))
    said = _settings(files, calendar, faults)
    if said is None:
        return Checked(None, faults.in_order())
    tables = _tables(files, said.languages, faults)
    rules = policy.read_base(base, faults) if base else ()
    pack, lines = _pack(said, tables, files, faults, policy.read_policy(tables[policy.FILE], rules))
    check.check_parents("agencies.csv", pack.agencies, lines["agencies.csv"], faults)
    check.check_parents(geojson.FILE, pack.areas, lines[geojson.FILE], faults)
    check.check_standards(pack, faults)
    settings.check_closures(pack.worktime, faults)
    check.check_points(pack, lines, faults)
    if faults.fatal:
        return Checked(None, faults.in_order())
    check.check_types(pack, lines, faults)
    check.check_rules(pack, faults)
    check_keeps(pack, faults)
    return Checked(pack, faults.in_order())


def digest_of(files: Mapping[str, bytes]) -> str:
    """SHA-256 over names and contents of the pack's files, sorted by name."""
    sha = hashlib.sha256()
    for name in sorted(set(files) & set(FILES)):
        sha.update(f"{name}\0{len(files[name])}\0".encode())
        sha.update(files[name])
    return sha.hexdigest()


def _settings(files: Mapping[str, bytes], calendar: Calendar, faults: Faults) -> Settings | None:
    if settings.FILE not in files:
        faults.add(settings.FILE, 0, "file_missing")
        return None
    return settings.read_settings(files[settings.FILE], files.get(settings.CALENDAR_FILE), calendar, faults)


def _tables(files: Mapping[str, bytes], languages: tuple[str, ...], faults: Faults) -> dict[str, list[Row]]:
    tables: dict[str, list[Row]] = {}
    for file, described in COLUMNS.items():
        columns: list[str] = []
        for column in described.split():
            columns += [column.replace("*", lang) for lang in languages] if "*" in column else [column]
        if file in files:
            tables[file] = read_table(file, files[file], columns, faults)
        else:
            tables[file] = []
            if file in NEEDED:
                faults.add(file, 0, "file_missing")
    return tables


def _named(
    said: settings.Settings,
    agencies: Container[str],
    types: Container[str],
    ladders: Container[str],
    faults: Faults,
) -> None:
    """A fault for each code that the settings name and no table has."""
    for key, code, known, what in (
        ("duty_desk", said.duty_desk, agencies, "agency"),
        ("default_type", said.default_type, types, "type"),
        ("danger_type", said.danger_type, types, "type"),
        ("routing.ladder", said.default_ladder, ladders, "ladder"),
    ):
        if code and code not in known:
            faults.add(settings.FILE, 0, f"{what}_unknown", column=key, value=code)


def _said_to_people(
    tables: Mapping[str, list[Row]], agencies: Mapping[str, object], langs: tuple[str, ...]
) -> dict[str, Any]:
    scams = read_scams(tables["scams.csv"], agencies, langs)
    words = read_scam_words(tables["scam_words.csv"], scams)
    letter, rules = (
        read_letter(tables["letter.csv"], langs),
        read_unit_rules(tables["unit_rules.csv"], agencies),
    )
    return {
        "scams": scams,
        "scam_words": words,
        "letter": letter,
        "unit_rules": rules,
        "shorthand": read_shorthand(tables["shorthand.csv"], langs),
    }


def _pack(
    said: Settings,
    tables: Mapping[str, list[Row]],
    files: Mapping[str, bytes],
    faults: Faults,
    policy: tuple[PolicyRow, ...],
) -> tuple[Pack, dict[str, dict[str, int]]]:
    langs = said.languages
    lines = check.lines_of(tables)
    areas, lines[geojson.FILE] = geojson.read_areas(
        files.get(geojson.FILE, b'{"features": []}'), langs, faults
    )
    agencies = read_agencies(tables["agencies.csv"], areas, langs)
    stations = read_stations(tables["stations.csv"], agencies, langs)
    shifts = read_shifts(tables["shifts.csv"], langs)
    units = read_units(tables["units.csv"], agencies, stations, shifts, langs)
    run_cards = read_run_cards(tables["run_cards.csv"], agencies, units)
    questions = read_questions(tables["questions.csv"], langs)
    types = read_types(tables["types.csv"], agencies, run_cards, questions, langs)
    ladders = read_ladders(tables["ladders.csv"], agencies)
    rules = read_rules(tables["rules.csv"], types, areas, questions, agencies, ladders, langs)
    _named(said, agencies, types, ladders, faults)
    pack = Pack(
        name=said.name,
        title=said.title,
        edition=said.edition,
        digest=digest_of(files),
        languages=langs,
        timezone=said.timezone,
        centre=said.centre,
        follow_up=said.follow_up,
        duty_desk=said.duty_desk,
        default_type=said.default_type,
        danger_type=said.danger_type,
        worktime=WorkTime(said.timezone, said.periods, said.weekend, said.holidays, said.workdays),
        agencies=agencies,
        stations=stations,
        types=types,
        questions=questions,
        run_cards=run_cards,
        shifts=shifts,
        units=units,
        dispositions=read_dispositions(tables["dispositions.csv"], langs),
        ladders=ladders,
        standards=read_standards(tables["standards.csv"], ladders),
        rules=rules,
        words=read_words(tables["words.csv"], types),
        areas=areas,
        places=read_places(tables["places.csv"], areas, langs),
        roads=read_roads(tables["roads.csv"], areas, langs),
        elsewhere=read_elsewhere(tables["elsewhere.csv"]),
        **_said_to_people(tables, agencies, langs),
        duplicate_weights=read_weights(tables["duplicates.csv"]),
        speeds=read_speeds(tables["speeds.csv"]),
        emergency_number=said.emergency_number,
        duplicate_m=said.duplicate_m,
        duplicate_s=said.duplicate_s,
        reopen_days=said.reopen_days,
        default_accept=said.default_accept,
        default_due=said.default_due,
        default_ladder=said.default_ladder,
        policy=policy,
        keeps=read_keeps(tables["retention.csv"], types, langs),
    )
    return pack, lines
