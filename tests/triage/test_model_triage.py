"""Words of danger first, then the model: it proposes, raises urgency, and never lowers it."""

from __future__ import annotations

import pytest

from huying.domain.pack import Pack
from huying.triage.learning.learn import Sample, learn
from huying.triage.modelled import ModelTriage, Named
from huying.triage.rules import WordTriage
from tiny_pack import tiny_pack


@pytest.fixture(scope="module")
def pack() -> Pack:
    return tiny_pack()


@pytest.fixture(scope="module")
def model(pack: Pack) -> Named:
    """Learnt: talk of the river is the first type and urgent, talk of the fair the last and not."""
    first, *_, last = pack.types
    texts = [f"河边{n}号有人掉水里了，快来" for n in range(20)] + [
        f"庙会{n}号摊位想问问时间" for n in range(20)
    ]
    labels = [first] * 20 + [last] * 20
    urgency = ["1"] * 20 + ["5"] * 20
    return Named("0" * 16, learn(Sample(texts, {"type": labels, "urgency": urgency})).model)


def test_it_proposes_with_reasons_in_the_callers_own_words(pack: Pack, model: Named) -> None:
    words = "河　边有人 掉 水里了"
    said = ModelTriage(pack, model).understand(words, "zh", "", {})
    assert said.type == next(iter(pack.types))
    reasons = {each.key: each for each in said.reasons}
    assert reasons["triage.model"].of == "model:" + "0" * 16
    word = reasons["triage.model_word"]
    assert word.span is not None
    assert words[word.span[0] : word.span[1]] == word.values["word"]
    likely = {each.head: each for each in said.likely}
    assert likely["type"].choice[0] == said.type
    assert likely["urgency"].classes[0][0] == "1"


def test_it_raises_urgency_and_never_lowers_it(pack: Pack, model: Named) -> None:
    by_words, both = WordTriage(pack), ModelTriage(pack, model)
    for words in (
        "河边有人掉水里了",
        "着火了",
        "庙会摊位着火了，有人困在里面",
        "x",
        "…",
    ):
        assert (
            both.understand(words, "zh", "", {}).priority <= by_words.understand(words, "zh", "", {}).priority
        )


def test_where_the_words_say_nothing_the_city_ranks_the_type_that_the_model_is_sure_of(
    pack: Pack, model: Named
) -> None:
    """The rank of what is not yet understood is nothing that anybody said of this call."""
    words = "庙会摊位想问问时间"
    assert WordTriage(pack).understand(words, "zh", "", {}).type == pack.default_type
    said = ModelTriage(pack, model).understand(words, "zh", "", {})
    assert said.priority == pack.types[said.type].priority
    assert "triage.kept" not in [each.key for each in said.reasons]


def test_a_stated_type_stays(pack: Pack, model: Named) -> None:
    for type in pack.types:
        assert ModelTriage(pack, model).understand("河边有人掉水里了", "zh", type, {}).type == type


def test_without_a_model_it_is_the_words(pack: Pack) -> None:
    for words in ("着火了", "", "随便说说"):
        assert ModelTriage(pack).understand(words, "zh", "", {}) == WordTriage(pack).understand(
            words, "zh", "", {}
        )


def test_a_model_on_trial_changes_nothing_but_a_note(pack: Pack, model: Named) -> None:
    words = "庙会摊位想问问时间"
    plain = WordTriage(pack).understand(words, "zh", "", {})
    tried = ModelTriage(pack, None, model).understand(words, "zh", "", {})
    assert (tried.type, tried.priority, tried.likely) == (plain.type, plain.priority, plain.likely)
    assert tried.reasons[-1].key == "triage.shadow"
    assert tried.reasons[-1].values["code"] == list(pack.types)[-1]


def test_where_it_is_not_sure_the_words_decide(pack: Pack, model: Named) -> None:
    for words in ("完全没有见过的说法", "qwerty", "🙂" * 50):
        said = ModelTriage(pack, model).understand(words, "zh", "", {})
        assert said.type == WordTriage(pack).understand(words, "zh", "", {}).type
