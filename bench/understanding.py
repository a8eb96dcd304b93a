"""Understanding beside its peers in one run: scikit-learn's TF-IDF with logistic regression, and fastText.

Peers are wanted in the bench's environment only; one that is not installed is left out. Sets that are not
here are left out too (HUYING_DATA names their folder).
"""

from __future__ import annotations

import csv
import gzip
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rows import Row

from huying.channels.files.labelled import Labelled
from huying.cli.evaluation import HEAD, evaluate
from huying.learning.rounds import LEARN_PARTS, TEST_PARTS
from huying.learning.training import read_reports
from huying.store.model_watch import folders_of, shipped_in
from huying.store.models import read_model
from huying.store.packdir import find_folder, read_pack
from huying.triage.fast import FastModel
from huying.triage.hearing import Hearer
from huying.triage.learning.figures import macro_f1

DATA = Path(os.environ.get("HUYING_DATA", "../shared/data"))
SETS = {
    "boston": (
        "req_boston_311/boston_311_2011H2_dev.csv.gz",
        "case_title",
        "reason",
        "open_dt",
        0.88,
    ),
    "seattle": (
        "cfs_seattle_2015/seattle_911_2015_dev.csv.gz",
        "Initial.Type.Description",
        "Event.Clearance.Group",
        "At.Scene.Time",
        0.53,
    ),
    "wenzheng": ("req_cn_wenzheng/messages_labelled_tokens_9210_dev.csv.gz", "tokens", "label", "", 0.92),
}
"""File, text, label, time, goal of macro-F1. Where no time is known every fifth group of rows with the same
beginning is held out, so that a message and its copy stay on one side."""

GROUP_CHARS = 40

LABELLED = Path(__file__).resolve().parent.parent / "labelled"
SHORT_CHARS = 30


def rows() -> Iterator[Row]:
    yield from county()
    for name, goal, train, test in sets():
        ours = evaluate(train, test)
        if goal:
            yield Row(f"{name}: macro-F1 against its goal", ours["macro_f1"], goal, 1.0)
        yield Row(f"{name}: calibration error (ECE) against 0.02", ours["ece"], 0.02, 1.0, less=True)
        for peer, learn in PEERS.items():
            found = learn(train, test)
            if found is None:
                continue
            yield Row(f"{name}: macro-F1 beside {peer}", ours["macro_f1"], found["macro_f1"], 1.0)
            yield Row(f"{name}: accuracy beside {peer}", ours["accuracy"], found["accuracy"], 1.0)
            yield Row(f"{name}: texts a second beside {peer}", ours["texts_per_s"], found["texts_per_s"], 1.0)
            yield Row(
                f"{name}: p99 of one text, ms, beside {peer}", ours["p99_ms"], found["p99_ms"], 1.0, less=True
            )


def sets() -> Iterator[tuple[str, float, Labelled, Labelled]]:
    """(name, goal or 0, train, test) of the sets that are here, the project's own reports at the end: by type
    and by police or not, learnt from the reports alone."""
    for name, (file, text, label, when, goal) in SETS.items():
        if (DATA / file).is_file():
            yield name, goal, *split(DATA / file, text, label, when)
    files = [LABELLED / lang / "reports.csv" for lang in ("zh", "en")]
    if all(file.is_file() for file in files):
        parts = [read_reports(files, some, read_pack("yunxi")) for some in (LEARN_PARTS, TEST_PARTS)]
        for head in ("type", "police"):
            made = (Labelled(each.texts, {HEAD: each.labels[head]}, [], {}) for each in parts)
            yield f"own reports, {head}", 0.0, *made


