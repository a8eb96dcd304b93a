"""How models do: counted by hand on a few calls."""

from __future__ import annotations

from huying.base.clock import DAY
from huying.learning.training import to_learn, to_test
from huying.service.drift import doing, week_of
from huying.service.lessons import BLIND, CHANGED, ENDED, OPEN, Lesson

MONDAY = 1_772_409_600_000_000  # 2026-03-02, 00:00 UTC
M, N = "a" * 16, "b" * 16


def lesson(call: int, said: str, type: str, known: int, model: str = M, **more: object) -> Lesson:
    at = MONDAY + call * 3_600_000_000
    return Lesson(call, at, "words", said, model, type=type, known=known, **more)  # type: ignore[arg-type]


LESSONS = [
    lesson(1, "fire", "fire", ENDED, chance=0.95),  # kept
    lesson(2, "fire", "noise", CHANGED, chance=0.55),  # changed
    lesson(3, "noise", "noise", BLIND, chance=0.92),  # audit: the same
    lesson(4, "noise", "fire", BLIND, chance=0.6),  # audit: another
    lesson(5, "noise", "noise", OPEN, chance=0.7),  # not known yet
    lesson(6, "unknown", "unknown", ENDED, model=""),  # no model said anything
]


def test_a_week_by_hand() -> None:
    found = doing(LESSONS)
    assert (found.calls, found.newest_at) == (6, LESSONS[-1].at)
    [week] = found.weeks
    assert int(week.key) == MONDAY == week_of(LESSONS[0].at)
    assert (week.calls, week.abstained, week.models) == (6, round(1 / 6, 4), (M,))
    assert (week.known, week.accepted) == (2, 0.5)
    assert (week.audited, week.agreed) == (2, 0.5)
    assert (week.chance, week.right) == (round((0.95 + 0.55 + 0.92 + 0.6) / 4, 4), 0.5)
    assert week.shift is None  # too few calls


def test_by_model_and_by_type() -> None:
    found = doing(LESSONS)
    [model] = found.models
    assert (model.key, model.calls, model.abstained) == (M, 5, 0.0)
    assert [(row.key, row.calls, row.accepted) for row in found.types] == [
        ("noise", 3, None),
        ("fire", 2, 0.5),
    ]
    assert [(each.least, each.suggestions, each.right) for each in found.chances] == [
        (0.5, 1, 0.0),
        (0.6, 1, 0.0),
        (0.9, 2, 1.0),
    ]


def test_the_model_on_trial_beside_the_live_one() -> None:
    tried = {"shadow": N}
    lessons = [
        lesson(1, "fire", "fire", ENDED, shadow_type="fire", **tried),
        lesson(2, "fire", "noise", CHANGED, shadow_type="noise", **tried),
        lesson(3, "fire", "fire", ENDED, shadow_type="noise", **tried),
        lesson(4, "fire", "fire", OPEN, shadow_type="noise", **tried),
        lesson(5, "fire", "fire", ENDED),
    ]
    beside = doing(lessons).beside
    assert beside is not None
    assert (beside.digest, beside.calls, beside.differ, beside.known) == (N, 4, 3, 3)
    assert (beside.live_right, beside.shadow_right) == (round(2 / 3, 4), round(2 / 3, 4))
    [pair] = beside.pairs
    assert (pair.said, pair.other, pair.calls, pair.known) == ("fire", "noise", 3, 2)
    assert (pair.said_right, pair.other_right) == (1, 1)
    assert doing(lessons, "c" * 16).beside is None


def test_a_shift_shows_when_calls_are_of_other_types_than_before() -> None:
    def week(n: int, said: str, calls: int) -> list[Lesson]:
        at = MONDAY + n * 7 * DAY
        return [Lesson(n * 1000 + k, at + k, "words", said) for k in range(calls)]

    same = doing([*week(0, "fire", 60), *week(1, "fire", 60)])
    other = doing([*week(0, "fire", 60), *week(1, "noise", 60)])
    assert [row.shift for row in same.weeks] == [0.0, None]
    newest = other.weeks[0].shift
    assert newest is not None
    assert newest > 1


def test_nothing_is_judged_by_what_was_learnt_from() -> None:
    """Three hundred calls, one a day: the last 30 are the gate's, and of those before a fixed part."""
    lessons = [Lesson(n, MONDAY + n * DAY, "words", known=CHANGED) for n in range(1, 301)]
    learnt = {each.call for each in to_learn(lessons)}
    aside, recent = ({each.call for each in part} for part in to_test(lessons))
    assert recent == set(range(271, 301))
    assert not learnt & (aside | recent)
    assert learnt | aside | recent == set(range(1, 301))
    assert aside
    # What is set aside stays so, however the journal grows.
    longer = [*lessons, *(Lesson(n, MONDAY + n * DAY, "words") for n in range(301, 400))]
    assert aside <= {each.call for each in to_test(longer)[0]}


def test_no_figure_is_of_anybody() -> None:
    fields = {name for row in doing(LESSONS).weeks for name in row.__struct_fields__}
    assert not fields & {"actor", "desk", "account", "by"}
