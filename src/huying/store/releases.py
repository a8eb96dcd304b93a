"""What was published, once and for good: the ledger of releases and of the privacy budget.

A month is published in one shape, and asking again gives the very same numbers, so that no two releases can
be subtracted from each other. Other shapes of the same month are given with noise only, and each takes
its part of the month's budget (each incident lies in one month, so months don't add up).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from huying.base.clock import SECOND
from huying.base.refusal import Refusal
from huying.domain.pack import Pack
from huying.privacy.release import K, Released, release
from huying.service.questions import IncidentFilter, Page
from huying.store.noise import with_noise

ENDING = ".releases"
# All that is ever told of a month with noise: at ε = 1 somebody who knows all but one incident of the month
# learns of that one by a factor of e at most.
BUDGET = Fraction(1)
PAGE = 1_000

Number = int | None


class Entry(Struct, frozen=True, omit_defaults=True):
    """One release: `shape` is the kind of area and what is counted by; `epsilon` is empty without noise."""

    month: str
    shape: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    numbers: tuple[tuple[Number, ...], ...]
    primary: int = 0
    complementary: int = 0
    epsilon: str = ""
    prev: str = ""


class Asked(Protocol):
    """The part of the questions that is asked here."""

    def states(self, which: IncidentFilter, cursor: str, limit: int) -> Page: ...


class Releases:
    """The ledger: a text file that only grows, each line with the hash of the one before."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def entries(self) -> Iterator[Entry]:
        """All of them; refuses with `releases_broken` where a line was changed."""
        prev = ""
        if not self.path.exists():
            return
        for line in self.path.read_bytes().splitlines():
            try:
                entry = msgspec.json.decode(line, type=Entry)
            except msgspec.DecodeError:
                raise Refusal("releases_broken", path=str(self.path)) from None
            if entry.prev != prev:
                raise Refusal("releases_broken", path=str(self.path))
            prev = sha256(line).hexdigest()
            yield entry

    def spent(self, month: str) -> Fraction:
        return sum(
            (Fraction(each.epsilon) for each in self.entries() if each.month == month and each.epsilon),
            Fraction(),
        )

    def add(self, entry: Entry) -> Entry:
        last = self.path.read_bytes().splitlines()[-1] if self.path.exists() else b""
        entry = msgspec.structs.replace(entry, prev=sha256(last).hexdigest() if last else "")
        try:
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(handle, msgspec.json.encode(entry) + b"\n")
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            raise Refusal("file_unwritable", path=str(self.path)) from error
        return entry


def publish(
    ledger: Releases,
    questions: Asked,
    pack: Pack,
    at: int,
    month: str,
    area: str,
    by: str,
    epsilon: str = "",
) -> Entry:
    """The table of a month as it may be published, recorded before it is shown.

    Args:
        at: now, UTC µs; the month must be over.
        area: a kind of area of the pack; `by`: `type` or `group`.
        epsilon: a fraction such as `0.25` for a table with noise; empty for one with small numbers hidden.

    Refuses with `month_bad`, `area_kind_unknown`, `release_overlaps`, `budget_spent` or `noise_needs`.
    """
    since, until = span_of(month, pack.timezone)
    if until > at:
        raise Refusal("month_bad", month=month)
    areas = [each.code for each in pack.areas.values() if each.kind == area]
    if not areas:
        raise Refusal(
            "area_kind_unknown", kind=area, known=", ".join(sorted({a.kind for a in pack.areas.values()}))
        )
    shape = f"{area}/{by}"
    for each in ledger.entries():
        if each.month == month and not epsilon and not each.epsilon:
            if each.shape != shape:
                raise Refusal("release_overlaps", month=month, shape=each.shape)
            return each
    share = _share(epsilon)
    if share and ledger.spent(month) + share > BUDGET:
        raise Refusal("budget_spent", month=month, spent=str(float(ledger.spent(month))), budget=str(BUDGET))
    columns = sorted({each.group if by == "group" else code for code, each in pack.types.items()})
    counts = _count(questions, pack, since, until, frozenset(areas), by)
    rows = [*areas, "–"]
    if share:
        noisy = iter(with_noise([counts.get((row, column), 0) for row in rows for column in columns], share))
        numbers = tuple(tuple(next(noisy) for _ in columns) for _ in rows)
        return ledger.add(Entry(month, shape, tuple(rows), tuple(columns), numbers, epsilon=epsilon))
    made: Released = release(counts, rows, columns, K)
    return ledger.add(
        Entry(month, shape, made.rows, made.columns, made.numbers, made.primary, made.complementary)
    )


def span_of(month: str, timezone: str) -> tuple[int, int]:
    """A month (`2026-03`) of the city's calendar as UTC µs [since, until)."""
    try:
        first = datetime.strptime(month, "%Y-%m").replace(tzinfo=ZoneInfo(timezone))
        after = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    except ValueError:
        raise Refusal("month_bad", month=month) from None
    return int(first.timestamp()) * SECOND, int(after.timestamp()) * SECOND


def _share(epsilon: str) -> Fraction:
    if not epsilon:
        return Fraction()
    try:
        share = Fraction(epsilon)
    except (ValueError, ZeroDivisionError):
        share = Fraction()
    if not 0 < share <= BUDGET or share.denominator > 1_000_000:
        raise Refusal("epsilon_bad", epsilon=epsilon, budget=str(BUDGET))
    return share


def _count(
    questions: Asked, pack: Pack, since: int, until: int, areas: frozenset[str], by: str
) -> dict[tuple[str, str], int]:
    """Incidents opened in the month by area and type; those outside every area under a dash."""
    counts: dict[tuple[str, str], int] = {}
    which, cursor = IncidentFilter(since=since, until=until), ""
    while True:
        page = questions.states(which, cursor, PAGE)
        for incident in page.items:
            row = next((code for code in incident.place.areas if code in areas), "–")
            type = pack.type_of(incident.type)
            key = (row, type.group if by == "group" else type.code)
            counts[key] = counts.get(key, 0) + 1
        cursor = page.next
        if not cursor:
            return counts
