"""What the gate holds against a model: what is truly worse, and not what chance or caution looks like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from huying.learning.alarms import RAISED, found_at
from huying.learning.gate import gate
from huying.learning.training import Reports
from huying.triage.fast import FastModel
from huying.triage.learning.hints import HEADS
from huying.triage.learning.learn import Sample, learn
from tiny_pack import tiny_pack

PACK = tiny_pack()
TYPES = {
    "着火冒烟": ("fire.building", "1"),
    "打架流血": ("police.fight", "1"),
    "噪音太吵": ("city.noise", "4"),
}
WORDS = list(TYPES)
OFTEN = (0, 1, 2, 2, 2, 2)
"""A third of the calls are of a life in danger."""


def reports(count: int, seed: int, slip: float = 0.1) -> Reports:
    """Calls of three kinds, one in ten labelled as another kind, as labels of real calls are."""
    chance = np.random.default_rng(seed)
    texts, types, urgency = [], [], []
    for n in range(count):
        said = WORDS[int(chance.choice(OFTEN))]
        meant = WORDS[int(chance.choice(OFTEN))] if chance.random() < slip else said
        texts.append(f"{n}号楼{said}{chr(0x4E00 + n)}")
        types.append(TYPES[meant][0])
        urgency.append(TYPES[meant][1])
    labels = {head: [""] * count for head in HEADS} | {"type": types, "urgency": urgency}
    return Reports(texts, labels, [f"g{n}" for n in range(count)])


def model(of: Reports, mistold: Callable[[str, tuple[str, str]], tuple[str, str]] | None = None) -> FastModel:
    """Learnt from the reports; `mistold` says type and urgency otherwise than they were."""
    labels = {head: list(of.labels[head]) for head in ("type", "urgency")}
    for n, text in enumerate(of.texts if mistold else ()):
        assert mistold is not None
        labels["type"][n], labels["urgency"][n] = mistold(text, (labels["type"][n], labels["urgency"][n]))
    return learn(Sample(of.texts, labels, groups=of.groups)).model


@pytest.fixture(scope="module")
def live() -> FastModel:
    return model(reports(600, 1))


def judged(candidate: FastModel, live: FastModel) -> dict[str, Any]:
    return gate(candidate, live, reports(500, 2), [], PACK)


def test_an_equal_model_passes(live: FastModel) -> None:
    """It learnt from other calls of the same kind; its figures are a little other, which is chance."""
    for seed in (3, 4, 5):
        answer = judged(model(reports(600, seed)), live)
        assert answer["passed"], answer["faults"]


def test_one_that_is_blinder_to_danger_is_refused(live: FastModel) -> None:
    """Fights were told to it as if they were no danger: it ranks them with noise at any number of alarms."""
    blind = model(reports(600, 3), lambda text, was: (was[0], "4") if "打架" in text else was)
    answer = judged(blind, live)
    assert not answer["passed"]
    assert any(each.startswith("frozen: danger seen_10") for each in answer["faults"])
    low, high = answer["against"]["frozen"]["differences"]["danger seen_10"]
    assert low < high < 0


def test_one_that_is_worse_at_types_is_refused(live: FastModel) -> None:
    """Fights were told to it as fires; of danger it knows as much as the other."""

    def mistold(text: str, was: tuple[str, str]) -> tuple[str, str]:
        return ("fire.building", was[1]) if "打架" in text else was

    answer = judged(model(reports(600, 3), mistold), live)
    faults = [each.split(": ")[1].split(" ")[0] for each in answer["faults"]]
    assert set(faults) == {"type"}


def test_caution_is_not_blindness() -> None:
    """Two that rank alike find alike, however high they state their chances."""
    chance, mine = np.array([0.9, 0.8, 0.4, 0.3, 0.2, 0.1]), np.array([1, 0, 1, 0, 0, 0], dtype=bool)
    every = np.ones((1, 6))
    bold = found_at(chance.astype(np.float32), mine, every)
    assert (bold == found_at((chance / 4).astype(np.float32), mine, every)).all()
    # Of four others a tenth is 0.4 of the first: the danger before it is found, of that behind it nothing.
    assert RAISED == (0.1, 0.2)
    assert bold.tolist() == [[0.5, 0.5]]


def test_equal_chances_are_raised_in_equal_parts() -> None:
    alike = np.full(10, 0.5, dtype=np.float32)
    mine = np.arange(10) < 5
    assert found_at(alike, mine, np.ones((1, 10)))[0] == pytest.approx(RAISED)
