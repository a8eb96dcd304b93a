"""Commands: what somebody asks to be done, in the imperative. Handlers are in `huying.service.handlers`."""

from __future__ import annotations

from msgspec import Struct

from huying.domain.contact import Contact
from huying.domain.principal import Principal
from huying.domain.suggestion import Understood


class Command(Struct, frozen=True, omit_defaults=True, gc=False):
    """Something that may be refused."""


class OnIncident(Command, frozen=True, kw_only=True):
    """A command on an incident. `version` 0 means "whatever it is by now"; otherwise an incident that has
    moved on is not touched and the refusal `changed_meanwhile` names the other change."""

    incident: int
    version: int = 0


# ── intake ──────────────────────────────────────────────────────────────────────────────────────────────
class ReceiveCall(Command, frozen=True):
    """Take a call. `lat`/`lon` in degrees of `datum`; `error_m` is the place's own error in metres.

    `stated_type` is a type code of the pack that a person or source stated; `incident` joins the call to
    an open incident (a person's decision); `answers` are answers to the type's questions by code.
    `received_at` is when somebody else received it (UTC µs, 0 for now): records that are brought in later.
    `photos` are tokens of pictures that were handed in before (`KeepPhoto`), here as in other commands.
    """

    channel: str
    words: str = ""
    lang: str = ""
    stated_type: str = ""
    stated_priority: int = 0
    lat: float | None = None
    lon: float | None = None
    datum: str = "WGS-84"
    error_m: float | None = None
    address: str = ""
    answers: dict[str, str] = {}
    contact: Contact | None = None
    source_id: str = ""
    media_url: str = ""
    incident: int = 0
    received_at: int = 0
    photos: tuple[str, ...] = ()


class JoinCall(OnIncident, frozen=True, kw_only=True):
    """Move `call` into `incident`. The incident it leaves without calls closes as a duplicate; its units that
    are still at work come along where `bring` says so."""

    call: int
    bring: bool = False


class PartCall(OnIncident, frozen=True, kw_only=True):
    """Take `call` out of `incident` into one of its own (the one it came from, if that was closed for it)."""

    call: int
    why: str = ""


# ── what it is ──────────────────────────────────────────────────────────────────────────────────────────
class RetypeIncident(OnIncident, frozen=True, kw_only=True):
    """Say what it really is; it is routed again. `priority` 0 takes the type's own."""

    type: str
    priority: int = 0
    why: str = ""


class SetPriority(OnIncident, frozen=True, kw_only=True):
    priority: int
    why: str = ""


class RaiseAlarm(OnIncident, frozen=True, kw_only=True):
    """Raise or lower the alarm level, 1 … 5: the run card asks for more at each."""

    alarm: int
    why: str = ""


class SetPlace(OnIncident, frozen=True, kw_only=True):
    lat: float | None = None
    lon: float | None = None
    address: str = ""
    datum: str = "WGS-84"
    error_m: float | None = None


class AddNote(OnIncident, frozen=True, kw_only=True):
    """`done_at` as in `AdvanceUnit`."""

    words: str = ""
    media_url: str = ""
    photos: tuple[str, ...] = ()
    done_at: int = 0


# ── referrals ───────────────────────────────────────────────────────────────────────────────────────────
class OfferReferral(OnIncident, frozen=True, kw_only=True):
    """Hand to `agency` by a person's decision; empty lets the rules decide. `due` UTC µs, 0 by the rules."""

    agency: str = ""
    due: int = 0
    why: str = ""


class AcceptReferral(OnIncident, frozen=True, kw_only=True):
    n: int


class ReturnReferral(OnIncident, frozen=True, kw_only=True):
    """Hand back with a reason; the rules are asked again without this agency."""

    n: int
    why: str


class ResolveReferral(OnIncident, frozen=True, kw_only=True):
    n: int
    answer: str
    disposition: str = ""
    photos: tuple[str, ...] = ()


class ExtendReferral(OnIncident, frozen=True, kw_only=True):
    """Move the due time to `due` (UTC µs), with a reason that the caller may read."""

    n: int
    due: int
    why: str


# ── dispatch ────────────────────────────────────────────────────────────────────────────────────────────
class DispatchUnits(OnIncident, frozen=True, kw_only=True):
    """Send these units (codes): a person's confirmation of a recommendation, or their own choice."""

    units: tuple[str, ...]


