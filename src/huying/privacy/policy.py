"""Decides: who asks, what for, about what → what is allowed, or which rule stands in the way.

Rows are sorted once by asker, thing, action and purpose; a decision looks at the few that are left. What is
in no row is not allowed. The same rows give the condition by which lists are filtered (`scope`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from msgspec.structs import replace

from huying.domain.policy import (
    EVERYBODY,
    PARTNER,
    About,
    Action,
    Condition,
    Grant,
    Lacking,
    PolicyRow,
    Purpose,
    Thing,
)
from huying.domain.principal import Kind, Principal
from huying.privacy.scope import ALL, NONE, Clause, Scope, scope_of

Test = Callable[[Principal, About, int], bool]
# Distinct ways in which rules may hold together; some dozen in practice.
GRANTS_MAX = 4_096


def who_is(principal: Principal) -> str:
    """The name under which rows speak of an asker: a role, `partner`, `public`; empty for nobody's."""
    if principal.kind is Kind.STAFF:
        return principal.role.value if principal.role is not None else ""
    if principal.kind is Kind.PARTNER:
        return PARTNER
    return EVERYBODY if principal.kind is Kind.PUBLIC else ""


def _same_incident(who: Principal, about: About, at: int) -> bool:
    return bool(who.unit) and who.unit in about.units


def _same_area(who: Principal, about: About, at: int) -> bool:
    return not who.areas or not who.areas.isdisjoint(about.areas)


def _own_agency(who: Principal, about: About, at: int) -> bool:
    # A partner's key without an agency is nobody's own; staff without one work for the whole installation.
    return who.agency in about.agencies if who.agency else who.kind is Kind.STAFF


def _open_case(who: Principal, about: About, at: int) -> bool:
    return about.open


def _elevated(who: Principal, about: About, at: int) -> bool:
    return at < who.elevated_until


def _own(who: Principal, about: About, at: int) -> bool:
    return about.own


def _public(who: Principal, about: About, at: int) -> bool:
    return about.public


def _glass(who: Principal, about: About, at: int) -> bool:
    return who.actor in about.glass


TESTS: dict[Condition, Test] = {
    Condition.SAME_INCIDENT: _same_incident,
    Condition.SAME_AREA: _same_area,
    Condition.OWN_AGENCY: _own_agency,
    Condition.OPEN_CASE: _open_case,
    Condition.ELEVATED: _elevated,
    Condition.OWN: _own,
    Condition.PUBLIC: _public,
    Condition.GLASS: _glass,
}


class _Rule(NamedTuple):
    row: PolicyRow
    on_duty: bool
    tests: tuple[Test, ...]
    grant: Grant


_Key = tuple[str, Thing, Action, Purpose]


