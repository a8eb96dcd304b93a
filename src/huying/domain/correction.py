"""A correction: a case with a deadline, from the asking until every earlier recipient has been told."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct, field


class CorrectionStatus(StrEnum):
    ASKED = "asked"
    MADE = "made"
    REFUSED = "refused"


class Quality(StrEnum):
    """In what quality somebody asks; who they are stands in no fact."""

    CALLER = "caller"
    CONCERNED = "concerned"  # the person of whom it speaks
    GUARDIAN = "guardian"
    AGENCY = "agency"
    STAFF = "staff"


class Recipient(Struct, omit_defaults=True):
    """`to`: an agency's code, `actor:` and a name, or whom an export was made for. UTC µs, 0 not yet."""

    to: str
    sent_at: int = 0
    acknowledged_at: int = 0


class Correction(Struct, omit_defaults=True):
    """`n` counts corrections of the incident from 1; `of` is the fact that was wrong."""

    n: int
    of: int
    at_field: str
    asked_by: str
    basis: str
    asked_at: int
    due: int
    right: str = ""
    status: CorrectionStatus = CorrectionStatus.ASKED
    ended_at: int = 0
    why: str = ""
    appeal: str = ""
    made_by: int = 0
    recipients: list[Recipient] = field(default_factory=list)
