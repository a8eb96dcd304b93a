"""Where something is: a point with its own error, words for it, and the areas that hold it."""

from __future__ import annotations

from msgspec import Struct


class Place(Struct, frozen=True, omit_defaults=True, gc=False):
    """A place as understood. WGS-84 degrees inside; `datum` keeps what the source declared.

    `areas` are codes of the pack's areas that hold the point, from the smallest to the largest.
    `error_m` is the radius within which the source believes the point to be; None when it did not say.
    `how` says how words led to it (named, junction, post, number, about, street, sounds), `elsewhere` that
    they name a place that is not here; empty for a point that was given.
    """

    lat: float | None = None
    lon: float | None = None
    address: str = ""
    code: str = ""
    areas: tuple[str, ...] = ()
    error_m: float | None = None
    datum: str = "WGS-84"
    how: str = ""

    @property
    def point(self) -> tuple[float, float] | None:
        """(lat, lon) in degrees, or None when only words are known."""
        if self.lat is None or self.lon is None:
            return None
        return self.lat, self.lon


NOWHERE = Place()
