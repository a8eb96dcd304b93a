"""Which labelled texts are near copies of each other, so that none is held out while its copy is learnt from.

Candidates come from bands of smallest hashes (MinHash, Broder 1997): two texts meet in one of them when they
share most of their features; each is then compared with the first of its band, by cosine.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

NEAR = 0.85
"""Cosine from which two texts say the same thing in nearly the same words."""

BANDS, HASHES = 12, 3
"""Texts that share 7 in 10 of their features meet in a band with a chance of 0.99, those that share 2 in 10
with 0.09. The work is the features times `BANDS * HASHES`, half a second for a million."""

COPIES_MAX, COPIES_SHARE = 20, 0.02
"""Texts of which there are more, or a greater share of all, are no copies by one hand: they will come again
and are known by then, so they are spread over the folds like any other."""

_PRIME = np.uint64((1 << 31) - 1)


def copies_of(shares: Any, which: Ints) -> Ints:
    """(texts,): the same number for texts that are the same or nearly so; a number of its own for each that
    stands alone or comes too often.

    Args:
        shares: (different texts, features) rows of length 1 or 0, CSR.
        which: (texts,) the row of each text.
    """
    root = np.arange(shares.shape[0])
    shares = shares.astype(np.float32)
    filled = np.flatnonzero(np.diff(shares.indptr))
    for band in _bands(shares, filled):
        _, first, of = np.unique(band, axis=0, return_index=True, return_inverse=True)
        met = filled[first[of.ravel()]]
        asked = np.flatnonzero(met != filled)
        alike = np.asarray(shares[filled[asked]].multiply(shares[met[asked]]).sum(axis=1)).ravel()
        for one, other in zip(
            filled[asked][alike >= NEAR].tolist(), met[asked][alike >= NEAR].tolist(), strict=True
        ):
            root[_root(root, one)] = _root(root, other)
    group = np.array([_root(root, row) for row in range(len(root))], dtype=np.int64)[which]
    most = max(2, min(COPIES_MAX, int(len(which) * COPIES_SHARE)))
    often = np.bincount(group, minlength=len(root))[group] > most
    group[often] = len(root) + np.flatnonzero(often)
    return group


def _bands(shares: Any, filled: Ints) -> list[NDArray[np.uint64]]:
    """For each band (filled rows, HASHES): the smallest hashes of each row's features."""
    dice = np.random.default_rng(BANDS * HASHES)
    factors, adds = dice.integers(1, int(_PRIME), (2, BANDS, HASHES), dtype=np.uint64)
    columns, starts = shares.indices.astype(np.uint64), shares.indptr[filled]
    return [
        np.stack(
            [
                np.minimum.reduceat((columns * factors[band, n] + adds[band, n]) % _PRIME, starts)
                for n in range(HASHES)
            ],
            axis=1,
        )
        for band in range(BANDS if len(filled) else 0)
    ]


def _root(root: Ints, at: int) -> int:
    while root[at] != at:
        root[at] = root[root[at]]
        at = int(root[at])
    return at
