"""What a call is and how urgent, by the words of the hand-made city."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huying.domain.pack import Question, TypeWord
from huying.domain.suggestion import Suggestion
from huying.store.packdir import read_pack
from huying.triage.rules import REASONS_MAX, WordTriage
from tiny_pack import WORDS, text, tiny_pack

pack = tiny_pack()
triage = WordTriage(pack)
county = WordTriage(read_pack("yunxi"))


def understand(words: str, stated: str = "", **answers: str) -> Suggestion:
    return triage.understand(words, "", stated, answers)


def keys(suggestion: Suggestion) -> list[str]:
    return [each.key for each in suggestion.reasons]


@pytest.mark.parametrize(
    ("words", "type", "priority"),
    [
        ("三楼着火了，冒烟很大", "fire.building", 1),
        ("There is smoke and fire on the 3rd floor", "fire.building", 1),
        ("有两个人在打架", "police.fight", 2),
        ("我的电动车被偷了", "police.theft", 3),
        ("楼下广场舞噪音太吵", "city.noise", 4),
        ("Loud Music all night", "city.noise", 4),
        ("和邻居吵架了", "town.dispute", 4),
        ("neighbour quarrel", "town.dispute", 4),
        ("你好", "unknown", 3),
        ("", "unknown", 3),
    ],
)
def test_words_tell_the_type(words: str, type: str, priority: int) -> None:
    found = understand(words)
    assert (found.type, found.priority) == (type, priority)


@pytest.mark.parametrize(
    ("words", "type", "priority"),
    [
        ("东海塘村的村路修了一半就停了", "unknown", 3),  # 海塘 is a sea wall, here it is half a name
        ("东海塘村的海塘漏水了", "weather.dike", 1),
        ("鹤云大酒店九楼窗帘烧起来了", "fire.house", 1),
        ("Water is shooting out of the pavement", "water.burst", 2),
        ("there is an active shooter in the school", "crime.weapon", 1),
    ],
)
def test_a_word_inside_the_name_of_a_place_says_nothing(words: str, type: str, priority: int) -> None:
    found = county.understand(words, "", "", {})
    assert (found.type, found.priority) == (type, priority)


def test_each_word_is_a_reason_with_its_place_in_the_words() -> None:
    found = understand("三楼着火了，冒烟很大")
    assert [(each.key, each.of, each.values["word"], each.span) for each in found.reasons] == [
        ("triage.word", "words:2", "着火", (2, 4)),
        ("triage.word", "words:4", "冒烟", (6, 8)),
    ]


def test_a_stated_type_goes_before_the_words() -> None:
    found = understand("三楼着火了", "city.noise")
    assert (found.type, found.priority) == ("city.noise", 4)
    assert keys(found) == ["triage.stated"]
    assert found.alternatives == (("fire.building", 3.0),)


def test_a_stated_type_that_nobody_knows_leaves_it_to_the_words() -> None:
    found = understand("着火了", "F-17")
    assert (found.type, keys(found)) == ("fire.building", ["triage.stated_unknown", "triage.word"])


def test_an_urgent_word_raises_and_says_so() -> None:
    found = understand("打架，还动刀了")
    assert (found.type, found.priority) == ("police.fight", 1)
    assert found.reasons[0].key == "triage.urgent"
    assert found.reasons[0].values == {"word": "动刀", "priority": 1}
    assert found.reasons[0].span == (4, 6)


def test_an_urgent_word_raises_whatever_the_type() -> None:
    assert understand("somebody with a knife", "city.noise").priority == 1


def test_nothing_lowers() -> None:
    assert understand("威胁，着火").priority == 1  # the word's 2 does not lower the fire's 1


@pytest.mark.parametrize("yes", ["yes", "YES", "true", "是"])
def test_an_answer_of_yes_speaks_with_the_words_of_its_question(yes: str) -> None:
    found = understand("太吵", danger=yes)
    assert (found.type, found.priority) == ("city.noise", 2)
    assert found.reasons[0].key == "triage.answer"
    assert found.reasons[0].of == "danger"


@pytest.mark.parametrize("answer", [{"danger": "no"}, {"danger": ""}, {"never_heard_of": "yes"}])
def test_other_answers_raise_nothing(answer: dict[str, str]) -> None:
    assert triage.understand("太吵", "zh", "", answer).priority == 4


def test_choices_and_texts_speak_too() -> None:
    weapon = Question("weapon", "choice", text("有武器吗？", "Any weapon?"), (("a", text("动刀", "knife")),))
    more = Question("more", "text", text("还有什么？", "What else?"))
    asking = WordTriage(tiny_pack(questions={"weapon": weapon, "more": more}))
    assert asking.understand("太吵", "zh", "", {"weapon": "a"}).priority == 1
    assert asking.understand("太吵", "zh", "", {"weapon": "b"}).priority == 4
    assert asking.understand("太吵", "zh", "", {"more": "he has a knife"}).priority == 1


def test_equally_likely_means_the_more_urgent() -> None:
    found = understand("被偷，噪音")  # 3.0 each
    assert (found.type, found.alternatives) == ("police.theft", (("city.noise", 3.0),))
    assert keys(found) == ["triage.close", "triage.word"]
    assert found.reasons[0].values == {"type": "city.noise"}


def test_the_stronger_wins_when_it_is_clear() -> None:
    found = understand("smoke, loud music")  # 1.0 against 3.0
    assert (found.type, found.alternatives) == ("city.noise", (("fire.building", 1.0),))
    assert "triage.close" not in keys(found)


def test_a_faint_sign_is_no_ground() -> None:
    faint = WordTriage(tiny_pack(words=(TypeWord(2, "声音", "city.noise", 0.5),)))
    found = faint.understand("什么声音", "zh", "", {})
    assert (found.type, keys(found), found.alternatives) == (
        "unknown",
        ["triage.weak"],
        (("city.noise", 0.5),),
    )
    assert keys(understand("你好")) == ["triage.unknown"]


def test_saying_it_again_adds_nothing() -> None:
    assert understand("fire fire fire, stolen").type == "police.theft"  # 2.0 against 3.0


def test_reasons_are_bounded() -> None:
    assert len(understand(" ".join(row.words for row in WORDS)).reasons) <= REASONS_MAX


@given(
    st.lists(st.sampled_from([row.words for row in WORDS] + ["hello", "在", "，"]), max_size=12), st.data()
)
def test_urgency_is_never_below_the_types_own(said: list[str], data: st.DataObject) -> None:
    stated = data.draw(st.sampled_from(["", *pack.types]))
    words = " ".join(said)
    found = understand(words, stated, danger=data.draw(st.sampled_from(["yes", "no"])))
    assert found.type in pack.types
    assert 1 <= found.priority <= pack.types[found.type].priority
    assert found.reasons
    for each in found.reasons:
        if each.span:
            assert words[slice(*each.span)].lower() == each.values["word"]
    assert found == understand(words, stated, danger="no") or found.priority <= 2
