"""Batches of facts in the mix of the replays: twelve facts an incident, from the call to its closing.

All five replays have about that many (docs/en/replays.md): received, opened, sent, on the way, on scene,
clear, resolved, asked, answered, closed; one in three has a second unit, the others are late once. Words
have 60 to 120 characters; facts are as the engine makes them, and states come of them by the live code.
"""

from __future__ import annotations

from collections.abc import Callable

from huying.domain import facts as f
from huying.domain.call import Call
from huying.domain.incident import Incident
from huying.domain.place import Place
from huying.domain.reason import Reason
from huying.domain.unit import Unit
from huying.service.evolve import evolve
from huying.service.ports import Batch, Head
from huying.service.work import timers_of

NOON = 1_772_424_000_000_000
MINUTE = 60_000_000
UNITS = 320
STAGES = 3
# Twelve facts each make about 500.
INCIDENTS = 42

WORDS = (
    "楼下有人吵架，听起来要动手了，一个穿黑衣服，一个手里拿着酒瓶，旁边还有小孩在哭，已经吵了二十多分钟，请快点来人看看。",
    "中山路口两车相撞，一人受伤坐在路边，说腿动不了，堵了一条车道，后面的车已经排到桥上，麻烦叫救护车和交警一起过来。",
    "小区后门路灯三盏不亮，晚上老人走路看不清，昨天已经有人摔跤，上个月报过一次没有人来修，请尽快安排，修好了回个电话。",
    "工地半夜还在打桩，孩子过几天要考试睡不着，跟他们说了也不停，说是有夜间施工证，但是没有贴出来，请去现场看一下有没有证。",
)


