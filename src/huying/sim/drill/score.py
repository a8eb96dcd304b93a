"""What a drill came to, from the facts alone and from what the red side knows to be true.

It counts the same way whoever works at the blue desk: people, a policy, or both.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from msgspec import Struct, field

from huying.base.clock import MINUTE, SECOND
from huying.dispatch.runcard import slots
from huying.domain import facts as f
from huying.domain.facts import Fact
from huying.domain.pack import Pack
from huying.sim.agenda import Ears
from huying.sim.drill.lines import Ring
from huying.sim.drill.red import Red

# The share of each measure in the hundred points; together 100.
POINTS = {"arrivals": 35, "cards": 20, "cover": 15, "callers": 15, "referrals": 10, "closings": 5}


class Happening(Struct):
    """Something that really is. `came` are (instant, unit) of arrivals; instants UTC µs, 0 for not yet."""

    id: str
    type: str
    priority: int
    rang_at: int
    wave: str = ""
    corrected_at: int = 0
    opened_at: int = 0
    sent_at: int = 0
    sent: list[str] = field(default_factory=list)
    came: list[tuple[int, str]] = field(default_factory=list)
    incidents: set[int] = field(default_factory=set)


class Score:
    """Listens to the facts of one drill."""

    def __init__(self, red: Red, pack: Pack, ears: Ears) -> None:
        self.red, self.pack = red, pack
        self.happenings: dict[str, Happening] = {}
        self.of_call: dict[int, Ring] = {}
        self.of_incident: dict[int, Happening] = {}
        self.joined_wrong: list[int] = []
        self.closed_false: list[int] = []
        self.late: set[tuple[int, str]] = set()
        self.referrals = self.closings = self.merged = 0
        self.cover: dict[str, list[float]] = defaultdict(list)
        self.way_back: dict[str, float] = {}
        # (incident, number of the assignment) of units that came along with a joined call
        self.along: set[tuple[int, int]] = set()
        for ring in red.rings:
            known = self.happenings.get(ring.happening)
            if known is None:
                kind = pack.type_of(ring.type)
                self.happenings[ring.happening] = Happening(
                    ring.happening, kind.code, kind.priority, ring.at, ring.wave, ring.corrected_at
                )
        ears.listen(f.CallReceived, self._received)
        ears.listen(f.IncidentOpened, self._opened)
        ears.listen(f.CallJoined, self._joined)
        ears.listen(f.UnitDispatched, self._dispatched)
        ears.listen(f.UnitArrived, self._arrived)
        ears.listen(f.ReferralOffered, self._offered)
        ears.listen(f.Escalated, self._escalated)
        ears.listen(f.IncidentResolved, self._resolved)
        ears.listen(f.IncidentClosed, self._closed)

    # ── hearing ─────────────────────────────────────────────────────────────────────────────────────────
    def _received(self, fact: Fact, body: f.CallReceived) -> None:
        ring = self.red.by_id.get(body.source_id)
        if ring is not None:
            self.of_call[fact.stream] = ring

    def _opened(self, fact: Fact, body: f.IncidentOpened) -> None:
        ring = self.of_call.get(body.call)
        if ring is not None:
            happening = self.of_incident[fact.stream] = self.happenings[ring.happening]
            happening.incidents.add(fact.stream)
            happening.opened_at = happening.opened_at or fact.at

    def _joined(self, fact: Fact, body: f.CallJoined) -> None:
        ring, happening = self.of_call.get(body.call), self.of_incident.get(fact.stream)
        self.merged += 1
        if ring is not None and happening is not None and ring.happening != happening.id:
            self.joined_wrong.append(body.call)

    def _dispatched(self, fact: Fact, body: f.UnitDispatched) -> None:
        happening = self.of_incident.get(fact.stream)
        if any(each.key == "dispatch.came_along" for each in body.reasons):
            self.along.add((fact.stream, body.n))
        if happening is not None:
            happening.sent_at = happening.sent_at or fact.at
            if body.unit not in happening.sent or (fact.stream, body.n) not in self.along:
                happening.sent.append(body.unit)

    def _arrived(self, fact: Fact, body: f.UnitArrived) -> None:
        happening = self.of_incident.get(fact.stream)
        again = (fact.stream, body.n) in self.along
        if happening is not None and not (again and any(unit == body.unit for _, unit in happening.came)):
            # Who stands at the wrong place still has the rest of the way when the right one is known.
            there = fact.at
            if fact.at < happening.corrected_at:
                there = happening.corrected_at + int(self.way_back.get(happening.id, 0.0) * SECOND)
            happening.came.append((there, body.unit))

    def _offered(self, fact: Fact, body: f.ReferralOffered) -> None:
        self.referrals += 1

    def _escalated(self, fact: Fact, body: f.Escalated) -> None:
        if body.key.startswith(("accept", "resolve")):
            self.late.add((fact.stream, body.key))

    def _resolved(self, fact: Fact, body: f.IncidentResolved) -> None:
        """Ended though nobody came to something that a run card is for."""
        happening = self.of_incident.get(fact.stream)
        if happening is not None and self._card(happening) and not happening.came:
            self.closed_false.append(fact.stream)

    def _closed(self, fact: Fact, body: f.IncidentClosed) -> None:
        self.closings += 1

    def note_cover(self, shares: dict[str, float]) -> None:
        """Expected shares of places in reach by ability, now."""
        for ability, share in shares.items():
            self.cover[ability].append(share)

    def _card(self, happening: Happening) -> Any:
        kind = self.pack.types[happening.type]
        return self.pack.run_cards.get(kind.run_card) if kind.run_card else None

    # ── counting ────────────────────────────────────────────────────────────────────────────────────────
    def counted(self, at: int) -> list[Happening]:
        """Those that began within the drill's time and before `at`."""
        since, until = self.red.begins_at, min(at, self.red.ends_at)
        return [each for each in self.happenings.values() if since <= each.rang_at < until]

    def told(self, at: int) -> dict[str, Any]:
        """The score at an instant (UTC µs) as JSON values; seconds, None where nothing was measured."""
        happenings = self.counted(at)
        arrivals, in_time, promised = self._arrivals(happenings, at)
        cards = self._cards(happenings, at)
        rings = [each for each in self.red.rings if self.red.begins_at <= each.at < at]
        lost = self._lost(rings, at)
        minutes = max(0.0, (min(at, self.red.ends_at) - self.red.begins_at) / MINUTE)
        uncovered = {
            ability: round(minutes * (1.0 - sum(shares) / len(shares)), 1)
            for ability, shares in sorted(self.cover.items())
        }
        shares = {
            "arrivals": _share(in_time, promised),
            "cards": _share(cards["in_time"], cards["asked"]),
            "cover": 1.0 - _mean(list(uncovered.values())) / minutes if minutes and uncovered else 1.0,
            "callers": 1.0 - len(lost) / len(rings) if rings else 1.0,
            "referrals": 1.0 - len(self.late) / self.referrals if self.referrals else 1.0,
            "closings": 1.0 - _share(len(self.closed_false), max(1, len(happenings))),
        }
        points = {key: round(POINTS[key] * max(0.0, share), 1) for key, share in shares.items()}
        return {
            "calls": len(rings),
            "happenings": len(happenings),
            "arrivals": arrivals,
            "cards": cards,
            "uncovered_min": uncovered,
            "uncovered_mean_min": round(_mean(list(uncovered.values())), 1),
            "referrals": self.referrals,
            "referrals_late": len(self.late),
            "callers_lost": len(lost),
            "joined_wrong": len(self.joined_wrong),
            "closings_false": len(self.closed_false),
            "points": points,
            "total": round(sum(points.values()), 1),
        }

    def _arrivals(self, happenings: list[Happening], at: int) -> tuple[dict[str, Any], int, int]:
        """By priority: how many need somebody, to how many somebody came, the times from the first ring; and
        how many of all promises were kept, of how many that could be."""
        times: dict[int, list[float]] = {}
        waiting: dict[int, int] = {}
        kept = promised = 0
        for each in happenings:
            if not self._card(each):
                continue
            standard = self.pack.standards.get(each.priority)
            arrive_s = standard.arrive_s if standard else 0
            times.setdefault(each.priority, [])
            if each.came:
                times[each.priority].append((min(each.came)[0] - each.rang_at) / SECOND)
            else:
                waiting[each.priority] = waiting.get(each.priority, 0) + 1
            overdue = arrive_s and at - each.rang_at > arrive_s * SECOND
            if arrive_s and (each.came or overdue):
                promised += 1
                kept += bool(each.came) and times[each.priority][-1] <= arrive_s
        told = {
            str(priority): {
                "came": len(found),
                "waiting": waiting.get(priority, 0),
                "median_s": _quantile(found, 0.5),
                "p90_s": _quantile(found, 0.9),
            }
            for priority, found in sorted(times.items())
        }
        return told, kept, promised

    def _cards(self, happenings: list[Happening], at: int) -> dict[str, int]:
        """Places on run cards of priority 1 and 2: asked for, filled in time, late, never; `missed` are
        cards with one that nobody came for. Places whose time is not over yet aren't counted."""
        asked = in_time = late = never = missed = 0
        for each in happenings:
            card = self._card(each)
            if card is None or each.priority > 2:
                continue
            came, lacking = sorted(each.came), 0
            for slot in slots(card):
                within = slot.need.within_s * SECOND
                who = next((one for one in came if self._takes(slot.need, one[1])), None)
                if who is not None:
                    came.remove(who)
                    good = not within or who[0] - each.rang_at <= within
                    in_time, late, asked = in_time + good, late + (not good), asked + 1
                elif at - each.rang_at > within:
                    never, lacking, asked = never + 1, lacking + 1, asked + 1
            missed += bool(lacking)
        return {"asked": asked, "in_time": in_time, "late": late, "never": never, "missed": missed}

    def _takes(self, need: Any, unit: str) -> bool:
        row = self.pack.units.get(unit)
        return row is not None and bool(need.takes(row))

    def _lost(self, rings: list[Ring], at: int) -> set[str]:
        """Callers who never got through, or whose call was put to somebody else's."""
        known = {ring.id for ring in self.of_call.values()}
        lost = {each.id for each in rings if not each.answered_at}
        lost |= {each.id for each in rings if 0 < each.answered_at <= at and each.id not in known}
        return lost | {self.of_call[call].id for call in self.joined_wrong}


def _quantile(values: list[float], share: float) -> float | None:
    return round(sorted(values)[int(share * (len(values) - 1))], 1) if values else None


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _share(part: float, of: float) -> float:
    return part / of if of else 1.0
