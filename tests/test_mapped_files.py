"""Files by mapping: each feature on a few rows that can be counted by hand."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from huying.base.refusal import Refusal
from huying.channels import files
from huying.channels.files import Reader, Record
from huying.channels.files.lines import LINE_BYTES, BadLines
from huying.channels.files.mapping import Mapping, check, read_mapping
from mapped import CENTRE, HEADING, MAPPING
from tiny_pack import tiny_pack


def mapping(tmp_path: Path, text: str = MAPPING) -> Mapping:
    path = tmp_path / "map.toml"
    path.write_text(text, "utf-8")
    return read_mapping(path)


def read(tmp_path: Path, data: str | bytes, text: str = MAPPING) -> tuple[list[Record], BadLines, Reader]:
    path = tmp_path / "calls.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    with BadLines(tmp_path / "bad.ndjson") as bad:
        reader = Reader(mapping(tmp_path, text), CENTRE, bad)
        return list(reader.read(path)), bad, reader


def side_file(tmp_path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (tmp_path / "bad.ndjson").read_text("utf-8").splitlines()]


def test_a_row_becomes_a_call(tmp_path: Path) -> None:
    records, bad, _ = read(tmp_path, HEADING + "7,2026-03-02 10:00:00,28.1,121.2,Fire: BUILDING,仓库着火\n")
    assert len(bad) == 0
    (record,) = records
    assert record.line == 2
    assert record.at == 1772416800_000_000  # 2026-03-02T02:00:00Z
    call = record.call
    assert (call.words, call.stated_type, call.source_id) == ("仓库着火", "fire.building", "7")
    assert (call.lat, call.lon, call.datum, call.error_m) == (28.1, 121.2, "GCJ-02", 40.0)


def test_types_by_the_longest_beginning_else_the_default(tmp_path: Path) -> None:
    rows = [
        f"{n},2026-03-02 10:00:00,,,{kind},x\n"
        for n, kind in enumerate(("NOISE: dog", "noise: fight in bar", "Flood"))
    ]
    records, _, _ = read(tmp_path, HEADING + "".join(rows))
    assert [each.call.stated_type for each in records] == ["city.noise", "police.fight", "unknown"]


def test_summer_time_and_written_offsets(tmp_path: Path) -> None:
    text = MAPPING.replace("Asia/Shanghai", "America/New_York")
    rows = "1,2016-01-01 12:00:00,,,,a\n2,2016-07-01 12:00:00,,,,b\n3,2016-07-01T12:00:00+00:00,,,,c\n"
    records, bad, _ = read(tmp_path, HEADING + rows, text.replace("[time]", "[file]\nsorted=false\n[time]"))
    hours = [each.at // 3_600_000_000 % 24 for each in records]
    assert (hours, len(bad)) == ([17, 12, 16], 0)  # noon EST, noon UTC, noon EDT; sorted by instant


def test_formats_of_time(tmp_path: Path) -> None:
    for pattern, value in (
        ("epoch_s", "86400.5"),
        ("epoch_ms", "86400500"),
        ("%Y/%m/%d %H:%M", "1970/1/2 8:00"),
    ):
        text = MAPPING.replace("[time]", f'[time]\nformat = "{pattern}"')
        records, _, _ = read(tmp_path, HEADING + f"1,{value},,,,a\n", text)
        assert records[0].at == 86_400_000_000 + (500_000 if "epoch" in pattern else 0)


def test_bad_lines_are_kept_with_number_and_reason_and_stop_nothing(tmp_path: Path) -> None:
    data = (
        HEADING
        + "1,2026-03-02 10:00:00,28.1,121.2,x,good\n"
        + "2,yesterday,28.1,121.2,x,no time\n"
        + "3,1899-03-02 10:00:00,28.1,121.2,x,too old\n"
        + "4,,28.1,121.2,x,none\n"
        + "5,2026-03-02 10:00:01,north,121.2,x,no place\n"
        + "6,2026-03-02 10:00:01,128.1,121.2,x,not on earth\n"
        + "7,2026-03-02 10:00:01,28.1\n"
        + "8,2026-03-02 09:59:59,28.1,121.2,x,earlier\n"
        + "9,2026-03-02 10:00:02,28.1,121.2,,\n"
        + "\n"
        + "10,2026-03-02 10:00:03,28.1,121.2,x,good\n"
    ).encode() + b"11,2026-03-02 10:00:04,,,x,\xff\xfe\n12,2026-03-02 10:00:05,,,x,last"
    records, bad, _ = read(tmp_path, data, MAPPING.replace('default = "unknown"', ""))
    assert [each.call.source_id for each in records] == ["1", "10", "12"]
    assert [(each["line"], each["reason"]) for each in side_file(tmp_path)] == [
        (3, "time_unreadable"),
        (4, "time_out_of_range"),
        (5, "time_missing"),
        (6, "place_unreadable"),
        (7, "place_not_on_earth"),
        (8, "wrong_number_of_columns"),
        (9, "out_of_order"),
        (10, "nothing_said"),
        (13, "not_text"),
    ]
    assert len(bad) == 9
    assert side_file(tmp_path)[0]["raw"] == "2,yesterday,28.1,121.2,x,no time"


def test_a_stray_quotation_mark_costs_one_line(tmp_path: Path) -> None:
    rows = ['1,2026-03-02 10:00:00,,,x,"two\nlines"\n', '2,2026-03-02 10:00:00,,,x,"open\n']
    rows += [f"{n},2026-03-02 10:00:00,,,x,good\n" for n in range(3, 8)]
    records, _, _ = read(tmp_path, HEADING + "".join(rows))
    assert [each.call.source_id for each in records] == ["1", "3", "4", "5", "6", "7"]
    assert records[0].call.words == "two\nlines"
    assert [(each["line"], each["reason"]) for each in side_file(tmp_path)] == [(4, "broken_quoting")]


def test_a_line_without_end_is_not_read_into_memory(tmp_path: Path) -> None:
    long = b"2,2026-03-02 10:00:00,,,x," + b"a" * (3 * LINE_BYTES) + b"\n"
    records, bad, _ = read(tmp_path, HEADING.encode() + long + b"3,2026-03-02 10:00:00,,,x,good\n")
    assert [each.call.source_id for each in records] == ["3"]
    assert bad.reasons == {"line_too_long": 1}


def test_a_cut_gzip_gives_what_it_has(tmp_path: Path) -> None:
    rows = [f"{n},2026-03-02 10:00:00,,,x,good {n * 7919}\n" for n in range(5000)]
    records, bad, _ = read(tmp_path, gzip.compress((HEADING + "".join(rows)).encode())[:-2000])
    assert 0 < len(records) < 5000
    assert bad.reasons["file_breaks_off"] == 1


def test_points_outside_the_box_are_left_out_and_counted(tmp_path: Path) -> None:
    records, bad, reader = read(tmp_path, HEADING + "1,2026-03-02 10:00:00,30.33,-95.6,x,Texas\n")
    assert (records[0].call.lat, records[0].call.lon) == (None, None)
    assert (reader.slips, len(bad)) == ({"place_outside_box": 1}, 0)


def test_laid_over_points_keep_their_distances(tmp_path: Path) -> None:
    text = MAPPING.replace("box = [28.0, 121.0, 29.0, 122.0]", "lay_over = [60.0, 10.0]")
    rows = "1,2026-03-02 10:00:00,60.0,10.0,x,a\n2,2026-03-02 10:00:00,60.1,10.1,x,b\n"
    records, _, _ = read(tmp_path, HEADING + rows, text)
    assert (records[0].call.lat, records[0].call.lon) == CENTRE
    east = records[1].call.lon
    assert records[1].call.lat == pytest.approx(28.15)
    assert east is not None  # 0.1° at latitude 60 is 0.1 · cos 60° / cos 28.05° here
    assert east - CENTRE[1] == pytest.approx(0.1 * 0.5 / 0.88254, abs=1e-5)


def test_ndjson_with_objects_inside_objects(tmp_path: Path) -> None:
    text = MAPPING.replace("[time]", '[file]\nformat = "ndjson"\n[time]').replace("{text}", "{what.text} {n}")
    rows = [
        {"id": 1, "when": "2026-03-02T10:00:00", "lat": 28.1, "lng": 121.2, "what": {"text": "fire"}, "n": 3},
        {"id": 2, "when": "2026-03-02T10:00:00"},
    ]
    lines = [json.dumps(each) for each in rows] + ["[1]", "{", ""]
    records, bad, _ = read(tmp_path, "\n".join(lines), text)
    assert (records[0].call.words, records[0].call.source_id) == ("fire 3", "1")
    assert records[1].call.words == ""
    assert bad.reasons == {"not_json": 2}


def test_unit_and_answer_times(tmp_path: Path) -> None:
    text = """
