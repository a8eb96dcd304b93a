"""Facts: what happened, in the past tense. The table at the foot is the contents of the journal.

A payload class is never changed once released: a new shape is a new class under `<type>/2`, and
an upcaster in the store's codec turns the old shape into it on reading.
"""

from __future__ import annotations

from msgspec import Struct, field

from huying.domain.closure import CLOSURES
from huying.domain.correction_facts import CORRECTION
from huying.domain.deployment import DEPLOYMENTS
from huying.domain.drilling import DRILLING
from huying.domain.erasing import ERASING
from huying.domain.model_facts import MODELS
from huying.domain.office_facts import OFFICE
from huying.domain.oversight_facts import OVERSIGHT
from huying.domain.payload import Payload as Payload
from huying.domain.photo import PHOTOS
from huying.domain.place import NOWHERE, Place
from huying.domain.reason import Reason
from huying.domain.shadow import SHADOWS


class Fact(Struct, frozen=True, gc=False):
    """One entry of the journal.

    `seq` is dense from 1; `stream` is the id of the thing it is about, which is the `seq` of the thing's
    first fact; `version` is dense from 1 within the stream; `at` is UTC µs;
    `actor` is who did it, `purpose` why; `body` is the payload. `hidden` says why the body is not what was
    recorded: empty, `erased` or `corrected`.
    """

    seq: int
    stream: int
    version: int
    type: str
    at: int
    actor: str
    purpose: str
    body: Payload
    hidden: str = ""


class Erased(Payload, frozen=True):
    """What is left of a payload that was taken away and of which nothing else is known."""


# ── the installation ────────────────────────────────────────────────────────────────────────────────────
class PackLoaded(Payload, frozen=True):
    """A city's rows were taken into use; each loading is a stream of its own."""

    name: str
    edition: str
    digest: str


class ClockLeapt(Payload, frozen=True):
    """The machine's clock was set by `by_s` seconds. `held`: the journal's time did not follow and goes on as
    the machine counts it; otherwise a person has said that the clock is right. 0 when it agrees again."""

    by_s: int
    held: bool = False


# ── calls ───────────────────────────────────────────────────────────────────────────────────────────────
class CallReceived(Payload, frozen=True):
    """`contact` is an id in the vault; `code_hash` see `Call`; `received_at` see `ReceiveCall`."""

    channel: str
    words: str
    lang: str = ""
    stated_type: str = ""
    place: Place = NOWHERE
    answers: dict[str, str] = field(default_factory=dict)
    contact: int = 0
    source_id: str = ""
    code_hash: str = ""
    media_url: str = ""
    received_at: int = 0


# ── incidents ───────────────────────────────────────────────────────────────────────────────────────────
class IncidentOpened(Payload, frozen=True):
    """Opened by `call`; `title` is a short line for lists. `dispatch_due` and `arrive_due` (UTC µs, 0 none)
    are the city's promise for the priority, and `ladder` who hears when it is broken."""

    call: int
    type: str
    priority: int
    place: Place = NOWHERE
    title: str = ""
    reasons: tuple[Reason, ...] = ()
    dispatch_due: int = 0
    arrive_due: int = 0
    ladder: str = ""


class CallJoined(Payload, frozen=True):
    call: int
    reasons: tuple[Reason, ...] = ()


class CallParted(Payload, frozen=True):
    call: int
    why: str = ""


class IncidentRetyped(Payload, frozen=True):
    type: str
    priority: int
    was: str
    reasons: tuple[Reason, ...] = ()


class PrioritySet(Payload, frozen=True):
    priority: int
    why: str = ""


class AlarmRaised(Payload, frozen=True):
    alarm: int
    why: str = ""


class PlaceSet(Payload, frozen=True):
    place: Place


class NoteAdded(Payload, frozen=True):
    """`unit` is named where it had left the incident before it told this."""

    words: str
    media_url: str = ""
    done_at: int = 0
    unit: str = ""


class DeadlineSet(Payload, frozen=True):
    """A clock starts, or an earlier one of the same key is moved to a new due time."""

    key: str
    due: int
    ladder: str = ""
    why: str = ""


class Escalated(Payload, frozen=True):
    """A deadline passed and `to` was told: at rung 0 the late agency itself, then who stands above it.
    `next` is when it acts again (UTC µs), 0 when the ladder ends here."""

    key: str
    rung: int
    to: str
    due: int
    next: int = 0


# ── referrals ───────────────────────────────────────────────────────────────────────────────────────────
class ReferralOffered(Payload, frozen=True):
    n: int
    agency: str
    rule: str
    due: int
    accept_due: int = 0
    ladder: str = ""
    reasons: tuple[Reason, ...] = ()


class ReferralAccepted(Payload, frozen=True):
    n: int


class ReferralReturned(Payload, frozen=True):
    n: int
    why: str


class ReferralResolved(Payload, frozen=True):
    n: int
    answer: str
    disposition: str = ""


class ReferralWithdrawn(Payload, frozen=True):
    n: int
    why: str = ""


# ── assignments ─────────────────────────────────────────────────────────────────────────────────────────
class UnitDispatched(Payload, frozen=True):
    """`expected_s` is the expected travel time in seconds when it was confirmed."""

    n: int
    unit: str
    agency: str
    expected_s: int = 0
    reasons: tuple[Reason, ...] = ()


