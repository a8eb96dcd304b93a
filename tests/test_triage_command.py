"""`huying triage`: measuring on any labelled file, and what bad files get."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data_dir import data_dir
from huying.cli import main
from huying.cli.exits import Exit
from huying.triage.learning.figures import exact, verdict
from huying.triage.reading import Reader

KEYS = {
    "macro_f1",
    "accuracy",
    "ece",
    "coverage",
    "coverage_interval",
    "coverage_verdict",
    "set_size",
    "accuracy_at_95",
    "accuracy_at_90",
    "texts_per_s",
    "p50_ms",
    "p99_ms",
    "train_s",
    "model_mb",
}


def write(path: Path, rows: list[list[str]], encoding: str = "utf-8") -> str:
    with (gzip.open if path.suffix == ".gz" else open)(path, "wt", encoding=encoding, newline="") as out:
        csv.writer(out).writerows(rows)
    return str(path)


def reports(count: int) -> list[list[str]]:
    said = [("着火", "fire"), ("起火冒烟", "fire"), ("太吵", "noise"), ("半夜噪音", "noise")]
    rows = [["when", "title", "words", "label"]]
    for n in range(count):
        words, label = said[n % 4]
        rows.append([f"2026-01-{n % 28 + 1:02d}", f"第{n}件", f"{words}了", label])
    return rows


def evaluated(capsys: pytest.CaptureFixture[str], *argv: str) -> Any:
    code = main(["triage", "evaluate", *argv, "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.slow
def test_measured_on_another_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train = write(tmp_path / "train.csv.gz", reports(40))
    test = write(tmp_path / "test.csv", reports(12), "gb18030")
    where = ["--text", "title,words", "--label", "label", "--time", "when"]
    code, answer = evaluated(capsys, "--train", train, "--test", test, *where)
    assert code == 0
    assert answer.keys() >= KEYS
    assert answer["macro_f1"] == answer["accuracy"] == 1.0
    assert set(answer["coverage"]["0.9"]) == {"fire", "noise"} == set(answer["set_size"]["0.95"])
    assert (answer["train_texts"], answer["test_texts"]) == (40, 12)


def test_only_the_latest_are_learnt_from(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two words changed sides: who learns from the latest half knows, who learns from all can't."""
    rows = [["when", "words", "label"]]
    for n in range(80):
        fire = n % 2 == 0
        words = "着火了" if fire == (n < 40) else "太吵了"
        rows.append(
            [f"2026-{n // 28 + 1:02d}-{n % 28 + 1:02d}", f"{words}第{n % 7}次", "fire" if fire else "noise"]
        )
    train, test = write(tmp_path / "old.csv", rows), write(tmp_path / "new.csv", [rows[0], *rows[61:]])
    where = ["--train", train, "--test", test, "--text", "words", "--label", "label", "--time", "when"]
    _, half = evaluated(capsys, *where, "--recent", "0.5")
    assert (half["train_texts"], half["accuracy"]) == (40, 1.0)
    assert main(["triage", "evaluate", *where, "--recent", "0"]) == Exit.REFUSED
    assert main(["triage", "evaluate", *where, "--delay", "-1"]) == Exit.REFUSED


def test_the_curve_and_the_noise_of_labels(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train = write(tmp_path / "train.csv", reports(100))
    rows = reports(20)
    rows[1][3] = "noise"  # one of twenty is labelled otherwise
    test = write(tmp_path / "test.csv", rows)
    where = ["--text", "words", "--label", "label", "--time", "when", "--curve"]
    code, answer = evaluated(capsys, "--train", train, "--test", test, *where)
    assert code == 0
    assert [each["texts"] for each in answer["curve"]] == [10, 20, 40, 70, 100]
    assert answer["curve"][-1]["accuracy"] == answer["accuracy"] == 0.95
    assert answer["ceiling"]["oracle"]["texts"] == 4
    assert answer["ceiling"]["oracle"]["accuracy"] == 0.95
    near = answer["ceiling"]["near"]
    assert (near["texts"], near["differ"]) == (20, 1)
    low, most, high = near["accuracy_at_most"]
    assert low < most < high and most == pytest.approx(0.9743, abs=1e-3)  # 2e(1 - e) = 1/20
    assert main(["triage", "evaluate", "--train", train, "--test", test, *where]) == 0
    assert "20" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("inside", "of", "said"),
    [(900, 1000, "kept"), (950, 1000, "more"), (800, 1000, "broken"), (8, 10, "noise"), (0, 1, "noise")],
)
def test_a_promise_is_judged_as_far_as_counts_can_tell(inside: int, of: int, said: str) -> None:
    assert verdict(inside, of, 0.9) == said
    low, high = exact(inside, of)
    assert 0 <= low <= inside / of <= high <= 1


