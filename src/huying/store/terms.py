"""What an incident can be found by, as integers: the left column of `incident_term`.

A term is the first 48 bits of a hash over kind and value, or, for a cell of the map, the cell's level, row
and column above bit 48. 48 bits keep the chance that two of 100,000 terms meet below 1 in 50,000.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b

from huying.domain.erasing import CONTACT, KINDS
from huying.domain.incident import Incident
from huying.domain.statuses import IncidentStatus

# Cells a degree, fine and coarse: about 1.7 km and 14 km in latitude.
CELLS = (64, 8)
# A box is covered by at most so many cells, at the finest level that manages; wider ones use none.
COVER_MAX = 16


@lru_cache(maxsize=65_536)  # kinds × values of a pack, a few thousand
def term(kind: str, value: str | int) -> int:
    return int.from_bytes(blake2b(f"{kind}:{value}".encode(), digest_size=6).digest())


def cell(level: int, row: int, column: int) -> int:
    return 1 << 48 | level << 40 | row << 20 | column


def _row(lat: float, level: int) -> int:
    return math.floor((min(max(lat, -90.0), 90.0) + 90) * CELLS[level])


def _column(lon: float, level: int) -> int:
    return math.floor((min(max(lon, -180.0), 180.0) + 180) * CELLS[level])


def cells_at(lat: float, lon: float) -> list[int]:
    return [cell(level, _row(lat, level), _column(lon, level)) for level in range(len(CELLS))]


def cover(box: tuple[float, float, float, float]) -> list[int]:
    """The cells that cover a box (south, west, north, east); none when they would be too many."""
    south, west, north, east = box
    for level in range(len(CELLS)):
        rows = range(_row(south, level), _row(north, level) + 1)
        columns = range(_column(west, level), _column(east, level) + 1)
        if len(rows) * len(columns) <= COVER_MAX:
            return [cell(level, row, column) for row in rows for column in columns]
    return []


def left_of(incident: Incident) -> list[str]:
    """Kinds of which a closed incident may still hold something."""
    if incident.status != IncidentStatus.CLOSED:
        return []
    left = [kind for kind in KINDS if kind not in incident.erased]
    return left if incident.sealed else [kind for kind in left if kind != CONTACT]


def on_duty_desk(incident: Incident) -> bool:
    return incident.duty_desk and incident.status != IncidentStatus.CLOSED


@lru_cache(maxsize=65_536)  # incidents of one place and type share all of this
def _fixed(type: str, priority: int, areas: tuple[str, ...]) -> frozenset[int]:
    return frozenset(
        (term("type", type), term("priority", priority), *(term("area", code) for code in areas))
    )


def terms_of(incident: Incident) -> list[int]:
    """All terms of an incident, in order, each once."""
    found = set(_fixed(incident.type, incident.priority, incident.place.areas))
    found.add(term("status", incident.status))
    for referral in incident.referrals:
        found.add(term("agency", referral.agency))
    for assignment in incident.assignments:
        found.add(term("agency", assignment.agency))
        if assignment.running:
            found.add(term("unit", assignment.unit))
    for glass in incident.glass:
        if glass.running:
            found.add(term("glass", glass.actor))
    if on_duty_desk(incident):
        found.add(term("duty_desk", 1))
    for kind in left_of(incident):
        found.add(term("left", kind))
    point = incident.place.point
    if point is not None:
        found.update(cells_at(*point))
    return sorted(found)


def pack(terms: Sequence[int]) -> bytes:
    return struct.pack(f"<{len(terms)}q", *terms)


def unpack(packed: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(packed) // 8}q", packed)
