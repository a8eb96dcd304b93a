"""What is happening: the sum of its facts, with its referrals, assignments, deadlines and follow-up."""

from __future__ import annotations

from msgspec import Struct, field

from huying.domain.assignment import Assignment
from huying.domain.correction import Correction
from huying.domain.deadline import Deadline
from huying.domain.followup import FollowUp
from huying.domain.glass import Glass, Wish
from huying.domain.photo import Photo
from huying.domain.place import NOWHERE, Place
from huying.domain.reason import Reason
from huying.domain.referral import Referral
from huying.domain.statuses import AssignmentStatus, IncidentStatus


class Incident(Struct, omit_defaults=True, gc=False):
    """State of one incident; only `huying.service.evolve` writes it, from facts.

    `version` is the number of facts in its stream, and `changed_by` who made the last one: a command that
    names an older version is refused with both. `duty_desk` is true while no rule knows whose it is.
    `sealed` counts its calls that have a contact; of the kinds `erased` nothing is left; nothing of it is
    erased while it is `held`. Since `backup_at` the unit `backup_by` waits for help, until one more is sent.
    `alarm` is the level that a person has raised it to; run cards ask for more at each. `asked_at` is when a
    person or a unit last asked anew for what the run card sends (0: nobody since the first call).
    """

    id: int
    opened_at: int
    type: str
    priority: int
    status: IncidentStatus = IncidentStatus.OPEN
    version: int = 0
    changed_at: int = 0
    changed_by: str = ""
    place: Place = NOWHERE
    title: str = ""
    calls: list[int] = field(default_factory=list)
    reasons: tuple[Reason, ...] = ()
    referrals: list[Referral] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    deadlines: list[Deadline] = field(default_factory=list)
    follow_up: FollowUp | None = None
    disposition: str = ""
    duty_desk: bool = False
    reopened: int = 0
    reopened_at: int = 0
    escalations: int = 0
    resolved_at: int = 0
    closed_at: int = 0
    closed_how: str = ""
    glass: list[Glass] = field(default_factory=list)
    wishes: list[Wish] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)
    sealed: int = 0
    erased: tuple[str, ...] = ()
    held: bool = False
    photos: list[Photo] = field(default_factory=list)
    backup_at: int = 0
    backup_by: str = ""
    alarm: int = 1
    asked_at: int = 0

    @property
    def done_assignments(self) -> list[Assignment]:
        """Units that have done their work and cleared since units were last asked for."""
        since = max(self.asked_at, self.reopened_at)
        done = AssignmentStatus.CLEAR
        return [each for each in self.assignments if each.status is done and each.clear_at > since]

    @property
    def running_assignments(self) -> list[Assignment]:
        return [each for each in self.assignments if each.running]

    @property
    def running_referrals(self) -> list[Referral]:
        return [each for each in self.referrals if each.running]

    def deadline(self, key: str) -> Deadline | None:
        return next((each for each in self.deadlines if each.key == key), None)
