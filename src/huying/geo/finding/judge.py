"""How well places are found: phrases with what they mean, against what the finder makes of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from huying.geo.finding.spots import POINT_ERROR_MAX_M, Answer, Candidate
from huying.geo.points import distance_m

NOWHERE = "none"
"""The code of a phrase that means no place of this city."""

TRAIN_BELOW, DEV_BELOW = 60, 75
"""The frozen split: the first eight hex digits of the id's SHA-256, modulo 100."""


class Phrase(Struct, frozen=True):
    """What was said and what it means: any of `codes`, or a point within `within_m` metres; neither means no
    place of this city. `near` is where the caller is, `outside` marks a place of another city."""

    id: str
    text: str
    kind: str = ""
    codes: tuple[str, ...] = ()
    point: tuple[float, float] | None = None
    within_m: float = 150.0
    near: tuple[float, float] | None = None
    outside: bool = False

    @property
    def somewhere(self) -> bool:
        return bool(self.codes) or self.point is not None


class Score(Struct):
    """Counts over phrases. `right_first` and `wrong_first` are of the likeliest candidate; `false` are
    phrases without a place here for which one was found, `outside_hits` those that name another city."""

    phrases: int = 0
    places: int = 0
    right: int = 0
    right_first: int = 0
    wrong_first: int = 0
    nowhere: int = 0
    false: int = 0
    outside: int = 0
    outside_hits: int = 0

    @property
    def recall(self) -> float:
        return round(self.right / self.places, 4) if self.places else 1.0

    @property
    def recall_first(self) -> float:
        return round(self.right_first / self.places, 4) if self.places else 1.0


def part(id: str) -> str:
    """train, dev or test."""
    number = int(hashlib.sha256(id.encode()).hexdigest()[:8], 16) % 100
    return "train" if number < TRAIN_BELOW else "dev" if number < DEV_BELOW else "test"


def judge(
    find: Callable[[str, tuple[float, float] | None], Answer], phrases: Iterable[Phrase]
) -> tuple[dict[str, Score], list[tuple[Phrase, Answer]]]:
    """Scores over `all`, each part and each kind, and the phrases that were not answered right at once."""
    scores: dict[str, Score] = {"all": Score(), "train": Score(), "dev": Score(), "test": Score()}
    failed = []
    for phrase in phrases:
        answer = find(phrase.text, phrase.near)
        fine = True
        for name in ("all", part(phrase.id), f"kind:{phrase.kind}"):
            fine = _count(scores.setdefault(name, Score()), phrase, answer)
        if not fine:
            failed.append((phrase, answer))
    return scores, failed


def _count(score: Score, phrase: Phrase, answer: Answer) -> bool:
    score.phrases += 1
    if not phrase.somewhere:
        hit = any(_is_hit(each) for each in answer.candidates)
        score.nowhere += 1
        score.false += hit
        score.outside += phrase.outside
        score.outside_hits += phrase.outside and hit
        return not hit
    score.places += 1
    right = [is_right(phrase, each) for each in answer.candidates]
    first = bool(right) and right[0]
    score.right += any(right)
    score.right_first += first
    score.wrong_first += bool(right) and not right[0] and _is_hit(answer.candidates[0])
    return first


def _is_hit(each: Candidate) -> bool:
    """Whether somebody might be sent there."""
    return each.lat is not None and each.error_m <= POINT_ERROR_MAX_M and each.confidence >= 0.5


def is_right(phrase: Phrase, each: Candidate) -> bool:
    """The row that is meant, or a point near enough, or the area."""
    if each.code in phrase.codes:
        return True
    if phrase.point is None or each.lat is None or each.lon is None:
        return False
    return distance_m(*phrase.point, each.lat, each.lon) <= phrase.within_m


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of the values don't exceed; 0 for none."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0