name = "times"
pack = "xikou"
[time]
at = "{when}"
[call]
words = "{text}"
[join]
key = "{case}"
rows = "units"
[unit]
code = "{unit}"
kind = "{kind}"
dispatched = "{out}"
on_scene = "{there}"
[unit.like]
ENGINE = "f1"
[referral]
due = "{due}"
answer = "{said}"
"""
    heading = "case,when,text,unit,kind,out,there,due,said\n"
    row = "c1,1970-01-02 00:00:00,a,E9,ENGINE,1970-01-02 00:01:00,,1970-01-03,Fixed\n"
    later = row.replace("1970-01-03,", "soon,")
    records, bad, reader = read(tmp_path, heading + row + later, text)
    assert records[0].key == "c1"
    assert records[0].unit == files.UnitTimes("E9", "f1", 86_460_000_000)
    assert records[0].answer == files.AnswerTimes(0, 172_800_000_000, 0, "Fixed")
    assert records[1].answer == files.AnswerTimes(0, 0, 0, "Fixed")
    assert (reader.slips, len(bad)) == ({"time_unreadable": 1}, 0)


def test_a_file_without_order_is_sorted_within_a_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "SORT_RECORDS", 10)
    rows = [f"{n},2026-03-02 10:{n * 37 % 60:02}:00,,,x,a\n" for n in range(60)]
    text = MAPPING.replace("[time]", "[file]\nsorted = false\n[time]")
    records, bad, _ = read(tmp_path, HEADING + "".join(rows), text)
    assert [each.at for each in records] == sorted(each.at for each in records)
    assert sorted(each.line for each in records) == list(range(2, 62))
    assert len(bad) == 0


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (MAPPING.replace("words =", "wrods ="), "mapping_unreadable"),
        (MAPPING.replace("[time]", "[tme]"), "mapping_unreadable"),
        (MAPPING.replace("Asia/Shanghai", "Asia/Xikou"), "mapping_unreadable"),
        (MAPPING.replace("[time]", '[file]\nencoding = "utf-9"\n[time]'), "mapping_unreadable"),
        (MAPPING.replace("{text}", "{txt}"), "file_columns_missing"),
        (MAPPING.replace("police.fight", "police.fihgt"), "mapping_unknown_code"),
    ],
)
def test_what_a_mapping_gets_wrong_is_refused_before_the_run(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        check(mapping(tmp_path, text), tiny_pack())
        read(tmp_path, HEADING, text)
    assert refused.value.code == code


def test_missing_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="mapping_not_found"):
        read_mapping(tmp_path / "none.toml")
    with pytest.raises(Refusal, match="file_not_found"), BadLines(None) as bad:
        list(Reader(mapping(tmp_path), CENTRE, bad).read(tmp_path / "none.csv"))
