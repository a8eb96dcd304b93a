"""Why a machine proposed something; kept with the decision for as long as the decision."""

from __future__ import annotations

from msgspec import Struct


class Reason(Struct, frozen=True, omit_defaults=True, gc=False):
    """One ground for a decision: a word key with its values, and what it points at.

    `key` is in the word files under `reason.<key>`; `of` names the rule, word or row; `values` fill the
    sentence's slots; `span` are character offsets [start, end) into the caller's words.
    """

    key: str
    of: str = ""
    values: dict[str, str | int | float] = {}
    span: tuple[int, int] | None = None
