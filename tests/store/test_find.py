"""Every filter against a plain walk through all incidents, with windows so small that each edge is met."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huying.base.refusal import Refusal
from huying.domain.assignment import Assignment
from huying.domain.incident import Incident
from huying.domain.statuses import IncidentStatus
from huying.service.questions import IncidentFilter
from huying.store.opening import Opened
from store.conftest import House
from store.sample import MINUTE, NOON, Sample, note

TYPES, AREAS, AGENCIES = ("noise", "fire", "fight"), ("west", "east"), ("urban", "water", "police")
COUNT = 120


def fits(incident: Incident, which: IncidentFilter) -> bool:
    """The filter in plain words."""
    agencies = [each.agency for each in (*incident.referrals, *incident.assignments)]
    point = incident.place.point
    box = which.box
    return (
        (not which.status or incident.status.value in which.status)
        and (not which.type or incident.type == which.type)
        and incident.priority <= which.priority_max
        and (not which.agency or which.agency in agencies)
        and (not which.area or which.area in incident.place.areas)
        and incident.opened_at >= which.since
        and (not which.until or incident.opened_at < which.until)
        and (which.duty_desk is None or incident.duty_desk == which.duty_desk)
        and (
            box is None
            or (point is not None and box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3])
        )
    )


@pytest.fixture
def town(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> tuple[Opened, Sample]:
    """120 incidents of many kinds, a third of them changed afterwards, in batches across the index's edge."""
    monkeypatch.setattr("huying.store.journal.RECENT_MAX", 50)
    monkeypatch.setattr("huying.store.find.WINDOW", 16)
    dice, sample, store = random.Random(1), Sample(), opened.store
    for i in range(COUNT):
        nowhere = dice.random() < 0.1
        batch = sample.call(
            store.begin(),
            at=NOON + i * MINUTE,
            type=dice.choice(TYPES),
            priority=dice.randint(1, 5),
            lat=None if nowhere else dice.uniform(28.0, 28.4),
            lon=None if nowhere else dice.uniform(121.0, 121.4),
            areas=tuple(dice.sample(AREAS, dice.randint(0, 2))),
            agency=dice.choice(AGENCIES[:2]),
        )
        store.commit(batch)
        if i % 3 == 0:
            incident = sample.opened[dice.choice(sorted(sample.opened))]
            incident.status = dice.choice(list(IncidentStatus))
            incident.duty_desk = incident.status != IncidentStatus.CLOSED and dice.random() < 0.5
            if dice.random() < 0.5:
                incident.assignments = [Assignment(1, "p1", "police", NOON)]
            store.commit(sample.change(store.begin(), incident, note()))
    return opened, sample


def walk(opened: Opened, which: IncidentFilter, limit: int) -> Iterator[int]:
    cursor, pages = "", 0
    while True:
        page = opened.questions.incidents(which, cursor, limit)
        assert len(page.items) <= limit
        yield from (each.id for each in page.items)
        cursor, pages = page.next, pages + 1
        assert pages < 2 * COUNT
        if not cursor:
            return


filters: Callable[[], st.SearchStrategy[IncidentFilter]] = lambda: st.builds(  # noqa: E731
    IncidentFilter,
    status=st.lists(st.sampled_from([*IncidentStatus, "nonsense"]), max_size=3).map(
        lambda some: tuple(str(each) for each in some)
    ),
    type=st.sampled_from(["", "", *TYPES, "nonsense"]),
    priority_max=st.integers(1, 5),
    agency=st.sampled_from(["", "", *AGENCIES]),
    area=st.sampled_from(["", "", *AREAS]),
    since=st.sampled_from([0, 0, NOON - 1, NOON + 30 * MINUTE, NOON + 500 * MINUTE]),
    until=st.sampled_from([0, 0, NOON, NOON + 70 * MINUTE]),
    box=st.sampled_from(
        [None, None, (28.0, 121.0, 28.2, 121.2), (28.1, 121.1, 28.12, 121.12), (0.0, 100.0, 50.0, 150.0)]
    ),
    duty_desk=st.sampled_from([None, None, True, False]),
)


