"""Askers and things of the tiny city, by chance from a seed, and the rules in Cedar's own words."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

from huying.domain.policy import ACTIONS, FIELDS, About, Action, Condition, PolicyRow, Purpose, Thing
from huying.domain.principal import Duty, Kind, Principal, Role
from huying.privacy.policy import Policy
from huying.service.packs.faults import Faults
from huying.service.packs.policy import read_base
from huying.store.packdir import base_policy
from tiny_pack import MONDAY_10

NOW = MONDAY_10
HOUR = 3_600_000_000
AGENCIES = ("police", "fire", "urban", "west", "east")
AREAS = ("xikou", "west", "east", "west-1", "old-street")
UNITS = ("p1", "p2", "p3", "f1", "d1", "v1")
NAMES = tuple(f"person-{n}" for n in range(8))


@cache
def base_rows() -> tuple[PolicyRow, ...]:
    faults = Faults()
    rows = read_base(base_policy(), faults)
    assert not faults.found, faults.found
    return rows


@cache
def base() -> Policy:
    return Policy(base_rows())


def staff(role: Role, name: str = "", **more: Any) -> Principal:
    """Somebody on duty, with presence proven."""
    defaults: dict[str, Any] = {
        "duty": Duty("day", NOW - HOUR, NOW + 1_000 * HOUR),
        "elevated_until": NOW + 1_000 * HOUR,
    }
    return Principal(actor=name or role.value, kind=Kind.STAFF, role=role, **defaults | more)


def some_principal(dice: random.Random, names: tuple[str, ...] = ()) -> Principal:
    """Mostly one of `names` (roles, partner, public) when there are any."""
    kind = dice.choices((Kind.STAFF, Kind.PARTNER, Kind.PUBLIC, Kind.SYSTEM), (20, 3, 2, 1))[0]
    role: Role | None = dice.choice((*Role, None))
    if names and dice.random() < 0.8:
        name = dice.choice(names)
        kind = Kind(name) if name in ("partner", "public") else Kind.STAFF
        role = Role(name) if kind is Kind.STAFF else None
    duty = dice.choice((None, Duty("day", NOW - HOUR, NOW + HOUR), Duty("day", NOW - 2 * HOUR, NOW)))
    return Principal(
        actor=dice.choice(NAMES),
        kind=kind,
        role=role if kind is Kind.STAFF else None,
        agency=dice.choice(("", *AGENCIES)),
        areas=frozenset(dice.sample(AREAS, dice.choice((0, 0, 1, 2)))),
        unit=dice.choice(("", *UNITS)),
        duty=duty if dice.random() < 0.5 else Duty("day", NOW - HOUR, NOW + HOUR),
        elevated_until=dice.choice((0, NOW, NOW + 1, NOW + 1)),
    )


def some_about(dice: random.Random) -> About:
    return About(
        areas=tuple(dice.sample(AREAS, dice.choice((0, 1, 2)))),
        agencies=tuple(dice.sample(AGENCIES, dice.choice((0, 1, 2)))),
        units=tuple(dice.sample(UNITS, dice.choice((0, 0, 1)))),
        glass=tuple(dice.sample(NAMES, dice.choice((0, 0, 1)))),
        open=dice.random() < 0.5,
        own=dice.random() < 0.3,
        public=dice.random() < 0.5,
    )


def some_case(dice: random.Random, rows: tuple[PolicyRow, ...]) -> tuple[Principal, Thing, Action, Purpose]:
    """Mostly what some row speaks of: pure chance would nearly always be refused."""
    if dice.random() < 0.2:
        thing = dice.choice(list(Thing))
        return some_principal(dice), thing, dice.choice(list(ACTIONS[thing])), dice.choice(list(Purpose))
    row = dice.choice(rows)
    who = some_principal(dice, tuple(sorted(row.who)))
    return who, row.thing, dice.choice(sorted(row.actions)), dice.choice(sorted(row.purposes))


# ── Cedar ───────────────────────────────────────────────────────────────────────────────────────────────
_CEDAR = {
    Condition.SAME_INCIDENT: 'context.who.unit != "" && resource.units.contains(context.who.unit)',
    Condition.SAME_AREA: "context.who.areas.isEmpty() || resource.areas.containsAny(context.who.areas)",
    Condition.OWN_AGENCY: (
        'if context.who.agency == "" then context.who.kind == "staff"'
        " else resource.agencies.contains(context.who.agency)"
    ),
    Condition.OPEN_CASE: "resource.open",
    Condition.ELEVATED: "context.at < context.who.elevated_until",
    Condition.OWN: "resource.own",
    Condition.PUBLIC: "resource.public",
    Condition.GLASS: "resource.glass.contains(context.who.actor)",
}


def cedar_text(rows: tuple[PolicyRow, ...]) -> str:
    """Every row as a Cedar policy; what a row shows is asked field by field."""

    def those(values: Any) -> str:
        return "[" + ", ".join(f'"{each}"' for each in sorted(values)) + "]"

    said = []
    for row in rows:
        tests = [
            f"{those(row.who)}.contains(context.who.name)",
            f'resource.thing == "{row.thing}"',
            f"{those(row.actions)}.contains(context.action)",
            f"{those(row.purposes)}.contains(context.purpose)",
            f"{those({*row.fields, ''})}.contains(context.field)",
        ]
        if row.on_duty:
            tests.append("context.who.duty_since <= context.at && context.at < context.who.duty_until")
        tests += [_CEDAR[each] for each in row.conditions]
        said.append("permit(principal, action, resource) when { (" + ") && (".join(tests) + ") };")
    return "\n".join(said)


def cedar_request(
    who: Principal, thing: Thing, action: Action, purpose: Purpose, about: About, field: str, id: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    """(request, entity of the thing)."""
    if who.kind is Kind.STAFF:
        name = who.role.value if who.role else ""
    else:
        name = "" if who.kind is Kind.SYSTEM else who.kind.value
    context = {
        "who": {
            "name": name,
            "kind": who.kind.value,
            "actor": who.actor,
            "agency": who.agency,
            "areas": sorted(who.areas),
            "unit": who.unit,
            "duty_since": who.duty.since if who.duty else 0,
            "duty_until": who.duty.until if who.duty else 0,
            "elevated_until": who.elevated_until,
        },
        "action": action.value,
        "purpose": purpose.value,
        "field": field,
        "at": NOW,
    }
    request = {
        "principal": 'Who::"one"',
        "action": 'Do::"it"',
        "resource": f'Thing::"{id}"',
        "context": context,
    }
    attributes = {
        "thing": thing.value,
        "areas": list(about.areas),
        "agencies": list(about.agencies),
        "units": list(about.units),
        "glass": list(about.glass),
        "open": about.open,
        "own": about.own,
        "public": about.public,
    }
    return request, {"uid": {"type": "Thing", "id": str(id)}, "attrs": attributes, "parents": []}


def some_field(dice: random.Random, thing: Thing) -> str:
    return dice.choice(("", *FIELDS[thing]))
