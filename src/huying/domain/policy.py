"""Who may do what with which kind of thing, and what for: rows of one table, and the words they are made of.

The rows themselves are data (`huying/packs/policy.csv`, narrowed by a pack's own `policy.csv`). What no row
may ever allow is in `huying.privacy.never`.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from huying.domain.deadline import Span


class Thing(StrEnum):
    """Kinds of things that somebody may look at or change."""

    CALL = "call"
    MEDIA = "media"
    INCIDENT = "incident"
    TIMELINE = "timeline"
    CONTACT = "contact"
    REFERRAL = "referral"
    UNIT = "unit"
    ROAD = "road"  # what is closed or slow just now
    PLAN = "plan"  # where units wait and when they work
    NOTICE = "notice"
    MEASURE = "measure"
    WALL = "wall"  # what the big screen shows: nobody's name, nobody's words
    REQUEST = "request"  # a call as everybody may read it, over Open311
    LOOK = "look"  # who looked at whose data
    STAFF = "staff"
    EXPORT = "export"
    MODEL = "model"  # learnt models: which speaks, how it does
    POLICY = "policy"


class Action(StrEnum):
    """What is done with a thing. What a thing has of these is in `ACTIONS`."""

    READ = "read"
    RECEIVE = "receive"
    FOLLOW = "follow"  # a caller follows their own call
    SORT = "sort"  # join, part, retype, priority, place
    NOTE = "note"
    REFER = "refer"
    ANSWER = "answer"  # accept, return, resolve, extend a referral
    DISPATCH = "dispatch"
    REPORT = "report"  # a unit's status and position, a closed road
    CONCLUDE = "conclude"  # resolve, ask the caller, close, reopen
    OPEN = "open"
    AGREE = "agree"  # the second person's yes
    BREAK = "break"  # the glass: look now, answer for it later
    REVIEW = "review"
    ERASE = "erase"
    CORRECT = "correct"  # decide about a wrong record
    ACKNOWLEDGE = "acknowledge"  # we have put our own copy right
    MANAGE = "manage"


class Purpose(StrEnum):
    """Why. Every look names one."""

    ANSWER = "answer"  # answering a call for help
    HANDLE = "handle"  # an agency's own work on what was referred to it
    FOLLOW_UP = "follow_up"
    SUPERVISE = "supervise"
    AUDIT = "audit"
    CORRECT = "correct"
    INFORM = "inform"  # telling somebody about their own data
    ANALYSE = "analyse"  # places and times
    SERVE = "serve"  # open service to the public
    OPERATE = "operate"
    EMERGENCY = "emergency"


class Condition(StrEnum):
    """What must be so beside role and purpose."""

    SAME_INCIDENT = "same_incident"  # the asker's unit is on it now
    SAME_AREA = "same_area"
    OWN_AGENCY = "own_agency"
    OPEN_CASE = "open_case"
    ELEVATED = "elevated"  # presence was proven just now
    OWN = "own"  # it is the asker's own call, unit or record
    PUBLIC = "public"  # of a type that citizens may choose
    GLASS = "glass"  # the asker has broken the glass for this incident


# What each kind of thing has that a row may open or keep closed.
FIELDS: dict[Thing, tuple[str, ...]] = {
    Thing.CALL: ("outline", "place", "words", "contact", "source"),
    Thing.MEDIA: ("link",),
    Thing.INCIDENT: ("outline", "title", "place", "work", "words"),
    Thing.TIMELINE: ("outline", "actor", "words"),
    Thing.CONTACT: ("name", "phone", "email", "lang", "account"),
    Thing.REFERRAL: ("outline", "title"),
    Thing.UNIT: ("status", "position"),
    Thing.ROAD: ("outline",),
    Thing.PLAN: ("outline",),
    Thing.NOTICE: ("outline",),
    Thing.MEASURE: ("outline", "small"),
    Thing.WALL: ("outline", "place"),
    Thing.REQUEST: ("outline", "words"),
    Thing.LOOK: ("outline",),
    Thing.STAFF: ("outline",),
    Thing.EXPORT: ("facts",),
    Thing.MODEL: ("outline",),
    Thing.POLICY: ("outline",),
}

ACTIONS: dict[Thing, frozenset[Action]] = {
    Thing.CALL: frozenset({Action.READ, Action.RECEIVE, Action.FOLLOW}),
    Thing.MEDIA: frozenset({Action.READ, Action.RECEIVE}),
    Thing.INCIDENT: frozenset(
        {
            Action.READ,
            Action.SORT,
            Action.NOTE,
            Action.REFER,
            Action.DISPATCH,
            Action.CONCLUDE,
            Action.BREAK,
            Action.REVIEW,
            Action.CORRECT,
            Action.ACKNOWLEDGE,
        }
    ),
    Thing.TIMELINE: frozenset({Action.READ}),
    Thing.CONTACT: frozenset({Action.OPEN, Action.AGREE, Action.ERASE}),
    Thing.REFERRAL: frozenset({Action.READ, Action.ANSWER}),
    Thing.UNIT: frozenset({Action.READ, Action.REPORT}),
    Thing.ROAD: frozenset({Action.READ, Action.REPORT}),
    Thing.PLAN: frozenset({Action.READ, Action.MANAGE}),
    Thing.NOTICE: frozenset({Action.READ}),
    Thing.MEASURE: frozenset({Action.READ}),
    Thing.WALL: frozenset({Action.READ}),
    Thing.REQUEST: frozenset({Action.READ, Action.NOTE}),
    Thing.LOOK: frozenset({Action.READ}),
    Thing.STAFF: frozenset({Action.READ, Action.MANAGE}),
    Thing.EXPORT: frozenset({Action.READ}),
    Thing.MODEL: frozenset({Action.READ, Action.MANAGE}),
    Thing.POLICY: frozenset({Action.READ}),
}

# Askers without a role of staff, as rows name them.
PARTNER, EVERYBODY = "partner", "public"


class PolicyRow(Struct, frozen=True, omit_defaults=True):
    """One rule: `who` (roles, `partner`, `public`) may do `actions` with `thing` for one of `purposes`.

    `on_duty` asks for a running duty; all of `conditions` must hold; `fields` is what is shown; `second` asks
    for a second person's yes. `keep` is how long such data may be kept for these purposes (None: as long as
    the incident); `ask` is the role that a refused asker may turn to.
    """

    code: str
    who: frozenset[str]
    thing: Thing
    actions: frozenset[Action]
    purposes: frozenset[Purpose]
    fields: frozenset[str]
    ask: str
    on_duty: bool = False
    conditions: frozenset[Condition] = frozenset()
    second: bool = False
    keep: Span | None = None
    line: int = 0


class About(Struct, frozen=True, omit_defaults=True):
    """All that a rule may look at of a thing: where it is, whose work it is, and whether it is open.

    `units` are on it now; `glass` are actors with an open emergency view of it.
    """

    areas: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    glass: tuple[str, ...] = ()
    open: bool = False
    own: bool = False
    public: bool = False


NOTHING = About()


class Grant(Struct, frozen=True):
    """What is allowed: by which rules, which fields, and whether a second person must say yes."""

    rules: tuple[str, ...]
    fields: frozenset[str]
    second: bool = False


class Lacking(Struct, frozen=True):
    """Why not: the nearest rule (empty when none speaks of it), what it asks for that isn't so (conditions,
    `on_duty`, `purpose`, `second`), and the role to turn to."""

    rule: str
    missing: tuple[str, ...]
    ask: str
