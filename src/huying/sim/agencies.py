"""Agencies: take what is referred to them, give some of it back, answer, and are sometimes late."""

from __future__ import annotations

from collections.abc import Callable

from huying.base.clock import MINUTE, SECOND
from huying.channels.files import AnswerTimes
from huying.domain import facts as f
from huying.domain.commands import AcceptReferral, Envelope, ExtendReferral, ResolveReferral, ReturnReferral
from huying.domain.facts import Fact
from huying.domain.pack import Pack
from huying.sim.agenda import Agenda, Ears
from huying.sim.chance import Dice
from huying.sim.habits import Habits

ANSWER_CHARS = 4_000  # the longest reply in any known set has 7,883; the journal keeps what fits its limit


class Agencies:
    """`real` holds what the records say of an incident's answer; nothing of it is drawn then."""

    def __init__(self, pack: Pack, agenda: Agenda, ears: Ears, dice: Dice, habits: Habits) -> None:
        self.agenda = agenda
        self.dice = dice
        self.habits = habits
        self.lang = pack.languages[0]
        self.duty_desk = pack.duty_desk
        self.disposition = next(iter(pack.dispositions))
        self.worktime = pack.worktime
        self.offices = frozenset(each.code for each in pack.agencies.values() if each.kind == "department")
        self.real: dict[int, AnswerTimes] = {}
        self.returned: set[int] = set()
        self.due: dict[tuple[int, int], tuple[int, str]] = {}
        # When agencies hear of what is offered to them at an instant: at once, unless they can't be told.
        self.told_at: Callable[[int], int] = lambda at: at
        ears.listen(f.ReferralOffered, self.offered)
        ears.listen(f.ReferralAccepted, self.accepted)
        ears.listen(f.ReferralReturned, self.ended)
        ears.listen(f.ReferralResolved, self.resolved)
        ears.listen(f.ReferralWithdrawn, self.ended)
        ears.listen(f.IncidentClosed, self.closed)

    def offered(self, fact: Fact, body: f.ReferralOffered) -> None:
        incident, at, habits, dice = fact.stream, fact.at, self.habits, self.dice
        what = (incident, body.n, body.agency)
        real = self.real.get(incident)
        if real is not None and real.due > at:
            self.agenda.put(at, self.extend, (*what, real.due))
        self.due[(incident, body.n)] = ((real and real.due) or body.due, body.agency)
        may_return = real is None and incident not in self.returned and body.agency != self.duty_desk
        if may_return and dice.random() < habits.returns:
            self.agenda.put(at + int(dice.between(5, 60) * MINUTE), self.give_back, what)
            self.returned.add(incident)
            return
        heard = self.told_at(at)
        if heard > at:  # they look through what came meanwhile, within the hour
            self.agenda.put(heard + int(dice.between(1, 60) * MINUTE), self.accept, what)
            return
        has = (body.accept_due or body.due) - at
        share = dice.lognormal(habits.accept_share, habits.accept_spread)
        share = habits.late_factor if dice.random() < habits.accept_late else min(share, 0.95)
        taken = at + max(SECOND, int(has * share))
        if real is not None and real.accepted:
            taken = max(at, real.accepted)
        elif real is not None and real.resolved:
            taken = min(taken, at + max(0, real.resolved - at) // 2)
        self.agenda.put(taken, self.accept, what)

    def extend(self, at: int, what: tuple[int, int, str, int]) -> Envelope:
        incident, n, agency, due = what
        return Envelope(
            ExtendReferral(incident=incident, n=n, due=due, why="record"), actor=_of(agency), at=at
        )

    def accept(self, at: int, what: tuple[int, int, str]) -> Envelope | None:
        incident, n, agency = what
        if (incident, n) not in self.due:
            return None
        return Envelope(AcceptReferral(incident=incident, n=n), actor=_of(agency), at=at)

    def give_back(self, at: int, what: tuple[int, int, str]) -> Envelope | None:
        incident, n, agency = what
        if (incident, n) not in self.due:
            return None
        return Envelope(ReturnReferral(incident=incident, n=n, why="not_ours"), actor=_of(agency), at=at)

    def accepted(self, fact: Fact, body: f.ReferralAccepted) -> None:
        incident = fact.stream
        known = self.due.get((incident, body.n))
        if known is None:
            return
        due, agency = known
        real = self.real.get(incident)
        if real is not None:
            if real.resolved:
                self.agenda.put(
                    max(fact.at, real.resolved), self.resolve, (incident, body.n, agency, real.answer)
                )
            return
        habits, dice = self.habits, self.dice
        share = min(dice.lognormal(habits.resolve_share, habits.resolve_spread), 0.97)
        if dice.random() < habits.resolve_late:
            share = habits.late_factor + dice.random()
        done = fact.at + max(MINUTE, int((due - fact.at) * share))
        if share < 1.0 and habits.settled_s:
            settled = self._in_office(
                agency, fact.at, self.dice.lognormal(habits.settled_s, habits.settled_spread)
            )
            done = min(done, settled)
        self.agenda.put(done, self.resolve, (incident, body.n, agency, ""))

    def _in_office(self, agency: str, at: int, seconds: float) -> int:
        """The instant so many seconds of work after `at`: a department works while offices are open."""
        if self.habits.office_hours and agency in self.offices:
            return self.worktime.worked(at, int(seconds * SECOND))
        return at + int(seconds * SECOND)

    def resolve(self, at: int, what: tuple[int, int, str, str]) -> Envelope | None:
        incident, n, agency, answer = what
        if (incident, n) not in self.due:
            return None
        command = ResolveReferral(
            incident=incident, n=n, answer=answer[:ANSWER_CHARS] or "done", disposition=self.disposition
        )
        return Envelope(command, actor=_of(agency), at=at)

    def resolved(self, fact: Fact, body: f.ReferralResolved) -> None:
        self.due.pop((fact.stream, body.n), None)
        # The records know one answer; when the caller says no, what follows is drawn.
        self.real.pop(fact.stream, None)

    def ended(self, fact: Fact, body: f.ReferralReturned | f.ReferralWithdrawn) -> None:
        self.due.pop((fact.stream, body.n), None)

    def closed(self, fact: Fact, body: f.IncidentClosed) -> None:
        self.real.pop(fact.stream, None)
        self.returned.discard(fact.stream)


def _of(agency: str) -> str:
    return "sim.agency." + agency
