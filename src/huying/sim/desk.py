"""The duty desk: confirms who is sent, looks again while nobody is free, closes what a person must close."""

from __future__ import annotations

from collections.abc import Callable

from huying.base.clock import SECOND
from huying.domain import facts as f
from huying.domain.commands import CloseIncident, DispatchUnits, Envelope, ResolveIncident
from huying.domain.facts import Fact
from huying.domain.pack import Pack
from huying.sim.agenda import Agenda, Ears
from huying.sim.chance import Dice
from huying.sim.habits import Habits

Recommend = Callable[[int, int], tuple[str, ...]]
"""(incident, instant) → codes of the units that the run card asks for and that are free, or none."""

DESK = "sim.desk"


class Desk:
    """`recommend` is the live recommendation; the desk only decides when it is confirmed."""

    def __init__(
        self, pack: Pack, agenda: Agenda, ears: Ears, dice: Dice, habits: Habits, recommend: Recommend
    ) -> None:
        self.agenda = agenda
        self.dice = dice
        self.habits = habits
        self.recommend = recommend
        self.gives_up_with = _by_telephone(pack)
        self.has_run_card = frozenset(code for code, each in pack.types.items() if each.run_card)
        # Incidents whose units come from the records, and those where the desk waits for a free unit.
        self.by_record: set[int] = set()
        self.looks: dict[int, int] = {}
        self.types: dict[int, tuple[str, int]] = {}
        ears.listen(f.IncidentOpened, self.opened)
        ears.listen(f.IncidentReopened, self.reopened)
        ears.listen(f.FollowUpLapsed, self.lapsed)
        ears.listen(f.IncidentClosed, self.closed)

    def opened(self, fact: Fact, body: f.IncidentOpened) -> None:
        if body.type in self.has_run_card:
            self.types[fact.stream] = (body.type, body.priority)
            self._plan(fact.stream, fact.at, body.priority)

    def reopened(self, fact: Fact, body: f.IncidentReopened) -> None:
        known = self.types.get(fact.stream)
        if known:
            self._plan(fact.stream, fact.at, known[1])

    def _plan(self, incident: int, at: int, priority: int) -> None:
        habits = self.habits
        delay = self.dice.lognormal(habits.confirm_s[priority - 1], habits.confirm_spread)
        self.agenda.put(at + int(delay * SECOND), self.confirm, incident)

    def confirm(self, at: int, incident: int) -> Envelope | None:
        if incident in self.by_record or incident not in self.types:
            return None
        units = self.recommend(incident, at)
        if units:
            self.looks.pop(incident, None)
            return Envelope(DispatchUnits(incident=incident, units=units), actor=DESK, at=at)
        looked = self.looks.get(incident, 0) + 1
        if looked > self.habits.looks_max:
            self.looks.pop(incident, None)
            return Envelope(
                ResolveIncident(incident=incident, disposition=self.gives_up_with), actor=DESK, at=at
            )
        self.looks[incident] = looked
        self.agenda.put(at + int(self.habits.look_again_s * SECOND), self.confirm, incident)
        return None

    def lapsed(self, fact: Fact, body: f.FollowUpLapsed) -> None:
        delay = self.dice.exponential(self.habits.person_closes_s)
        self.agenda.put(fact.at + int(delay * SECOND), self.close, fact.stream)

    def close(self, at: int, incident: int) -> Envelope | None:
        return Envelope(CloseIncident(incident=incident, why="silence"), actor=DESK, at=at)

    def closed(self, fact: Fact, body: f.IncidentClosed) -> None:
        self.types.pop(fact.stream, None)
        self.looks.pop(fact.stream, None)
        self.by_record.discard(fact.stream)


def _by_telephone(pack: Pack) -> str:
    """The disposition for advice by telephone: the first after which the caller is not asked."""
    return next(
        (code for code, each in pack.dispositions.items() if not each.follow_up),
        next(iter(pack.dispositions)),
    )
