"""Noise for counts that are published again: OpenDP's discrete Laplace (extra `release`).

That it keeps its promise is proven by others and reviewed: OpenDP samples exactly, with whole numbers
only, from the operating system's own chance (Canonne, Kamath, Steinke, "The Discrete Gaussian for
Differential Privacy", 2020, algorithms 1 and 2).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from importlib.util import find_spec
from typing import Any

from huying.base.refusal import Refusal


def with_noise(counts: Sequence[int], epsilon: Fraction) -> list[int]:
    """The counts with noise, so that all of them together tell at most `epsilon` of any one incident.

    Args:
        counts: numbers of incidents, each incident in one of them at most.
        epsilon: > 0; the scale of the noise is 1/ε.

    Never below zero: that is done to what was already noisy, and so gives nothing away. Refuses with
    `noise_needs` where OpenDP is not installed.
    """
    if find_spec("opendp") is None:
        raise Refusal("noise_needs")
    import opendp.prelude as dp  # takes seconds; a house that publishes nothing never pays for it

    dp.enable_features("contrib")
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l1_distance(T="i64")
    scale = float(1 / epsilon)
    noisy: Any = dp.m.make_laplace(*space, scale=scale)
    # OpenDP says what it spends, rounded upward; the ledger promised no more than was asked.
    while Fraction(noisy.map(1)) > epsilon:
        scale = math.nextafter(scale, math.inf)
        noisy = dp.m.make_laplace(*space, scale=scale)
    return [max(0, each) for each in noisy(list(counts))]
