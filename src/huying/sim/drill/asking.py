"""The desk asks on: what nobody said at first, and what was taken for something else, is put right."""

from __future__ import annotations

from huying.base.clock import SECOND
from huying.domain import facts as f
from huying.domain.commands import Envelope, RetypeIncident
from huying.domain.facts import Fact
from huying.domain.pack import Pack
from huying.sim.chance import Dice
from huying.sim.city import City
from huying.sim.desk import DESK
from huying.sim.drill.score import Score

# Two or three questions; and one caller in ten is hung up before the right one is asked.
ASKS_S, ASKS_SPREAD = 70.0, 0.5
LEARNS = 0.9


class Asking:
    """Retypes incidents whose calls were about something else than was understood."""

    def __init__(self, pack: Pack, city: City, score: Score, dice: Dice) -> None:
        self.pack, self.city, self.score, self.dice = pack, city, score, dice
        self.gone: set[int] = set()
        self.off = False
        city.ears.listen(f.IncidentOpened, self.opened)
        city.ears.listen(f.IncidentClosed, self.ended)
        city.ears.listen(f.IncidentResolved, self.ended)

    def opened(self, fact: Fact, body: f.IncidentOpened) -> None:
        happening = self.score.of_incident.get(fact.stream)
        if self.off or happening is None or happening.type == body.type or self.dice.random() >= LEARNS:
            return
        at = fact.at + int(self.dice.lognormal(ASKS_S, ASKS_SPREAD) * SECOND)
        self.city.agenda.put(at, self.retype, (fact.stream, happening.type))

    def ended(self, fact: Fact, body: f.Payload) -> None:
        self.gone.add(fact.stream)

    def retype(self, at: int, what: tuple[int, str]) -> Envelope | None:
        incident, type = what
        if incident in self.gone:
            return None
        return Envelope(RetypeIncident(incident=incident, type=type, why="asked"), actor=DESK, at=at)