@pytest.mark.slow
def test_in_parts_without_a_test_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train = write(tmp_path / "few.csv", reports(24))
    code, answer = evaluated(capsys, "--train", train, "--text", "words", "--label", "label", "--folds", "3")
    assert (code, answer["folds"], answer["accuracy"]) == (0, 3, 1.0)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "file_not_found"),
        (b"", "labelled_empty"),
        (b"when,title,words,label\n", "labelled_empty"),
        (b"a,b\n1,2\n", "labelled_columns_missing"),
        (b"when,title,words,label\n1,a,b,x\n1,a,c,x\n", "labelled_one_class"),
        (b"\x1f\x8bnot gzip at all", "labelled_empty"),
        (b"\x00\xff\xfe\x00" * 50, "labelled_empty"),
    ],
)
def test_bad_files_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, code: str
) -> None:
    file = tmp_path / "bad.csv"
    if content is not None:
        file.write_bytes(content)
    where = ["--train", str(file), "--test", str(file), "--text", "words", "--label", "label"]
    done, answer = evaluated(capsys, *where)
    assert (done, answer["refusal"]["code"]) == (1, code)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "file", "text", "label", "time", "goal"),
    [
        ("req_boston_311", "boston_311_2011H2_dev.csv.gz", "case_title", "reason", "open_dt", 0.88),
        (
            "cfs_seattle_2015",
            "seattle_911_2015_dev.csv.gz",
            "Initial.Type.Description",
            "Event.Clearance.Group",
            "At.Scene.Time",
            0.53,
        ),
    ],
)
def test_the_goals_on_public_records_split_by_time(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    file: str,
    text: str,
    label: str,
    time: str,
    goal: float,
) -> None:
    with gzip.open(data_dir(name) / file, "rt", encoding="utf-8-sig", newline="") as source:
        rows = sorted(csv.DictReader(source), key=lambda row: row[time])
    columns = [text, label, time]
    cut = len(rows) * 4 // 5
    parts = [[columns, *([row[c] for c in columns] for row in part)] for part in (rows[:cut], rows[cut:])]
    train, test = (write(tmp_path / f"{n}.csv", part) for n, part in enumerate(parts))
    where = ["--text", text, "--label", label, "--time", time, "--adaptive"]
    _, answer = evaluated(capsys, "--train", train, "--test", test, *where)
    assert answer["macro_f1"] >= goal
    assert answer["ece"] <= 0.02
    known = {row[1] for row in parts[0]}
    for said in answer["adaptive"]["coverage_verdict"].values():
        assert {label for label, verdict in said.items() if verdict == "broken"} & known == set()


# ── train, gate, live, rollback ─────────────────────────────────────────────────────────────────────────
def labelled(path: Path, swap: bool = False) -> str:
    """Sixty reports with the columns of the project's own; `swap` puts every label on the other kind."""
    kinds = [
        ("着火冒烟了", "fire.house", "1", "no", "fire"),
        ("楼上太吵睡不着", "noise.neighbour", "4", "yes", "police"),
    ]
    rows = [["id", "text", "type", "priority", "police", "agency", "scam", "duplicate_of"]]
    for n in range(60):
        words = kinds[n % 2][0]
        labels = kinds[(n + swap) % 2][1:]
        rows.append([f"r-{n}", f"{n}号{words}", *labels, "", ""])
    return write(path, rows)


