"""A pack is read whole, or refused with every fault, its file and its line."""

from __future__ import annotations

import hashlib
import re

import pytest

from huying.base.refusal import Refusal
from huying.domain.deadline import Span, SpanUnit
from huying.service.packs import Level, parse_pack, tables
from huying.service.packs.matters import WORDS_CHARS_MAX
from huying.words import load_words
from pack_files import FILES, check, pack_bytes, short_calendar

WORDS = load_words()


def with_line(file: str, line: str) -> dict[str, str | bytes | None]:
    """The file with one line more at its end."""
    return {file: FILES[file] + line + "\n"}


def swapped(file: str, old: str, new: str) -> dict[str, str | bytes | None]:
    assert old in FILES[file]
    return {file: FILES[file].replace(old, new, 1)}


def test_a_sound_pack_is_read_whole() -> None:
    pack = parse_pack(pack_bytes(), short_calendar)
    assert (pack.name, pack.edition, pack.timezone) == ("xikou", "2026.1", "Asia/Shanghai")
    assert pack.title == {"zh": "溪口县", "en": "Xikou County"}
    assert list(pack.agencies) == ["duty", "police", "urban", "west"]
    assert pack.stations["west-post"].joint and pack.stations["west-post"].agencies == ("police", "west")
    assert pack.types["city.noise"].questions == ("danger", "source")
    assert pack.types["city.noise"].description["zh"] == "施工噪声"
    assert dict(pack.questions["source"].choices)["site"] == {"zh": "工地", "en": "Building site"}
    assert pack.words[1].priority == 1 and pack.words[2].weight == 2.5
    assert pack.rules[0].answers == {"danger": "yes"} and pack.rules[0].line == 2
    assert pack.rules[3].due == Span(3, SpanUnit.WORKING_DAYS)
    assert [rung.to for rung in pack.ladders["usual"].rungs] == ["{agency}", "{parent}", "{duty}"]
    assert pack.standards[1].arrive_s == 300
    assert pack.run_cards["patrol"].needs[0].within_s == 600
    assert pack.shifts["weekday"].days == frozenset(range(5)) and pack.shifts["night"].start_min == 1200
    assert (pack.units["p1"].lat, pack.units["p1"].lon) == (28.05, 121.15)  # its station's
    assert (pack.units["v1"].lat, pack.units["v1"].lon) == (28.06, 121.16)  # its own
    assert not pack.dispositions["duplicate"].follow_up
    assert pack.places["west-market"].aliases == ("菜场", "the market")
    assert pack.areas["west"].rings[0][0] == (121.1, 28.0)
    assert pack.town_agency == {"west": "west"}
    assert pack.worktime.periods == ((510, 720), (810, 1050))
    assert {day.isoformat() for day in pack.worktime.holidays} == {"2026-10-01", "2026-10-02", "2026-03-03"}


def test_a_type_that_nobody_is_named_for_is_a_notice_and_no_fault() -> None:
    assert check().faults == ()  # the default type goes to the duty desk by design
    [notice] = check(with_line("types.csv", "city.tree,city,4,no,,,,yes,,树倒,Fallen tree,,")).faults
    assert (notice.file, notice.line, notice.code) == ("types.csv", 6, "type_to_duty")
    assert notice.level is Level.NOTICE


def test_the_digest_is_over_names_and_contents_in_order() -> None:
    files = pack_bytes()
    sha = hashlib.sha256()
    for name in sorted(files):
        sha.update(name.encode() + b"\0" + str(len(files[name])).encode() + b"\0" + files[name])
    assert parse_pack(files, short_calendar).digest == sha.hexdigest()
    other = parse_pack(pack_bytes(swapped("places.csv", "28.045", "28.046")), short_calendar)
    assert other.digest != sha.hexdigest()


def test_a_faulty_pack_is_refused_with_all_its_faults() -> None:
    changes = with_line("rules.csv", "x,no.such,,,,,police,10m,2h,urgent,因为,Because")
    changes |= swapped("ladders.csv", "usual,2,1wd", "usual,4,1wd")
    with pytest.raises(Refusal) as caught:
        parse_pack(pack_bytes(changes), short_calendar)
    assert caught.value.code == "pack_faulty"
    assert caught.value.params["count"] == 2
    assert {(each.file, each.line, each.code) for each in caught.value.params["faults"]} == {
        ("rules.csv", 6, "type_unknown"),
        ("ladders.csv", 2, "rung_missing"),
    }


