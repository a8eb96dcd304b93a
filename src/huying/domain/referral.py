"""An incident handed to another agency, with a due time and the reason."""

from __future__ import annotations

from msgspec import Struct

from huying.domain.reason import Reason
from huying.domain.statuses import ReferralStatus


class Referral(Struct, omit_defaults=True, gc=False):
    """`n` counts referrals within the incident from 1; instants are UTC µs, 0 for not yet."""

    n: int
    agency: str
    rule: str
    offered_at: int
    due: int
    accept_due: int = 0
    ladder: str = ""
    status: ReferralStatus = ReferralStatus.OFFERED
    reasons: tuple[Reason, ...] = ()
    accepted_at: int = 0
    ended_at: int = 0
    why: str = ""
    answer: str = ""

    @property
    def running(self) -> bool:
        return self.status in (ReferralStatus.OFFERED, ReferralStatus.ACCEPTED)
