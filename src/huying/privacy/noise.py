"""Whole-number noise for counts that are published again: the discrete Laplace distribution, exactly.

Sampled with integers only, from bytes that are handed in, so that no rounding gives anything away. Method:
Canonne, Kamath, Steinke, "The Discrete Gaussian for Differential Privacy" (2020), algorithms 1 and 2.
"""

from __future__ import annotations

from huying.base.clock import Chance


def laplace(numerator: int, denominator: int, chance: Chance) -> int:
    """An integer x with probability proportional to exp(-|x| · denominator / numerator).

    For a count that one incident changes by at most 1, a scale of 1/ε = numerator/denominator gives
    ε-differential privacy.
    """
    if numerator < 1 or denominator < 1:
        raise ValueError("the scale must be positive")
    while True:
        within = _below(numerator, chance)
        if not _exp_minus(within, numerator, chance):
            continue
        beyond = 0
        while _exp_minus(1, 1, chance):
            beyond += 1
        size = (within + numerator * beyond) // denominator
        negative = _below(2, chance) == 1
        if negative and size == 0:  # or zero would come twice as often
            continue
        return -size if negative else size


def _exp_minus(numerator: int, denominator: int, chance: Chance) -> bool:
    """True with probability exp(-numerator/denominator), for a fraction between 0 and 1."""
    k = 1
    while _below(denominator * k, chance) < numerator:
        k += 1
    return k % 2 == 1


def _below(limit: int, chance: Chance) -> int:
    """A whole number from 0 to `limit` - 1, each as likely as another."""
    size = (limit.bit_length() + 7) // 8 + 8
    top = (1 << 8 * size) // limit * limit
    while True:
        value = int.from_bytes(chance.bytes(size))
        if value < top:
            return value % limit