ORDINARY = [
    # agencies
    ("agency_unknown", 7, with_line("agencies.csv", "water,utility,nobody,,水务,Water")),
    ("area_unknown", 7, with_line("agencies.csv", "east,town,duty,east,东溪镇,East")),
    ("not_one_of", 7, with_line("agencies.csv", "water,utilities,duty,,水务,Water")),
    ("code_twice", 7, with_line("agencies.csv", "urban,department,duty,,城管,Urban")),
    ("code_bad", 7, with_line("agencies.csv", "Wasser Werk,utility,duty,,水务,Water")),
    ("language_missing", 7, with_line("agencies.csv", "water,utility,duty,,水务,")),
    ("cell_empty", 7, with_line("agencies.csv", ",utility,duty,,水务,Water")),
    ("cells_count", 7, with_line("agencies.csv", "water,utility,duty,,水务,Water,Inc")),
    ("quotes_bad", 7, with_line("agencies.csv", 'water,utility,duty,,"水务,Water')),
    ("control_character", 7, with_line("agencies.csv", "water,utility,duty,,水\x07务,Water")),
    ("cell_too_long", 7, with_line("agencies.csv", f"water,utility,duty,,{'水' * 2001},Water")),
    ("area_has_town", 7, with_line("agencies.csv", "town,town,duty,west,另一个镇,Other town")),
    ("parents_circle", 4, swapped("agencies.csv", "police,police,duty", "police,police,police")),
    ("column_missing", 2, swapped("agencies.csv", "code,kind,", "code,sort,")),
    ("column_twice", 2, swapped("agencies.csv", "parent,area", "parent,parent")),
    ("heading_missing", 0, {"agencies.csv": "# nothing\n"}),
    ("file_missing", 0, {"agencies.csv": None}),
    # stations, units, shifts, run cards
    ("outside", 3, with_line("stations.csv", "far,no,police,30.05,121.15,远,Far")),
    ("outside_swapped", 3, with_line("stations.csv", "far,no,police,121.15,28.05,远,Far")),
    ("number_bad", 3, with_line("stations.csv", "far,no,police,nan,121.15,远,Far")),
    ("number_bad", 3, with_line("stations.csv", "far,no,police,1e1,121.15,远,Far")),
    ("yes_or_no", 3, with_line("stations.csv", "far,perhaps,police,28.05,121.15,远,Far")),
    ("station_unknown", 4, with_line("units.csv", "p2,police,car,patrol,west-pots,,,40,,二组,Car 2")),
    ("shift_unknown", 4, with_line("units.csv", "p2,police,car,patrol,west-post,,,40,day,二组,Car 2")),
    ("number_bad", 4, with_line("units.csv", "p2,police,car,patrol,west-post,,,0,,二组,Car 2")),
    ("number_bad", 4, with_line("units.csv", "p2,police,car,patrol,,,,40,,二组,Car 2")),
    ("clock_bad", 4, with_line("shifts.csv", "day,8:00,25:00,,白班,Day")),
    ("days_bad", 4, with_line("shifts.csv", "day,08:00,20:00,1 8,白班,Day")),
    ("shift_empty", 4, with_line("shifts.csv", "day,08:00,08:00,,白班,Day")),
    ("whole_number", 3, with_line("run_cards.csv", "patrol,patrol,1.5,,")),
    # types, questions, words, dispositions, places
    ("run_card_unknown", 6, with_line("types.csv", "a.b,a,1,no,urban,partol,,no,,甲,A,,")),
    ("question_unknown", 6, with_line("types.csv", "a.b,a,1,no,urban,,dager,no,,甲,A,,")),
    ("number_bad", 6, with_line("types.csv", "a.b,a,6,no,urban,,,no,,甲,A,,")),
    ("language_missing", 6, with_line("types.csv", "a.b,a,1,no,urban,,,no,,甲,A,说明,")),
    ("choices_only_choice", 4, with_line("questions.csv", "kind,choice,no,,哪种？,Which?")),
    ("choices_only_choice", 4, with_line("questions.csv", "kind,text,no,a=甲/A,哪种？,Which?")),
    ("choice_bad", 4, with_line("questions.csv", "kind,choice,no,a=甲/A|a=乙/B,哪种？,Which?")),
    ("type_unknown", 5, with_line("words.csv", "着火,fire.house,3,")),
    ("number_bad", 5, with_line("words.csv", "着火,city.noise,11,")),
    ("words_too_long", 5, with_line("words.csv", f"{'火' * (WORDS_CHARS_MAX + 1)},city.noise,1,")),
    ("yes_or_no", 4, with_line("dispositions.csv", "x,maybe,某,Some")),
    ("slot_unknown", 2, {"letter.csv": "code,text_zh,text_en\ntitle,{phone},Title\n"}),
    ("outside", 3, with_line("places.csv", "p,shop,west,28.2,121.15,店,Shop,")),
    ("area_unknown", 3, with_line("places.csv", "p,shop,wset,28.05,121.15,店,Shop,")),
    # rules, ladders, standards
    ("span_bad", 6, with_line("rules.csv", "x,,,,,,police,10 min,2h,,因为,Because")),
    ("span_bad", 6, with_line("rules.csv", "x,,,,,,police,0m,2h,,因为,Because")),
    ("span_bad", 6, with_line("rules.csv", "x,,,,,,police,10m,9999wd,,因为,Because")),
    ("hours_bad", 6, with_line("rules.csv", "x,,,,night,,police,10m,2h,,因为,Because")),
    ("answer_bad", 6, with_line("rules.csv", "x,,,,,danger=maybe,police,10m,2h,,因为,Because")),
    ("answer_bad", 6, with_line("rules.csv", "x,,,,,source=street,police,10m,2h,,因为,Because")),
    ("type_unknown", 6, with_line("rules.csv", "x,fire.*,,,,,police,10m,2h,,因为,Because")),
    ("area_unknown", 6, with_line("rules.csv", "x,,east,,,,police,10m,2h,,因为,Because")),
    ("agency_unknown", 6, with_line("rules.csv", "x,,,,,,{village},10m,2h,,因为,Because")),
    ("ladder_unknown", 6, with_line("rules.csv", "x,,,,,,police,10m,2h,usal,因为,Because")),
    ("rung_twice", 6, with_line("ladders.csv", "usual,3,2wd,{duty}")),
    ("agency_unknown", 6, with_line("ladders.csv", "usual,4,2wd,{boss}")),
    ("keep_short", 4, with_line("retention.csv", "brief,contact,,3d,x,x")),
    ("keep_short", 4, with_line("retention.csv", "working,words,,30wd,x,x")),
    ("not_one_of", 4, with_line("retention.csv", "face,face,,30d,x,x")),
    ("type_unknown", 4, with_line("retention.csv", "odd,words,none.*,30d,x,x")),
    ("standard_twice", 7, with_line("standards.csv", "5,0,0,")),
    ("standards_missing", 0, swapped("standards.csv", "5,0,0,\n", "")),
    # calendar
    ("date_bad", 4, with_line("calendar.csv", "2026-02-30,holiday")),
    ("not_one_of", 4, with_line("calendar.csv", "2026-02-20,holyday")),
]


