"""What meaning says where the fast model is not sure: asked at once, told later, and never in the way."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from huying.domain.suggestion import Likely
from huying.edge.semantic.second import NONE, Second
from huying.edge.semantic.vectors import Later, Worker
from huying.store.models import rounded
from huying.store.sense import keep_sense, sense_in
from huying.triage.learning.learn import Sample
from huying.triage.learning.meaning import by_sense
from tiny_pack import tiny_pack

# A worker for which what is hot lies on one axis and what is loud on another.
AXES = """\
import sys, json, struct
for line in sys.stdin.buffer:
    out = b""
    for text in json.loads(line):
        row = [0.0] * 384
        row[0 if "hot" in text else 1] = 1.0
        if "die" in text: sys.exit(1)
        out += struct.pack("<384f", *row)
    sys.stdout.buffer.write(b"%d\\n" % len(out) + out); sys.stdout.buffer.flush()
"""
UNSURE = (Likely("type", (("a", 0.3), ("b", 0.2)), ("a", "b")),)
SURE = (Likely("type", (("a", 0.9), ("b", 0.1)), ("a",)),)


def sample(first: str, last: str) -> tuple[Sample, np.ndarray]:  # type: ignore[type-arg]
    vectors = np.zeros((60, 384), dtype=np.float32)
    vectors[np.arange(60), np.arange(60) % 2] = 1.0
    texts = [f"{n} {('hot', 'loud')[n % 2]}" for n in range(60)]
    return Sample(texts, {"type": [(first, last)[n % 2] for n in range(60)]}), vectors


@pytest.fixture
def second(tmp_path: Path) -> Iterator[Second]:
    first, *_, last = tiny_pack().types
    for way in ((last, first), (first, last)):  # the second takes the first one's place
        keep_sense(tmp_path, rounded(by_sense(*sample(*way))), {})
    made = Second(tiny_pack(), sense_in([tmp_path]), Later(Worker((sys.executable, "-c", AXES)), rest_s=0.0))
    yield made
    made.close()


def heard(second: Second, words: str) -> tuple[Likely, ...]:
    waited = threading.Event()
    while (opinion := second.on(words, UNSURE)).pending:
        waited.wait(0.01)
    return opinion.likely


def test_it_is_pending_at_first_and_there_later(second: Second) -> None:
    first, *_, last = tiny_pack().types
    assert second.on("hot as an oven", UNSURE).pending
    assert heard(second, "hot as an oven")[0].classes[0][0] == first
    assert heard(second, "very loud")[0].classes[0][0] == last
    assert heard(second, "very loud")[0].classes[0][1] > 0.5


def test_nobody_is_asked_where_the_model_is_sure_or_nothing_is_said(second: Second) -> None:
    assert second.on("hot", SURE) == NONE
    assert second.on("   ", UNSURE) == NONE


def test_a_crash_costs_only_its_own_text(second: Second) -> None:
    assert second.on("die", UNSURE).pending
    assert heard(second, "hot again")


def test_without_a_model_of_meaning_there_is_no_opinion(tmp_path: Path) -> None:
    none = Second(tiny_pack(), sense_in([tmp_path]))
    assert none.on("hot", UNSURE) == NONE
    none.close()