class AdvanceUnit(Command, frozen=True, kw_only=True):
    """A unit on an incident reports `to`: en_route, on_scene, clear or recalled.

    `n` is the assignment that is meant, 0 whichever runs. `done_at` is when it was done (UTC µs, 0 now): a
    unit without a network tells it when it has one again.
    """

    unit: str
    to: str
    incident: int = 0
    n: int = 0
    disposition: str = ""
    why: str = ""
    done_at: int = 0


class AskBackup(Command, frozen=True, kw_only=True):
    """A unit on an incident needs help now; `words` may say what for. `done_at` as in `AdvanceUnit`."""

    unit: str
    incident: int = 0
    words: str = ""
    done_at: int = 0


class SetUnitStatus(Command, frozen=True, kw_only=True):
    """A free unit goes out of service or comes back: `status` available or out_of_service. `done_at` as in
    `AdvanceUnit`."""

    unit: str
    status: str
    why: str = ""
    done_at: int = 0


class PostUnit(Command, frozen=True, kw_only=True):
    """A free unit shall wait at `station`; where it usually waits when no station is named."""

    unit: str
    station: str = ""


class MoveUnit(Command, frozen=True, kw_only=True):
    unit: str
    lat: float
    lon: float


# ── the end ─────────────────────────────────────────────────────────────────────────────────────────────
class ResolveIncident(OnIncident, frozen=True, kw_only=True):
    """A person says that the work is done (advice by telephone, say)."""

    disposition: str
    words: str = ""


class AnswerFollowUp(OnIncident, frozen=True, kw_only=True):
    """The caller says whether it is solved. `rating` 1…5, 0 for none."""

    solved: bool
    rating: int = 0
    words: str = ""
    photos: tuple[str, ...] = ()


class CloseIncident(OnIncident, frozen=True, kw_only=True):
    """A person closes it, and says why."""

    why: str


class ReopenIncident(OnIncident, frozen=True, kw_only=True):
    why: str


# ── by the clock ────────────────────────────────────────────────────────────────────────────────────────
class PassDeadline(OnIncident, frozen=True, kw_only=True):
    """The clock `key` of an incident has run out; only the timer sends this."""

    key: str


# ── contacts ────────────────────────────────────────────────────────────────────────────────────────────
class OpenContact(OnIncident, frozen=True, kw_only=True):
    """Look at how a caller can be reached; the look is itself a fact."""

    contact: int


class EraseContact(Command, frozen=True, kw_only=True):
    contact: int
    why: str


# ── what is kept ────────────────────────────────────────────────────────────────────────────────────────
class EraseDue(Command, frozen=True, kw_only=True):
    """Erase of these incidents what the pack says has been kept long enough; nothing else is touched."""

    incidents: tuple[int, ...]


class EraseIncident(OnIncident, frozen=True, kw_only=True):
    """Erase `kinds` of a closed incident now: somebody is in the right to ask for it, and `why` says so."""

    kinds: tuple[str, ...]
    why: str


class HoldIncident(OnIncident, frozen=True, kw_only=True):
    """Nothing of it is erased until it is released."""

    why: str


class ReleaseIncident(OnIncident, frozen=True, kw_only=True):
    why: str


# ── the installation ────────────────────────────────────────────────────────────────────────────────────
class AdoptPack(Command, frozen=True):
    """Take the loaded pack into use: its units are registered, its edition is put on record."""


class NoteClock(Command, frozen=True):
    """Put on record that the machine's clock was set by so many seconds; see `facts.ClockLeapt`."""

    by_s: int
    held: bool = False


class Envelope(Struct, frozen=True, gc=False):
    """A command with who sends it and why.

    `key` is the sender's idempotency key: the same key by the same actor gets the first answer again.
    `at` (UTC µs) is set by replays and drills only; 0 takes the clock. `automatic` marks a machine's own
    act, which may not do what is reserved to persons. `understood` is what the process that took a call in
    made of it by the same pack, so that the one that decides need not; it never comes from a sender.
    `principal` is who asks from outside: the table of
    rules decides on it under the lock; None for the installation's own acts.
    """

    command: Command
    actor: str = "anonymous"
    purpose: str = "answer"
    key: str = ""
    at: int = 0
    automatic: bool = False
    understood: Understood | None = None
    principal: Principal | None = None
