"""Crews by the hour tried out: how many asks wait when so many crews are there in each hour of the week."""

from __future__ import annotations

from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from huying.dispatch.demand import HOURS, Weeks

LONGEST_S = 7 * 86_400.0
"""Longer than this nobody waits: hours without any crew are passed over."""


def drive_shifts(
    there: NDArray[np.int64], way_s: float, weeks: Weeks, reserve: int = 0
) -> tuple[float, float]:
    """(share of asks that waited, share of urgent ones): crews come on and go off by the hour, whoever works
    goes on until it is done, all ways take `way_s`; asks are served in order, urgent ones from the reserve.

    Args:
        there: (168) crews by hour of the week.
    """
    busy: list[float] = []  # moments at which crews become clear
    waited = urgent_waited = 0
    for at, crews, work_s, urgent in zip(
        weeks.at.tolist(), weeks.crews.tolist(), weeks.work_s.tolist(), weeks.urgent.tolist(), strict=True
    ):
        begins = at
        kept = 0 if urgent else reserve
        while begins < at + LONGEST_S:
            while busy and busy[0] <= begins:
                heappop(busy)
            free = int(there[int(begins // 3_600) % HOURS]) - len(busy) - kept
            if free >= crews:
                break
            hour_ends = (begins // 3_600 + 1) * 3_600.0
            begins = min(busy[0], hour_ends) if busy else hour_ends
        late = begins > at
        waited += late
        urgent_waited += late and urgent
        for _ in range(crews):
            heappush(busy, begins + way_s + work_s)
    urgent_asks = int(weeks.urgent.sum())
    return waited / max(len(weeks.at), 1), urgent_waited / max(urgent_asks, 1)
