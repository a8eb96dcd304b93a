"""The red side: every call of a drill, of the ordinary day and of the scenario, drawn before it begins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import cos, radians, sqrt, tau

from msgspec.structs import replace

from huying.base.clock import MINUTE
from huying.base.text import say
from huying.channels.files import Record
from huying.domain.commands import ReceiveCall
from huying.domain.pack import GazetteerPlace, Pack
from huying.sim.chance import Dice
from huying.sim.drill.cut import Cut, span
from huying.sim.drill.lines import Ring, answer
from huying.sim.drill.scenario import Scenario, Wave
from huying.sim.rhythm import Manner, Rhythm, Sentence, Source, filled, plain_sentences

DEGREE_M = 111_195.0
"""Metres of a degree of latitude."""

Point = tuple[float, float]


class Red:
    """`rings` are all who dial, in order; `records` those who get through, as the desk takes them.

    Args:
        ordinary: makes the ordinary day's calls; by the pack's rhythm when not given.
        own: who calls besides the scenario's waves, drawn or read by somebody else.
    """

    def __init__(
        self,
        scenario: Scenario,
        pack: Pack,
        seed: int,
        manner: Manner,
        ordinary: Source | None = None,
        own: Sequence[Ring] = (),
    ) -> None:
        self.scenario, self.pack = scenario, pack
        self.manner = manner
        self.sentences = manner.sentences or tuple(plain_sentences(pack))
        self.dice = Dice(seed).fork("red")
        self.begins_at, self.ends_at = scenario.begins_at(pack), scenario.ends_at(pack)
        self._kinds: dict[str, list[GazetteerPlace]] = {}
        for place in pack.places.values():
            self._kinds.setdefault(place.kind, []).append(place)
        self.cut = Cut(scenario, pack)
        rings = [*own, *self._ordinary(ordinary), *self._surges()]
        for wave in scenario.wave:
            rings += self._wave(wave)
        self.rings = sorted(rings, key=lambda each: (each.at, each.id))
        self.by_id = {each.id: each for each in self.rings}
        dice = self.dice.fork("lines")
        through = answer(self.rings, scenario.takers, dice, self.cut.dead)
        self.through = [each for each in through if each.answered_at <= self.ends_at]

    def records(self) -> Iterable[Record]:
        """The calls that get through, in order of time."""
        for n, ring in enumerate(self.through, 1):
            yield Record(n, ring.answered_at, ring.call)

    # ── the ordinary day ────────────────────────────────────────────────────────────────────────────────
    def _ordinary(self, source: Source | None) -> list[Ring]:
        if not self.scenario.calls_per_day:
            return []
        source = source or self._rhythm("ordinary", self.scenario.calls_per_day, self.sentences)
        since = self.begins_at - self.scenario.warm_up
        return self._drawn(source, "o", since, self.ends_at)

    def _surges(self) -> list[Ring]:
        """More calls of some groups for a while: a second stream on top; the sum is Poisson too."""
        rings = []
        whole = self._rhythm("whole", 1.0, self.sentences).day
        for n, fault in enumerate(each for each in self.scenario.fault if each.kind == "surge"):
            some = [
                each
                for each in self.sentences
                if each.type in self.pack.types and self.pack.types[each.type].group in fault.groups
            ]
            if not some:
                continue
            name = f"surge {n}"
            share = self._rhythm(name, 1.0, some).day / whole * (fault.times - 1.0)
            source = self._rhythm(name, self.scenario.calls_per_day * share, some)
            low, high = span(fault, self.scenario)
            rings += self._drawn(source, f"s{n}", self.begins_at + low, self.begins_at + high)
        return rings

    def _rhythm(self, name: str, per_day: float, sentences: Sequence[Sentence]) -> Rhythm:
        manner = replace(self.manner, sentences=tuple(sentences))
        return Rhythm(self.pack, self.dice.fork(name), per_day or 1.0, manner)

    def _drawn(self, source: Source, prefix: str, since: int, until: int) -> list[Ring]:
        rings: list[Ring] = []
        at, call = source.next(since)
        while at < until:
            id = f"{prefix}{len(rings) + 1}"
            point = (call.lat, call.lon) if call.lat is not None and call.lon is not None else None
            call = replace(call, source_id=id)
            rings.append(Ring(id, at, call, f"{prefix}.{source.happening}", source.type, point))
            at, call = source.next(at)
        return rings

    # ── the scenario ────────────────────────────────────────────────────────────────────────────────────
    def _wave(self, wave: Wave) -> list[Ring]:
        dice = self.dice.fork(f"wave {wave.name}")
        spots = []
        for n in range(wave.happenings):
            place = self._place(wave, dice)
            true = shifted((place.lat, place.lon), wave.spread_m / 3, dice)
            wrong = shifted(true, wave.wrong_m, dice, exactly=True) if wave.wrong_m else true
            spots.append((f"{wave.name}.{n + 1}", dice.one_of(wave.types), place, true, wrong))
        begun = self.begins_at + int(wave.after_min * MINUTE)
        rings = []
        for n in range(wave.calls):
            # The first call of each happening comes at once or in turn, the others as the word spreads.
            name, type, place, true, wrong = spots[n % wave.happenings]
            late = n / wave.happenings if wave.happenings == wave.calls else dice.random() ** 1.5
            share = n / wave.calls if wave.happenings > 1 and n < wave.happenings else late
            at = begun if n == 0 else begun + int(min(share, 1.0) * wave.over_min * MINUTE)
            call = self._call(wave, type, place, wrong, dice)
            id = f"{wave.name}-{n + 1}"
            corrected = begun + int(wave.corrected_min * MINUTE) if wave.wrong_m else 0
            rings.append(Ring(id, at, replace(call, source_id=id), name, type, true, wave.name, corrected))
        return rings

    def _place(self, wave: Wave, dice: Dice) -> GazetteerPlace:
        wanted = dice.one_of(wave.places)
        return self.pack.places.get(wanted) or dice.one_of(self._kinds[wanted])

    def _call(self, wave: Wave, type: str, place: GazetteerPlace, at: Point, dice: Dice) -> ReceiveCall:
        lang = self.pack.languages[0] if dice.random() < 0.85 else self.pack.languages[-1]
        name = say(place.name, lang)
        said = [each[lang] for each in wave.words if lang in each]
        said = said or [each.words for each in self.sentences if each.type == type and each.lang == lang]
        words = dice.one_of(said) if said else f"{say(self.pack.types[type].name, lang)}, {{p}}"
        words = filled(words, name, dice)
        lat, lon = shifted(at, wave.spread_m, dice)
        return ReceiveCall(
            channel=self._channel(type),
            words=words,
            lang=lang,
            stated_type=type if dice.random() < wave.states_type else "",
            lat=round(lat, 6),
            lon=round(lon, 6),
            error_m=round(dice.between(10, 80), 0),
            address=name,
        )

    def _channel(self, type: str) -> str:
        curves = self.manner.curves
        curve = curves.get(self.pack.types[type].group) or curves.get("*")
        return curve.channel if curve else "phone"


def shifted(point: Point, metres: float, dice: Dice, exactly: bool = False) -> Point:
    """A point about there: anywhere within, or exactly so many `metres` away."""
    angle = tau * dice.random()
    away = metres if exactly else metres * sqrt(dice.random())
    lat = point[0] + away * cos(angle) / DEGREE_M
    east = away * cos(angle - tau / 4) / (DEGREE_M * cos(radians(point[0])))
    return lat, point[1] + east
