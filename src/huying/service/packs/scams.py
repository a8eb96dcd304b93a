"""Scams that may be going on: the cards, and the words that speak for and against them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from huying.domain.pack import Scam, ScamWord
from huying.service.packs.tables import Row, by_code

# Beside the kinds: money that moves or somebody who is led, and what speaks against a scam.
ROLES = ("any", "none")

WORDS_CHARS_MAX = 600


def read_scams(rows: Sequence[Row], agencies: Collection[str], languages: Collection[str]) -> dict[str, Scam]:
    def read(row: Row, code: str) -> Scam:
        if code in ROLES:
            row.bad("code_bad", "code")
        return Scam(
            code=code,
            desk=row.ref("desk", agencies, "agency"),
            name=row.name("name", languages),
            say=row.name("say", languages),
            ask=row.name("ask", languages),
        )

    return by_code(rows, read)


def read_scam_words(rows: Sequence[Row], scams: Collection[str]) -> tuple[ScamWord, ...]:
    words = []
    for row in rows:
        kind = row.known(row.filled("kind"), "kind", [*scams, *ROLES], "scam")
        each = ScamWord(row.line, row.filled("words"), kind, row.number("weight", 0.1, 10, 1.0))
        if len(each.words) > WORDS_CHARS_MAX:
            row.bad("words_too_long", "words", max=WORDS_CHARS_MAX)
        words.append(each)
    return tuple(words)
