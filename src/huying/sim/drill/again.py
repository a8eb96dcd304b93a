"""A real day again, as a drill: the calls of a file or of a journal, the rest as in any drill.

Of a journal only what, where and when is taken: a drill has no need of what a caller said or is called.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from huying.base.clock import DAY
from huying.base.refusal import Refusal
from huying.channels.files import Reader, Record
from huying.channels.files.lines import BadLines
from huying.channels.files.mapping import check
from huying.domain.commands import ReceiveCall
from huying.domain.pack import Pack
from huying.sim.drill.lines import Ring
from huying.sim.drill.scenario import Scenario
from huying.sim.drill.stage import Theatre
from huying.sim.replay import with_more_units
from huying.sim.stage import find_mapping
from huying.store.opening import open_questions

PAGE = 200
CALLS_OF_A_DAY_MAX = 50_000
"""A city of twenty million takes fewer."""


class Day(Struct, frozen=True, kw_only=True):
    """Which day: `file` with the mapping `map`, or a `store`."""

    day: date
    pack: str = ""
    file: str = ""
    map: str = ""
    store: str = ""


def read_day(ask: Day) -> tuple[Theatre, Scenario, list[Ring]]:
    """The pack, a scenario of that day without anything in it, and who called. Refuses with `day_empty`."""
    if ask.file:
        mapping = find_mapping(ask.map)
        theatre = Theatre(ask.pack or mapping.pack)
        check(mapping, theatre.pack)
        if mapping.units_times > 1:
            box = mapping.place.box if mapping.place else None
            theatre.equip(with_more_units(theatre.pack, mapping.units_times, box))
    else:
        theatre = Theatre(ask.pack or "yunxi")
    title = dict.fromkeys(theatre.pack.languages, ask.day.isoformat())
    scenario = Scenario(
        title=title,
        about=title,
        day=ask.day,
        start="00:00",
        hours=24.0,
        warm_up_min=0.0,
        calls_per_day=0.0,
        takers=0,
        name=ask.day.isoformat(),
    )
    since = scenario.begins_at(theatre.pack)
    if ask.file:
        rings = list(_of_file(ask, mapping, theatre.pack, since))
    else:
        rings = list(_of_store(ask.store, theatre.pack, since))
    if not rings:
        raise Refusal("day_empty", day=ask.day.isoformat(), source=ask.file or ask.store)
    return theatre, scenario, sorted(rings, key=lambda each: (each.at, each.id))


def _of_file(ask: Day, mapping: Any, pack: Pack, since: int) -> Iterator[Ring]:
    with BadLines(None) as nowhere:
        records: Iterator[Record] = Reader(mapping, pack.centre, nowhere).read(Path(ask.file))
        for record in records:
            if record.at >= since + DAY:
                break
            if record.at < since:
                continue
            call, id = record.call, f"d{record.line}"
            point = (call.lat, call.lon) if call.lat is not None and call.lon is not None else None
            type = call.stated_type or pack.default_type
            about = record.key or id
            yield Ring(id, record.at, replace(call, source_id=id, incident=0), about, type, point)


def _of_store(store: str, pack: Pack, since: int) -> Iterator[Ring]:
    with closing(open_questions(store)) as questions:
        cursor, taken = "", 0
        while taken < CALLS_OF_A_DAY_MAX:
            page = questions.calls_received(since, since + DAY, cursor, PAGE)
            for call, incident in page.items:
                taken += 1
                type = incident.type if incident.type in pack.types else pack.default_type
                place = incident.place
                again = ReceiveCall(
                    channel=call.channel,
                    stated_type=type,
                    lang=call.lang,
                    lat=place.lat,
                    lon=place.lon,
                    source_id=f"d{call.id}",
                )
                yield Ring(again.source_id, call.at, again, f"i{incident.id}", type, place.point)
            cursor = page.next
            if not cursor:
                return
