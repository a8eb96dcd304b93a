"""What no row of any table may allow, whatever a city writes: the law of the house."""

from __future__ import annotations

from collections.abc import Callable

from huying.domain.policy import (
    ACTIONS,
    EVERYBODY,
    FIELDS,
    PARTNER,
    Action,
    Condition,
    PolicyRow,
    Purpose,
    Thing,
)
from huying.domain.principal import Role

WHO = frozenset({*(role.value for role in Role), PARTNER, EVERYBODY})

# Who never sees what a caller said or how they are reached.
_BLIND = frozenset({Role.ANALYST.value, Role.ADMINISTRATOR.value, Role.AUDITOR.value, EVERYBODY})
# What a person said or can be known by.
_PERSONAL: dict[Thing, frozenset[str]] = {
    Thing.CALL: frozenset({"words", "contact", "source"}),
    Thing.MEDIA: frozenset(FIELDS[Thing.MEDIA]),
    Thing.CONTACT: frozenset(FIELDS[Thing.CONTACT]),
    Thing.INCIDENT: frozenset({"title", "words"}),
    Thing.TIMELINE: frozenset({"words"}),
    Thing.REFERRAL: frozenset({"title"}),
}
# Conditions of which each ties a look to one incident.
_TIES = frozenset({Condition.OPEN_CASE, Condition.SAME_INCIDENT, Condition.GLASS})


def personal(thing: Thing, fields: frozenset[str]) -> bool:
    """Whether one of the fields shows what a person said or how they are reached."""
    return not fields.isdisjoint(_PERSONAL.get(thing, frozenset()))


def _shows(row: PolicyRow) -> bool:
    """Whether a row shows personal fields; receiving a call shows its sender nothing new."""
    looks = not row.actions.isdisjoint({Action.READ, Action.OPEN})
    return looks and personal(row.thing, row.fields)


def _blind(row: PolicyRow) -> bool:
    return _shows(row) and not row.who.isdisjoint(_BLIND)


def _program(row: PolicyRow) -> bool:
    return row.thing is Thing.CONTACT and PARTNER in row.who


def _analysis(row: PolicyRow) -> bool:
    return _shows(row) and not row.purposes.isdisjoint({Purpose.ANALYSE, Purpose.SERVE, Purpose.OPERATE})


def _unproven(row: PolicyRow) -> bool:
    opens = row.thing is Thing.CONTACT and not row.actions.isdisjoint({Action.OPEN, Action.ERASE})
    return opens and Condition.ELEVATED not in row.conditions


def _untied(row: PolicyRow) -> bool:
    opens = row.thing is Thing.CONTACT and Action.OPEN in row.actions
    return opens and row.conditions.isdisjoint(_TIES) and not row.second


def _unanswered(row: PolicyRow) -> bool:
    emergency = Purpose.EMERGENCY in row.purposes and Action.BREAK not in row.actions
    return emergency and Condition.GLASS not in row.conditions


def _strange(row: PolicyRow) -> bool:
    return (
        not row.who <= WHO
        or not row.actions <= ACTIONS[row.thing]
        or not row.fields <= set(FIELDS[row.thing])
    )


# Code (a sentence `never.<code>` says it) → whether a row breaks it.
NEVER: dict[str, Callable[[PolicyRow], bool]] = {
    "blind": _blind,
    "program": _program,
    "analysis": _analysis,
    "unproven": _unproven,
    "untied": _untied,
    "unanswered": _unanswered,
    "strange": _strange,
}


def broken_by(row: PolicyRow) -> list[str]:
    """Codes of what a row would allow and never may."""
    return [code for code, breaks in NEVER.items() if breaks(row)]
