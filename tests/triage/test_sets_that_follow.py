"""Thresholds that follow the reports, and a choice of ways that chance doesn't turn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huying.triage.learning.adaptive import follow, followed, with_heads
from huying.triage.learning.figures import gain
from huying.triage.learning.learn import Sample, learn

LEVEL = 0.9


def drifting(texts: int, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Chances of two classes and their truths: from the middle on, class 1 is hardly recognised."""
    dice = np.random.default_rng(seed)
    labels = dice.integers(0, 2, texts)
    sure = np.clip(0.8 + 0.1 * dice.standard_normal(texts), 0.05, 0.95)
    sure[(labels == 1) & (np.arange(texts) > texts // 2)] *= 0.3
    chances = np.empty((texts, 2), dtype=np.float32)
    chances[np.arange(texts), labels] = sure
    chances[np.arange(texts), 1 - labels] = 1 - sure
    return chances, labels


def test_a_class_whose_words_change_is_covered_again() -> None:
    past, past_labels = drifting(400)
    half = len(past) // 2
    chances, labels = drifting(4_000)
    late = np.arange(len(labels)) > len(labels) // 2
    fixed = follow(past[:half], past_labels[:half], chances, np.full(len(labels), -1), LEVEL)
    moved = follow(past[:half], past_labels[:half], chances, labels, LEVEL, delay=50)
    one = late & (labels == 1)
    assert fixed.sets[one, 1].mean() < 0.1
    for label in (0, 1):
        mine = late & (labels == label)
        assert moved.sets[mine, label].mean() == pytest.approx(LEVEL, abs=0.03)
    assert moved.least[1] < fixed.least[1]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 1, width=32), st.integers(-1, 2)), max_size=60),
    st.lists(st.tuples(st.floats(0, 1, width=32), st.integers(0, 2)), max_size=60),
    st.integers(0, 100),
)
def test_whatever_comes_thresholds_stay_chances(
    came: list[tuple[float, int]], before: list[tuple[float, int]], delay: int
) -> None:
    def rows(pairs: list[tuple[float, int]]) -> tuple[np.ndarray, np.ndarray]:
        chances = np.array([[each, (1 - each) / 2, (1 - each) / 2] for each, _ in pairs], dtype=np.float32)
        return chances.reshape(-1, 3), np.array([label for _, label in pairs], dtype=np.int64)

    found = follow(*rows(before), *rows(came), LEVEL, delay)
    assert found.sets.shape == (len(came), 3)
    assert all(0 <= each <= 1 for each in found.least)


def sample(more: int = 0) -> Sample:
    said = ("着火冒烟", "楼上太吵", "路灯不亮", "钱被骗了")
    texts = [f"{said[n % 4]}第{n % 17}次{'急' if n % 3 else ''}" for n in range(120 + more)]
    return Sample(texts, {"what": [str(n % 4) for n in range(len(texts))]})


def test_of_equal_ways_the_first_is_taken_with_a_report_more_or_less() -> None:
    taken = {learn(sample(more)).ways["what"] for more in range(4)}
    assert taken == {"softmax"}


def test_a_gain_is_told_with_what_chance_makes_of_it() -> None:
    true = np.arange(200) % 2
    bad = np.where(np.arange(200) % 5 == 0, 1 - true, true)
    row = np.arange(200)
    low, high = gain(true, bad, true, row)
    assert 0.1 < low < 0.2 < high < 0.3
    assert gain(true, bad, bad, row) == (0.0, 0.0)
    # The same text a hundred times is one text: nothing is known of others.
    low, _ = gain(true, bad, true, np.where(bad != true, 0, 1))
    assert low == 0.0


def test_a_model_under_followed_thresholds_names_the_same() -> None:
    learnt = learn(sample())
    model, texts = learnt.model, list(sample().texts)
    head = model.heads["what"]
    labels = ["1" if n % 2 else "" for n in range(len(texts))]
    moved, sets = followed(head, learnt.held_out["what"], model.scores(texts), labels, delay=0)
    again = with_heads(model, [moved])
    assert (again.scores(texts) == model.scores(texts)).all()
    assert moved.lean == head.lean and moved.shift == head.shift
    assert sets["0.9"].shape == (len(texts), 4) and moved.least.keys() == head.least.keys()
