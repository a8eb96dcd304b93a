"""Words said apart are found in their order, near each other; reasons name what the caller said."""

from __future__ import annotations

import pytest

from huying.triage.phrases import GAP_MAX, Phrases
from huying.triage.reading import Reader
from huying.triage.rules import WordTriage
from shipped_packs import pack

READER = Reader()


def found(row: str, said: str) -> list[str]:
    phrases = Phrases([(row, row)], READER)
    text = READER.read(said).text
    return [text[each.start : each.end] for each in phrases.find(text)]


@pytest.mark.parametrize(
    ("row", "said", "parts"),
    [
        ("叫…不应", "我叫了他半天都不应", ["叫了他半天都不应"]),
        ("叫…不应", "不应该这么叫", []),
        ("爷爷|奶奶…不动了", "奶奶趴着不动了", ["奶奶趴着不动了"]),
        ("爷爷|奶奶…不动了", "叔叔趴着不动了", []),
        ("拿|举…刀", "他舉 着一把刀", ["举着一把刀"]),
        ("刀", "一把刀", []),
        ("着火|起火", "厨房起火", ["起火"]),
        ("took|taken…pills", "she has taken a lot of pills", ["taken a lot of pills"]),
        ("took…pills", "mistook it, spills everywhere", []),
        ("叫…不应", "叫" + "火" * GAP_MAX + "不应", []),
        ("叫…不应", "", []),
    ],
)
def test_said_apart(row: str, said: str, parts: list[str]) -> None:
    assert found(row, said) == parts


@pytest.mark.parametrize(
    "said",
    [
        "我喊他半天了，怎么推都不理我",
        "工友下到污水井里清淤，下去的人叫不应",
        "Grandad just keeled over, his lips have gone a bit blue",
        "she took all her pills with wine",
    ],
)
def test_a_life_in_danger_is_seen_without_the_usual_word(said: str) -> None:
    got = WordTriage(pack("yunxi")).understand(said, "", "", {})
    assert got.priority == 1
    spoken = [each for each in got.reasons if each.key in ("triage.urgent", "triage.word") and each.span]
    assert spoken
    for each in spoken:
        assert each.span is not None
        start, end = each.span
        # What a reason names stands in the caller's words: a row of choices would tell nobody anything.
        assert READER.read(str(each.values["word"])).text == READER.read(said[start:end]).text


@pytest.mark.parametrize(
    "said",
    [
        "楼上小孩跑来跑去吵得睡不着",
        "我家水龙头漏水，叫物业半天不应",
        "煤气费怎么交",
        "my grandpa wants to renew his bus card",
        "the baker next door burns rubbish every evening",
    ],
)
def test_what_is_no_danger_stays_calm(said: str) -> None:
    assert WordTriage(pack("yunxi")).understand(said, "", "", {}).priority > 1
