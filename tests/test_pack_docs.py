"""The page on packs, in both languages, says what the reader of packs reads."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from huying.service.packs import COLUMNS, FILES, check_pack
from huying.service.packs.areas import KINDS as AREA_KINDS
from huying.service.packs.forces import AGENCY_KINDS, UNIT_KINDS
from huying.service.packs.matters import QUESTION_KINDS
from pack_files import pack_bytes, short_calendar

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGES = {lang: (DOCS / lang / "pack.md").read_text("utf-8") for lang in ("zh", "en")}


def row(lang: str, file: str) -> str:
    return next(line for line in PAGES[lang].split("\n") if line.startswith(f"| `{file}`"))


@pytest.mark.parametrize("lang", PAGES)
def test_every_file_and_every_column_in_order(lang: str) -> None:
    for file in FILES:
        assert row(lang, file)
    for file, described in COLUMNS.items():
        columns: list[str] = []
        for column in described.replace("?", "").split():
            stem = column.removesuffix("*")
            columns += [stem + each for each in ("zh", "en")] if stem != column else [column]
        listed = re.search(r"`([a-z0-9_,]+)`", row(lang, file).split("|")[2])
        assert listed is not None
        assert sorted(listed[1].split(",")) == sorted(columns), file


@pytest.mark.parametrize("lang", PAGES)
@pytest.mark.parametrize(
    ("file", "kinds"),
    [
        ("agencies.csv", AGENCY_KINDS),
        ("units.csv", UNIT_KINDS),
        ("questions.csv", QUESTION_KINDS),
        ("areas.geojson", AREA_KINDS),
    ],
)
def test_every_kind(lang: str, file: str, kinds: tuple[str, ...]) -> None:
    assert [kind for kind in kinds if kind not in row(lang, file)] == []


@pytest.mark.parametrize("lang", PAGES)
def test_the_settings_of_the_page_are_read_and_are_the_defaults(lang: str) -> None:
    shown = re.search(r"```toml\n(.*?)```", PAGES[lang], re.S)
    assert shown is not None
    tree = tomllib.loads(shown[1])
    places = pack_bytes()["areas.geojson"]  # the same centre lies in the tests' county
    toml = shown[1].replace("[28.10, 121.20]", "[28.05, 121.20]")
    pack = check_pack({**pack_bytes({"pack.toml": toml}), "areas.geojson": places}, short_calendar).pack
    assert pack is not None and pack.name == tree["name"]
    for section in ("routing", "duplicates"):
        start = toml.index(f"[{section}]")
        without = toml[:start] + toml[toml.index("\n[", start) :]
        assert section not in tomllib.loads(without)
        other = check_pack(pack_bytes({"pack.toml": without}), short_calendar).pack
        assert other is not None
        assert (other.default_accept, other.default_due) == (pack.default_accept, pack.default_due)
        assert (other.duplicate_m, other.duplicate_s) == (pack.duplicate_m, pack.duplicate_s)
