"""The table of what people write short, and of slips, with what was meant."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from huying.domain.shorthand import KINDS, Short
from huying.service.packs.tables import Row

SHORT_CHARS_MAX = 20
LONG_CHARS_MAX = 60
"""A reading must not grow far beyond what was said: at most sixty characters for two."""

ROWS_MAX = 5_000


def read_shorthand(rows: Sequence[Row], languages: Collection[str]) -> tuple[Short, ...]:
    """Rows in order; what is written short stands in the table once, and is no single character, which would
    be found in everything."""
    found: dict[str, Short] = {}
    for row in rows[:ROWS_MAX]:
        short, long = row.filled("short"), row.filled("long")
        lang = row.one_of("lang", languages) if row.raw("lang") else ""
        if not 2 <= len(short) <= SHORT_CHARS_MAX:
            row.bad("short_bad", "short", max=SHORT_CHARS_MAX)
        if len(long) > LONG_CHARS_MAX:
            row.bad("words_too_long", "long", max=LONG_CHARS_MAX)
        if short.lower() in found:
            row.bad("short_twice", "short", value=short)
        kind = row.one_of("kind", KINDS) if row.raw("kind") else KINDS[0]
        found[short.lower()] = Short(row.line, short, long, kind, lang, row.raw("note"))
    return tuple(found.values())