@pytest.mark.parametrize(("code", "line", "changes"), ORDINARY)
def test_every_fault_is_told_with_its_line(
    code: str, line: int, changes: dict[str, str | bytes | None]
) -> None:
    [file] = changes
    checked = check(changes)
    assert checked.pack is None
    assert (file, line, code) in [(each.file, each.line, each.code) for each in checked.faults]


SETTINGS = [
    ("toml_bad", 3, swapped("pack.toml", "languages = [", "languages = ")),
    ("setting_missing", 0, swapped("pack.toml", 'duty_desk = "duty"\n', "")),
    ("setting_bad", 7, swapped("pack.toml", 'duty_desk = "duty"', "duty_desk = 7")),
    ("languages_bad", 3, swapped("pack.toml", '["zh", "en"]', '"zh"')),
    ("language_missing", 4, swapped("pack.toml", 'zh = "溪口县", ', "")),
    ("timezone_unknown", 5, swapped("pack.toml", "Asia/Shanghai", "Asia/Yunxi")),
    ("centre_bad", 6, swapped("pack.toml", "[28.05, 121.20]", "[128.05, 121.20]")),
    ("outside", 0, swapped("pack.toml", "[28.05, 121.20]", "[29.05, 121.20]")),
    ("span_bad", 9, swapped("pack.toml", '"3d"', '"three days"')),
    ("calendar_unknown", 12, swapped("pack.toml", '"CN"', '"XX"')),
    ("office_hours_bad", 13, swapped("pack.toml", "13:30-17:30", "11:30-17:30")),
    ("weekend_bad", 14, swapped("pack.toml", "[6, 7]", "[0, 7]")),
    ("weekend_bad", 14, swapped("pack.toml", "[6, 7]", "[1, 2, 3, 4, 5, 6, 7]")),
    ("span_bad", 17, swapped("pack.toml", '"1wd"', '"1w"')),
    ("agency_unknown", 0, swapped("pack.toml", 'duty_desk = "duty"', 'duty_desk = "desk"')),
    ("type_unknown", 0, swapped("pack.toml", '"unknown"', '"other"')),
]


