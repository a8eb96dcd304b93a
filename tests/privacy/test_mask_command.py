"""`huying mask`: tables for training, without persons."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from huying.cli import main


def test_a_csv_keeps_its_shape(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "calls.csv"
    source.write_text('id,words,type\n1,"我叫王小明，电话13800138000",noise\n2,路灯坏了,light\n', "utf-8")
    target = tmp_path / "masked.csv"
    assert main(["mask", str(source), "--text", "words", "--to", str(target), "--json"]) == 0
    assert target.read_text("utf-8") == "id,words,type\n1,我叫***，电话***,noise\n2,路灯坏了,light\n"
    told = json.loads(capsys.readouterr().out)
    assert (told["rows"], told["hidden"]) == (2, {"name": 1, "phone": 1})
    assert main(["mask", str(source), "--text", "words", "--to", str(target)]) == 1
    assert "13800138000" not in target.read_text("utf-8")


def test_lines_of_json_are_masked_however_deep(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "calls.ndjson"
    line = {"words": "My name is John Smith", "answers": {"phone": "415-555-2671"}, "n": 1}
    source.write_text(json.dumps(line) + "\n", "utf-8")
    assert main(["mask", str(source), "--text", "words", "--text", "answers"]) == 0
    out = json.loads(capsys.readouterr().out)
    assert out == {"words": "My name is ***", "answers": {"phone": "***"}, "n": 1}


@pytest.mark.parametrize(
    ("content", "code"),
    [("id,text\n1,a\n", "words"), ('{"words": ', "1"), ('{"text": "a"}\n', "words")],
)
def test_what_cannot_be_read_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, code: str
) -> None:
    source = tmp_path / ("calls.csv" if content.startswith("id") else "calls.jsonl")
    source.write_text(content, "utf-8")
    assert main(["mask", str(source), "--text", "words"]) == 1
    assert code in capsys.readouterr().err
    assert main(["mask", str(tmp_path / "none.csv"), "--text", "words"]) == 1
