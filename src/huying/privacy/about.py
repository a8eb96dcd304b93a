"""What rules may look at of an incident, a referral or a unit."""

from __future__ import annotations

from collections.abc import Collection

from huying.domain.incident import Incident
from huying.domain.pack import Pack
from huying.domain.policy import About
from huying.domain.statuses import IncidentStatus
from huying.privacy.scope import Scope

OPEN = tuple(each.value for each in IncidentStatus if each is not IncidentStatus.CLOSED)

Pairs = tuple[tuple[str, str], ...]


def about_incident(incident: Incident, public: Collection[str] = (), own: bool = False) -> About:
    """`public` are the types that citizens may choose; `own` whether it is the asker's own."""
    agencies = [each.agency for each in incident.referrals]
    units = []
    for each in incident.assignments:
        agencies.append(each.agency)
        if each.clear_at == 0:
            units.append(each.unit)
    return About(
        areas=incident.place.areas,
        agencies=tuple(agencies),
        units=tuple(units),
        glass=tuple([each.actor for each in incident.glass if not each.ended]),
        open=incident.status is not IncidentStatus.CLOSED,
        own=own,
        public=incident.type in public,
    )


def about_referral(incident: Incident, agency: str) -> About:
    """Of one agency's part in an incident: nobody else's work is one's own."""
    return About(
        areas=incident.place.areas,
        agencies=(agency,),
        open=incident.status is not IncidentStatus.CLOSED,
    )


def about_unit(pack: Pack, code: str, asker_unit: str = "") -> About:
    row = pack.units.get(code)
    return About(agencies=(row.agency,) if row else (), units=(code,), own=bool(code) and code == asker_unit)


def pairs_of(scope: Scope, public: Collection[str]) -> tuple[Pairs, ...]:
    """A scope in the words of an index of incidents: (kind, value) pairs, of each group one.

    Nothing visible is one group that is empty; everything is no group at all.
    """
    if scope.everything:
        return ()
    if scope.nothing:
        return ((),)
    return tuple(_pairs(group, public) for group in scope.all_of)


def _pairs(group: frozenset[tuple[str, str]], public: Collection[str]) -> Pairs:
    found: list[tuple[str, str]] = []
    for kind, value in sorted(group):
        if kind == "open_case":
            found += [("status", each) for each in OPEN]
        elif kind == "public":
            found += [("type", each) for each in sorted(public)]
        else:
            found.append((kind, value))
    return tuple(found)