def said(capsys: pytest.CaptureFixture[str], *argv: str) -> Any:
    code = main(["triage", *argv, "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.slow
def test_from_reports_to_live_and_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUYING_MODELS", str(tmp_path / "models"))
    store = ["--store", str(tmp_path / "s.sqlite"), "--pack", "starter"]
    good_file, bad_file = labelled(tmp_path / "good.csv"), labelled(tmp_path / "bad.csv", swap=True)
    train = ["--parts", "train,dev", "--no-hints", *store]
    code, good = said(capsys, "train", "--train", good_file, *train)
    assert (code, good["card"]["masked"]) == (0, True)
    assert good["card"]["on_test_part"]["type"]["accuracy"] == 1.0
    _, bad = said(capsys, "train", "--train", bad_file, *train)
    assert bad["digest"] != good["digest"]

    code, early = said(capsys, "live", good["digest"], *store)
    assert (code, early["refusal"]["code"]) == (1, "model_not_gated")
    assert said(capsys, "gate", good["digest"], "--test", good_file, *store)[0] == 0
    _, live = said(capsys, "live", good["digest"], *store)
    assert (live["role"], live["digest"], live["was"]) == ("live", good["digest"], "")
    code, gate = said(capsys, "gate", bad["digest"], "--test", good_file, *store)
    assert (code, gate["passed"]) == (1, False)
    assert any("danger" in fault for fault in gate["faults"])

    said(capsys, "shadow", bad["digest"], *store)
    code, answer = said(capsys, "live", bad["digest"], "--why", "by mistake", *store)
    assert (code, answer["refusal"]["code"]) == (1, "model_not_gated")
    # Judged by reports that are labelled as it learnt them it passes, and takes the place.
    assert said(capsys, "gate", bad["digest"], "--test", bad_file, *store)[0] == 0
    said(capsys, "live", bad["digest"], "--why", "by mistake", *store)
    code, answer = said(capsys, "live", bad["digest"], *store)
    assert (code, answer["refusal"]["code"]) == (1, "model_already")
    _, shown = said(capsys, "show", *store)
    assert (shown["live"], shown["shadow"], len(shown["models"])) == (bad["digest"], bad["digest"], 2)
    _, back = said(capsys, "rollback", *store)
    assert back["digest"] == good["digest"]
    assert said(capsys, "show", *store)[1]["live"] == good["digest"]


@pytest.mark.parametrize("digest", ["0" * 16, "../../etc"])
def test_a_model_that_is_not_there_is_not_put_into_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, digest: str
) -> None:
    monkeypatch.setenv("HUYING_MODELS", str(tmp_path))
    store = ["--store", str(tmp_path / "s.sqlite"), "--pack", "starter"]
    code, answer = said(capsys, "live", digest, *store)
    assert (code, answer["refusal"]["code"]) == (1, "model_not_found")
    code, answer = said(capsys, "rollback", *store)
    assert code != 0


# ── with meaning ────────────────────────────────────────────────────────────────────────────────────────
def kept_vectors(path: Path, texts: list[str]) -> str:
    """Vectors by hand: one axis for fire, one for noise; so that no model is needed."""
    rows = np.zeros((len(texts), 384), dtype=np.float16)
    for n, text in enumerate(texts):
        rows[n, 0 if "火" in text or "烧" in text else 1] = 1.0
    hashes = [hashlib.sha256(text[:120].encode()).digest() for text in texts]
    keys = np.array([np.frombuffer(each, dtype=np.uint8) for each in hashes])
    np.savez(path, keys=keys, vectors=rows)
    return str(path)


def test_meaning_helps_where_words_are_new_and_is_taught_to_the_fast_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = [(f"{n}号着火", "fire") for n in range(30)] + [(f"{n}号唱歌很吵", "noise") for n in range(30)]
    new = [(f"烧起来{n}", "fire") for n in range(10)] + [(f"闹哄哄{n}", "noise") for n in range(10)]
    free = [f"烧起来啦{n}" for n in range(40)] + [f"闹哄哄的{n}" for n in range(40)]
    train = write(tmp_path / "a.csv", [["words", "label"], *map(list, known)])
    test = write(tmp_path / "b.csv", [["words", "label"], *map(list, new)])
    more = write(tmp_path / "c.csv", [["words"], *([each] for each in free)])
    kept = kept_vectors(tmp_path / "v.npz", [text for text, _ in (*known, *new)] + free)
    where = ["--text", "words", "--label", "label", "--semantic", "--unlabelled", more, "--vectors", kept]
    done, answer = evaluated(capsys, "--train", train, "--test", test, *where)
    assert done == 0
    assert answer["macro_f1"] < 0.9
    assert answer["semantic"]["macro_f1"] == 1.0
    assert answer["distilled"]["macro_f1"] == 1.0
    assert answer["distilled"]["taught"] == len(free)


def test_distil_learns_passes_the_gate_and_goes_on_trial(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUYING_MODELS", str(tmp_path / "models"))
    file = labelled(tmp_path / "good.csv")
    with open(file, encoding="utf-8") as source:
        own = [row["text"] for row in csv.DictReader(source)]
    free = [f"{n}栋烧起来了" for n in range(20)]
    more = write(tmp_path / "more.csv", [["text"], *([each] for each in free)])
    reader = Reader(())
    kept = kept_vectors(tmp_path / "v.npz", [reader.read(each).text for each in (*own, *free)])
    where = ["--store", str(tmp_path / "s.sqlite"), "--pack", "starter"]
    code, answer = said(
        capsys, "distil", "--train", file, "--unlabelled", more, "--vectors", kept, "--test", file, *where
    )
    assert code == 0
    assert answer["card"]["unlabelled"] == 20
    assert answer["taught"]["type"] == 20
    assert answer["gate"]["passed"]
    _, shown = said(capsys, "show", *where)
    assert (shown["shadow"], shown["live"]) == (answer["digest"], "")


def test_without_the_extra_it_says_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huying.learning.vectors.installed", lambda: False)
    file = labelled(tmp_path / "good.csv")
    where = ["--text", "text", "--label", "type", "--semantic"]
    done, answer = evaluated(capsys, "--train", file, *where)
    assert (done, answer["refusal"]["code"]) == (1, "semantic_missing")
