"""The demo county: its calls, its people, and how it goes on after a stop."""

from __future__ import annotations

import re
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from huying.base.clock import DAY, HOUR, MINUTE, SECOND, ManualClock
from huying.domain.account import demo_code
from huying.domain.commands import AdoptPack, Envelope, ReceiveCall
from huying.domain.principal import Role
from huying.service.engine import Engine
from huying.service.house import house_of
from huying.sim.chance import Dice, SeededChance
from huying.sim.living import CityClock, Living
from huying.sim.movers import STEPS_AT_ONCE
from huying.sim.rhythm import Manner, Rhythm, read_curves, read_sentences
from huying.store.opening import Opened, open_store
from huying.store.writer import Writer
from tiny_pack import IN_EAST, MONDAY_10, tiny_pack

DEMO = Path(__file__).resolve().parent.parent / "src" / "huying" / "packs" / "yunxi" / "demo"
SENTENCES = (
    "type,lang,weight,places,words\n"
    "police.theft,zh,3,market,我的包在{p}被偷了，里面有{money}块\n"
    "fire.building,en,1,,A house is on fire at {p}\n"
    "city.noise,zh,6,school village,{p}太吵了，已经{n}点了\n"
)
NIGHT = "groups,channel,share,weekend,hours\n*,12345,1,0.5," + " ".join(["0"] * 12 + ["1"] * 12) + "\n"


def rhythm(calls_per_day: float = 480.0, seed: int = 3, **how: bool) -> Rhythm:
    curves = read_curves(NIGHT) if how.get("curves") else {}
    return Rhythm(tiny_pack(), Dice(seed), calls_per_day, Manner(tuple(read_sentences(SENTENCES)), curves))


class County:
    """A tiny county on a store, whose clock the test moves."""

    def __init__(self, store: str) -> None:
        self.opened: Opened = open_store(store, SeededChance(1))
        self.clock = ManualClock(MONDAY_10)
        self.engine = Engine(self.opened.store, house_of(tiny_pack()), self.clock, SeededChance(1))
        with self.engine.transaction() as transaction:
            transaction.execute(Envelope(AdoptPack()))
        self.living = Living(self.engine.house, self.opened.questions, rhythm(), 5)
        self.writer: Writer | None = None

    def open_writer(self) -> Writer:
        self.writer = Writer(self.engine, self.opened.store, self.opened.questions.fact_rows)
        return self.writer

    def goes_on(self, writer: Writer, minutes: int) -> None:
        """Look around every simulated ten seconds; every command is answered before the next look."""
        for _ in range(minutes * 6):
            self.clock.at += 10 * SECOND
            self.living.look(writer, self.clock.at)
            while writer.waiting:  # the writer's thread wants the processor
                signal.sigtimedwait((), 0.0005)

    def types(self) -> Counter[str]:
        counted: Counter[str] = Counter()
        after = 0
        while facts := self.opened.questions.facts(after, 200):
            counted.update(fact.type for fact in facts)
            after = facts[-1].seq
        return counted

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
        self.opened.close()


@pytest.fixture
def county(tmp_path: Path) -> Iterator[County]:
    made = County(str(tmp_path / "county.sqlite"))
    yield made
    made.close()


def test_hours_before_the_first_screen_are_played_at_once(county: County) -> None:
    county.living.play_before(county.engine, MONDAY_10, MONDAY_10 + 12 * HOUR)
    counts = county.opened.questions.counts(MONDAY_10 + 12 * HOUR)
    assert 180 < counts.calls < 320  # twenty an hour
    assert county.opened.questions.head().at <= MONDAY_10 + 12 * HOUR
    types = county.types()
    assert min(types[each] for each in ("referral.accepted", "assignment.on_scene", "incident.closed")) > 0
    assert types["deadline.escalated"] > 0


def test_the_county_goes_on_through_the_writer_and_units_move(county: County) -> None:
    county.living.play_before(county.engine, MONDAY_10, MONDAY_10 + 2 * HOUR)
    county.clock.at = MONDAY_10 + 2 * HOUR
    before = county.types()
    writer = county.open_writer()
    county.living.heard = county.opened.questions.head().seq
    county.goes_on(writer, 60)
    now = county.types() - before
    assert 8 < now["call.received"] < 40
    assert now["unit.moved"] > 10
    assert now["assignment.on_scene"] > 0
    assert now["unit.moved"] <= 60 * 6 * STEPS_AT_ONCE


