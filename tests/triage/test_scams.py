"""A scam that may be going on: words for and against it, what a model says, and the card at intake."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huying.cli import main
from huying.cli.exits import Exit
from huying.domain.pack import Scam, ScamWord
from huying.domain.suggestion import Likely
from huying.store.sqlite import MEMORY
from huying.triage.scams import ScamFinder
from tiny_pack import text, tiny_pack
from web_client import open_web

LABELLED = Path(__file__).resolve().parent.parent.parent / "labelled" / "zh" / "reports.csv"
SCAMS = {
    code: Scam(
        code, "police", text(code, code), text("先别转", "Don’t send it"), text("多少|几点", "How much|When")
    )
    for code in ("police", "other")
}
WORDS = (
    ScamWord(2, "安全账户", "police", 3.0),
    ScamWord(3, "公安", "police", 1.0),
    ScamWord(4, "骗", "other", 1.0),
    ScamWord(5, "假的", "other", 1.0),
    ScamWord(6, "转账", "any", 1.5),
    ScamWord(7, "真的退款", "none", 3.0),
)
pack = tiny_pack(scams=SCAMS, scam_words=WORDS)
finder = ScamFinder(pack)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("公安叫我把钱打到安全账户", "police"),
        ("他说自己是公安，让我转账", "police"),
        ("转账转账转账", ""),  # money that moves is no scam by itself, however often it is said
        ("公安来过了", ""),
        ("安全账户，不过是真的退款", ""),
        ("", ""),
    ],
)
def test_words_for_and_against(words: str, kind: str) -> None:
    sign = finder.sign(words)
    assert (sign.kind if sign else "") == kind
    if sign:
        first = sign.reasons[0]
        assert first.key == "scam.word" and first.span is not None
        assert words[slice(*first.span)] == first.values["word"]


def test_a_model_may_speak_as_well() -> None:
    sure = (Likely("scam", (("other", 0.8), ("none", 0.2))),)
    sign = finder.sign("他叫我不要挂电话", sure)
    assert sign is not None and (sign.kind, sign.reasons[0].key) == ("other", "scam.model")
    assert finder.sign("他叫我不要挂电话", (Likely("scam", (("none", 0.8), ("other", 0.2))),)) is None
    assert finder.sign("安全账户", (Likely("scam", (("none", 1.0),)),)) is not None  # never takes a card away
    assert ScamFinder(tiny_pack()).sign("安全账户", sure) is None  # a city without cards


@given(st.text(max_size=400))
def test_any_words_are_read_calmly(words: str) -> None:
    sign = finder.sign(words)
    assert sign is None or sign.kind in SCAMS


def test_the_card_comes_with_the_answer_to_the_call() -> None:
    with open_web(MEMORY, pack=pack) as web:
        told = web.call("公安叫我把钱打到安全账户")
        assert told["scam"] == "police"
        assert "scam" not in web.call("楼下太吵")
        checked = web.post("/api/calls?check=only", {"channel": "desk", "words": "打到安全账户"})[1]
        assert checked["scam"] == "police"
        cards = web.get("/api/scams")[1]
        assert [card["code"] for card in cards] == ["police", "other"]
        assert cards[0]["ask"]["zh"] == ["多少", "几点"] and cards[0]["desk"] == "police"


def test_the_command_prints_recall_and_precision(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "reports.csv"
    file.write_text(
        "id,text,scam,duplicate_of,notes\na,叫我转到安全账户,police,,\nb,谢谢你们,,,hardneg\nc,被骗了,other,,\n",
        "utf-8",
    )
    assert main(["scam", "evaluate", str(file), "--pack", "starter", "--json"]) == Exit.OK
    score = json.loads(capsys.readouterr().out)["scores"]["all"]
    assert (score["recall"], score["precision"], score["hard"], score["hard_false"]) == (0.5, 1.0, 1, 0)
    file.write_text("id,text\na,b\n", "utf-8")
    assert main(["scam", "evaluate", str(file), "--pack", "starter"]) == Exit.REFUSED


def test_the_demo_countys_cards_on_labelled_reports(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scam", "evaluate", str(LABELLED), "--json"]) == Exit.OK
    score = json.loads(capsys.readouterr().out)["scores"]["test"]
    assert score["recall"] >= 0.45
    assert score["precision"] >= 0.75