@pytest.mark.parametrize(("code", "line", "changes"), SETTINGS)
def test_every_faulty_setting_is_told_with_its_line(
    code: str, line: int, changes: dict[str, str | bytes | None]
) -> None:
    checked = check(changes)
    assert checked.pack is None
    assert ("pack.toml", line, code) in [(each.file, each.line, each.code) for each in checked.faults]


AREAS = [
    ("json_bad", 2, swapped("areas.geojson", '{"type": "Feature",\n', '{"type": Feature,\n')),
    ("feature_collection", 1, {"areas.geojson": "[]"}),
    (
        "polygon_only",
        6,
        swapped(
            "areas.geojson",
            '"Polygon", "coordinates": [[\n  [121.1, 28.0], [121.2',
            '"Point", "coordinates": [[\n  [121.1, 28.0], [121.2',
        ),
    ),
    ("ring_bad", 6, swapped("areas.geojson", "[121.1, 28.1], [121.1, 28.0]]]}}\n", "[121.1, 28.1]]]}}\n")),
    ("ring_bad", 6, swapped("areas.geojson", "[121.2, 28.1]", "[121.2, 1e999]")),
    ("area_too_large", 2, swapped("areas.geojson", "[121.3, 28.0]", "[-121.3, 28.0]")),
    ("area_unknown", 6, swapped("areas.geojson", '"parent": "xikou"', '"parent": "xiko"')),
    ("parents_circle", 2, swapped("areas.geojson", '"parent": ""', '"parent": "west"')),
    ("code_twice", 6, swapped("areas.geojson", '"code": "west"', '"code": "xikou"')),
    ("not_one_of", 6, swapped("areas.geojson", '"kind": "town"', '"kind": "city"')),
    ("language_missing", 6, swapped("areas.geojson", '"name_zh": "西溪镇", ', "")),
    ("feature_bad", 2, {"areas.geojson": '{"features": [\n7]}'}),
]


@pytest.mark.parametrize(("code", "line", "changes"), AREAS)
def test_every_faulty_area_is_told_with_its_line(
    code: str, line: int, changes: dict[str, str | bytes | None]
) -> None:
    checked = check(changes)
    assert checked.pack is None
    assert ("areas.geojson", line, code) in [(each.file, each.line, each.code) for each in checked.faults]


TOLD = [
    (
        "warning",
        "column_unknown",
        1,
        {"dispositions.csv": "code,follow_up,name_zh,name_en,nmae\ndone,yes,办,Done,x\n"},
    ),
    ("warning", "file_unknown", 0, {"rule.csv": "code\n"}),
    (
        "warning",
        "rule_covered",
        6,
        with_line("rules.csv", "x,city.noise,west,3,work,,west,10m,2h,,因为,Because"),
    ),
    ("warning", "words_twice", 5, with_line("words.csv", "打架,police.fight,1,")),
    ("warning", "need_too_large", 3, with_line("run_cards.csv", "patrol,fly,1,,")),
    (
        "warning",
        "unit_not_of_station",
        4,
        with_line("units.csv", "u1,urban,car,tow,west-post,,,40,,城管,Urban"),
    ),
    ("warning", "joint_alone", 3, with_line("stations.csv", "lone,yes,police,28.05,121.15,独,Lone")),
    ("notice", "no_county", 0, swapped("areas.geojson", '"kind": "county"', '"kind": "grid"')),
    ("notice", "byte_order_mark", 1, {"places.csv": "\ufeff" + FILES["places.csv"]}),
]


@pytest.mark.parametrize(("level", "code", "line", "changes"), TOLD)
def test_what_is_odd_but_no_fault_is_told_and_the_pack_is_read(
    level: str, code: str, line: int, changes: dict[str, str | bytes | None]
) -> None:
    [file] = changes
    checked = check(changes)
    assert checked.pack is not None
    assert (file, line, code, level) in [
        (each.file, each.line, each.code, each.level) for each in checked.faults
    ]


def test_rules_that_share_a_type_but_not_all_conditions_do_not_cover_each_other() -> None:
    assert "rule_covered" not in [each.code for each in check().faults]


def test_two_rules_together_can_cover_a_third() -> None:
    lines = "x,city.* town.*,west,,,,police,10m,2h,,因为,Because"
    [fault] = [each for each in check(with_line("rules.csv", lines)).faults if each.level is Level.WARNING]
    assert (fault.line, fault.params["above"]) == (6, 5)


