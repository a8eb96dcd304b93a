"""Dice for drills: every throw from one seed, so that a drill can be played again to the byte.

The generator is splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014);
bytes come from SHAKE-128 in blocks, because a journal needs 16 of them for every fact.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

_MASK = (1 << 64) - 1
_STEP = 0x9E3779B97F4A7C15
_UNIT = 1.0 / (1 << 53)
_BLOCK = 1 << 16  # bytes made at once


class Dice:
    """Seeded draws. `fork` gives each actor dice of its own: one's throws don't shift another's."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._state = seed & _MASK

    def fork(self, name: str) -> Dice:
        digest = hashlib.sha256(f"{self.seed}/{name}".encode()).digest()
        return Dice(int.from_bytes(digest[:8], "big"))

    def random(self) -> float:
        """Uniform in [0, 1)."""
        self._state = z = (self._state + _STEP) & _MASK
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return ((z ^ (z >> 31)) >> 11) * _UNIT

    def below(self, count: int) -> int:
        """One of 0…count-1."""
        return int(self.random() * count)

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self.random()

    def one_of(self, choices: Sequence[T]) -> T:
        return choices[int(self.random() * len(choices))]

    def exponential(self, mean: float) -> float:
        return -mean * math.log(1.0 - self.random())

    def lognormal(self, median: float, sigma: float) -> float:
        """Durations of people at work: never negative, with a long tail. Box and Muller's transform."""
        radius = math.sqrt(-2.0 * math.log(1.0 - self.random()))
        return median * math.exp(sigma * radius * math.cos(2.0 * math.pi * self.random()))


class SeededChance:
    """The `Chance` of a drill: repeatable bytes, without any secrecy."""

    def __init__(self, seed: int) -> None:
        self._key = b"huying drill %d " % seed
        self._block = b""
        self._at = 0
        self._count = 0

    def bytes(self, count: int) -> bytes:
        if self._at + count > len(self._block):
            size = max(_BLOCK, count)
            self._block = hashlib.shake_128(self._key + self._count.to_bytes(8, "big")).digest(size)
            self._count += 1
            self._at = 0
        piece = self._block[self._at : self._at + count]
        self._at += count
        return piece
