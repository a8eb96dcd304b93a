"""Who asks, as the doors have found out: the one thing about a person or program that rules may look at.

A principal is made at the edge from a session, a key or an open door, and never from what a request says of
itself. It holds no secret and no personal datum beyond the name under which somebody acts.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Kind(StrEnum):
    """What sort of asker: staff have an account, partners a key, the public nothing, the system is us."""

    STAFF = "staff"
    PARTNER = "partner"
    PUBLIC = "public"
    SYSTEM = "system"


class Role(StrEnum):
    """What somebody's work is. An account has one; who does two things has two accounts."""

    CALL_TAKER = "call_taker"  # 接警员: takes calls
    DISPATCHER = "dispatcher"  # 调度员: takes calls and sends units
    SUPERVISOR = "supervisor"  # 值班长: answers for a shift
    CLERK = "clerk"  # 承办员: works on what was handed to an agency
    UNIT = "unit"  # 处警员: goes there
    ANALYST = "analyst"  # 研判员: places and times, never persons
    DATA_OFFICER = "data_officer"  # 数据保护专员: answers for personal data
    AUDITOR = "auditor"  # 监督员: checks, changes nothing
    ADMINISTRATOR = "administrator"  # 系统管理员: accounts and keys, no cases


class Duty(Struct, frozen=True, omit_defaults=True):
    """On duty in `shift` (a code of the pack; empty outside of any) from `since` until `until` (UTC µs)."""

    shift: str
    since: int
    until: int


class Principal(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who asks.

    `actor` is the name in facts. `role`, `agency` (a code; empty for the whole installation), `areas` (codes;
    empty for all) and `unit` (a code) are the account's; `duty` is None for who is not on duty. `scopes` are
    what a partner's key is for. `elevated_until` (UTC µs) is how long a fresh proof of presence holds, which
    sealed data asks for. `demo`: a made-up person of the demo county, whom a real server never lets in.
    """

    actor: str
    kind: Kind
    role: Role | None = None
    agency: str = ""
    areas: frozenset[str] = frozenset()
    unit: str = ""
    duty: Duty | None = None
    demo: bool = False
    scopes: frozenset[str] = frozenset()
    elevated_until: int = 0

    def on_duty(self, at: int) -> bool:
        """Whether a duty has begun and not ended at `at` (UTC µs)."""
        return self.duty is not None and self.duty.since <= at < self.duty.until

    def elevated(self, at: int) -> bool:
        """Whether presence was proven so lately that sealed data may be opened at `at` (UTC µs)."""
        return at < self.elevated_until


# Nobody has said who they are: a citizen at an open door.
PUBLIC = Principal(actor="anonymous", kind=Kind.PUBLIC)
# The installation's own acts: the clock's, the adopting of a pack.
SYSTEM = Principal(actor="installation", kind=Kind.SYSTEM)
