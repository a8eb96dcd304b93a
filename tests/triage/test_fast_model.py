"""The fast model on a few texts: what it names, why, how sure, and that both passes agree."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huying.triage import fast, hearing
from huying.triage.fast import FastModel
from huying.triage.learning import dual, linear
from huying.triage.learning.figures import accuracy_answered, calibration_error, coverage, macro_f1
from huying.triage.learning.learn import Sample, learn
from huying.triage.learning.measure import measured

FIRE = [
    "厂房着火了",
    "楼上起火冒烟",
    "山上着火",
    "仓库起火了",
    "着火了快来",
    "house on fire",
    "fire and smoke",
]
NOISE = [
    "楼下太吵",
    "隔壁装修噪音",
    "广场舞音乐太吵",
    "半夜噪音扰民",
    "吵得睡不着",
    "loud music",
    "noise at night",
]
TEXTS = [*FIRE, *NOISE]
LABELS = ["fire"] * 7 + ["noise"] * 7


@pytest.fixture(scope="module")
def model() -> FastModel:
    return learn(Sample(TEXTS * 4, {"type": LABELS * 4, "police": (["no"] * 7 + ["yes"] * 7) * 4})).model


def test_it_names_what_it_learnt(model: FastModel) -> None:
    head = model.heads["type"]
    chances = head.chances(model.scores(["车子着火", "邻居太吵", "there is a fire"]))
    assert [head.classes[n] for n in head.named(chances)] == ["fire", "noise", "fire"]
    assert np.allclose(chances.sum(axis=1), 1, atol=1e-5)


def test_all_heads_come_from_one_pass(model: FastModel) -> None:
    scores = model.scores(["着火"])
    assert scores.shape == (1, 4)
    assert {name: head.columns for name, head in model.heads.items()} == {
        "type": slice(0, 2),
        "police": slice(2, 4),
    }


def test_reasons_are_exact(model: FastModel) -> None:
    """The shares of the characters and the bias are the score, to the last digit that matters."""
    for text in ("仓库着火了，着火了", "半夜噪音 loud loud music", "x", ""):
        for column in range(4):
            shares = model.shares_by_character(model.read(text), column)
            assert shares.sum() + model.bias[column] == pytest.approx(
                model.scores([text])[0, column], abs=1e-4
            )


def test_the_word_that_speaks_stands_out(model: FastModel) -> None:
    text = "村口那边着火了"
    read = model.read(text)
    shares = model.shares_by_character(read, 0, against=1)
    best = int(np.argmax(shares))
    assert text[read.normal.span(best, best + 1)[0]] in "着火"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.text(max_size=60), st.sampled_from(TEXTS)), max_size=6))
def test_the_compiled_pass_equals_the_plain_one(model: FastModel, texts: list[str]) -> None:
    quick = model.scores(texts)
    compiled, fast.score_all = fast.score_all, None
    try:
        assert np.allclose(quick, model.scores(texts), atol=1e-5)
    finally:
        fast.score_all = compiled


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.text(max_size=80), st.text("着火太吵 *·12ab\u200b", max_size=40)))
def test_one_text_is_heard_alike_compiled_and_by_steps(model: FastModel, text: str) -> None:
    if hearing.hear_one is None:
        pytest.skip("numba (extra `compiled`) is not installed")
    hearer = hearing.Hearer(model)
    quick = hearer.hear(text)
    compiled, hearing.hear_one = hearing.hear_one, None
    try:
        plain = hearer.hear(text)
    finally:
        hearing.hear_one = compiled
    assert quick.familiar == plain.familiar
    for one, other in zip(quick.likely, plain.likely, strict=True):
        assert dict(one.classes) == pytest.approx(dict(other.classes), abs=2e-4)


def test_the_compiled_descent_finds_the_same_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    if dual.descend is None:
        pytest.skip("numba (extra `compiled`) is not installed")
    quick = learn(Sample(TEXTS, {"type": LABELS})).model.scores(TEXTS)
    monkeypatch.setattr(linear, "descend", None)
    assert np.allclose(quick, learn(Sample(TEXTS, {"type": LABELS})).model.scores(TEXTS), atol=0.05)


def test_what_it_never_heard_is_no_answer(model: FastModel) -> None:
    head = model.heads["type"]
    chances = head.chances(model.scores(["ψφξ", "", "🙂"]))
    assert (chances == chances[0]).all()


def test_figures_by_hand() -> None:
    true, named = np.array([0, 0, 1, 2]), np.array([0, 1, 1, 1])
    # F1: class 0 2·1/(2+1), class 1 2·1/(1+3), class 2 nothing
    assert macro_f1(true, named) == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)
    right, stated = np.array([True, False]), np.array([0.9, 0.8], dtype=np.float32)
    # bins of a fifteenth: 0.9 and 0.8 fall apart, off by 0.1 and 0.8
    assert calibration_error(right, stated) == pytest.approx(0.45, abs=1e-6)
    assert accuracy_answered(right, stated, 0.5) == 1.0
    sets = np.array([[True, False], [False, False], [True, True]])
    assert coverage(np.array([0, 0, 1]), sets) == {0: (0.5, 0.5, 2), 1: (1.0, 2.0, 1)}


def test_a_label_that_training_never_saw_counts_as_missed(model: FastModel) -> None:
    head = model.heads["type"]
    figures = measured(head, head.chances(model.scores(["着火", "潮水"])), ["fire", "flood"])
    assert figures["f1"]["flood"] == 0
    assert figures["coverage"]["0.9"]["flood"] == 0
    assert figures["accuracy"] == 0.5


@pytest.mark.parametrize("labels", [[], ["a"], ["a"] * 5, ["a", "b", "c"]])
def test_nothing_to_learn_makes_no_head(labels: list[str]) -> None:
    assert (
        learn(
            Sample([f"text {n}" for n in range(len(labels))] or ["x"], {"type": labels or [""]})
        ).model.heads
        == {}
    )
