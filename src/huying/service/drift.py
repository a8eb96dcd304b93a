"""How the models do, from what the journal says: by week, by model and by type; of nobody who works with
them.

Every share stands beside the number that it is a share of; None where that number is nought.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from math import log

from msgspec import Struct

from huying.base.clock import DAY
from huying.service.lessons import BLIND, ENDED, Lesson

WEEK = 7 * DAY
WEEKS_SHOWN = 26
"""Half a year: drift is seen within weeks, and a season beside the one before."""
TYPES_SHOWN = 40
PAIRS_SHOWN = 20
BEFORE_WEEKS = 4
SHIFT_CALLS_MIN = 50
"""Calls below which two distributions of a hundred types differ by chance alone."""
TENTHS = 10


class Row(Struct, frozen=True):
    """What a model did to some calls: those of a week, of a model, or taken for a type (`key`).

    `abstained` is the share of `calls` for which no model named a type; `accepted` of the `known` suggestions
    that somebody saw: not changed until the work ended; `agreed` of the `audited` calls, labelled by somebody
    who did not see the suggestion: the same. `chance` is the mean chance stated for suggestions whose truth
    is known, `right` how many of these were so: apart from each other, the chances don't hold. `shift`
    compares what the calls were taken for with the four weeks before (population stability index: 0.1 is
    little, 0.25 a lot).
    """

    key: str
    models: tuple[str, ...]
    calls: int
    abstained: float | None
    known: int
    accepted: float | None
    audited: int
    agreed: float | None
    chance: float | None
    right: float | None
    shift: float | None = None


class Stated(Struct, frozen=True):
    """Suggestions with a chance in one tenth (`least` and up): how many, the mean chance, how many were
    right."""

    least: float
    suggestions: int
    chance: float
    right: float


class Pair(Struct, frozen=True):
    """Where the live answer was `said` and the model on trial would have said `other`: how often, and of the
    `known` ones how often each was right."""

    said: str
    other: str
    calls: int
    known: int
    said_right: int
    other_right: int


class Beside(Struct, frozen=True):
    """The model on trial beside what was said: they differ for `differ` of `calls`. Right of the `known`."""

    digest: str
    calls: int
    differ: int
    known: int
    live_right: float | None
    shadow_right: float | None
    pairs: tuple[Pair, ...]


class Doing(Struct, frozen=True):
    """`newest_at` (UTC µs) is the last call looked at."""

    calls: int
    newest_at: int
    models: tuple[Row, ...]
    weeks: tuple[Row, ...]
    types: tuple[Row, ...]
    chances: tuple[Stated, ...]
    beside: Beside | None


def doing(lessons: Sequence[Lesson], shadow: str = "") -> Doing:
    """How models did. `shadow` is the model on trial; without it the last that was."""
    weeks = _by(lessons, lambda each: week_of(each.at))
    spoke = [each for each in lessons if each.model]
    types = sorted(_by(spoke, lambda each: each.said).items(), key=lambda pair: (-len(pair[1]), pair[0]))
    models = _by(spoke, lambda each: each.model)
    newest = sorted(weeks)[-WEEKS_SHOWN:]
    return Doing(
        calls=len(lessons),
        newest_at=max((each.at for each in lessons), default=0),
        models=tuple(_row(model, each) for model, each in sorted(models.items())),
        weeks=tuple(_row(week, weeks[week], _shift(weeks, week)) for week in reversed(newest)),
        types=tuple(_row(type, each) for type, each in types[:TYPES_SHOWN]),
        chances=_stated([each for each in spoke if each.known >= ENDED]),
        beside=_beside(lessons, shadow),
    )


def week_of(at: int) -> int:
    """The instant (UTC µs) at which the week of `at` began, on a Monday."""
    # The epoch was a Thursday.
    return (at - 4 * DAY) // WEEK * WEEK + 4 * DAY


def _by(lessons: Iterable[Lesson], key: Callable[[Lesson], str | int]) -> dict[str, list[Lesson]]:
    found: dict[str, list[Lesson]] = {}
    for each in lessons:
        found.setdefault(_text(key(each)), []).append(each)
    return found


def _text(key: str | int) -> str:
    # Instants in keys sort as text: 16 digits for centuries to come.
    return key if isinstance(key, str) else f"{key:016d}"


def _row(key: str, lessons: Sequence[Lesson], shift: float | None = None) -> Row:
    spoke = [each for each in lessons if each.model]
    seen = [each for each in spoke if ENDED <= each.known < BLIND]
    blind = [each for each in lessons if each.known == BLIND]
    known = [each for each in spoke if each.known >= ENDED]
    return Row(
        key=key,
        models=tuple(sorted({each.model for each in spoke})),
        calls=len(lessons),
        abstained=_share(len(lessons) - len(spoke), len(lessons)),
        known=len(seen),
        accepted=_share(_right(seen), len(seen)),
        audited=len(blind),
        agreed=_share(_right(blind), len(blind)),
        chance=_share(sum(each.chance for each in known), len(known)),
        right=_share(_right(known), len(known)),
        shift=shift,
    )


def _right(lessons: Iterable[Lesson]) -> int:
    return sum(each.said == each.type for each in lessons)


def _share(part: float, of: int) -> float | None:
    return round(part / of, 4) if of else None


def _shift(weeks: dict[str, list[Lesson]], week: str) -> float | None:
    """The population stability index of a week's types beside the weeks before; None where either is
    small."""
    earlier = [_text(int(week) - n * WEEK) for n in range(1, BEFORE_WEEKS + 1)]
    now = Counter(each.said for each in weeks[week])
    before = Counter(each.said for one in earlier for each in weeks.get(one, ()))
    if min(now.total(), before.total()) < SHIFT_CALLS_MIN:
        return None
    total = 0.0
    # Sorted, so that the sum is the same in every process.
    for type in sorted(before.keys() | now.keys()):
        was = (before[type] + 0.5) / (before.total() + 1)
        is_now = (now[type] + 0.5) / (now.total() + 1)
        total += (is_now - was) * log(is_now / was)
    return round(total, 4)


def _stated(known: Sequence[Lesson]) -> tuple[Stated, ...]:
    tenths: dict[int, list[Lesson]] = {}
    for each in known:
        # Chances are kept as whole percents.
        tenths.setdefault(min(round(each.chance * 100) // TENTHS, TENTHS - 1), []).append(each)
    return tuple(
        Stated(
            tenth / TENTHS,
            len(each),
            round(sum(one.chance for one in each) / len(each), 4),
            round(_right(each) / len(each), 4),
        )
        for tenth, each in sorted(tenths.items())
    )


def _beside(lessons: Sequence[Lesson], shadow: str) -> Beside | None:
    digest = shadow or next((each.shadow for each in reversed(lessons) if each.shadow), "")
    tried = [each for each in lessons if digest and each.shadow == digest]
    if not tried:
        return None
    known = [each for each in tried if each.known >= ENDED]
    differ = [each for each in tried if each.said != each.shadow_type]
    pairs: dict[tuple[str, str], list[Lesson]] = {}
    for each in differ:
        pairs.setdefault((each.said, each.shadow_type), []).append(each)
    often = sorted(pairs.items(), key=lambda pair: (-len(pair[1]), pair[0]))[:PAIRS_SHOWN]
    return Beside(
        digest=digest,
        calls=len(tried),
        differ=len(differ),
        known=len(known),
        live_right=_share(_right(known), len(known)),
        shadow_right=_share(sum(each.shadow_type == each.type for each in known), len(known)),
        pairs=tuple(_pair(said, other, each) for (said, other), each in often),
    )


def _pair(said: str, other: str, lessons: Sequence[Lesson]) -> Pair:
    known = [each for each in lessons if each.known >= ENDED]
    other_right = sum(each.shadow_type == each.type for each in known)
    return Pair(said, other, len(lessons), len(known), _right(known), other_right)
