"""Which things of a list somebody may see, as values that a store can look up.

A clause holds when all of its literals hold; a literal is an attribute and values of which the thing must
have one. `Scope.all_of` is the same in the other normal form: every group needs one of its literals. An
index that finds things by attribute and value looks groups up one by one: groups are what stores are given.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product

from msgspec import Struct

from huying.domain.policy import About

Literal = tuple[str, frozenset[str]]
"""(attribute, values): `area`, `agency`, `unit`, `glass` with codes; `open_case`, `public` with `""`."""
Clause = frozenset[Literal]
Group = frozenset[tuple[str, str]]
"""(attribute, value) pairs of which one must hold."""

# Rules that hold for one asker, thing, action and purpose; their product is the number of groups.
GROUPS_MAX = 64


class Scope(Struct, frozen=True):
    """`everything` sees all; otherwise each group of `all_of` must hold, and no group at all sees nothing."""

    everything: bool = False
    all_of: tuple[Group, ...] = ()

    @property
    def nothing(self) -> bool:
        return not self.everything and not self.all_of

    def holds(self, about: About) -> bool:
        """The same as a store's filter, on one thing: for streams, and for tests."""
        if self.everything:
            return True
        return bool(self.all_of) and all(any(_has(about, *each) for each in group) for group in self.all_of)


ALL = Scope(everything=True)
NONE = Scope()


def _has(about: About, attribute: str, value: str) -> bool:
    if attribute == "area":
        return value in about.areas
    if attribute == "agency":
        return value in about.agencies
    if attribute == "unit":
        return value in about.units
    if attribute == "glass":
        return value in about.glass
    return about.open if attribute == "open_case" else about.public


def scope_of(clauses: Sequence[Clause]) -> Scope:
    """Any of these clauses, as groups of which all must hold."""
    groups: set[Group] = set()
    ways = 1
    for clause in clauses:
        ways *= len(clause)
    if ways > GROUPS_MAX:
        raise ValueError(f"{ways} groups: too many rules for one asker and purpose")
    for chosen in product(*clauses):
        groups.add(frozenset((name, value) for name, values in chosen for value in values))
    return Scope(all_of=tuple(sorted(_least(groups), key=sorted)))


def _least(groups: Iterable[Group]) -> list[Group]:
    """Without those that a smaller one implies."""
    kept: list[Group] = []
    for group in sorted(groups, key=len):
        if not any(each <= group for each in kept):
            kept.append(group)
    return kept