def test_every_filter_finds_what_a_plain_walk_finds(town: tuple[Opened, Sample]) -> None:
    opened, sample = town

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(filters(), st.integers(1, 40))
    def check(which: IncidentFilter, limit: int) -> None:
        expected = [id for id in sorted(sample.opened, reverse=True) if fits(sample.opened[id], which)]
        assert list(walk(opened, which, limit)) == expected

    check()


def test_a_page_takes_at_most_four_statements(town: tuple[Opened, Sample]) -> None:
    opened, _ = town
    statements: list[str] = []
    listen = sa.event.listen
    listen(
        opened.questions._engine,
        "before_cursor_execute",
        lambda *told: statements.append(told[2]),
    )
    for which in (
        IncidentFilter(),
        IncidentFilter(status=("open", "active"), type="noise", agency="urban", area="west"),
        IncidentFilter(box=(28.1, 121.1, 28.12, 121.12), duty_desk=False, since=NOON),
    ):
        statements.clear()
        opened.questions.incidents(which, "", 50)
        assert 1 <= len(statements) <= 4


def test_unfinished_incidents_newest_first(town: tuple[Opened, Sample]) -> None:
    opened, sample = town
    closed = IncidentStatus.CLOSED
    unfinished = [id for id, each in sorted(sample.opened.items(), reverse=True) if each.status != closed]
    assert [each.id for each in opened.store.load_unfinished(0, 1000)] == unfinished
    assert [each.id for each in opened.store.load_unfinished(0, 7)] == unfinished[:7]
    since = NOON + 100 * MINUTE
    late = [id for id in unfinished if sample.opened[id].opened_at >= since]
    assert [each.id for each in opened.store.load_unfinished(since, 1000)] == late


def test_totals_are_those_of_a_plain_count(town: tuple[Opened, Sample]) -> None:
    opened, sample = town
    counts = opened.questions.counts(NOON + 10_000 * MINUTE)
    states = list(sample.opened.values())
    open_ones = [each for each in states if each.status != IncidentStatus.CLOSED]
    assert (counts.calls, counts.incidents, counts.unfinished) == (COUNT, COUNT, len(open_ones))
    assert counts.referrals_running == counts.referrals_overdue == COUNT
    assert counts.duty_desk == sum(each.duty_desk for each in open_ones)


@pytest.mark.parametrize("cursor", ["x", "-1", "1.2", "9" * 30, "٣", "1; DROP TABLE fact"])
def test_a_cursor_we_never_gave_is_refused(opened: Opened, cursor: str) -> None:
    with pytest.raises(Refusal, match="cursor_unreadable"):
        opened.questions.incidents(IncidentFilter(), cursor, 10)


def test_lists_are_bounded_whatever_is_asked(house: House) -> None:
    opened = house.open()
    assert opened.questions.incidents(IncidentFilter(), "", 10**9).items == []
    assert opened.questions.facts(0, -5) == []
    for wrong in (-1, 1 << 70):
        with pytest.raises(Refusal, match="not_found"):
            opened.questions.incident(wrong)


def test_referrals_by_due_time_page_by_page(town: tuple[Opened, Sample]) -> None:
    opened, sample = town
    expected = sorted((each.referrals[0].due, id) for id, each in sample.opened.items())
    found, cursor = [], ""
    while True:
        page = opened.questions.referrals("", (), 0, cursor, 7)
        found += [(each.due, each.incident) for each in page.items]
        cursor = page.next
        if not cursor:
            break
    assert found == expected
    urban = opened.questions.referrals("urban", ("offered",), NOON + 250 * MINUTE, "", 100).items
    assert {each.agency for each in urban} == {"urban"}
    assert all(each.due < NOON + 250 * MINUTE for each in urban)
    assert opened.questions.referrals("", ("resolved",), 0, "", 10).items == []


def test_calls_by_time_of_receipt(town: tuple[Opened, Sample]) -> None:
    opened, sample = town
    found, cursor = [], ""
    while True:
        page = opened.questions.calls_received(NOON, NOON + 60 * MINUTE, cursor, 11)
        found += [call.id for call, incident in page.items]
        cursor = page.next
        if not cursor:
            break
    expected = [id for id, each in sample.calls.items() if each.at < NOON + 60 * MINUTE]
    assert found == sorted(expected, reverse=True)
