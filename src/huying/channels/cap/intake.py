"""What an alert becomes: a call, or a note on the incident of the alert that it updates or cancels."""

from __future__ import annotations

from huying.channels.cap.alert import CapAlert, CapArea, CapInfo, Point
from huying.domain.commands import ReceiveCall
from huying.geo.points import distance_m

CHANNEL = "cap"
# Words of one call; an alert's instructions for the public can be longer than that and are cut at the end.
WORDS_MAX = 20_000
ADDRESS_MAX = 500

# How urgent an alert at least is. Extreme and now and seen is danger to life; triage may raise the others.
_PRIORITY = {"Extreme": 2, "Severe": 3}


def call_of(alert: CapAlert, languages: tuple[str, ...]) -> ReceiveCall:
    """The call for an alert, in the first of `languages` that it speaks, else in its first."""
    info = best_info(alert, languages)
    lang = info.language.lower().split("-")[0]
    lat, lon, error_m = middle(info.areas)
    return ReceiveCall(
        channel=CHANNEL,
        words=words_of(info),
        lang=lang if lang in languages else "",
        stated_priority=priority_of(info),
        lat=lat,
        lon=lon,
        error_m=error_m,
        address="; ".join(area.words for area in info.areas if area.words)[:ADDRESS_MAX],
        source_id=alert.name[:ADDRESS_MAX],
        media_url=info.web[:ADDRESS_MAX],
    )


def best_info(alert: CapAlert, languages: tuple[str, ...]) -> CapInfo:
    for lang in languages:
        for info in alert.infos:
            if info.language.lower().split("-")[0] == lang:
                return info
    return alert.infos[0]


def words_of(info: CapInfo) -> str:
    parts = [info.headline or info.event, info.description, info.instruction]
    return "\n".join(part for part in parts if part)[:WORDS_MAX]


def priority_of(info: CapInfo) -> int:
    """1…5, 0 to leave it to triage."""
    if info.severity == "Extreme" and info.urgency == "Immediate" and info.certainty == "Observed":
        return 1
    return _PRIORITY.get(info.severity, 0)


def middle(areas: tuple[CapArea, ...]) -> tuple[float | None, float | None, float | None]:
    """The middle of the first shape, in degrees, and how far its edge is from there, in metres."""
    for area in areas:
        for lat, lon, km in area.circles:
            return lat, lon, km * 1_000
        for ring in area.polygons:
            if ring:
                centre = _centroid(ring)
                return *centre, max(distance_m(*centre, *corner) for corner in ring)
    return None, None, None


def _centroid(ring: tuple[Point, ...]) -> Point:
    """Of the area; of the corners when the ring has no area."""
    twice, lat, lon = 0.0, 0.0, 0.0
    lat0, lon0 = ring[0]
    for (a, b), (c, d) in zip(ring, (*ring[1:], ring[0]), strict=True):
        a, b, c, d = a - lat0, b - lon0, c - lat0, d - lon0
        cross = a * d - c * b
        twice += cross
        lat += (a + c) * cross
        lon += (b + d) * cross
    if abs(twice) < 1e-12:
        count = len(ring)
        return sum(a for a, _ in ring) / count, sum(b for _, b in ring) / count
    return lat0 + lat / (3 * twice), lon0 + lon / (3 * twice)
