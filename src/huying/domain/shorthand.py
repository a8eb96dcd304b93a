"""What people write short, and slips of ears and keyboards, with what was meant."""

from __future__ import annotations

from msgspec import Struct

KINDS = ("short", "slip")


class Short(Struct, frozen=True):
    """A row of the city's list: where `short` is written, `long` is meant. `kind` tells an abbreviation of
    the trade from a slip of spelling, or of a word that merely sounds alike; `lang` and `note` are for
    people."""

    line: int
    short: str
    long: str
    kind: str = "short"
    lang: str = ""
    note: str = ""