def county() -> Iterator[Row]:
    """Yunxi's model with its five heads on the project's own reports, by the processor time of this thread,
    so that a busy machine shows little of itself."""
    if not LABELLED.is_dir():
        return
    folders = folders_of(":memory:", "", find_folder("yunxi"))
    model = read_model(folders, shipped_in(folders)).model
    texts = []
    for lang in ("zh", "en"):
        with (LABELLED / lang / "reports.csv").open(encoding="utf-8", newline="") as source:
            texts += [row["text"] for row in csv.DictReader(source)]
    short = [text for text in texts if len(text) <= SHORT_CHARS]
    hearer = Hearer(model)
    for text in texts[:100]:
        hearer.hear(text)
    single = sorted(min(_cpu_s(partial(hearer.hear, text)) for _ in range(3)) for text in texts)
    yield Row(
        "county: p99 of one report, all heads, ms", single[len(single) * 99 // 100] * 1e3, 1.0, 1, less=True
    )
    yield Row("county: p50 of one report, all heads, ms", single[len(single) // 2] * 1e3, 1.0, 1, less=True)
    for name, some in ((f"reports of at most {SHORT_CHARS} characters", short), ("reports", texts)):
        took = min(_cpu_s(partial(_all_heads, model, some)) for _ in range(5))
        yield Row(f"county: {name} a second, all heads", len(some) / took, 100_000, 1)


def _all_heads(model: FastModel, texts: Sequence[str]) -> None:
    scores = model.scores(texts)
    for head in model.heads.values():
        chances = head.chances(scores)
        head.named(chances)
        head.sets(chances, 0.9)


def _cpu_s(work: Callable[[], object]) -> float:
    began = time.thread_time()
    work()
    return time.thread_time() - began


def split(file: Path, text: str, label: str, when: str) -> tuple[Labelled, Labelled]:
    """The last fifth in time is the test."""
    with gzip.open(file, "rt", encoding="utf-8-sig", newline="") as source:
        records = [row for row in csv.DictReader(source) if row[text].strip() and row[label].strip()]
    if when:
        records.sort(key=lambda row: row[when])
        cut = len(records) * 4 // 5
        parts = records[:cut], records[cut:]
    else:
        heads = {head: n for n, head in enumerate(sorted({row[text][:GROUP_CHARS] for row in records}))}
        fifth = [heads[row[text][:GROUP_CHARS]] * 7919 % 5 == 0 for row in records]
        parts = (
            [row for row, out in zip(records, fifth, strict=True) if not out],
            [row for row, out in zip(records, fifth, strict=True) if out],
        )
    made = [
        Labelled(
            [row[text] for row in part],
            {HEAD: [row[label] for row in part]},
            [row[when] for row in part] if when else [],
            {},
        )
        for part in parts
    ]
    return made[0], made[1]


def scikit(train: Labelled, test: Labelled) -> dict[str, float] | None:
    """Character n-grams of 1 to 3, sublinear TF-IDF, logistic regression."""
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
    except ImportError:
        return None
    model = make_pipeline(
        TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, min_df=2),
        LogisticRegression(C=10, max_iter=200),
    )
    model.fit(train.texts, train.labels[HEAD])
    return _measured(test, model.predict)


def fasttext(train: Labelled, test: Labelled) -> dict[str, float] | None:
    """fastText with its own defaults for short texts: word pairs and subwords of 2 to 4."""
    try:
        import fasttext as library
    except ImportError:
        return None
    names = {label: f"__label__{n}" for n, label in enumerate(sorted(set(train.labels[HEAD])))}
    back = {code: label for label, code in names.items()}
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as out:
        for text, label in zip(train.texts, train.labels[HEAD], strict=True):
            out.write(f"{names[label]} {_line(text)}\n")
        out.flush()
        model = library.train_supervised(
            out.name, lr=0.5, epoch=15, wordNgrams=2, minn=2, maxn=4, dim=50, thread=1, verbose=0
        )

    def predict(texts: Sequence[str]) -> list[str]:
        found = (model.f.predict(_line(text) + "\n", 1, 0.0, "strict") for text in texts)
        return [back[each[0][1]] if each else "" for each in found]

    return _measured(test, predict)


def _line(text: str) -> str:
    return " ".join(text.split())


def _measured(test: Labelled, predict: Any) -> dict[str, float]:
    began = time.perf_counter()
    said = list(predict(test.texts))
    took = time.perf_counter() - began
    number = {label: n for n, label in enumerate(sorted({*said, *test.labels[HEAD]}))}
    true = np.array([number[label] for label in test.labels[HEAD]])
    single = []
    for text in test.texts[:500]:
        start = time.perf_counter()
        predict([text])
        single.append((time.perf_counter() - start) * 1000)
    return {
        "macro_f1": macro_f1(true, (named := np.array([number[label] for label in said]))),
        "accuracy": float((named == true).mean()),
        "texts_per_s": len(test.texts) / took,
        "p99_ms": float(np.percentile(single, 99)),
    }


PEERS = {"TF-IDF + logistic regression (scikit-learn)": scikit, "fastText": fasttext}
