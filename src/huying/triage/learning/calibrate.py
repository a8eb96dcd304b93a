"""From scores on unseen texts to honest chances, a class to name, and sets that hold the truth."""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from huying.triage.heads import LEVELS, Head, bent
from huying.triage.learning.figures import macro_f1
from huying.triage.learning.lbfgs import minimise

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

SHIFT_RIDGE = 1.0
"""How strongly a class's shift is held at nought: as if one text had said so."""

SLOPE_LOG_MAX = 20.0
"""A search that overshoots comes back from here; beyond 700 it would go on with what is no number."""

LEAST_MAX = 0.999
"""No chance is known to a thousandth: where all are nearly one, the last digits decide about no set."""

BENDS = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0)
"""How much scores beyond their margin may be bent, tried in this order for as long as it helps."""

BEND_GAIN_MIN = 2.0
"""Of the log-likelihood of all texts: what one more number wins by chance in one case of twenty."""

LEANS = tuple(step / 20 for step in range(21))
"""Shares of the rarity of a class that may be added to its chance; 1 treats all classes as equally common."""

PILE_ODDS, PILE_SHARE = 0.5, 0.05
"""Chances whose log-odds differ by less than the first are nearly the same; a larger share of a class than
the second at one place is a pile."""

FREQUENT = 20
"""Texts of a class from which its F1 says anything: a class of three that happens to be named rightly, or
not, would decide about all others."""

PIECES = 5
"""A lean has to win at least half as much without any one fifth of the texts: a class of three texts that
happens to be named rightly is no ground."""

LEAN_GAIN_MIN = 0.002
"""A smaller gain of macro-F1 on unseen texts is chance, and naming the likeliest class is simpler."""


class Unseen(Struct, frozen=True):
    """Texts that the model which scored them had not seen: `scores` (different texts, classes), `row` the
    scores of each text, `labels` its true class."""

    scores: Floats
    row: Ints
    labels: Ints


def calibrated(name: str, classes: tuple[str, ...], low: int, unseen: Unseen) -> Head:
    """A head whose chances, lean and sets are right for the texts of `unseen`."""
    bend, slope, shift = _scaled(unseen)
    plain = Head(name, classes, 0, slope, tuple(shift.tolist()), (0.0,) * len(classes), {}, bend)
    chances = plain.chances(unseen.scores)[unseen.row]
    lean = _lean(chances, unseen.labels)
    least = {str(level): _least(chances, unseen.labels, level) for level in LEVELS}
    return Head(name, classes, low, slope, plain.shift, lean, least, bend)


def _scaled(unseen: Unseen) -> tuple[float, float, NDArray[np.float64]]:
    """Bend, slope and shift under which the true classes were likeliest."""
    start = np.zeros(unseen.scores.shape[1] + 1)
    loss, at = _temperature(unseen, start)
    best, plain = (0.0, at), loss
    for bend in BENDS[1:]:
        more, at = _temperature(Unseen(bent(unseen.scores, bend), unseen.row, unseen.labels), best[1])
        if not more < min(loss, plain - BEND_GAIN_MIN):  # nor where it is no number
            break
        loss, best = more, (bend, at)
    return best[0], float(np.exp(best[1][0])), best[1][1:]


def _temperature(unseen: Unseen, start: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    """The loss, and logarithm of the slope and shifts, under which the true classes were likeliest
    (temperature and bias scaling)."""
    scores = unseen.scores
    cells = unseen.row * scores.shape[1] + unseen.labels
    tallies = np.bincount(cells, minlength=scores.size).reshape(scores.shape)
    came = tallies.sum(axis=1, keepdims=True)

    def loss(x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        slope = np.exp(min(x[0], SLOPE_LOG_MAX))
        logits = scores * slope + x[1:]
        logits = logits - logits.max(axis=1, keepdims=True)
        chance = np.exp(logits)
        total = chance.sum(axis=1, keepdims=True)
        value = float((came * np.log(total)).sum() - (tallies * logits).sum())
        pull = came * chance / total - tallies
        down = np.concatenate(([slope * (pull * scores).sum()], pull.sum(axis=0) + SHIFT_RIDGE * x[1:]))
        return value + 0.5 * SHIFT_RIDGE * float(x[1:] @ x[1:]), down

    x = minimise(loss, start, tolerance=1e-3)
    return loss(x)[0], x


def _lean(chances: Floats, labels: Ints) -> tuple[float, ...]:
    """What to add to the log of each chance so that the mean F1 of the classes is best on unseen texts."""
    classes = chances.shape[1]
    rarity = -np.log((np.bincount(labels, minlength=classes) + 1) / (len(labels) + classes))
    rarity -= rarity.min()
    logs = np.log(chances + 1e-12)
    piece = np.arange(len(labels)) % PIECES
    reached = np.empty((len(LEANS), PIECES + 1))
    for n, share in enumerate(LEANS):
        named = np.argmax(logs + share * rarity, axis=1)
        for one in range(PIECES + 1):
            kept = piece != one
            reached[n, one] = macro_f1(labels[kept], named[kept], FREQUENT)
    gain = reached - reached[0]
    best = int(np.argmax(gain[:, PIECES]))
    sure = gain[best, PIECES] >= LEAN_GAIN_MIN and gain[best].min() > 0.5 * gain[best, PIECES]
    return tuple(((LEANS[best] if sure else 0.0) * rarity).tolist())


def _least(chances: Floats, labels: Ints, level: float) -> tuple[float, ...]:
    """The smallest chance with which each class is in the set of `level`.

    With n unseen texts of a class, the floor((n + 1)(1 - level))-th smallest chance of the truth. Classes
    with too few texts for that share one threshold; where all of them together are too few, they are always
    in.
    """
    classes = chances.shape[1]
    true = chances[np.arange(len(labels)), labels]
    least = np.zeros(classes)
    rare = np.zeros(len(labels), dtype=bool)
    alone = []
    for one in range(classes):
        mine = labels == one
        if rank(int(mine.sum()), level):
            least[one] = _smallest(true[mine], level)
            alone.append(one)
        else:
            rare |= mine
    others = [one for one in range(classes) if one not in set(alone)]
    if rank(int(rare.sum()), level):
        least[others] = _smallest(true[rare], level)
    return tuple(np.minimum(least, LEAST_MAX).tolist())


def rank(count: int, level: float) -> int:
    """The place, from the smallest, of the threshold among so many chances of the truth; 0 where they are too
    few for one."""
    # A hair is added because (n + 1)(1 - 0.9) may come out a hair below a whole number.
    return int((count + 1) * (1 - level) + 1e-9)


def _smallest(true: Floats, level: float) -> float:
    """The threshold; where many texts have nearly the same chance, a little below them.

    Texts that come again and again pile up at one chance, which another model would put a little higher or
    lower: a threshold in their midst would cut them off altogether.
    """
    odds = odds_of(true)
    at = float(np.sort(odds)[rank(len(true), level) - 1])
    piled = (np.abs(odds - at) < PILE_ODDS).mean() > PILE_SHARE
    return float(1 / (1 + np.exp(-(at - (PILE_ODDS if piled else 1e-6)))))


def odds_of(chance: Floats) -> NDArray[np.float64]:
    """Log-odds."""
    inside = np.clip(chance.astype(float), 1e-12, 1 - 1e-12)
    return np.asarray(np.log(inside / (1 - inside)))
