"""Texts made ready to learn from: each different text once, its features counted, and how often it came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from scipy import sparse

from huying.triage.fast import TEXTS_AT_ONCE
from huying.triage.features import BITS, features
from huying.triage.form import SEPARATOR
from huying.triage.normalise import normalise_all

Ints = NDArray[np.int64]
Matrix = Any
"""A scipy CSR matrix of 64-bit floats; scipy ships no types for it."""


class Corpus(Struct, frozen=True):
    """`counts` (different texts, buckets) how often each feature stands in each text; `which` (texts,) the
    row of each text as it was given."""

    counts: Matrix
    which: Ints

    def tallies(
        self, labels: Ints, classes: int, chosen: Ints, weight: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """(different texts, classes): how often each came with each label, among the `chosen` texts, each as
        often as its `weight` says."""
        cells = self.which[chosen] * classes + labels[chosen]
        counts = np.bincount(cells, weight[chosen], minlength=self.counts.shape[0] * classes)
        return counts.reshape(-1, classes).astype(float)


class Vocabulary(Struct, frozen=True):
    """Buckets that are looked at, in rising order, and the rarity of each."""

    buckets: Ints
    idf: NDArray[np.float64]


def corpus_of(texts: Sequence[str]) -> Corpus:
    """All features of all texts; texts that are the same in normal form share a row."""
    seen: dict[bytes, int] = {}
    which = np.empty(len(texts), dtype=np.int64)
    rows, columns = [], []
    for at in range(0, len(texts), TEXTS_AT_ONCE):
        part = texts[at : at + TEXTS_AT_ONCE]
        normal = normalise_all(part)
        ends = np.flatnonzero(normal.codes == SEPARATOR)
        begins = np.concatenate(([0], ends[:-1] + 1))
        fresh = np.full(len(part), -1)
        for n, (begin, end) in enumerate(zip(begins.tolist(), ends.tolist(), strict=True)):
            key = normal.codes[begin:end].tobytes()
            if key not in seen:
                fresh[n] = seen[key] = len(seen)
            which[at + n] = seen[key]
        found = features(normal)
        owner = fresh[np.searchsorted(ends, found.start)]
        new = owner >= 0
        rows.append(owner[new])
        columns.append(found.bucket[new])
    row, column = np.concatenate(rows), np.concatenate(columns).astype(np.int64)
    counts = sparse.csr_matrix((np.ones(len(row)), (row, column)), shape=(len(seen), 1 << BITS))
    counts.sum_duplicates()
    return Corpus(counts, which)


def vocabulary_of(counts: Matrix, came: NDArray[np.float64], texts_min: int, features_max: int) -> Vocabulary:
    """Features that stand in at least `texts_min` different texts, the commonest `features_max` of them.

    Args:
        came: (different texts,) how often each came; those that never came are not looked at.
    """
    here = counts[np.flatnonzero(came > 0)]
    stands_in = np.bincount(here.indices, minlength=counts.shape[1])
    buckets = np.flatnonzero(stands_in >= texts_min)
    if len(buckets) > features_max:
        common = np.argsort(-stands_in[buckets], kind="stable")[:features_max]
        buckets = np.sort(buckets[common])
    idf = np.log((1 + here.shape[0]) / (1 + stands_in[buckets])) + 1
    return Vocabulary(buckets, idf)


def weighed(counts: Matrix, vocabulary: Vocabulary) -> Matrix:
    """The features' shares as the fast model takes them: 1 + log(count), times rarity, each row of length
    1."""
    chosen = counts[:, vocabulary.buckets].tocsr().astype(np.float64)
    chosen.data = (1 + np.log(chosen.data)) * vocabulary.idf[chosen.indices]
    length = np.sqrt(np.asarray(chosen.multiply(chosen).sum(axis=1)).ravel())
    length[length == 0] = 1
    return sparse.diags_array(1 / length).dot(chosen).tocsr()
