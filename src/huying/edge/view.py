"""The house as one asker may see it: the one way from a request to anything that a rule speaks of.

Every question and every command of every way in goes through here. Lists are filtered in the store, single
things are decided on one by one, hidden fields are emptied, and looks at what callers said are noted. The
methods that ask block: `Desk.ask` runs them in a thread.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from typing import Any, Protocol

from msgspec import Struct
from msgspec.structs import replace

from huying.base.clock import DAY, Clock
from huying.base.refusal import Refusal
from huying.dispatch.deployed import deployed
from huying.domain.account import Account, PartnerKey
from huying.domain.call import Call
from huying.domain.closure import Closure
from huying.domain.commands import Command, Envelope
from huying.domain.deployment import Deployment
from huying.domain.facts import Fact
from huying.domain.incident import Incident
from huying.domain.pack import Pack
from huying.domain.place import Place
from huying.domain.policy import NOTHING, About, Action, Grant, Purpose, Thing
from huying.domain.reason import Reason
from huying.domain.suggestion import Understood
from huying.domain.unit import Unit
from huying.edge import wall as big
from huying.edge.asker import Asker
from huying.edge.looks import Looks
from huying.edge.pictures import Pictures
from huying.edge.shadowed import NEWEST, Compared, compare, facts_of
from huying.privacy.about import about_incident, about_unit, pairs_of
from huying.privacy.looked import Looked, looked_at
from huying.privacy.redact import (
    Shown,
    blanks_of_line,
    call_shown,
    fact_shown,
    hidden_of,
    incident_shown,
    plain,
)
from huying.service.modelling import audited
from huying.service.nearby import AROUND_MAX, alike_among, around
from huying.service.permits import allowed, is_doors_own, refused, rule_of
from huying.service.ports import (
    Among,
    Counts,
    House,
    IncidentFilter,
    IncidentLine,
    Notice,
    Page,
    Questions,
    ReferralLine,
)
from huying.store.lines import incident_line

# A call of the audit sample is asked about while somebody may still remember the day; of so many looked
# through, six belong to the sample.
AUDIT_DAYS = 7
AUDIT_LOOK = 200
# As many as the store asks about in one statement.
SEEN_AT_ONCE = 500

log = logging.getLogger("huying.policy")


class Writes(Protocol):
    async def do(self, envelope: Envelope) -> Any: ...


class Behind(Protocol):
    """What a view needs of the desk."""

    @property
    def house(self) -> House: ...
    @property
    def questions(self) -> Questions: ...
    @property
    def writer(self) -> Writes: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def looks(self) -> Looks: ...
    @property
    def pictures(self) -> Pictures: ...
    @property
    def pack(self) -> Pack: ...

    def call_by_code(self, code: str, address: str) -> Call: ...
    def word(self, key: str, lang: str, **params: Any) -> str: ...


class Story(Struct, frozen=True):
    """An incident with its calls and facts, as far as they are shown; `hidden` are the fields that are not,
    as `thing.field`."""

    incident: Incident
    calls: list[Call]
    facts: list[Fact]
    hidden: list[str]


class View:
    """Made for one request."""

    def __init__(self, desk: Behind, asker: Asker) -> None:
        self.desk = desk
        self.asker = asker
        self.who = asker.principal
        self.at = desk.clock.now()
        self._policy = desk.house.policy
        self._questions = desk.questions

    # ── deciding ─────────────────────────────────────────────────────────────────────────────────────────
    def purpose(self, thing: Thing, action: Action) -> Purpose:
        """The purpose that the request names, or what such an asker usually does this for.

        Raises:
            Refusal: `purpose_unknown`.
        """
        named = self.asker.purpose
        if not named:
            return self._policy.usual_purpose(self.who, thing, action) or Purpose.ANSWER
        try:
            return Purpose(named)
        except ValueError:
            known = ", ".join(Purpose)
            raise Refusal("purpose_unknown", purpose=named, known=known) from None

    def grant(self, thing: Thing, action: Action, about: About) -> Grant:
        """Raises `not_allowed`."""
        purpose = self.purpose(thing, action)
        try:
            return allowed(self._policy, self.who, thing, action, purpose, about, self.at)
        except Refusal as refusal:
            raise self._noted(refusal) from None

    def may(self, thing: Thing, action: Action, about: About) -> Grant | None:
        purpose = self.purpose(thing, action)
        return self._policy.decide(self.who, thing, action, purpose, about, self.at)

    def ever(self, thing: Thing, action: Action = Action.READ) -> Purpose:
        """Refuse at once who could never be allowed this, whatever it is about."""
        purpose = self.purpose(thing, action)
        if not self._policy.may_ever(self.who, thing, action, purpose, self.at):
            raise self._noted(refused(self._policy, self.who, thing, action, purpose, NOTHING, self.at))
        return purpose

    def _noted(self, refusal: Refusal) -> Refusal:
        """Put in the log who was refused what, for whoever watches for somebody trying doors."""
        told = refusal.params
        words = " ".join(f"{name}={told.get(name, '')}" for name in ("action", "thing", "purpose", "rule"))
        log.warning("refused: %s %s", self.asker.actor, words)
        return refusal

    def among(self, thing: Thing) -> Among:
        """What of a list may be seen, as the store takes it."""
        purpose = self.ever(thing)
        scope = self._policy.scope(self.who, thing, Action.READ, purpose, self.at)
        return pairs_of(scope, self.desk.pack.public_types)

    def about(self, incident: Incident) -> About:
        return about_incident(incident, self.desk.pack.public_types)

    def _fields(self, thing: Thing) -> tuple[frozenset[str], bool]:
        """(fields shown of everything in a list, whether no other is shown of anything)."""
        purpose = self.purpose(thing, Action.READ)
        return self._policy.fields_of_list(self.who, thing, Action.READ, purpose, self.at)

    # ── incidents ────────────────────────────────────────────────────────────────────────────────────────
    def incidents(self, which: IncidentFilter, cursor: str, limit: int) -> Page:
        among = self.among(Thing.INCIDENT)
        fields, certain = self._fields(Thing.INCIDENT)
        if which.box is not None and "place" not in fields:
            raise Refusal("field_hidden", field="box")
        line = partial(_line_of, fields) if certain else self.line
        page = self._questions.states(which, cursor, limit, among)
        return Page([line(each) for each in page.items], page.next)

    def line(self, incident: Incident) -> IncidentLine:
        """One line of a list, as far as it is shown."""
        grant = self.may(Thing.INCIDENT, Action.READ, self.about(incident))
        return _line_of(grant.fields if grant is not None else frozenset(), incident)

    def lines_of(self, streams: Sequence[int]) -> list[IncidentLine]:
        """The lines of the incidents that these streams are of or belong to, as far as they may be seen."""
        self.ever(Thing.INCIDENT)
        found = {each.id: each for each in self._questions.incidents_of(streams).values()}
        seen = ((each, self.may(Thing.INCIDENT, Action.READ, self.about(each))) for each in found.values())
        return [_line_of(grant.fields, each) for each, grant in seen if grant is not None]

    def alike_lines(self, understood: Understood) -> list[tuple[IncidentLine, Reason]]:
        """Unfinished incidents that a call so understood may be about as well, likeliest first; none for who
        may not see incidents."""
        purpose = self.purpose(Thing.INCIDENT, Action.READ)
        if not self._policy.may_ever(self.who, Thing.INCIDENT, Action.READ, purpose, self.at):
            return []
        which = around(self.desk.pack, understood, self.at, staff=True)
        if which is None:
            return []
        found = self._questions.states(which, "", AROUND_MAX, self.among(Thing.INCIDENT)).items
        chosen = alike_among(self.desk.pack, found, understood, self.at)
        return [(self.line(each), why) for each, why in chosen]

    def story(self, id: int, limit: int) -> Story:
        incident = self._questions.incident(id)
        about = self.about(incident)
        shown = {Thing.INCIDENT: self.grant(Thing.INCIDENT, Action.READ, about).fields}
        rule = ""
        for thing in (Thing.CALL, Thing.MEDIA, Thing.TIMELINE):
            if (grant := self.may(thing, Action.READ, about)) is not None:
                shown[thing] = grant.fields
                rule = rule or (grant.rules[0] if thing is Thing.CALL else "")
        calls = self._calls(self._questions.calls(incident.calls), shown, rule)
        facts = self._questions.timeline(id, limit) if Thing.TIMELINE in shown else []
        return Story(
            incident_shown(incident, shown[Thing.INCIDENT], Thing.MEDIA in shown),
            calls,
            [fact_shown(each, shown) for each in facts],
            hidden_of(shown),
        )

    def _calls(self, calls: Sequence[Call], shown: Shown, rule: str) -> list[Call]:
        """Calls as far as they are shown; a look at their words or media is noted."""
        fields = shown.get(Thing.CALL)
        if fields is None:
            return []
        media = Thing.MEDIA in shown
        if "words" in fields:
            self._look(Thing.CALL, rule, [each.id for each in calls])
        return [call_shown(each, fields, media) for each in calls]

    def _look(self, thing: Thing, rule: str, calls: Sequence[int]) -> None:
        purpose = self.purpose(thing, Action.READ).value
        self.desk.looks.note(self.asker.actor, purpose, thing.value, rule, calls, self.at)

    def call(self, id: int) -> Call:
        call = self._questions.call(id)
        about = self.about(self._questions.incident(call.incident))
        grant = self.grant(Thing.CALL, Action.READ, about)
        shown = {Thing.CALL: grant.fields}
        if self.may(Thing.MEDIA, Action.READ, about) is not None:
            shown[Thing.MEDIA] = grant.fields
        return self._calls([call], shown, grant.rules[0])[0]

    def photo(self, id: int) -> bytes:
        """A picture, by the number of the fact that attached it; the look is noted."""
        found = self._questions.facts(id - 1, 1)
        if not found or found[0].seq != id or found[0].type != "photo.attached":
            raise Refusal("not_found", photo=id)
        stream = found[0].stream
        incident = self._questions.incidents_of([stream])[stream]
        grant = self.grant(Thing.MEDIA, Action.READ, self.about(incident))
        if "link" not in grant.fields:
            raise Refusal("field_hidden", field="photo")
        self._look(Thing.MEDIA, grant.rules[0], incident.calls if stream == incident.id else [stream])
        return self.desk.pictures.unseal(id)

    def audit(self) -> tuple[Call | None, int]:
        """The next call of the audit sample that nobody has labelled, and how many wait."""
        self.ever(Thing.CALL)
        page = self._questions.calls_received(self.at - AUDIT_DAYS * DAY, self.at + 1, "", AUDIT_LOOK)
        sample = [call.id for call, _ in page.items if audited(call.id) and not call.stated_type]
        done = self._questions.labelled(sample)
        waiting = [id for id in sample if id not in done]
        return (self.call(waiting[0]) if waiting else None), len(waiting)

    def looked(self, id: int) -> list[Looked]:
        """Who looked at a call's data."""
        self.grant(Thing.LOOK, Action.READ, NOTHING)
        call = self._questions.call(id)
        return looked_at(call, self._questions.looked(call))

    def place(self, id: int) -> Place:
        """Where an incident is; its areas only, for who is not shown more."""
        incident = self._questions.incident(id)
        grant = self.grant(Thing.INCIDENT, Action.READ, self.about(incident))
        return incident_shown(incident, grant.fields).place

    def incident_to_send(self, id: int) -> Incident:
        """One that the asker may send units to: whole, for a recommendation."""
        incident = self._questions.incident(id)
        self.grant(Thing.INCIDENT, Action.DISPATCH, self.about(incident))
        return incident

    def incidents_to_send(self, which: IncidentFilter, limit: int) -> list[Incident]:
        """Those of a page that the asker may send units to: whole, for a plan of the board."""
        self.ever(Thing.INCIDENT, Action.DISPATCH)
        found = self._questions.states(which, "", limit, self.among(Thing.INCIDENT)).items
        return [each for each in found if self.may(Thing.INCIDENT, Action.DISPATCH, self.about(each))]

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


def _line_of(fields: frozenset[str], incident: Incident) -> IncidentLine:
    line = incident_line(incident)
    blanks = blanks_of_line(fields)
    return replace(line, **blanks) if blanks else line