class UnitEnRoute(Payload, frozen=True):
    """`done_at` (UTC µs) is when the unit did it, here and below; the fact's own `at` is when it was told.
    0 where they are the same."""

    n: int
    unit: str
    done_at: int = 0


class UnitArrived(Payload, frozen=True):
    n: int
    unit: str
    done_at: int = 0


class UnitCleared(Payload, frozen=True):
    n: int
    unit: str
    disposition: str = ""
    done_at: int = 0


class UnitRecalled(Payload, frozen=True):
    n: int
    unit: str
    why: str = ""


class BackupAsked(Payload, frozen=True):
    """A unit on the incident needs help."""

    n: int
    unit: str
    words: str = ""
    done_at: int = 0


# ── the end of an incident, and its return ──────────────────────────────────────────────────────────────
class IncidentResolved(Payload, frozen=True):
    disposition: str
    words: str = ""


class FollowUpAsked(Payload, frozen=True):
    n: int
    due: int


class FollowUpAnswered(Payload, frozen=True):
    n: int
    solved: bool
    rating: int = 0
    words: str = ""


class FollowUpLapsed(Payload, frozen=True):
    n: int


class IncidentClosed(Payload, frozen=True):
    """`how`: caller_agreed, silence, person, duplicate, no_follow_up."""

    how: str
    why: str = ""


class IncidentReopened(Payload, frozen=True):
    why: str


# ── units ───────────────────────────────────────────────────────────────────────────────────────────────
class UnitRegistered(Payload, frozen=True):
    code: str
    lat: float
    lon: float


class UnitStatusSet(Payload, frozen=True):
    status: str
    why: str = ""
    done_at: int = 0


class UnitPosted(Payload, frozen=True):
    """It waits at `station` from now on, empty for where it usually waits, until it is sent somewhere."""

    station: str = ""


class UnitMoved(Payload, frozen=True):
    lat: float
    lon: float


# ── contacts ────────────────────────────────────────────────────────────────────────────────────────────
class ContactSealed(Payload, frozen=True):
    """Something was sealed in the vault; the fact holds nothing of what."""


class ContactOpened(Payload, frozen=True):
    """A look, on the stream of the incident for which it was needed. `rule` allowed it; `second` is who
    agreed to it, by the incident's wish number `wish`, where the rule asks for that."""

    contact: int
    rule: str = ""
    second: str = ""
    wish: int = 0


class ContactErased(Payload, frozen=True):
    why: str


FACTS: dict[str, type[Payload]] = {
    "pack.loaded": PackLoaded,
    "clock.leapt": ClockLeapt,
    "call.received": CallReceived,
    "incident.opened": IncidentOpened,
    "incident.call_joined": CallJoined,
    "incident.call_parted": CallParted,
    "incident.retyped": IncidentRetyped,
    "incident.priority_set": PrioritySet,
    "incident.alarm_raised": AlarmRaised,
    "incident.place_set": PlaceSet,
    "incident.note_added": NoteAdded,
    "deadline.set": DeadlineSet,
    "deadline.escalated": Escalated,
    "referral.offered": ReferralOffered,
    "referral.accepted": ReferralAccepted,
    "referral.returned": ReferralReturned,
    "referral.resolved": ReferralResolved,
    "referral.withdrawn": ReferralWithdrawn,
    "assignment.dispatched": UnitDispatched,
    "assignment.en_route": UnitEnRoute,
    "assignment.on_scene": UnitArrived,
    "assignment.clear": UnitCleared,
    "assignment.recalled": UnitRecalled,
    "assignment.backup_asked": BackupAsked,
    "incident.resolved": IncidentResolved,
    "follow_up.asked": FollowUpAsked,
    "follow_up.answered": FollowUpAnswered,
    "follow_up.lapsed": FollowUpLapsed,
    "incident.closed": IncidentClosed,
    "incident.reopened": IncidentReopened,
    "unit.registered": UnitRegistered,
    "unit.status_set": UnitStatusSet,
    "unit.moved": UnitMoved,
    "unit.posted": UnitPosted,
    "contact.sealed": ContactSealed,
    "contact.opened": ContactOpened,
    "contact.erased": ContactErased,
    **CORRECTION,
    **ERASING,
    **CLOSURES,
    **DRILLING,
    **DEPLOYMENTS,
    **MODELS,
    **OFFICE,
    **OVERSIGHT,
    **SHADOWS,
    **PHOTOS,
}
TYPE_OF: dict[type[Payload], str] = {payload: name for name, payload in FACTS.items()}

# A fact of one of these types begins a stream: its own `seq` is the id of the thing.
BEGINS_STREAM = frozenset(
    {
        "pack.loaded",
        "clock.leapt",
        "drill.begun",
        "call.received",
        "incident.opened",
        "unit.registered",
        "contact.sealed",
        "account.opened",
        "sign_in.refused",
        "deployment.proposed",
        "dispatch.shadow_set",
        "key.issued",
        "record.disclosed",
        "look.recorded",
        "model.set",
        "call.labelled",
    }
)
