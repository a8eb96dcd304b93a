"""The installation itself: which city's rows are in use."""

from __future__ import annotations

from typing import Any

from huying.base.refusal import Refusal
from huying.domain import facts as f
from huying.domain.commands import AdoptPack, NoteClock
from huying.domain.drilling import BeginDrill, DrillBegun
from huying.service.work import Work


def adopt_pack(work: Work, command: AdoptPack) -> dict[str, Any]:
    """Put the pack's edition on record and register units that are new; nothing when it is in use already.

    Units that a new edition no longer lists stay in the journal but can't be sent.
    """
    pack = work.pack
    if work.head.pack == pack.digest:
        return {"adopted": False}
    work.begin(f.PackLoaded(name=pack.name, edition=pack.edition, digest=pack.digest))
    work.batch.pack = pack.digest
    known = work.units()
    for row in pack.units.values():
        if row.code not in known:
            work.begin(f.UnitRegistered(code=row.code, lat=row.lat, lon=row.lon))
    return {"adopted": True}


def note_clock(work: Work, command: NoteClock) -> dict[str, Any]:
    """Put a leap of the clock on record; an outsider sees by it why times may be what they are."""
    fact = work.begin(f.ClockLeapt(by_s=command.by_s, held=command.held))
    return {"seq": fact.seq}


def begin_drill(work: Work, command: BeginDrill) -> dict[str, Any]:
    """Mark the journal as a drill's; only an empty one, so that no city's journal can ever be."""
    if work.seq:
        raise Refusal("store_not_empty", store="–")
    fact = work.begin(DrillBegun(scenario=command.scenario, seed=command.seed, policy=command.policy))
    return {"seq": fact.seq}