class Lives:
    """A city at work: says what happens, and keeps the states that come of it."""

    def __init__(self) -> None:
        self.batch = Batch()
        self.known: dict[int, Incident] = {}
        self.units: dict[str, Unit] = {}
        self.seq = self.at = self.made = 0

    # ── what `evolve` asks for ───────────────────────────────────────────────────────────────────────────
    def incident_to_change(self, id: int) -> Incident:
        incident = self.batch.incidents[id] = self.known[id]
        return incident

    def call_to_change(self, id: int) -> Call:
        return self.batch.calls[id]

    def unit_to_change(self, code: str) -> Unit:
        unit = self.units[code]
        self.batch.units[unit.id] = unit
        return unit

    def unit_of_stream(self, id: int) -> Unit:
        return next(each for each in self.units.values() if each.id == id)

    def add_incident(self, incident: Incident) -> None:
        self.known[incident.id] = self.batch.incidents[incident.id] = incident

    def add_call(self, call: Call) -> None:
        self.batch.calls[call.id] = call

    def add_unit(self, unit: Unit) -> None:
        self.units[unit.code] = self.batch.units[unit.id] = unit

    # ── batches ──────────────────────────────────────────────────────────────────────────────────────────
    def begin(self, head: Head) -> None:
        """Start the batch after `head`; the units come first, in a batch of their own."""
        self.batch = Batch()
        self.seq, self.at = head.seq, max(head.at, NOON) + MINUTE

    def register(self) -> None:
        for i in range(UNITS):
            self._begin("desk-1", f.UnitRegistered(f"police-{i}", 28.05, 121.05))

    def live(self, id: int, stage: int) -> int:
        """Say what happens in a stage of a life (stage 0 with any id makes a new one); its id."""
        before = timers_of(self.known[id]) if stage else frozenset()
        id = self._open() if stage == 0 else id
        (self._sent, self._worked, self._ended)[stage](self.known[id])
        after = timers_of(self.known[id])
        self.batch.timers_gone |= before - after
        self.batch.timers_set = (self.batch.timers_set - (before - after)) | (after - before)
        return id

    def whole(self) -> None:
        """A whole life in this batch."""
        id = self.live(0, 0)
        gone = set(self.batch.timers_gone)
        for stage in range(1, STAGES):
            self.live(id, stage)
        self.batch.timers_gone = gone  # what was set and gone within the batch was never stored

    def _say(self, stream: int, version: int, actor: str, body: f.Payload) -> None:
        self.seq += 1
        kind = f.TYPE_OF[type(body)]
        fact = f.Fact(self.seq, stream, version, kind, self.at, actor, "answer", body)
        self.batch.facts.append(fact)
        evolve(self, fact)

    def _begin(self, actor: str, body: f.Payload) -> int:
        self._say(self.seq + 1, 1, actor, body)
        return self.seq

    def _on(self, incident: Incident, actor: str, body: f.Payload) -> None:
        self._say(incident.id, incident.version + 1, actor, body)

    # ── a life ───────────────────────────────────────────────────────────────────────────────────────────
    def _open(self) -> int:
        n = self.made = self.made + 1
        lat, lon = 28.0 + n % 997 / 9970, 121.0 + n % 991 / 9910
        areas = (f"grid_{n % 400}", f"town_{n % 6}", "county")
        place = Place(lat=lat, lon=lon, address=f"中山路{n % 300}号", areas=areas)
        words, type = WORDS[n % len(WORDS)], f"public.type_{n % 80}"
        code = f"{n * 2_654_435_761 % 2**128:032x}"
        call = self._begin(
            "web", f.CallReceived("phone", words, lang="zh", stated_type=type, place=place, code_hash=code)
        )
        weight: dict[str, str | int | float] = {"word": words[:2], "type": type, "weight": 4.5}
        reasons = (
            Reason("triage.stated", of=type),
            Reason("triage.word", of=f"words:{n % 212}", values=weight, span=(0, 2)),
        )
        due = (self.at + 5 * MINUTE, self.at + 15 * MINUTE)
        opened = f.IncidentOpened(call, type, 1 + n % 5, place, words[:8], reasons, *due, "police")
        return self._begin("web", opened)

    def _sent(self, incident: Incident) -> None:
        reasons = (Reason("dispatch.confirmed", values={"seconds": 480}),)
        for n in range(1, 2 + (self.made % 3 == 0)):
            unit = f"police-{(self.made * 2 + n) % UNITS}"
            self._on(incident, "desk-1", f.UnitDispatched(n, unit, "police", 480, reasons))
            self._on(incident, unit, f.UnitEnRoute(n, unit))

    def _worked(self, incident: Incident) -> None:
        if len(incident.assignments) == 1:
            due = incident.opened_at + 15 * MINUTE
            self._on(incident, "clock", f.Escalated("arrive", 0, "police", due, due + 5 * MINUTE))
        for each in incident.assignments:
            self._on(incident, each.unit, f.UnitArrived(each.n, each.unit))
            self._on(incident, each.unit, f.UnitCleared(each.n, each.unit, "handled"))
        last = incident.assignments[-1].unit
        self._on(incident, last, f.IncidentResolved("handled"))
        self._on(incident, last, f.FollowUpAsked(1, self.at + 5 * 24 * 60 * MINUTE))

    def _ended(self, incident: Incident) -> None:
        self._on(incident, "caller", f.FollowUpAnswered(1, True, 4))
        self._on(incident, "caller", f.IncidentClosed("caller_agreed"))


# ── batches of about 500 facts ──────────────────────────────────────────────────────────────────────────────
def whole_lives() -> Callable[[Head], Batch]:
    lives = Lives()

    def make(head: Head) -> Batch:
        lives.begin(head)
        if not lives.units:
            lives.register()
        for _ in range(INCIDENTS):
            lives.whole()
        return lives.batch

    return make


def going_on() -> Callable[[Head], Batch]:
    """Each batch begins 42 lives, moves on 42 that the last one began, and ends 42."""
    lives = Lives()
    under_way: list[list[int]] = [[], []]

    def make(head: Head) -> Batch:
        lives.begin(head)
        if not lives.units:
            lives.register()
        for stage in (2, 1):
            for id in under_way[stage - 1]:
                lives.live(id, stage)
        under_way[:] = [lives.live(0, 0) for _ in range(INCIDENTS)], under_way[0]
        return lives.batch

    return make
