"""`huying pack`: a new pack is sound, and a faulty one is explained."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from huying.base.refusal import Refusal
from huying.cli import main
from huying.cli.exits import Exit
from huying.service.packs import FILE_BYTES_MAX, FILES
from huying.store.packdir import packs_known, read_files, read_pack


@pytest.fixture(autouse=True)
def in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUYING_LANG", "en")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert main(["pack", "new", str(tmp_path / "city")]) == Exit.OK
    return tmp_path / "city"


def test_a_new_pack_has_every_file_and_is_sound(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # A road net is built from a map, not written by hand; a folder of drills is no table.
    assert sorted(each.name for each in folder.iterdir() if each.is_file()) == sorted(
        set(FILES) - {"roads.npz", "basemap.pmtiles"}
    )
    assert [each.name for each in folder.iterdir() if each.is_dir()] == ["drills"]
    capsys.readouterr()
    assert main(["pack", "check", str(folder), "--json"]) == Exit.OK
    answer = json.loads(capsys.readouterr().out)
    assert answer["sound"] and answer["faults"] == []
    assert answer["digest"] == read_pack(str(folder)).digest


def test_every_file_of_a_new_pack_explains_itself(folder: Path) -> None:
    for each in folder.rglob("*"):
        assert each.is_dir() or each.suffix == ".geojson" or each.read_text("utf-8").startswith("#"), (
            each.name
        )


def test_a_fault_is_told_with_file_line_and_what_was_meant(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = folder / "rules.csv"
    lines = rules.read_text("utf-8").splitlines()
    line = next(n for n, each in enumerate(lines, 1) if "urban,4wh" in each)
    rules.write_text("\n".join(lines).replace("urban,4wh", "urbn,4wh"), "utf-8")
    capsys.readouterr()
    assert main(["pack", "check", str(folder)]) == Exit.REFUSED
    first, *_ = capsys.readouterr().out.splitlines()
    said = "fault  “urbn” in “agency” is not in agencies.csv. Did you mean “urban”?"
    assert first == f"rules.csv:{line}  {said}"
    assert main(["pack", "check", str(folder), "--json"]) == Exit.REFUSED
    answer = json.loads(capsys.readouterr().out)
    assert not answer["sound"]
    [fault] = answer["faults"]
    assert (fault["file"], fault["line"], fault["code"]) == ("rules.csv", line, "agency_unknown")


def test_nothing_is_written_over(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "pack.toml").write_text("mine")
    assert main(["pack", "new", str(folder)]) == Exit.REFUSED
    assert (folder / "pack.toml").read_text() == "mine"
    assert "not empty" in capsys.readouterr().err


def test_a_place_that_can_not_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main(["pack", "new", str(tmp_path / "file")]) == Exit.REFUSED
    assert "can't be written" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["nonesuch", "", "../packs", "/nowhere", "No Name"])
def test_an_unknown_pack_is_refused(name: str) -> None:
    with pytest.raises(Refusal) as caught:
        read_pack(name)
    assert caught.value.code == "pack_not_found"


@pytest.mark.parametrize("name", packs_known())
def test_every_pack_of_the_house_is_sound(name: str) -> None:
    assert read_pack(name).name == name


def test_a_folder_is_not_read_beyond_its_bounds(folder: Path) -> None:
    with (folder / "places.csv").open("r+b") as file:
        file.truncate(FILE_BYTES_MAX + 1_000_000)  # a sparse file
    assert len(read_files(str(folder))["places.csv"]) == FILE_BYTES_MAX + 1
    for n in range(300):
        shutil.copy(folder / "pack.toml", folder / f"copy-{n}.toml")
    with pytest.raises(Refusal):
        read_files(str(folder))


def test_a_file_that_can_not_be_read_is_named(folder: Path) -> None:
    (folder / "units.csv").unlink()
    (folder / "units.csv").mkdir()
    with pytest.raises(Refusal) as caught:
        read_pack(str(folder))
    assert (caught.value.code, caught.value.params["file"]) == ("pack_unreadable", "units.csv")
