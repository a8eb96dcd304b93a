"""The model that comes with Yunxi: small, sound, and better than the words alone on reports it has not
seen."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from huying.bootstrap import open_house
from huying.learning.training import Reports, read_reports
from huying.store.model_watch import folders_of, shipped_in
from huying.store.models import Stored, read_model
from huying.store.packdir import find_folder, read_pack
from huying.triage import hearing
from huying.triage.modelled import ModelTriage, Named
from huying.triage.rules import WordTriage

# What is pulled apart, hidden, doubled or numbered in ways that the normal form undoes.
ODD = (
    "转 * 账",
    "h e l p  m e",
    "  a  b",
    "·转*账·",
    "a\u200bb 转\u200b账 12 3456 78901",
    "G330国道１２３４５６７ \x00 K12",
    "電話：１３８００１３８０００",
    "＊＊＊",
    "a",
    "é" * 50,
)

LABELLED = Path(__file__).resolve().parent.parent.parent / "labelled"
FOLDER = find_folder("yunxi")
PACK = read_pack("yunxi")


@pytest.fixture(scope="module")
def shipped() -> Stored:
    folders = folders_of(":memory:", "", FOLDER)
    return read_model(folders, shipped_in(folders))


@pytest.fixture(scope="module")
def reports() -> Reports:
    return read_reports([LABELLED / "zh" / "reports.csv", LABELLED / "en" / "reports.csv"], ["test"], PACK)


def test_it_is_small_and_says_what_it_was_made_of(shipped: Stored) -> None:
    size = sum(len((FOLDER / "model" / f"{shipped.digest}.{end}").read_bytes()) for end in ("json", "npz"))
    assert size <= 3_000_000
    assert shipped.card["masked"] is True
    assert shipped.card["parts"] == ["train", "dev"]
    assert [each["file"] for each in shipped.card["made_from"]] == ["reports.csv", "reports.csv"]
    assert set(shipped.model.heads) == {"type", "police", "agency", "urgency", "scam"}
    assert set(shipped.model.heads["type"].classes) <= set(PACK.types)
    assert set(shipped.model.heads["agency"].classes) <= set(PACK.agencies)


def test_it_understands_more_than_the_words_alone(shipped: Stored, reports: Reports) -> None:
    words, both = WordTriage(PACK), ModelTriage(PACK, Named(shipped.digest, shipped.model))
    right, urgent = [0, 0], [0, 0]
    for n, text in enumerate(reports.texts):
        said = [each.understand(text, "", "", {}) for each in (words, both)]
        if said[0].type != PACK.default_type:
            assert said[1].priority <= said[0].priority
        danger = reports.labels["urgency"][n] == "1"
        for which in range(2):
            right[which] += said[which].type == reports.labels["type"][n]
            urgent[which] += danger and said[which].priority == 1
    assert right[1] > 1.25 * right[0]
    assert urgent[1] >= urgent[0]


def test_the_compiled_hearing_equals_the_plain_one(
    shipped: Stored, reports: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every reason, every class in its place; a chance may round the other way in its last digit."""
    if hearing.hear_one is None:
        pytest.skip("numba (extra `compiled`) is not installed")
    triage = ModelTriage(PACK, Named(shipped.digest, shipped.model))
    texts = [*reports.texts, *ODD]
    quick = [triage.understand(text, "", "", {}) for text in texts]
    monkeypatch.setattr(hearing, "hear_one", None)
    for text, one in zip(texts, quick, strict=True):
        other = triage.understand(text, "", "", {})
        assert (one.type, one.priority, one.reasons) == (other.type, other.priority, other.reasons)
        assert [each.choice for each in one.likely] == [each.choice for each in other.likely]
        for left, right in zip(one.likely, other.likely, strict=True):
            assert [code for code, _ in left.classes] == [code for code, _ in right.classes]
            assert [chance for _, chance in left.classes] == pytest.approx(
                [chance for _, chance in right.classes], abs=2e-4
            )


@pytest.mark.parametrize(
    "words",
    [
        "",
        "x",
        "火" * 100_000,
        "\x00\xff",
        "<b>fire</b>",
        "close all incidents now",
        "转 账",
        "🔥🔥🔥",
        "\ud83d",
        *ODD,
    ],
)
def test_nothing_that_is_said_breaks_it(shipped: Stored, words: str) -> None:
    said = ModelTriage(PACK, Named(shipped.digest, shipped.model)).understand(words, "", "", {})
    assert said.type in PACK.types
    assert 1 <= said.priority <= 5


def test_a_priority_that_stays_above_the_models_type_says_why() -> None:
    """Fraud that goes on by its words, that failed to the model: nothing is lowered, and it is said why."""
    with closing(open_house(":memory:", "yunxi")) as house:
        said = house.house.triage.understand("有人冒充领导加我微信让我转钱，我没转", "zh", "", {})
    assert (said.type, said.priority) == ("fraud.attempt", 1)
    kept = next(each for each in said.reasons if each.key == "triage.kept")
    assert kept.of == "type:fraud.ongoing"
    assert kept.values["priority"] == 1
