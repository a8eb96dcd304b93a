"""What speaks for and against two calls being about one thing: features of a pair, and their log-odds.

The features are few and each can be said in a sentence. Their weights are fitted on labelled reports
(`huying duplicates fit`); a pack may put its own in `duplicates.csv`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from math import exp, inf, log, log1p, sqrt

from msgspec import Struct

from huying.domain.reason import Reason

GRAM_CHARS_MAX = 160
"""A title is a line; more is compared only where a pack's own titles are longer."""

WEIGHTS: Mapping[str, float] = {
    "bias": 0.15,
    "no_point": -1.26,
    "far": -0.28,
    "pointed": 2.19,
    "same_place": 2.1,
    "same_area": -0.21,
    "other_type": -3.84,
    "text": 10.0,
    "silent": 1.21,
    "late": -2.14,
    "crowd": -1.73,
    "other_number": 0.16,
    "other_thing": -0.13,
}
"""Log-odds a unit of each feature. Provenance: `huying duplicates fit` on the train part of
`labelled/zh/reports.csv` and of the generated set, Yunxi county, 2026."""

FEATURES = tuple(WEIGHTS)

_WORD = re.compile(r"[a-z0-9]+|[^\W\d_]|[0-9]+", re.UNICODE)
_BUILDING = re.compile(
    r"([0-9]{1,4}|[a-z]|[一二三四五六七八九十]{1,3})\s?(?:号楼|幢|栋|单元|号)|#\s?([0-9]{1,4})"
)
_OTHER = re.compile(
    "不是一回事|不是一个|不是同|不是那|不是刚才|没关系|另外一|另一|又一|跟.{1,8}不是|不是一起|跟刚才|和刚才那个不"
    "|not the (?:same|one)|another one|a different|different from|unrelated|not related|other than the",
    re.IGNORECASE,
)
_DIGITS = dict(zip("一二三四五六七八九", "123456789", strict=True))


class Said(Struct, frozen=True, gc=False):
    """What is compared of a text: hashed n-grams, building numbers, and whether it says that it is another
    thing. `order` has the n-grams as they stand in the text: a set's own order is another in every
    process, and where only some of them count, the same calls have to lead to the same incidents."""

    grams: frozenset[int]
    order: tuple[int, ...]
    numbers: frozenset[str]
    other: bool


# A title is compared when its call comes in and again with those that come soon after; about 4 kB each.
SAID_KEPT = 1_024
EMPTY = Said(frozenset(), (), frozenset(), False)


@lru_cache(maxsize=SAID_KEPT)
def said(text: str) -> Said:
    """The text as it is compared: pairs and triples of Chinese characters, words and pairs of words."""
    text = text[:GRAM_CHARS_MAX].lower()
    parts = _WORD.findall(text)
    grams = [hash(pair) for pair in pairwise(parts)]
    grams += [hash(triple) for triple in zip(parts, parts[1:], parts[2:], strict=False)]
    grams += [hash(part) for part in parts if len(part) > 3]
    numbers = frozenset(_DIGITS.get(a or b, a or b) for a, b in _BUILDING.findall(text))
    return Said(frozenset(grams), tuple(dict.fromkeys(grams)), numbers, _OTHER.search(text) is not None)


def cosine(one: Said, other: Said) -> float:
    """Of sets: what is shared over the geometric mean of the sizes."""
    if not one.grams or not other.grams:
        return 0.0
    return len(one.grams & other.grams) / sqrt(len(one.grams) * len(other.grams))


class Pair(Struct, frozen=True, gc=False):
    """A new call beside an incident: `metres` None without two points; `error_m` of both together; `crowd`
    incidents of the same kind around that it may as well be; `pointed`: both came with points."""

    metres: float | None
    error_m: float
    same_place: bool
    same_area: bool
    same_type: bool
    seconds: float
    crowd: int
    text: float | None
    other_number: bool
    other_thing: bool
    pointed: bool = False


def features(pair: Pair, metres: float, seconds: float) -> tuple[float, ...]:
    """Values in the order of `FEATURES`; `metres` and `seconds` are the pack's, the yardsticks."""
    sharp = pair.pointed and pair.error_m <= 2 * metres
    return (
        1.0,
        float(pair.metres is None),
        0.0 if pair.metres is None else log1p(max(pair.metres - pair.error_m, 0.0) / metres),
        float(sharp),
        float(pair.same_place),
        float(pair.same_area),
        float(not pair.same_type),
        pair.text or 0.0,
        float(pair.text is None and sharp),
        log1p(pair.seconds / seconds),
        log1p(pair.crowd),
        float(pair.other_number),
        float(pair.other_thing),
    )


def odds(values: tuple[float, ...], weights: Mapping[str, float]) -> float:
    """Log-odds that the two are one."""
    return sum(value * weights[name] for value, name in zip(values, FEATURES, strict=True))


def probability(log_odds: float) -> float:
    return 1 / (1 + exp(-max(min(log_odds, 30.0), -30.0)))


def log_odds_of(probability: float) -> float:
    """The log-odds from which on `probability` is reached."""
    if not 0 < probability < 1:
        return -inf if probability <= 0 else inf
    return log(probability / (1 - probability))


def reasons(incident: int, pair: Pair, log_odds: float) -> Reason:
    """Why the two may be one, as a sentence with figures."""
    values: dict[str, str | int | float] = {
        "minutes": int(pair.seconds // 60),
        "percent": round(100 * probability(log_odds)),
        "text": round(100 * (pair.text or 0.0)),
    }
    if pair.metres is None:
        key = "duplicate.area"
    else:
        values["metres"] = round(pair.metres)
        key = "duplicate.near" if pair.same_type else "duplicate.related"
    return Reason(key, of=str(incident), values=values)
