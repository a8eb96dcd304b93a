"""Before a store is served: what the ledger says was erased is erased, and the ledger knows what the journal
knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from huying.base.refusal import Refusal
from huying.domain.commands import Command, EraseContact, EraseIncident
from huying.store.codec import leaf_of
from huying.store.journal import Journal
from huying.store.ledger import Entry, Ledger

# What is recorded as the reason; it is told in the reader's language by the word files.
WHY = "ledger"


def reapply(store: Journal, ledger: Ledger, do: Callable[[Command], Any]) -> int:
    """Erase again what a restored journal has back; how many erasures. Then let the ledger catch up."""
    last = ledger.last()
    done = 0
    if last is not None and last.leaf and not _knows(store, last):
        missing = ledger.missing((row[0], leaf_of(row).hex()) for row in store.erasures())
        store.begin()
        store.rollback()
        end = store.head.seq
        done = sum(_again(each, end, do) for each in missing)
        ledger.begin_anew(end)
    ledger.follow(store.erasures)
    return done


def _knows(store: Journal, entry: Entry) -> bool:
    rows = store.rows_after(entry.seq - 1, 1)
    return bool(rows) and rows[0][0] == entry.seq and leaf_of(rows[0]).hex() == entry.leaf


def _again(entry: Entry, end: int, do: Callable[[Command], Any]) -> bool:
    """Whether there was something to erase again; what came after the backup is not there at all."""
    try:
        if entry.incident and entry.incident <= end and entry.kinds:
            return bool(do(EraseIncident(incident=entry.incident, kinds=entry.kinds, why=WHY))["incidents"])
        if not entry.incident and entry.contacts[0] <= end:
            do(EraseContact(contact=entry.contacts[0], why=WHY))
            return True
    except Refusal as refusal:
        if refusal.code not in ("contact_erased", "not_found"):
            raise
    return False
