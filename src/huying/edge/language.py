"""Which of the project's languages an asker reads."""

from __future__ import annotations

from functools import lru_cache

from huying.base.text import LANGUAGES

# Browsers send a handful of distinct values; a flood of invented ones may not fill memory.
KNOWN_HEADERS_MAX = 512


@lru_cache(maxsize=KNOWN_HEADERS_MAX)
def choose_language(accept: str, default: str) -> str:
    """The best of `LANGUAGES` for an Accept-Language header, `default` when it names none of them."""
    best, best_weight = default, 0.0
    for part in accept.split(","):
        tag, _, rest = part.partition(";")
        lang = tag.strip().lower().split("-")[0]
        if lang in LANGUAGES and (weight := _weight(rest)) > best_weight:
            best, best_weight = lang, weight
    return best


def _weight(rest: str) -> float:
    name, _, value = rest.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(float(value), 1.0)
    except ValueError:
        return 0.0
