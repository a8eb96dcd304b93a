"""Every status and every arrow between two, as tables; a sentence for each arrow is in the word files.

An arrow's key is `arrow.<noun>.<from>.<to>`; a test walks the tables and fails when a sentence is missing.
"""

from __future__ import annotations

from enum import StrEnum

from huying.base.refusal import Refusal


class IncidentStatus(StrEnum):
    OPEN = "open"  # nobody is on it yet
    ACTIVE = "active"  # a unit was dispatched or a referral accepted
    RESOLVED = "resolved"  # work is done; the caller is being asked
    CLOSED = "closed"


class ReferralStatus(StrEnum):
    OFFERED = "offered"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"  # taken back, because the incident turned out to be something else


class AssignmentStatus(StrEnum):
    DISPATCHED = "dispatched"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    CLEAR = "clear"
    RECALLED = "recalled"  # taken back before it was on scene


class UnitStatus(StrEnum):
    AVAILABLE = "available"
    DISPATCHED = "dispatched"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    OUT_OF_SERVICE = "out_of_service"


class FollowUpStatus(StrEnum):
    ASKED = "asked"
    SOLVED = "solved"
    NOT_SOLVED = "not_solved"
    LAPSED = "lapsed"  # no answer within the pack's days


Arrows = frozenset[tuple[str, str]]

INCIDENT: Arrows = frozenset(
    {
        ("open", "active"),
        ("open", "resolved"),
        ("open", "closed"),
        ("active", "open"),
        ("active", "resolved"),
        ("active", "closed"),
        ("resolved", "closed"),
        ("resolved", "open"),
        ("closed", "open"),
    }
)
REFERRAL: Arrows = frozenset(
    {
        ("offered", "accepted"),
        ("offered", "returned"),
        ("offered", "withdrawn"),
        ("offered", "resolved"),
        ("accepted", "returned"),
        ("accepted", "resolved"),
        ("accepted", "withdrawn"),
    }
)
ASSIGNMENT: Arrows = frozenset(
    {
        ("dispatched", "en_route"),
        ("dispatched", "on_scene"),
        ("dispatched", "recalled"),
        ("dispatched", "clear"),
        ("en_route", "on_scene"),
        ("en_route", "recalled"),
        ("en_route", "clear"),
        ("on_scene", "clear"),
    }
)
UNIT: Arrows = frozenset(
    {
        ("available", "dispatched"),
        ("available", "out_of_service"),
        ("out_of_service", "available"),
        ("dispatched", "en_route"),
        ("dispatched", "on_scene"),
        ("dispatched", "available"),
        ("en_route", "on_scene"),
        ("en_route", "available"),
        ("on_scene", "available"),
    }
)
FOLLOW_UP: Arrows = frozenset({("asked", "solved"), ("asked", "not_solved"), ("asked", "lapsed")})

TABLES: dict[str, Arrows] = {
    "incident": INCIDENT,
    "referral": REFERRAL,
    "assignment": ASSIGNMENT,
    "unit": UNIT,
    "follow_up": FOLLOW_UP,
}


def step(noun: str, table: Arrows, at: str, to: str) -> None:
    """Refuse with `not_from_here` unless `table` has the arrow at → to."""
    if (at, to) not in table:
        possible = sorted(end for start, end in table if start == at)
        raise Refusal("not_from_here", noun=noun, at=at, to=to, possible=", ".join(possible) or "–")
