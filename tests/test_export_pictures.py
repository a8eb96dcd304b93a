"""`huying export --photos`: pictures leave for somebody named, on a law named, and that is a fact."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from huying.bootstrap import do_by_itself, open_house
from huying.cli import main
from huying.cli.exits import Exit
from huying.domain.commands import CloseIncident, EraseIncident, ReceiveCall
from huying.domain.picturing import KeepPhoto
from pictures import picture


def test_pictures_are_written_for_somebody_named_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUYING_LANG", "en")
    store, folder = str(tmp_path / "city.sqlite"), tmp_path / "pictures"
    with closing(open_house(store, "starter")) as house:
        calls = []
        for n in range(2):
            kept = do_by_itself(house.engine, KeepPhoto(image=picture() + bytes([n]), width=80, height=60))
            call = ReceiveCall("desk", "树倒了", photos=(kept["photo"],))
            calls.append(do_by_itself(house.engine, call))
        first, second = (house.questions.call(each["call_id"]).photos[0].id for each in calls)
        gone = calls[0]["incident_id"]
        do_by_itself(house.engine, CloseIncident(incident=gone, why="done"))
        do_by_itself(house.engine, EraseIncident(incident=gone, kinds=("words",), why="asked"))
    facts = str(tmp_path / "facts.ndjson")
    common = ["export", facts, "--store", store, "--pack", "starter", "--photos", str(folder), "--json"]
    assert main(common) == Exit.REFUSED
    assert json.loads(capsys.readouterr().out)["refusal"]["code"] == "export_photos_whole"
    assert not folder.exists() and not Path(facts).exists()
    assert main([*common, "--whole-for", "court", "--basis", "PIPL 13"]) == Exit.OK
    assert json.loads(capsys.readouterr().out)["photos"] == 1
    assert [each.name for each in folder.iterdir()] == [f"{second}.jpg"]
    assert (folder / f"{second}.jpg").read_bytes() == picture() + b"\1"
    assert first != second
    lines = [json.loads(line) for line in Path(facts).read_text("utf-8").splitlines()]
    assert any(each["type"] == "record.disclosed" and each["body"]["to"] == "court" for each in lines)
