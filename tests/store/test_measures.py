"""Measures on every engine against plain sums over the same incidents."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from huying.base.clock import DAY, HOUR, SECOND
from huying.domain.assignment import Assignment
from huying.domain.followup import FollowUp
from huying.domain.incident import Incident
from huying.domain.measure import BY, CODES, SPANS, Sums, course_of, numbers_of
from huying.domain.referral import Referral
from huying.domain.statuses import FollowUpStatus, ReferralStatus
from huying.domain.worktime import WorkTime
from huying.service.ports import Period
from huying.store.opening import Opened
from store.sample import MINUTE, NOON, Sample, note

AREAS, AGENCIES, TYPES = ("west", "east"), ("urban", "water", "police"), ("noise", "fire")
COUNT = 60
NOW = NOON + 600 * MINUTE
ALL = Period(0, NOW, NOW)
ABOVE_ALL = (1 << 63) - 1


@pytest.fixture
def town(opened: Opened) -> tuple[Opened, list[Incident]]:
    """60 incidents of all kinds, some without a unit, an answer, a place."""
    dice, sample, store = random.Random(7), Sample(), opened.store
    for i in range(COUNT):
        place = tuple(dice.sample(AREAS, dice.randint(0, 2)))
        batch = sample.call(store.begin(), at=NOON + i * MINUTE, type=dice.choice(TYPES), areas=place)
        store.commit(batch)
        change(dice, (incident := sample.opened[max(sample.opened)]))
        store.commit(sample.change(store.begin(), incident, note()))
    return opened, list(sample.opened.values())


def change(dice: random.Random, incident: Incident) -> None:
    at = incident.opened_at
    incident.referrals = [
        Referral(
            n, dice.choice(AGENCIES), "r1", at, due := dice.choice((0, at + MINUTE, at + 900 * MINUTE)),
            status=dice.choice(list(ReferralStatus)), ended_at=dice.choice((due, due + 1, at + MINUTE)),
        )
        for n in range(1, dice.randint(2, 4))
    ]  # fmt: skip
    incident.assignments = [
        Assignment(
            n, f"p{n}", dice.choice(AGENCIES), at + dice.randint(0, 20) * MINUTE,
            on_scene_at=dice.choice((0, at + dice.randint(20, 60) * MINUTE)),
        )
        for n in range(1, dice.randint(1, 4))
    ]  # fmt: skip
    incident.reopened = dice.choice((0, 0, 1, 2))
    if dice.random() < 0.7:
        rating = dice.randint(0, 5)
        incident.follow_up = FollowUp(1, at, at, status=dice.choice(list(FollowUpStatus)), rating=rating)


def plain(incidents: Iterable[Incident], agency: str = "") -> Sums:
    """The definitions in plain words; for an agency its own units and referrals."""
    some, found = list(incidents), Sums()
    queue, response = [], []
    for each in some:
        found.incidents += 1
        found.calls += len(each.calls)
        found.reopened += each.reopened > 0
        if each.follow_up is not None:
            found.solved += each.follow_up.status is FollowUpStatus.SOLVED
            found.not_solved += each.follow_up.status is FollowUpStatus.NOT_SOLVED
            found.rated += each.follow_up.rating > 0
            found.satisfied += each.follow_up.rating >= 4
        for one in each.referrals:
            resolved = one.status is ReferralStatus.RESOLVED
            if agency in ("", one.agency) and (resolved or (one.running and 0 < one.due < NOW)):
                found.owed += 1
                found.on_time += resolved and (not one.due or one.ended_at <= one.due)
        mine = [unit for unit in each.assignments if agency in ("", unit.agency)]
        if mine:
            queue.append(min(unit.dispatched_at for unit in mine) - each.opened_at)
        if there := [unit.on_scene_at for unit in mine if unit.on_scene_at]:
            response.append(min(there) - each.opened_at)
    found.queued, found.responded = len(queue), len(response)
    found.queue_p50, found.queue_p90 = rank(queue, 50), rank(queue, 90)
    found.response_p50, found.response_p90 = rank(response, 50), rank(response, 90)
    return found


def rank(values: list[int], percent: int) -> int | None:
    return sorted(values)[(len(values) * percent + 99) // 100 - 1] if values else None


def of_agency(agency: str) -> Callable[[Incident], bool]:
    return lambda each: agency in [one.agency for one in (*each.referrals, *each.assignments)]


def test_numbers_are_plain_sums(town: tuple[Opened, list[Incident]]) -> None:
    opened, incidents = town
    ask = opened.questions.measured
    assert ask(ALL, "", ()) == {"": plain(incidents)}
    by_type = {code: plain(each for each in incidents if each.type == code) for code in TYPES}
    assert ask(ALL, "type", ()) == {"": plain(incidents)} | by_type
    by_area = {code: plain(each for each in incidents if code in each.place.areas) for code in AREAS}
    assert ask(ALL, "area", AREAS) == {"": plain(incidents)} | by_area
    assert ask(ALL, "area", AREAS[:1]) == {"": plain(incidents), "west": by_area["west"]}
    by_agency = {code: plain(filter(of_agency(code), incidents), code) for code in AGENCIES}
    assert ask(ALL, "agency", ()) == {"": plain(incidents)} | by_agency
    late = Period(NOON + 10 * MINUTE, NOON + 30 * MINUTE, NOW, type="noise", area="west", agency="water")
    some = [
        each for each in incidents
        if late.since <= each.opened_at < late.until and each.type == "noise" and "west" in each.place.areas
        and of_agency("water")(each)
    ]  # fmt: skip
    for by in ("", *BY):
        assert ask(late, by, AREAS)[""] == plain(some, "water"), by
    assert ask(late, "agency", ()).keys() == {"", "water"}
    assert ask(Period(0, 1, NOW), "type", ()) == {}


def test_the_course_of_time_is_that_of_the_clocks_there(town: tuple[Opened, list[Incident]]) -> None:
    opened, incidents = town
    time = WorkTime("America/New_York")
    for by, first in (("hour", NOON), ("day", NOON - 40 * HOUR), ("week", NOON - 17 * DAY)):
        course = course_of(first, NOW, by, time)
        found = opened.questions.measured(replace(ALL, since=first, course=course), "time", ())
        start = time.local(first).replace(tzinfo=None, minute=0, second=0)
        start = start if by == "hour" else start.replace(hour=0)
        spans = [(time.local(each.opened_at).replace(tzinfo=None) - start) for each in incidents]
        keys = [str(int(each.total_seconds() * SECOND) // SPANS[by]) for each in spans]
        assert found == {"": plain(incidents)} | {
            key: plain(each for each, its in zip(incidents, keys, strict=True) if its == key)
            for key in set(keys)
        }


def test_a_day_on_which_clocks_change_is_one_day() -> None:
    """8 March 2026 has 23 hours in New York, 1 November 25."""
    time = WorkTime("America/New_York")
    since = time.utc(datetime(2026, 3, 7, tzinfo=time.zone))
    course = course_of(since, since + 300 * DAY, "day", time)
    assert [ahead // HOUR for _, ahead in course.offsets] == [-5, -4, -5]
    assert time.local(course.offsets[0][0]).hour == 3
    assert time.local(course.offsets[1][0]).hour == 1


def test_only_what_may_be_seen_is_counted(town: tuple[Opened, list[Incident]]) -> None:
    opened, incidents = town
    mine = Period(0, NOW, NOW, among=((("area", "west"), ("area", "nowhere")),))
    west = [each for each in incidents if "west" in each.place.areas]
    assert opened.questions.measured(mine, "", ())[""] == plain(west)
    assert opened.questions.measured(Period(0, NOW, NOW, among=((),)), "", ()) == {}


@pytest.mark.parametrize("measure", CODES)
def test_the_list_behind_a_number_makes_the_number(town: tuple[Opened, list[Incident]], measure: str) -> None:
    opened, incidents = town
    found, before = [], ABOVE_ALL
    while before:
        page, before = opened.questions.behind_measure(ALL, measure, before, 7)
        assert len(page) <= 7
        found += page
    ids = [incident.id for incident, _ in found]
    assert ids == sorted(set(ids), reverse=True)
    number = numbers_of(plain(incidents))[measure]
    values = [value for _, value in found]
    if measure.endswith(("_p50", "_p90")):
        assert number.value == round((rank(values, int(measure[-2:])) or 0) / 1_000_000, 1)
    elif measure in ("calls", "solved", "satisfied", "incidents"):
        assert number.of == (sum(values) if measure == "calls" else len(values))
    elif measure == "reopened":
        assert number.value == round(len(values) / len(incidents), 4)
    else:
        late = [
            each for each in incidents if each.id in {ids[i] for i, value in enumerate(values) if not value}
        ]
        assert 0 < len(late) < len(values)
    assert opened.questions.behind_measure(Period(0, 1, NOW), measure, ABOVE_ALL, 7) == ([], 0)


def test_a_period_takes_one_statement(town: tuple[Opened, list[Incident]], tmp_path: Path) -> None:
    import sqlalchemy as sa

    opened, _ = town
    statements: list[str] = []

    def note_down(*args: object) -> None:
        statements.append(str(args[2]))

    engine = opened.questions._engine
    sa.event.listen(engine, "before_cursor_execute", note_down)
    opened.questions.measured(ALL, "agency", ())
    sa.event.remove(engine, "before_cursor_execute", note_down)
    assert len(statements) == 1
