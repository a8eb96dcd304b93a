"""Callers' codes are found whether they are listed already or wait in the newest calls; on every engine."""

from __future__ import annotations

import pytest

from huying.base.refusal import Refusal
from huying.store import schema
from huying.store.opening import Opened, open_store
from huying.store.rebuild import rebuild
from huying.system import SystemChance
from store.conftest import KEYS, House
from store.sample import Sample

COUNT, LISTED_AT_ONCE = 12, 5


@pytest.fixture
def calls(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> Sample:
    """Twelve calls in commits of their own: ten are listed, two wait."""
    monkeypatch.setattr("huying.store.journal.RECENT_MAX", LISTED_AT_ONCE)
    sample = Sample()
    for n in range(COUNT):
        opened.store.commit(sample.call(opened.store.begin(), code_hash=f"{n * 7_919:032x}"))
    return sample


def test_every_code_leads_to_its_call(opened: Opened, calls: Sample) -> None:
    found = {opened.questions.call_by_code(each.code_hash).id for each in calls.calls.values()}
    assert found == set(calls.calls)
    assert len(list(opened.store.scan(schema.code))) == COUNT // LISTED_AT_ONCE * LISTED_AT_ONCE


@pytest.mark.parametrize("code", ["", "ff" * 16])
def test_no_other_code_leads_anywhere(opened: Opened, calls: Sample, code: str) -> None:
    opened.store.commit(calls.call(opened.store.begin()))  # a call that nobody follows
    with pytest.raises(Refusal, match="not_found"):
        opened.questions.call_by_code(code)


def shadow_of(house: House) -> Opened:
    if house.kind == "memory":
        return open_store(":memory:", SystemChance(), {})
    return open_store(
        house.server.city() if house.server else house.address + ".shadow", SystemChance(), KEYS
    )


def test_rebuilding_lists_them_all(opened: Opened, house: House, calls: Sample) -> None:
    # Facts of the sample tell of no code, so the rebuilt list is empty and each listed code is one too many.
    shadow = shadow_of(house)
    found = rebuild(opened.store, shadow.store, opened.questions.fact_rows)
    shadow.close()
    assert {each.how for each in found.shown if each.table == "code"} == {"extra"}
    assert list(opened.store.scan(schema.code)) == []
