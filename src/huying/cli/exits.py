"""How a command ends, as programs see it. The operations page explains each code; a test compares."""

from __future__ import annotations

from enum import IntEnum

from huying.base.refusal import Refusal


class Exit(IntEnum):
    OK = 0
    REFUSED = 1  # the answer is no: a refusal, or faults were found
    USAGE = 2  # the command line isn't understood
    STORE = 3  # the store can't be opened, read or written
    BUG = 70  # an error nobody foresaw (EX_SOFTWARE of sysexits.h)
    INTERRUPTED = 130  # Ctrl-C
    PIPE_CLOSED = 141  # the reader of our output went away


STORE_REFUSALS = frozenset({"store_unavailable", "store_read_only", "store_full", "busy"})


def exit_of(refusal: Refusal) -> Exit:
    """The exit code that tells a script why it was refused."""
    return Exit.STORE if refusal.code in STORE_REFUSALS else Exit.REFUSED
