"""The duty desk: confirms who is sent, looks again while nobody is free, closes what a person must close."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Container

from huying.base.clock import SECOND
from huying.domain import facts as f
from huying.domain.account import DEMO
from huying.domain.commands import (
    AdvanceUnit,
    CloseIncident,
    DispatchUnits,
    Envelope,
    JoinCall,
    ResolveIncident,
)
from huying.domain.facts import Fact
from huying.domain.pack import Pack
from huying.sim.agenda import Agenda, Ears
from huying.sim.chance import Dice
from huying.sim.habits import Habits
from huying.sim.units import JOINED

Recommend = Callable[[int, int], tuple[str, ...]]
"""(incident, instant) → codes of the units that the run card asks for and that are free, or none."""

DESK = "sim.desk"


def _nobody(incident: int, at: int) -> tuple[str, ...]:
    return ()


class Desk:
    """`recommend` is the live recommendation; the desk says when it is confirmed. It ends what nobody else
    can: work that was called off, a priority 1 after silence. `spare` are units on an incident beyond what
    its run card asks for, as the live board proposes them for release."""

    def __init__(
        self,
        pack: Pack,
        agenda: Agenda,
        ears: Ears,
        dice: Dice,
        habits: Habits,
        recommend: Recommend,
        spare: Recommend = _nobody,
    ) -> None:
        self.agenda = agenda
        self.dice = dice
        self.habits = habits
        self.recommend = recommend
        self.spare = spare
        self.by_telephone = _by_telephone(pack)
        self.has_run_card = frozenset(code for code, each in pack.types.items() if each.run_card)
        # Incidents whose units come from the records: nobody is sent by the desk.
        self.by_record: set[int] = set()
        # Incidents to which the records still send somebody (`Units.awaited`).
        self.awaited: Container[int] = ()
        self.priority: dict[int, int] = {}
        self.types: dict[int, str] = {}
        # Looks taken for an incident that waits for units, and who waits for each ability, first come first.
        self.looks: dict[int, int] = {}
        self.waiting: dict[str, deque[int]] = {}
        self.wants = {code: _abilities(pack, each.run_card) for code, each in pack.types.items()}
        self.can = {code: tuple(sorted(each.abilities)) for code, each in pack.units.items()}
        self.at_work: dict[int, int] = {}
        self.referred: dict[int, int] = {}
        self.done: set[int] = set()
        # Incidents to which units came along with a joined call: what else their card asks for is still sent.
        self.came_along: set[int] = set()
        ears.listen(f.IncidentOpened, self.opened)
        ears.listen(f.IncidentReopened, self.reopened)
        ears.listen(f.IncidentRetyped, self.retyped)
        ears.listen(f.UnitDispatched, self.dispatched)
        ears.listen(f.UnitCleared, self.cleared)
        ears.listen(f.UnitRecalled, self.recalled)
        ears.listen(f.ReferralOffered, self.offered)
        for ended in (f.ReferralReturned, f.ReferralResolved, f.ReferralWithdrawn):
            ears.listen(ended, self.referral_ended)
        ears.listen(f.IncidentResolved, self.resolved)
        ears.listen(f.DeadlineSet, self.must_close)
        ears.listen(f.IncidentClosed, self.closed)

    # ── sending ─────────────────────────────────────────────────────────────────────────────────────────
    def opened(self, fact: Fact, body: f.IncidentOpened) -> None:
        if body.type in self.has_run_card:
            self.priority[fact.stream] = body.priority
            self.types[fact.stream] = body.type
            visited = fact.actor.startswith(DEMO)
            self._plan(fact.stream, fact.at + int(visited * self.habits.leaves_s * SECOND))

    def retyped(self, fact: Fact, body: f.IncidentRetyped) -> None:
        """It is something else than it seemed: who was not to be sent may be now."""
        if fact.stream not in self.priority and body.type in self.has_run_card:
            self.priority[fact.stream] = body.priority
            self.types[fact.stream] = body.type
            self._plan(fact.stream, fact.at)

    def reopened(self, fact: Fact, body: f.IncidentReopened) -> None:
        # The records know how it ended the first time; what follows is the desk's again.
        self.by_record.discard(fact.stream)
        self.done.discard(fact.stream)
        if fact.stream in self.priority:
            self._plan(fact.stream, fact.at)

    def _plan(self, incident: int, at: int) -> None:
        habits = self.habits
        delay = self.dice.lognormal(habits.confirm_s[self.priority[incident] - 1], habits.confirm_spread)
        self.looks[incident] = 0
        self.agenda.put(at + int(delay * SECOND), self.confirm, incident)

    def confirm(self, at: int, incident: int) -> Envelope | None:
        if incident not in self.looks or incident in self.by_record or self._is_seen_to(incident):
            return None
        units = self.recommend(incident, at)
        if units:
            del self.looks[incident]
            return Envelope(DispatchUnits(incident=incident, units=units), actor=DESK, at=at)
        if self.at_work.get(incident):  # who came along is enough
            del self.looks[incident]
            return None
        self.looks[incident] += 1
        if self.looks[incident] > self.habits.looks_max:
            del self.looks[incident]
            return self.end(at, incident)
        if self.looks[incident] == 1:
            for ability in self.wants.get(self.types[incident], ()):
                self.waiting.setdefault(ability, deque()).append(incident)
        self.agenda.put(at + int(self.habits.look_again_s * SECOND), self.confirm, incident)
        return None

    def _wake(self, unit: str, at: int) -> None:
        """A unit is free again: who has waited longest for what it can do is looked at."""
        for ability in self.can.get(unit, ()):
            queue = self.waiting.get(ability)
            while queue:
                incident = queue.popleft()
                if self.looks.get(incident):
                    soon = at + int(self.habits.notices_s * SECOND)
                    self.agenda.put(soon, self.confirm_freed, (incident, ability))
                    break

    def confirm_freed(self, at: int, what: tuple[int, str]) -> Envelope | None:
        """As `confirm`, but who finds nobody is first in the queue again and has lost no look."""
        incident, ability = what
        if incident not in self.looks or self._is_seen_to(incident):
            return None
        units = self.recommend(incident, at)
        if not units:
            self.waiting[ability].appendleft(incident)
            return None
        del self.looks[incident]
        return Envelope(DispatchUnits(incident=incident, units=units), actor=DESK, at=at)

    def _is_seen_to(self, incident: int) -> bool:
        return bool(self.at_work.get(incident)) and incident not in self.came_along

    def join(self, at: int, what: tuple[int, int, int]) -> Envelope | None:
        """The desk hears that a call is about what is already known; who is on the way for it comes along."""
        incident, call, known = what
        if known not in self.priority or incident not in self.priority:
            return None
        bring = bool(self.at_work.get(incident))
        if bring and (incident in self.by_record or incident in self.done or known in self.done):
            return None
        if bring:
            self.came_along.add(known)
            self.agenda.put(at + int(self.habits.notices_s * SECOND), self.review, known)
        return Envelope(JoinCall(incident=known, call=call, bring=bring), actor=DESK, at=at)

    def review(self, at: int, incident: int) -> None:
        """Units of two calls are on one incident: who is too many is let go."""
        if incident in self.priority and incident not in self.done and self.at_work.get(incident):
            for unit in self.spare(incident, at):
                self.agenda.put(at, self.let_go, (incident, unit))

    def let_go(self, at: int, what: tuple[int, str]) -> Envelope:
        incident, unit = what
        command = AdvanceUnit(unit=unit, to="recalled", incident=incident, why="spare")
        return Envelope(command, actor=DESK, at=at)

    # ── ending ──────────────────────────────────────────────────────────────────────────────────────────
    def dispatched(self, fact: Fact, body: f.UnitDispatched) -> None:
        self.at_work[fact.stream] = self.at_work.get(fact.stream, 0) + 1

    def cleared(self, fact: Fact, body: f.UnitCleared) -> None:
        self._one_less(fact.stream)
        self._wake(body.unit, fact.at)

    def recalled(self, fact: Fact, body: f.UnitRecalled) -> None:
        left = self._one_less(fact.stream)
        if body.why == JOINED:  # it is on the other incident from now on
            return
        if not left:
            self.agenda.put(fact.at + int(self.habits.ends_s * SECOND), self.end, fact.stream)
        self._wake(body.unit, fact.at)

    def _one_less(self, incident: int) -> int:
        left = self.at_work.get(incident, 1) - 1
        self.at_work[incident] = left
        return left

    def end(self, at: int, incident: int) -> Envelope | None:
        """Everybody was called off, or nobody could be had: the desk ends it by telephone."""
        if self.at_work.get(incident) or self.referred.get(incident) or incident in self.awaited:
            return None
        if incident not in self.priority or incident in self.done:
            return None
        command = ResolveIncident(incident=incident, disposition=self.by_telephone)
        return Envelope(command, actor=DESK, at=at)

    def offered(self, fact: Fact, body: f.ReferralOffered) -> None:
        self.referred[fact.stream] = self.referred.get(fact.stream, 0) + 1

    def referral_ended(self, fact: Fact, body: f.Payload) -> None:
        left = self.referred.pop(fact.stream, 1) - 1
        if left:
            self.referred[fact.stream] = left

    def resolved(self, fact: Fact, body: f.IncidentResolved) -> None:
        self.looks.pop(fact.stream, None)
        self.at_work.pop(fact.stream, None)
        self.came_along.discard(fact.stream)
        self.done.add(fact.stream)

    def must_close(self, fact: Fact, body: f.DeadlineSet) -> None:
        if body.key == "close":
            delay = self.dice.exponential(self.habits.person_closes_s)
            self.agenda.put(fact.at + int(delay * SECOND), self.close, fact.stream)

    def close(self, at: int, incident: int) -> Envelope | None:
        return Envelope(CloseIncident(incident=incident, why="silence"), actor=DESK, at=at)

    def closed(self, fact: Fact, body: f.IncidentClosed) -> None:
        self.priority.pop(fact.stream, None)
        self.types.pop(fact.stream, None)
        self.looks.pop(fact.stream, None)
        self.at_work.pop(fact.stream, None)
        self.came_along.discard(fact.stream)
        self.by_record.discard(fact.stream)
        self.done.discard(fact.stream)


def _by_telephone(pack: Pack) -> str:
    """The disposition for advice by telephone: the first after which the caller is not asked."""
    codes = list(pack.dispositions)
    return next((code for code in codes if not pack.dispositions[code].follow_up), codes[0])


def _abilities(pack: Pack, run_card: str) -> tuple[str, ...]:
    card = pack.run_cards.get(run_card)
    return tuple(dict.fromkeys(need.ability for need in card.needs)) if card else ()
