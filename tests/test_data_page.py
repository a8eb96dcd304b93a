"""The page on data is exact: its example reads as it says, and every key of a mapping is explained."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import msgspec
import pytest

from huying.base.clock import SECOND
from huying.channels.files import Reader
from huying.channels.files.lines import BadLines
from huying.channels.files.mapping import Mapping, check, read_mapping
from huying.store.packdir import read_pack

DOCS = Path(__file__).resolve().parent.parent / "docs"


def block(lang: str, kind: str) -> str:
    page = (DOCS / lang / "data.md").read_text("utf-8")
    (found,) = re.findall(rf"^```{kind}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    return str(found)


def keys(shape: Any) -> dict[str, set[str]]:
    """Part of the mapping file → its keys; those of the top under the empty name."""
    parts: dict[str, set[str]] = {"": set()}
    for field in msgspec.structs.fields(shape):
        inner = [each for each in (field.type, *get_args(field.type)) if hasattr(each, "__struct_fields__")]
        if inner:
            parts[field.name] = set(inner[0].__struct_fields__)
        else:
            parts[""].add(field.name)
    return parts


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_example_reads_as_it_says(lang: str, tmp_path: Path) -> None:
    file, mapping_file = tmp_path / "calls.csv", tmp_path / "my_city.toml"
    file.write_text(block(lang, "csv"), "utf-8")
    mapping_file.write_text(block(lang, "toml"), "utf-8")
    mapping = read_mapping(mapping_file)
    pack = read_pack(mapping.pack)
    check(mapping, pack)
    with BadLines(None) as bad:
        records = list(Reader(mapping, pack.centre, bad).read(file))
    assert [record.call.stated_type for record in records] == ["city.water", "city.noise"]
    assert [record.call.source_id for record in records] == ["A-1", "A-2"]
    half_past_eight = datetime(2026, 5, 4, 8, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert records[0].at == int(half_past_eight.timestamp()) * SECOND
    assert dict(bad.reasons) == {"time_unreadable": 1}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_key_of_a_mapping_is_explained(lang: str) -> None:
    page = (DOCS / lang / "data.md").read_text("utf-8")
    for part, names in keys(Mapping).items():
        start = rf"`\[{part}\]`" if part else r"[(（][^|]*"
        row = re.search(rf"^\| {start} \|(.*)$", page, re.MULTILINE)
        assert row is not None, part
        assert names - set(re.findall(r"`(\w+)`", row[1])) == set(), part
