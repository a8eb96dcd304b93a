"""What the house is asked: lists, one thing, counts. Every reader asks through this."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from msgspec import Struct

from huying.domain.account import Account, PartnerKey
from huying.domain.call import Call
from huying.domain.closure import Closure
from huying.domain.deployment import Deployment
from huying.domain.facts import Fact
from huying.domain.incident import Incident
from huying.domain.unit import Unit
from huying.service.ports import Head
from huying.service.ports_measures import MeasureQuestions


class IncidentFilter(Struct, frozen=True, omit_defaults=True):
    """Which incidents; empty conditions hold for all. `box` is (south, west, north, east) degrees,
    `since`/`until` bound `opened_at`, `agency` means a referral to it or a unit of it, `left` that it is
    closed and something of this kind has not been erased."""

    status: tuple[str, ...] = ()
    type: str = ""
    priority_max: int = 5
    agency: str = ""
    area: str = ""
    since: int = 0
    until: int = 0
    box: tuple[float, float, float, float] | None = None
    duty_desk: bool | None = None
    left: str = ""


Among = tuple[tuple[tuple[str, str], ...], ...]
"""Only things that have, of each group, one of its (kind, value) pairs: kinds are `area`, `agency`, `unit`,
`glass`, `status`, `type`. An empty group holds for nothing."""


class IncidentLine(Struct, frozen=True, omit_defaults=True):
    """One line of a list: enough to show it, from one statement for the page."""

    id: int
    status: str
    type: str
    priority: int
    title: str
    opened_at: int
    changed_at: int
    lat: float | None
    lon: float | None
    address: str
    agencies: tuple[str, ...]
    units: tuple[str, ...]
    calls: int
    next_due: int
    escalations: int
    duty_desk: bool
    version: int
    backup_at: int = 0


class ReferralLine(Struct, frozen=True, omit_defaults=True):
    incident: int
    n: int
    agency: str
    status: str
    offered_at: int
    accept_due: int
    due: int
    ended_at: int
    type: str
    priority: int
    title: str
    escalations: int
    address: str = ""


class Notice(Struct, frozen=True, omit_defaults=True):
    """`to` was told at `at` that a deadline had passed."""

    seq: int
    at: int
    to: str
    incident: int
    key: str
    rung: int
    due: int


class Page(Struct, frozen=True):
    """`items` and the cursor of the next page, empty at the end."""

    items: list[Any]
    next: str = ""


class Counts(Struct, frozen=True):
    """The state of the house at a glance."""

    calls: int
    incidents: int
    unfinished: int
    referrals_running: int
    referrals_overdue: int
    duty_desk: int
    escalations: int


class Questions(MeasureQuestions, Protocol):
    """Reading, from any thread, of what is committed. Every list is bounded and paged by cursor; the
    number of statements does not depend on the number of rows."""

    def head(self) -> Head: ...
    def looked(self, call: Call) -> list[Fact]:
        """Facts that tell who looked at a call, its contact or its incident behind broken glass, in order."""
        ...

    def incidents(self, which: IncidentFilter, cursor: str, limit: int, among: Among = ()) -> Page: ...
    def states(self, which: IncidentFilter, cursor: str, limit: int, among: Among = ()) -> Page:
        """The same page as of `incidents`, of whole incidents."""
        ...

    def incident(self, id: int) -> Incident: ...
    def timeline(self, incident: int, limit: int, among: Among = ()) -> list[Fact]:
        """Facts of the incident's stream and of its calls, in order of `seq`. Here and below `among` lets a
        store with a second wall leave out what the asker may not see; it decides nothing elsewhere."""
        ...

    def call(self, id: int) -> Call: ...
    def calls(self, ids: Sequence[int], among: Among = ()) -> list[Call]: ...
    def call_by_code(self, code_hash: str) -> Call: ...
    def calls_received(
        self,
        since: int,
        until: int,
        cursor: str,
        limit: int,
        types: Sequence[str] | None = None,
        status: Sequence[str] | None = None,
        among: Among = (),
    ) -> Page:
        """Calls by time of receipt, newest first, each as (Call, Incident); of incidents of one of `types`
        and in one of `status` where these are given. Such a page may be shorter than `limit` and still not
        be the last."""
        ...

    def referrals(
        self,
        agency: str,
        status: tuple[str, ...],
        overdue_at: int,
        cursor: str,
        limit: int,
        among: Among = (),
    ) -> Page:
        """Referral lines by due time; `overdue_at` > 0 keeps running ones due before it. In `among`, `agency`
        is that of the referral itself."""
        ...

    def told(self, actor: str, key: str) -> dict[str, Any] | None:
        """What `actor` was answered under an idempotency key; None when nothing is known of it."""
        ...

    def units(self) -> list[Unit]: ...
    def notices(self, to: str, after: int, limit: int) -> list[Notice]: ...
    def incidents_of(self, streams: Sequence[int], among: Among = ()) -> dict[int, Incident]:
        """For each stream that is an incident or a call in one: that incident."""
        ...

    def facts(self, after: int, limit: int) -> list[Fact]: ...
    def counts(self, at: int) -> Counts: ...
    def opened_in(self, spans: Sequence[tuple[int, int]]) -> list[int]:
        """How many incidents were opened from the first instant (UTC µs) up to the second, of each span."""
        ...

    def account_by(self, name: str) -> Account | None:
        """The account that is found under a name (`domain.account.by_…`)."""
        ...

    def closures(self, at: int) -> list[Closure]:
        """Closed and slowed roads in force at the instant (UTC µs), in order."""
        ...

    def deployment(self, id: int) -> Deployment:
        """Refuses with `not_found`."""
        ...

    def deployments(self, ended: bool) -> list[Deployment]:
        """Plans on the table and in force, newest first; with `ended` those too that no longer are."""
        ...

    def accounts(self) -> list[Account]: ...
    def names_of(self, actors: Sequence[str]) -> dict[str, str]:
        """What the people are called who act under these codes, as far as their accounts say."""
        ...

    def key_by(self, name: str) -> PartnerKey | None: ...
    def keys(self) -> list[PartnerKey]:
        """All that were ever issued and some were revoked of, oldest first."""
        ...

    def labelled(self, calls: Sequence[int]) -> set[int]:
        """Those of the calls that a person has labelled."""
        ...

    def model_said(self, role: str) -> dict[str, Any]:
        """What the fact says that last gave the role `live`, `shadow` or `passed` to a model, and `at`, when;
        empty before the first."""
        ...

    def model_judged(self, digest: str) -> dict[str, Any]:
        """What the gate last said of a model; empty before it was first judged."""
        ...

    def seen(self, ids: Sequence[int]) -> dict[int, int]:
        """When sessions and keys were last used (UTC µs); none where nobody noted it."""
        ...

    def times(self) -> dict[str, float]:
        """`queue_time_s_p50/p90`, `response_time_s_p50/p90` over all finished assignments; first unit of
        an incident counts."""
        ...
