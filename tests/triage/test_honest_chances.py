"""Stated chances are the shares that come true: how scores are bent, and what held-out texts may not know."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from huying.base.refusal import Refusal
from huying.store.models import read_model, write_model
from huying.triage import hearing
from huying.triage.fast import FastModel
from huying.triage.heads import bent
from huying.triage.learning import learn as learning
from huying.triage.learning.calibrate import Unseen, calibrated
from huying.triage.learning.copies import COPIES_MAX, copies_of
from huying.triage.learning.corpus import corpus_of, vocabulary_of, weighed
from huying.triage.learning.learn import FOLDS, Sample, learn


def test_what_bending_makes_of_a_score_by_hand() -> None:
    scores = np.log(np.array([1.0, 2.0, 4.0, 0.5], dtype=np.float32))
    assert bent(scores, 1.0) == pytest.approx([0, 1 / 2, 3 / 4, -1], abs=1e-6)  # 1 - exp(-score)
    assert (bent(scores, 0.0) == scores).all()
    far = bent(np.array([-1e9, 1e9], dtype=np.float32), 2.0)
    assert np.isfinite(far).all() and far[1] == 0.5


def piles(bend: float) -> Unseen:
    """Texts of two classes at ten places: at each a hundred, of which as many are of the first class as
    chances say that rise with the bent scores."""
    scores = np.array([[at / 4, -1 - at / 8] for at in range(-5, 5)], dtype=np.float32)
    logit = 2 * np.subtract(*bent(scores, bend).T)
    first = np.rint(1000 / (1 + np.exp(-logit))).astype(int)
    labels = np.concatenate([np.repeat([0, 1], [each, 1000 - each]) for each in first])
    return Unseen(scores, np.repeat(np.arange(10), 1000), labels)


@pytest.mark.parametrize("bend", [0.0, 1.5])
def test_chances_are_the_shares_that_came_true(bend: float) -> None:
    unseen = piles(bend)
    head = calibrated("it", ("a", "b"), 0, unseen)
    assert head.bend == bend
    came = [(unseen.labels[unseen.row == row] == 0).mean() for row in range(10)]
    assert head.chances(unseen.scores)[:, 0] == pytest.approx(came, abs=0.01)


@pytest.mark.filterwarnings("error")
def test_scores_far_apart_are_calibrated_too() -> None:
    scores = np.array([[9.0, -1e4], [-1e4, 9.0], [1e3, -3.0]], dtype=np.float32)
    head = calibrated("it", ("a", "b"), 0, Unseen(scores, np.arange(30) % 3, np.arange(30) % 3 % 2))
    assert np.isfinite([head.slope, *head.shift]).all() and head.slope > 0


def groups(texts: list[str]) -> list[int]:
    corpus = corpus_of(texts)
    came = np.ones(corpus.counts.shape[0])
    shares = weighed(corpus.counts, vocabulary_of(corpus.counts, came, 1, 10_000))
    return [int(each) for each in copies_of(shares, corpus.which)]


FAR = ["路灯坏了一个多月没人修", "幼儿园门口每天堵车", "井盖不见了夜里有人摔", "公交站牌上的时间不对", ""]
LONG = "小区物业擅自提高停车费，业主多次反映没有答复，希望有关部门查一查收费依据，给大家一个说法"
OTHERS = [f"{chr(0x4E00 + 7 * n)}{chr(0x5000 + 5 * n)}{chr(0x6000 + 3 * n)}" for n in range(2000)]


def test_near_copies_are_found_and_others_left_alone() -> None:
    found = groups([LONG, *FAR, LONG + "，谢谢", *OTHERS[:50]])
    assert found[0] == found[6]
    assert len(set(found)) == 56


def test_what_comes_again_and_again_is_no_copy() -> None:
    few, many = [LONG] * COPIES_MAX, ["路灯不亮"] * (COPIES_MAX + 1)
    found = groups([*few, *many, *OTHERS])
    assert len(set(found[:COPIES_MAX])) == 1
    assert len(set(found[COPIES_MAX : 2 * COPIES_MAX + 1])) == COPIES_MAX + 1


def pairs(count: int = 60) -> Sample:
    """Each text twice, nearly: what it is can be known from its copy alone."""
    dice = np.random.default_rng(1)
    texts, labels = list[str](), list[str]()
    for n in range(count):
        words = "".join(chr(0x4E00 + int(at)) for at in dice.integers(0, 9000, 30))
        texts += [words, words + "急"]
        labels += [str(n % 2)] * 2
    return Sample(texts, {"what": labels})


def test_no_text_is_held_out_while_its_copy_is_learnt_from() -> None:
    sample = pairs()
    unseen = learn(sample).held_out["what"]
    # Where the copy is in another fold everything is named rightly; without it there is nothing to go by.
    assert (unseen.scores.argmax(axis=1)[unseen.row] == unseen.labels).mean() < 0.8
    timed = learn(replace(sample, order=[f"{n:03d}" for n in range(60)] * 2)).held_out["what"]
    assert len(timed.labels) == 120


def test_held_out_texts_are_not_in_the_vocabulary(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def spy(counts, came, *more):  # type: ignore[no-untyped-def]
        asked.append(int((came > 0).sum()))
        return vocabulary_of(counts, came, *more)

    monkeypatch.setattr(learning, "vocabulary_of", spy)
    learn(pairs())
    assert asked[0] == 120  # the model's own
    assert len(asked) == 1 + FOLDS and sum(120 - each for each in asked[1:]) == 120


@pytest.fixture
def model() -> FastModel:
    said = ("着火冒烟", "楼上太吵", "路灯不亮")
    texts = [f"{said[n % 3]}{'急' * (n % 2)}" for n in range(30)]
    found = learn(Sample(texts, {"type": [str(n % 3) for n in range(30)]})).model
    head = replace(found.heads["type"], bend=1.5)
    return FastModel(found.buckets, found.idf, found.weights, found.bias, [head], found.scale)


def test_a_bent_head_says_the_same_by_every_road(model: FastModel, monkeypatch: pytest.MonkeyPatch) -> None:
    hearer, head = hearing.Hearer(model), model.heads["type"]
    for text in ("着火了", "楼上太吵，快来", "", "ab"):
        chances = head.chances(model.scores([text]))[0].tolist()
        roads = [dict(hearer.hear(text).likely[0].classes)]
        with monkeypatch.context() as plain:
            plain.setattr(hearing, "hear_one", None)
            roads.append(dict(hearer.hear(text).likely[0].classes))
        for road in roads:
            assert [road[name] for name in head.classes] == pytest.approx(chances, abs=2e-4)


def test_a_bent_head_is_kept_in_a_format_of_its_own(model: FastModel, tmp_path: Path) -> None:
    def kept(bend: float) -> tuple[str, str]:
        head = replace(model.heads["type"], bend=bend)
        changed = FastModel(model.buckets, model.idf, model.weights, model.bias, [head], model.scale)
        stored = write_model(tmp_path, changed, {})
        return stored.digest, json.loads((tmp_path / f"{stored.digest}.json").read_bytes())["format"]

    assert kept(0.0)[1] == "huying-fast-model/1"
    digest, form = kept(1.5)
    assert form == "huying-fast-model/2"
    assert read_model([tmp_path], digest).model.heads["type"].bend == 1.5
    with pytest.raises(Refusal) as refused:
        read_model([tmp_path], kept(99.0)[0])
    assert refused.value.code == "model_broken"