class Policy:
    """The table in use.

    Args:
        shifts: whether people of this city work in shifts; else nobody is asked to be on duty.
    """

    def __init__(self, rows: Iterable[PolicyRow], shifts: bool = True) -> None:
        self.rows = tuple(row if shifts or not row.on_duty else replace(row, on_duty=False) for row in rows)
        self._rules: dict[_Key, list[_Rule]] = {}
        self._together: dict[tuple[str, ...], Grant] = {}
        self._usual: dict[tuple[str, Thing, Action], Purpose] = {}
        for row in self.rows:
            tests = tuple(TESTS[each] for each in Condition if each in row.conditions)
            rule = _Rule(row, row.on_duty, tests, Grant((row.code,), row.fields, row.second))
            for who in row.who:
                for action in row.actions:
                    for purpose in row.purposes:
                        self._rules.setdefault((who, row.thing, action, purpose), []).append(rule)
                    first = next(each for each in Purpose if each in row.purposes)
                    self._usual.setdefault((who, row.thing, action), first)

    # ── one thing ────────────────────────────────────────────────────────────────────────────────────────
    def decide(
        self, who: Principal, thing: Thing, action: Action, purpose: Purpose, about: About, at: int
    ) -> Grant | None:
        """What `who` may do with a thing at `at` (UTC µs); None when nothing of it.

        Where several rules hold, the fields of all of them are shown, and a second person is needed only if
        every one of them asks for it.
        """
        rules = self._rules.get((who_is(who), thing, action, purpose))
        if rules is None:
            return None
        found: Grant | None = None
        more: list[Grant] | None = None
        for _, on_duty, tests, grant in rules:
            if on_duty and not who.on_duty(at):
                continue
            for test in tests:
                if not test(who, about, at):
                    break
            else:
                if found is None:
                    found = grant
                elif more is None:
                    more = [found, grant]
                else:
                    more.append(grant)
        return found if more is None else self._join(more)

    def _join(self, grants: list[Grant]) -> Grant:
        codes = tuple(each.rules[0] for each in grants)
        joined = self._together.get(codes)
        if joined is None:
            fields = frozenset().union(*(each.fields for each in grants))
            joined = Grant(codes, fields, all(each.second for each in grants))
            if len(self._together) < GRANTS_MAX:
                self._together[codes] = joined
        return joined

    def may_ever(self, who: Principal, thing: Thing, action: Action, purpose: Purpose, at: int) -> bool:
        """Whether there is anything of the kind for which it would be allowed."""
        rules = self._rules.get((who_is(who), thing, action, purpose), ())
        return any(not rule.on_duty or who.on_duty(at) for rule in rules)

    def usual_purpose(self, who: Principal, thing: Thing, action: Action) -> Purpose | None:
        """What such an asker usually does this for: the first purpose of the first row; or None."""
        return self._usual.get((who_is(who), thing, action))

    # ── lists ────────────────────────────────────────────────────────────────────────────────────────────
    def scope(self, who: Principal, thing: Thing, action: Action, purpose: Purpose, at: int) -> Scope:
        """The condition that holds for exactly those things for which `decide` allows anything."""
        clauses: list[Clause] = []
        for rule in self._rules.get((who_is(who), thing, action, purpose), ()):
            if rule.on_duty and not who.on_duty(at):
                continue
            clause = _clause(rule.row.conditions, who, at)
            if clause is not None:
                if not clause:
                    return ALL
                clauses.append(clause)
        return scope_of(clauses) if clauses else NONE

    def fields_of_list(
        self, who: Principal, thing: Thing, action: Action, purpose: Purpose, at: int
    ) -> tuple[frozenset[str], bool]:
        """(fields that are shown of everything in such an asker's list, whether none shows more)."""
        found = [
            rule.grant.fields
            for rule in self._rules.get((who_is(who), thing, action, purpose), ())
            if not (rule.on_duty and not who.on_duty(at))
            and _clause(rule.row.conditions, who, at) is not None
        ]
        if not found:
            return frozenset(), True
        least = frozenset.intersection(*found)
        return least, all(each == least for each in found)

    # ── why not ──────────────────────────────────────────────────────────────────────────────────────────
    def why_not(
        self, who: Principal, thing: Thing, action: Action, purpose: Purpose, about: About, at: int
    ) -> Lacking:
        """The rule that comes nearest to allowing it, what it lacks, and whom to ask."""
        name = who_is(who)
        best: Lacking | None = None
        for row in self.rows:
            if row.thing is not thing or action not in row.actions or name not in row.who:
                continue
            missing = [] if purpose in row.purposes else ["purpose"]
            if row.on_duty and not who.on_duty(at):
                missing.append("on_duty")
            missing += [
                each.value for each in Condition if each in row.conditions and not TESTS[each](who, about, at)
            ]
            if best is None or len(missing) < len(best.missing):
                best = Lacking(row.code, tuple(missing), row.ask)
        return best or Lacking("", ("role",), self._who_may(thing, action))

    def _who_may(self, thing: Thing, action: Action) -> str:
        """Whom an asker may turn to whose role has no rule: the first who has one, else the data officer."""
        for row in self.rows:
            if row.thing is thing and action in row.actions:
                return row.ask
        return "data_officer"


def _clause(conditions: frozenset[Condition], who: Principal, at: int) -> Clause | None:
    """What of a rule's conditions is left to ask of a thing; None when they can't hold for this asker."""
    left: list[tuple[str, frozenset[str]]] = []
    for each in Condition:
        if each not in conditions:
            continue
        if each is Condition.ELEVATED:
            if at >= who.elevated_until:
                return None
        elif each is Condition.OWN:
            return None  # known of one thing at a time only
        elif each is Condition.SAME_AREA:
            if who.areas:
                left.append(("area", who.areas))
        elif each is Condition.OWN_AGENCY:
            if who.agency:
                left.append(("agency", frozenset({who.agency})))
            elif who.kind is not Kind.STAFF:
                return None
        elif each is Condition.SAME_INCIDENT:
            if not who.unit:
                return None
            left.append(("unit", frozenset({who.unit})))
        elif each is Condition.GLASS:
            left.append(("glass", frozenset({who.actor})))
        else:
            left.append((each.value, frozenset({""})))
    return frozenset(left)