def test_a_county_that_was_stopped_is_taken_up_again(tmp_path: Path) -> None:
    store = str(tmp_path / "county.sqlite")
    first = County(store)
    first.living.play_before(first.engine, MONDAY_10, MONDAY_10 + 3 * HOUR)
    first.close()
    again = County(store)
    again.living.take_up()
    assert again.living.city.agenda.heap
    again.clock.at = MONDAY_10 + 3 * HOUR
    before = again.types()
    writer = again.open_writer()
    again.living.heard = again.opened.questions.head().seq
    again.goes_on(writer, 90)
    now = again.types() - before
    again.close()
    assert now["call.received"] == 0  # `start` is what makes the telephone ring again
    assert now["assignment.clear"] + now["referral.resolved"] + now["incident.closed"] > 0


def test_what_a_visitor_takes_is_left_to_visitors_for_a_while(county: County) -> None:
    """Else the county's own desk is quicker than who tries the dispatcher's screen for the first time."""
    writer = county.open_writer()
    lat, lon = IN_EAST
    taken = ReceiveCall(
        channel="110", words="A house is on fire", stated_type="fire.building", lat=lat, lon=lon
    )
    asked = writer.submit(Envelope(taken, actor=demo_code(Role.CALL_TAKER)))
    assert asked.result(10).answer["incident_id"]
    county.goes_on(writer, 10)
    assert county.types()["assignment.dispatched"] == 0
    county.goes_on(writer, 15)
    assert county.types()["assignment.dispatched"] > 0


def test_calls_come_at_the_rhythm_of_the_week() -> None:
    calls, at, hours = rhythm(curves=True), MONDAY_10, Counter[int]()
    for _ in range(5_760):
        at, _ = calls.next(at)
        hours[calls.pack.worktime.local(at).hour] += 1
    assert sum(hours[hour] for hour in range(12)) == 0
    assert min(hours[hour] for hour in range(12, 24)) > 100
    # Five working days of 480 calls and two of half as many: 2,880 a week.
    assert 13 < (at - MONDAY_10) / DAY < 15


def test_a_call_names_a_place_that_fits_and_lies_there() -> None:
    calls, at = rhythm(), MONDAY_10
    for _ in range(300):
        at, call = calls.next(at)
        assert not re.search(r"[{}]", call.words)
        if call.lat is not None and call.lon is not None:
            near = [
                place
                for place in calls.pack.places.values()
                if abs(place.lat - call.lat) < 0.002 and abs(place.lon - call.lon) < 0.002
            ]
            assert near, call
        if call.stated_type == "police.theft":
            assert "菜场" in call.words


def test_the_same_seed_says_the_same() -> None:
    one, other, third = rhythm(seed=3), rhythm(seed=3), rhythm(seed=4)
    said = [[each.next(MONDAY_10)[1] for _ in range(20)] for each in (one, other, third)]
    assert said[0] == said[1]
    assert said[0] != said[2]


def test_a_pack_without_sentences_speaks_by_the_names_of_its_types() -> None:
    calls = Rhythm(tiny_pack(), Dice(1), 100.0)
    words = {calls.next(MONDAY_10)[1].words.partition(",")[0] for _ in range(100)}
    assert {"打架斗殴", "Fight"} & words


def test_the_sentences_of_the_demo_county() -> None:
    sentences = read_sentences((DEMO / "sentences.csv").read_text("utf-8"))
    types = {line.split(",")[0] for line in (DEMO.parent / "types.csv").read_text("utf-8").splitlines()}
    assert len(sentences) >= 150
    assert {each.type for each in sentences} <= types
    assert {each.lang for each in sentences} == {"zh", "en"}
    assert len({each.words for each in sentences}) == len(sentences)
    slots = {slot for each in sentences for slot in re.findall(r"\{(\w+)\}", each.words)}
    assert slots <= {"p", "n", "n2", "money", "plate", "age6", "age80"}
    curves = read_curves((DEMO / "rhythm.csv").read_text("utf-8"))
    assert all(len(each.hours) == 24 for each in curves.values())
    assert "*" in curves


def test_the_citys_clock_stands_and_then_runs_at_its_speed() -> None:
    real = ManualClock(1_000)
    clock = CityClock(real, 5 * MINUTE, 60.0)
    real.at += SECOND
    assert clock.now() == 5 * MINUTE
    clock.run(10 * MINUTE)
    real.at += SECOND
    assert clock.now() == 11 * MINUTE
