"""A rule of dispatch that was watched beside the desk, compared with what the desk did."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct

from huying.dispatch.drive import Spread, spread_of
from huying.domain.facts import Fact
from huying.domain.shadow import DispatchShadowed

PAGE = 1_000
FACTS_MAX = 5_000_000
"""Facts looked through for the command line; over HTTP only the newest `NEWEST` are."""

NEWEST = 50_000


class Compared(Struct, frozen=True):
    """Of `times` that units were sent, the rule chose the `same` first unit so often (share); its first would
    have been there in `chosen_s` where the desk's was in `sent_s`, and `sooner_s` by pairs. `nobody` counts
    the times that it found nobody."""

    policy: str
    times: int
    same: float
    nobody: int
    sent_s: Spread
    chosen_s: Spread
    sooner_s: Spread


def facts_of(page: Callable[[int, int], list[Fact]], after: int, most: int) -> Iterator[Fact]:
    """Facts after one, page by page."""
    looked = 0
    while looked < most and (facts := page(after, PAGE)):
        yield from facts
        looked, after = looked + len(facts), facts[-1].seq


def compare(facts: Iterable[Fact]) -> list[Compared]:
    """One line for each rule that was watched, by expected times on the way at the moment of sending."""
    by_policy: dict[str, list[DispatchShadowed]] = {}
    for fact in facts:
        if isinstance(fact.body, DispatchShadowed):
            by_policy.setdefault(fact.body.policy, []).append(fact.body)
    return [_compared(policy, each) for policy, each in sorted(by_policy.items())]


def _compared(policy: str, seen: list[DispatchShadowed]) -> Compared:
    both = [each for each in seen if each.chosen_s >= 0 and each.sent_s >= 0] or []
    sent, chosen = [float(each.sent_s) for each in both], [float(each.chosen_s) for each in both]
    pairs = [a - b for a, b in zip(sent, chosen, strict=True)]
    same = sum(bool(each.chosen) and each.chosen[0] in each.sent for each in seen) / len(seen)
    nobody = sum(each.chosen_s < 0 for each in seen)
    spreads = [spread_of(values) if values else Spread(0.0, 0.0, 0.0) for values in (sent, chosen, pairs)]
    return Compared(policy, len(seen), round(same, 4), nobody, *spreads)
