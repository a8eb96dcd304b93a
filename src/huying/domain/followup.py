"""Asking the caller whether it is solved."""

from __future__ import annotations

from msgspec import Struct

from huying.domain.statuses import FollowUpStatus


class FollowUp(Struct, omit_defaults=True, gc=False):
    """`n` counts the times the caller was asked; `rating` is 1…5, 0 for none."""

    n: int
    asked_at: int
    due: int
    status: FollowUpStatus = FollowUpStatus.ASKED
    answered_at: int = 0
    rating: int = 0
    words: str = ""
