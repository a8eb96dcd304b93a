"""Great-circle distance between points in degrees."""

from __future__ import annotations

from math import asin, cos, pi, sin, sqrt

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius R1 of the Earth, metres (Moritz, Geodetic Reference System 1980)."""

RADIANS = pi / 180
HALF = pi / 360
DIAMETER_M = 2 * EARTH_RADIUS_M


def distance_m(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Metres between two points in degrees along the great circle (haversine).

    On the sphere; at most 0.6 % from the ellipsoid, less than roads differ from straight lines.
    """
    up = sin((lat2 - lat1) * HALF)
    over = sin((lon2 - lon1) * HALF)
    chord = up * up + cos(lat1 * RADIANS) * cos(lat2 * RADIANS) * over * over
    return DIAMETER_M * asin(sqrt(chord if chord < 1.0 else 1.0))
