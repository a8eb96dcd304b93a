"""The house as one asker may see it: the one way from a request to anything that a rule speaks of.

Every question and every command of every way in goes through here. Lists are filtered in the store, single
things are decided on one by one, hidden fields are emptied, and looks at what callers said are noted. The
methods that ask block: `Desk.ask` runs them in a thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from huying.base.refusal import Refusal
from huying.dispatch.deployed import deployed
from huying.domain.account import Account, PartnerKey
from huying.domain.closure import Closure
from huying.domain.commands import Command, Envelope
from huying.domain.deployment import Deployment
from huying.domain.pack import Pack
from huying.domain.policy import NOTHING, About, Action, Thing
from huying.domain.unit import Unit
from huying.edge import wall as big
from huying.edge.deciding import Behind as Behind
from huying.edge.shadowed import NEWEST, Compared, compare, facts_of
from huying.edge.stories import Stories
from huying.edge.stories import Story as Story
from huying.privacy.about import about_unit
from huying.privacy.redact import plain
from huying.service.permits import is_doors_own, rule_of
from huying.service.questions import Counts, Notice, Page, ReferralLine

# As many as the store asks about in one statement.
SEEN_AT_ONCE = 500


class View(Stories):
    """Made for one request."""

    # ── lists ────────────────────────────────────────────────────────────────────────────────────────────
    def referrals(
        self, agency: str, status: tuple[str, ...], overdue_at: int, cursor: str, limit: int
    ) -> Page:
        among = self.among(Thing.REFERRAL)
        page = self._questions.referrals(agency, status, overdue_at, cursor, limit, among)
        fields, _ = self._fields(Thing.REFERRAL)
        lines: list[ReferralLine] = page.items
        return Page([plain(Thing.REFERRAL, each, fields) for each in lines], page.next)

    def notices(self, to: str, after: int, limit: int) -> list[Notice]:
        """Those of the own agency only, where the rule says so."""
        if self.among(Thing.NOTICE):
            own = self.who.agency
            if to and to != own:
                self.grant(Thing.NOTICE, Action.READ, About(agencies=(to,)))
            to = to or own
        return self._questions.notices(to, after, limit)

    def units(self) -> list[Unit]:
        self.ever(Thing.UNIT)
        shown = []
        for unit in self._questions.units():
            grant = self.may(Thing.UNIT, Action.READ, about_unit(self.desk.pack, unit.code, self.who.unit))
            if grant is not None:
                shown.append(plain(Thing.UNIT, unit, grant.fields))
        return shown

    def closures(self) -> list[Closure]:
        """Roads that are closed or slow."""
        self.ever(Thing.ROAD)
        return self._questions.closures(self.at)

    def deployments(self, ended: bool = False) -> list[Deployment]:
        """Plans of deployment, newest first."""
        self.ever(Thing.PLAN)
        return self._questions.deployments(ended)

    def deployment(self, id: int) -> Deployment:
        self.ever(Thing.PLAN)
        return self._questions.deployment(id)

    def shadowed(self) -> list[Compared]:
        """Rules watched beside the desk, over the newest facts."""
        self.ever(Thing.PLAN)
        after = max(0, self._questions.head().seq - NEWEST)
        return compare(facts_of(self._questions.facts, after, NEWEST))

    def pack_now(self) -> Pack:
        """The pack as the plans in force have changed where units wait and when they work."""
        return deployed(self.desk.pack, self._questions.deployments(False), self.at)

    def may_see_wall(self) -> bool:
        """Whether places are among what such an asker sees of the big screen. Raises `not_allowed`."""
        return "place" in self.grant(Thing.WALL, Action.READ, NOTHING).fields

    def wall(self, place: bool, weeks: list[big.Past]) -> big.WallShown:
        """What the big screen shows: without names and words whoever asks, without points unless `place`."""
        return big.now(self.desk.pack, self._questions, weeks, self.at, place and self.may_see_wall())

    def wall_weeks(self) -> list[big.Past]:
        """What is usual at this time of this weekday."""
        self.may_see_wall()
        return big.days(self.desk.pack, self._questions, self.at)[1:]

    def counts(self) -> Counts:
        self.grant(Thing.MEASURE, Action.READ, NOTHING)
        return self._questions.counts(self.at)

    def staff(self, id: int = 0) -> tuple[list[Account], dict[int, int]]:
        """Accounts (one, or all with 0), and when their sessions were last used."""
        self.grant(Thing.STAFF, Action.READ, NOTHING)
        found = [each for each in self._questions.accounts() if id in (0, each.id)]
        if not found:
            raise Refusal("not_found", noun="account", id=id)
        return found, self._seen([each.id for one in found for each in one.sessions])

    def keys(self) -> tuple[list[PartnerKey], dict[int, int]]:
        """Partners' keys, and when they were last used."""
        self.grant(Thing.STAFF, Action.READ, NOTHING)
        found = self._questions.keys()
        return found, self._seen([each.id for each in found])

    def _seen(self, ids: Sequence[int]) -> dict[int, int]:
        parts = (ids[start : start + SEEN_AT_ONCE] for start in range(0, len(ids), SEEN_AT_ONCE))
        return {id: at for part in parts for id, at in self._questions.seen(part).items()}

    def told(self, actor: str, key: str) -> dict[str, Any] | None:
        """What this asker was answered under a key of their own."""
        return self._questions.told(actor, key)

    # ── commands ─────────────────────────────────────────────────────────────────────────────────────────
    def envelope(self, command: Command, key: str | None = None) -> Envelope:
        """A command with who asks and what for, to be decided on under the lock.

        Raises:
            Refusal: `not_allowed` or `forbidden`, for who could never be allowed it.
        """
        asker = self.asker
        key = asker.key if key is None else key
        if is_doors_own(command):
            return Envelope(command, actor=asker.actor, purpose=asker.purpose or "operate", key=key)
        purpose = self.ever(*rule_of(command))
        return Envelope(command, actor=asker.actor, purpose=purpose.value, key=key, principal=self.who)

    async def do(self, command: Command) -> dict[str, Any]:
        """Hand a command to the writer; what its sender is told."""
        envelope = self.envelope(command)
        try:
            done = await self.desk.writer.do(envelope)
        except Refusal as refusal:
            raise self._noted(refusal) if refusal.code == "not_allowed" else refusal from None
        answer: dict[str, Any] = done.answer
        return answer
