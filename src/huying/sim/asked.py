"""What a pack's own intensity asks for: weeks of its believable calls, as demand for one ability."""

from __future__ import annotations

from huying.base.clock import DAY
from huying.base.refusal import Refusal
from huying.dispatch.demand import Ask, Demand, demand_of
from huying.domain.pack import Pack
from huying.edge.asked import WORK_S, minute_of_week
from huying.sim.chance import Dice
from huying.sim.manner import CALLS_PER_DAY, rhythm_of

START = 1_772_380_800_000_000  # a Monday at midnight in the demo county; any week is like another


def stated_by(
    pack: Pack, folder: str, ability: str, weeks: int, seed: int, calls_per_day: float = CALLS_PER_DAY
) -> Demand:
    """Demand by drawn calls whose type is stated and whose place is known; the others are counted as alike.

    Refuses `plan_no_demand` where no type of the pack asks for the ability.
    """
    rhythm, dice = rhythm_of(pack, folder, seed, calls_per_day), Dice(seed).fork("asked")
    asks: list[Ask] = []
    at, known, drawn = START, 0, 0
    while True:
        at, call = rhythm.next(at)
        if at >= START + weeks * 7 * DAY:
            break
        drawn += 1
        kind = pack.types.get(call.stated_type)
        if kind is None or call.lat is None or call.lon is None:
            continue
        known += 1
        card = pack.run_cards.get(kind.run_card)
        crews = sum(need.count for need in card.needs if need.ability == ability) if card is not None else 0
        if crews:
            work_s = dice.lognormal(WORK_S, 0.6)
            where = call.lat, call.lon
            asks.append((*where, minute_of_week(pack, at), crews, work_s, kind.priority <= 2))
    if not asks:
        raise Refusal("plan_no_demand", ability=ability)
    return demand_of(ability, weeks * known / max(drawn, 1), asks)
