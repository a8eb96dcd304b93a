"""What flies, or goes by straight line for want of roads, reaches a circle."""

from __future__ import annotations

from collections.abc import Sequence
from math import asin, atan2, cos, degrees, inf, isfinite, pi, radians, sin

from huying.geo.outline import Outline, Ring
from huying.geo.points import EARTH_RADIUS_M
from huying.geo.travel import Point

CORNERS = 72
"""A corner every five degrees: sides lie at most a thousandth of the radius outside of the circle."""

FARTHEST_M = 2_000_000.0
"""Beyond this a circle is no picture of a county's surroundings; no unit goes so far in two hours."""


def circles(centre: Point, bands: Sequence[int], metres_per_s: float) -> list[Outline]:
    """Where one is within each of the seconds (rising) at so many metres a second as the crow flies; nothing
    for who doesn't move. Every place reached in time lies inside."""
    if not 0 < metres_per_s < inf:
        return []
    found = []
    for seconds in bands:
        metres = min(FARTHEST_M, seconds * metres_per_s)
        area = pi * metres * metres / 1e6
        found.append(Outline(seconds, ((ring(centre, metres),),), round(area, 3), 0.0))
    return found


def ring(centre: Point, metres: float) -> Ring:
    """Corners around the circle of so many metres, counterclockwise, the first again at the end."""
    lat, lon = radians(centre[0]), radians(centre[1])
    # The sides, not the corners, touch the circle.
    away = metres / EARTH_RADIUS_M / cos(pi / CORNERS)
    corners = []
    for n in range(CORNERS):
        bearing = -2 * pi * n / CORNERS
        up = asin(sin(lat) * cos(away) + cos(lat) * sin(away) * cos(bearing))
        over = atan2(sin(bearing) * sin(away) * cos(lat), cos(away) - sin(lat) * sin(up))
        corners.append((degrees(up), degrees(lon + over)))
    assert all(isfinite(each) for corner in corners for each in corner)
    return (*corners, corners[0])