@pytest.mark.parametrize(
    ("below", "covered"),
    [
        ("city.noise,,,22:00-06:00,", True),  # the hours of the rule above
        ("city.noise,,,23:00-05:00,", True),
        ("city.noise,,,21:00-23:00,", False),
        ("city.noise,,,,", False),
        ("city.noise,,,work,", False),
        ("city.noise town.dispute,,,23:00-01:00,", False),  # the quarrel is left
        ("city.noise,,3,,danger=yes", True),
        ("city.noise,,,,danger=no", False),
    ],
)
def test_a_rule_is_covered_when_whatever_fits_it_fits_one_above(below: str, covered: bool) -> None:
    above = "".join(FILES["rules.csv"].splitlines(keepends=True)[:3])  # danger and noise-night
    checked = check({"rules.csv": above + f"x,{below},urban,1h,2h,usual,因为,Because\n"})
    assert ("rule_covered" in [each.code for each in checked.faults]) == covered
    assert checked.pack is not None


def test_a_rule_for_a_part_is_covered_by_one_for_the_whole() -> None:
    def warned(first: str, second: str) -> bool:
        head = FILES["rules.csv"].split("\n")[0]
        lines = [f"r{n},,{area},,,,urban,1h,2h,usual,因为,Because" for n, area in enumerate((first, second))]
        faults = check({"rules.csv": "\n".join([head, *lines])}).faults
        return "rule_covered" in [each.code for each in faults]

    assert warned("xikou", "west") and warned("west", "west") and warned("", "west")
    assert not warned("west", "xikou") and not warned("west", "")


def test_warnings_by_the_thousand_hide_no_fault_and_are_none() -> None:
    places = FILES["words.csv"] + "打架,police.fight,1,\n" * 2000
    checked = check({"words.csv": places})
    assert checked.pack is not None and len(checked.faults) == 1001
    assert check({"words.csv": places + "打架,no.such,1,\n"}).pack is None


def test_another_encoding_is_told_with_its_line() -> None:
    gbk = FILES["dispositions.csv"].encode("gbk")
    checked = check({"dispositions.csv": gbk})
    assert next((each.line, each.code) for each in checked.faults if each.file == "dispositions.csv") == (
        2,
        "not_utf8",
    )
    assert check({"dispositions.csv": FILES["dispositions.csv"].encode("utf-16")}).pack is None


def test_closing_for_two_months_is_a_fault() -> None:
    days = "".join(f"2026-{month:02}-{day:02},holiday\n" for month in (7, 8) for day in range(1, 32))
    checked = check({"calendar.csv": "date,kind\n" + days})
    assert "closed_too_long" in [each.code for each in checked.faults]


def test_files_and_rows_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check({"places.csv": b"#" * 20_000_001}).faults[0].code == "file_too_large"
    monkeypatch.setattr(tables, "ROWS_MAX", 10)
    rows = "code,follow_up,name_zh,name_en\n" + "".join(f"d{n},no,办,Done\n" for n in range(12))
    assert [(each.code, each.line) for each in check({"dispositions.csv": rows}).faults] == [
        ("too_many_rows", 12)
    ]


def test_faults_are_bounded() -> None:
    rows = "code,follow_up,name_zh,name_en\n" + "".join("?,no,办,Done\n" for _ in range(3000))
    faults = check({"dispositions.csv": rows}).faults
    assert len(faults) == 1001 and "too_many_faults" in {each.code for each in faults}


def test_a_remark_a_blank_line_and_the_line_ends_of_windows_are_no_rows() -> None:
    text = '# 备注, "half\ncode,follow_up,name_zh,name_en\r\n\r\n,,,\r\ndone,yes,办,Done\r\n'
    pack = check({"dispositions.csv": text}).pack
    assert pack is not None and list(pack.dispositions) == ["done"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_fault_has_a_sentence_that_its_params_fill(lang: str) -> None:
    for *_, changes in [*ORDINARY, *SETTINGS, *AREAS, *TOLD]:
        for fault in check(changes).faults:
            sentence = WORDS.by_language[lang][f"pack.fault.{fault.code}"]
            assert set(re.findall(r"\{(\w+)\}", sentence)) <= set(fault.params), fault


def test_rules_are_bounded() -> None:
    lines = "".join(f"r{n},city.noise,,,,,urban,1h,2h,usual,因为,Because\n" for n in range(1001))
    head = FILES["rules.csv"].split("\n")[0]
    [fault] = [each for each in check({"rules.csv": f"{head}\n{lines}"}).faults if each.level is Level.FAULT]
    assert (fault.code, fault.line) == ("too_many_rows", 1002)
