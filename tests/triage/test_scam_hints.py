"""What a pack teaches a model of scams before anybody has labelled a report."""

from __future__ import annotations

from huying.domain.pack import Pack
from huying.triage.learning.hints import hints_of
from shipped_packs import pack
from tiny_pack import tiny_pack


def taught(of: Pack) -> dict[str, str]:
    """Each text and what kind of scam it is said to be; empty: nothing is said."""
    texts, labels = hints_of(of)
    assert {len(each) for each in labels.values()} == {len(texts)}
    return dict(zip(texts, labels["scam"], strict=True))


def test_words_of_a_kind_speak_for_it_and_a_types_words_for_none() -> None:
    said = taught(pack("yunxi"))
    assert said["安全账户"] in ("", "police")
    assert {said["逮捕令"], said["通缉令"]} == {"police"}
    assert (said["广场舞"], said["爆胎"]) == ("none", "none")


def test_types_that_may_be_scams_and_what_nobody_understood_say_nothing() -> None:
    shipped = pack("yunxi")
    said = taught(shipped)
    kinds = {row.words for row in shipped.scam_words}
    for type in ("fraud.ongoing", "fraud.done", "fraud.attempt", shipped.default_type):
        words = [row.words for row in shipped.words if row.type == type]
        assert {said[each] for each in words if each in said and each not in kinds} <= {""}
        assert {said[each] for each in shipped.types[type].name.values()} == {""}


def test_a_pack_without_words_of_scams_says_nothing_of_them() -> None:
    assert set(taught(tiny_pack(scam_words=())).values()) == {""}
