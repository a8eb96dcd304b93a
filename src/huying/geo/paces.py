"""How much longer ways take than usual, by hour of the week of the jurisdiction."""

from __future__ import annotations

from collections.abc import Callable, Sequence

HOURS = 168
"""Of a week, from Monday 0:00 where the city is."""

PACE_MIN, PACE_MAX = 0.25, 4.0
"""A night without traffic halves a way, a festival doubles it; what is further off is a mistake."""

HourOf = Callable[[int], int]
"""UTC µs → hour of the week (0 … 167) where the city is."""


class Paces:
    """Factors by hour, of an instant. Rounded to hundredths, so that hours of one pace share what is worked
    out for it: what is learnt is off by more than that.

    Args:
        hour_of: None where nobody knows the city's clock: always as usual.
    """

    def __init__(self, hour_of: HourOf | None = None) -> None:
        self._hour_of = hour_of
        self._set: Sequence[float] = ()
        self._factors: tuple[float, ...] = ()

    def set(self, factors: Sequence[float]) -> None:
        """These from now on; anything but one for each hour means none."""
        if factors is not self._set:
            self._set = factors
            rounded = (round(min(max(each, PACE_MIN), PACE_MAX), 2) for each in factors)
            self._factors = tuple(rounded) if len(factors) == HOURS else ()

    @property
    def known(self) -> bool:
        return bool(self._factors) and self._hour_of is not None

    def of(self, at: int) -> float:
        """1.0 where nothing is learnt, and for no instant (0)."""
        if not self._factors or not at or self._hour_of is None:
            return 1.0
        return self._factors[self._hour_of(at)]
