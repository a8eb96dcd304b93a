"""What an incident needs, who may fill it and how well; and which shifts are on.

The recommendation for one incident and the plan of the whole board both choose by what is said here.
"""

from __future__ import annotations

from msgspec import Struct

from huying.dispatch.match import match
from huying.domain.incident import Incident
from huying.domain.pack import Pack, names_type
from huying.domain.run_card import Need, RunCard, UnitRow

# Twenty-odd units are the largest first response that is usual; a card beyond this is a typing mistake.
SLOTS_MAX = 24

DANGER = 2
"""Priorities up to this are danger: nobody goes there alone who may not."""

USUAL_S = 1_800
"""A step between alternatives where a card says no time."""


class Slot(Struct, frozen=True):
    """Room for one unit: the `n`-th of the units that a need asks for."""

    need: Need
    n: int


def card_of(pack: Pack, incident: Incident) -> RunCard | None:
    """The run card of the incident's type, and one more like who asks for help there; None where nobody is
    sent."""
    kind = pack.types.get(incident.type)
    card = pack.run_cards.get(kind.run_card) if kind else None
    row = pack.units.get(incident.backup_by) if incident.backup_by else None
    return _with_help(pack, incident, card, row) if row and row.abilities else card


def _with_help(pack: Pack, incident: Incident, card: RunCard | None, row: UnitRow) -> RunCard:
    """The card with a need for one unit more than are there, able to do what the one that asks does and most
    others do as well: a patrol's, not a dog handler's."""
    ability = max(
        sorted(row.abilities), key=lambda each: sum(each in other.abilities for other in pack.units.values())
    )
    needs = card.needs if card else ()
    there = [pack.units.get(each.unit) for each in incident.running_assignments]
    able = sum(each is not None and ability in each.abilities for each in there)
    asked = sum(each.count for each in needs if each.ability == ability)
    help = Need(ability, max(1, able - asked + 1))
    code = f"{card.code if card else ''}+{ability}*{help.count}"
    return RunCard(code, (*needs, help), card.alarms if card else ())


def slots(card: RunCard, alarm: int = 1) -> list[Slot]:
    """One slot for every unit that the card asks for at the alarm level, in the card's order, at most
    SLOTS_MAX."""
    return [Slot(need, n) for need in card.at(alarm) for n in range(need.count)][:SLOTS_MAX]


def unanswered(pack: Pack, incident: Incident, wanted: list[Slot]) -> tuple[list[Slot], tuple[str, ...]]:
    """Slots without those that units filled who have cleared since, and who they were.

    What a unit came for is done when it clears: nobody is sent for it again until somebody asks anew (a
    higher alarm, another type or priority, a reopening, a unit that calls for help).
    """
    done = [row for each in incident.done_assignments if (row := pack.units.get(each.unit)) is not None]
    if not done:
        return wanted, ()
    running = [row for each in incident.running_assignments if (row := pack.units.get(each.unit)) is not None]
    # One unit may have been there twice: each time counts. Who is there now fills what it can first.
    columns = [(f"{n:03}", row) for n, row in enumerate(running + done)]
    ranked = [
        [(float(int(code) >= len(running)), code) for code, row in columns if slot.need.takes(row)]
        for slot in wanted
    ]
    filled = match(ranked)
    left = [slot for slot, by in zip(wanted, filled, strict=True) if by is None or by[0] == 0.0]
    return left, tuple(dict.fromkeys(columns[int(by[1])][1].code for by in filled if by and by[0]))


def option_of(need: Need, row: UnitRow) -> Need:
    """What of the need's chain a unit of the row fills: the first that names it."""
    return next((each for each in need.chain if each.names(row)), need)


def graded(need: Need, row: UnitRow, seconds: float) -> float:
    """Seconds by which a unit counts as away: an alternative only goes before what comes first in the chain
    when that is not there in time; without a chain they are the seconds themselves."""
    if not need.others:
        return seconds
    step = max(each.within_s for each in need.chain) or USUAL_S
    option = option_of(need, row)
    rank = need.chain.index(option)
    late = bool(option.within_s) and seconds > option.within_s
    return seconds + step * (rank + late * len(need.chain))


def barred(pack: Pack, incident: Incident, need: Need, row: UnitRow) -> str:
    """Why a rule of the pack keeps such a unit from filling the need; empty when none does."""
    rule = pack.rule_of(row)
    if rule is None:
        return ""
    kind = pack.types.get(incident.type)
    if rule.types and not (kind and any(names_type(each, kind) for each in rule.types)):
        return "dispatch.rule_type"
    if incident.priority not in rule.priorities:
        return "dispatch.rule_priority"
    if rule.abilities and option_of(need, row).ability not in rule.abilities:
        return "dispatch.rule_ability"
    return ""


def may_go_alone(pack: Pack, incident: Incident, row: UnitRow) -> bool:
    """Whether the unit needs nobody beside it there."""
    rule = pack.rule_of(row)
    return rule is None or rule.alone or incident.priority > DANGER


def shifts_on(pack: Pack, at: int) -> frozenset[str]:
    """Codes of the shifts that are on at the instant (UTC µs), in the city's local time.

    A shift that crosses midnight belongs to the day on which it starts. Equal start and end mean all day.
    """
    minute, today = pack.worktime.minute_of_day(at), pack.worktime.weekday(at)
    yesterday = (today - 1) % 7
    on = []
    for each in pack.shifts.values():
        if each.start_min < each.end_min:
            runs = today in each.days and each.start_min <= minute < each.end_min
        else:
            runs = (today in each.days and minute >= each.start_min) or (
                yesterday in each.days and minute < each.end_min
            )
        if runs:
            on.append(each.code)
    return frozenset(on)
