"""How good named classes, chances and sets are on texts with known labels."""

from __future__ import annotations

import numpy as np
import scipy  # its parts load when they are first used
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

BINS = 15
"""Bins of the expected calibration error, the usual number (Guo et al. 2017)."""


def f1_by_class(true: Ints, named: Ints) -> dict[int, float]:
    """F1 of each class that is true or named somewhere; 0 where it is never both."""
    top = int(max(true.max(initial=0), named.max(initial=0))) + 1
    both = np.bincount(true[true == named], minlength=top)
    of = np.bincount(true, minlength=top) + np.bincount(named, minlength=top)
    return {one: float(2 * both[one] / of[one]) for one in range(top) if of[one]}


def macro_f1(true: Ints, named: Ints, texts_min: int = 0) -> float:
    """The mean F1 of all classes that are true or named somewhere; with `texts_min` of those that so many
    texts are of, where there are two of them."""
    found = f1_by_class(true, named)
    count = np.bincount(true, minlength=max(found, default=0) + 1)
    frequent = [value for one, value in found.items() if count[one] >= texts_min]
    values = frequent if len(frequent) > 1 else list(found.values())
    return sum(values) / len(values) if values else 0.0


DRAWS = 400
"""Of the texts, with putting back: ends of an interval of 95 % move by a tenth of its width between so many
draws and another."""


def draws_of(row: Ints) -> NDArray[np.float64]:
    """(draws, texts): how often each text comes in each draw; those of one row come together."""
    rows = int(row.max(initial=-1)) + 1
    return np.asarray(_weights(rows)[:, row], dtype=float)


def _weights(rows: int) -> NDArray[np.int64]:
    drawn = np.random.default_rng(rows).multinomial(rows, np.full(rows, 1 / max(rows, 1)), DRAWS)
    return np.asarray(drawn)


def gain(true: Ints, named: Ints, other: Ints, row: Ints, texts_min: int = 0) -> tuple[float, float]:
    """By how much the macro-F1 of `other` is above that of `named`, at least and at most (95 %); see
    `gains`."""
    low, high = np.percentile(gains(true, named, other, row, texts_min), [2.5, 97.5])
    return float(low), float(high)


def gains(true: Ints, named: Ints, other: Ints, row: Ints, texts_min: int = 0) -> NDArray[np.float64]:
    """(draws,) by how much the macro-F1 of `other` is above that of `named`: both on the same draws of
    different texts (bootstrap of pairs, Efron 1979).

    Args:
        row: (texts,) the number of each text's different text: copies are drawn together, because what is
            said of one is said of all.
        texts_min: only classes of which there are so many texts count, where there are two of them.
    """
    classes = int(max(true.max(initial=0), named.max(initial=0), other.max(initial=0))) + 1
    count = np.bincount(true, minlength=classes)
    here = count + np.bincount(named, minlength=classes) + np.bincount(other, minlength=classes) > 0
    counted = here & (count >= texts_min)
    counted = counted if counted.sum() > 1 else here
    rows = int(row.max(initial=-1)) + 1
    weights = _weights(rows)

    def drawn(classes_of: Ints, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        table = scipy.sparse.csr_matrix(
            (np.ones(int(chosen.sum())), (row[chosen], classes_of[chosen])), shape=(rows, classes)
        )
        return np.asarray((table.T @ weights.T).T, dtype=float)

    every = np.ones(len(true), dtype=np.bool_)
    came = drawn(true, every)

    def f1(said: Ints) -> NDArray[np.float64]:
        both, of = drawn(true, said == true), came + drawn(said, every)
        found = np.divide(2 * both, of, out=np.zeros_like(of), where=of > 0)
        found[of == 0] = np.nan  # a class that this draw lacks says nothing
        return np.asarray(np.nanmean(found[:, counted], axis=1))

    return np.asarray(f1(other) - f1(named))


def accuracy(true: Ints, named: Ints) -> float:
    """The share named rightly."""
    return float((true == named).mean()) if len(true) else 0.0


def calibration_error(right: NDArray[np.bool_], chance: Floats) -> float:
    """Expected calibration error: how far the stated chances are from the shares that were right, by bins."""
    bins = np.minimum((chance * BINS).astype(int), BINS - 1)
    count = np.bincount(bins, minlength=BINS)
    stated = np.bincount(bins, chance, minlength=BINS)
    came = np.bincount(bins, right, minlength=BINS)
    return float(np.abs(stated - came).sum() / max(count.sum(), 1))


def accuracy_answered(right: NDArray[np.bool_], chance: Floats, share: float) -> float:
    """The share right among the `share` of texts with the greatest chances."""
    kept = max(1, round(len(right) * share))
    return float(right[np.argsort(-chance, kind="stable")[:kept]].mean())


def coverage(true: Ints, sets: NDArray[np.bool_]) -> dict[int, tuple[float, float, int]]:
    """Class → (share of its texts whose set holds it, mean size of their sets, how many texts)."""
    found = {}
    sizes = sets.sum(axis=1)
    for one in np.unique(true).tolist():
        mine = true == one
        inside = sets[mine, one].mean() if one < sets.shape[1] else 0.0
        found[one] = (float(inside), float(sizes[mine].mean()), int(mine.sum()))
    return found


def exact(count: int, of: int, outside: float = 0.05) -> tuple[float, float]:
    """The interval in which a share lies that was seen `count` times `of` so many (Clopper and Pearson 1934),
    right for the smallest classes too; by default of 95 %."""
    low = float(scipy.special.betaincinv(count, of - count + 1, outside / 2)) if count else 0.0
    high = float(scipy.special.betaincinv(count + 1, of - count, 1 - outside / 2)) if count < of else 1.0
    return low, high


def verdict(inside: int, of: int, level: float, off: float = 0.03) -> str:
    """How the sets of a class keep the promise `level`: `kept` within `off` of it; `more` above, which costs
    longer lists and no truth; `noise` below, but too few texts to tell it from kept; `broken` below for
    sure."""
    share = inside / of
    if share > level + off:
        return "more"
    if share >= level - off:
        return "kept"
    return "noise" if exact(inside, of)[1] >= level - off else "broken"
