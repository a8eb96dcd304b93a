"""What closed incidents of a store asked for, as demand for one ability."""

from __future__ import annotations

from huying.base.clock import DAY, SECOND
from huying.base.refusal import Refusal
from huying.dispatch.demand import Ask, Demand, demand_of
from huying.domain.incident import Incident
from huying.domain.pack import Pack
from huying.service.questions import IncidentFilter, Questions

PAGE = 500
INCIDENTS_MAX = 200_000
"""Two years of a county of a million; the newest count."""

WORK_S = 1_300.0
"""Seconds on scene where nobody reported them; see the simulated city's habits."""

WORK_S_MAX = 12 * 3_600.0
"""A unit that forgot to say that it was clear."""


def asked_of(
    questions: Questions, pack: Pack, ability: str, since: int = 0, until: int = 0, limit: int = INCIDENTS_MAX
) -> Demand:
    """Demand by the closed incidents opened in a time (UTC µs; 0: all). Refuses `plan_no_demand`."""
    which = IncidentFilter(status=("closed", "resolved"), since=since, until=until)
    asks: list[Ask] = []
    first = last = looked = 0
    cursor = ""
    while looked < limit:
        page = questions.states(which, cursor, PAGE)
        for incident in page.items:
            looked += 1
            last, first = last or incident.opened_at, incident.opened_at
            ask = ask_of(pack, incident, ability)
            if ask is not None:
                asks.append(ask)
        cursor = page.next
        if not cursor:
            break
    if not asks:
        raise Refusal("plan_no_demand", ability=ability)
    # The newest come first; a day is the least that tells anything about hours.
    weeks = max(abs(last - first), DAY) / (7 * DAY)
    return demand_of(ability, weeks, asks)


def ask_of(pack: Pack, incident: Incident, ability: str) -> Ask | None:
    """What the incident asked of the ability; None when nothing, or when nobody knows where it was."""
    point = incident.place.point
    if point is None:
        return None
    units = [(each, pack.units.get(each.unit)) for each in incident.assignments]
    sent = [each for each, row in units if row is not None and ability in row.abilities]
    card = pack.run_cards.get(pack.type_of(incident.type).run_card)
    wanted = sum(need.count for need in card.needs if need.ability == ability) if card is not None else 0
    if not wanted and not sent:
        return None
    ended = [each for each in sent if each.on_scene_at and each.clear_at]
    worked = [(each.clear_at - each.on_scene_at) / SECOND for each in ended]
    worked = [each for each in worked if 0 <= each <= WORK_S_MAX]
    work_s = sum(worked) / len(worked) if worked else WORK_S
    minute = minute_of_week(pack, incident.opened_at)
    return point[0], point[1], minute, max(1, wanted or len(sent)), work_s, incident.priority <= 2


def minute_of_week(pack: Pack, at: int) -> int:
    """Minutes since Monday 0:00 of the city."""
    return int(pack.worktime.weekday(at) * 1_440 + pack.worktime.minute_of_day(at))
