"""One CSV table of a pack, line by line; every cell that can't be read becomes a fault with its line."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, TypeVar

from huying.base.text import Text
from huying.domain.deadline import Span, SpanUnit
from huying.service.packs.faults import Faults, nearest
from huying.service.packs.spans import parse_clock, parse_span

# The gazetteer of a province fits; more is a mistake, and a pack is held in memory whole.
FILE_BYTES_MAX = 20_000_000
ROWS_MAX = 200_000

# A description of a type is the longest cell; a caller's choice is read to the end only when it is short.
CELL_CHARS_MAX = 2_000

CODE = re.compile(r"[a-z0-9_.-]{1,40}")
_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,12})?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")  # and half characters, which JSON can hold
_SOME_DAY = Span(1, SpanUnit.DAYS)


def visible(text: str) -> str:
    """`text` with a mark for each character that can't be shown or written down, cut to a line."""
    return _CONTROL.sub("�", text)[:80]


def is_clean(text: str) -> bool:
    """Whether the words can go through every store and on every screen."""
    return len(text) <= CELL_CHARS_MAX and not _CONTROL.search(text)


class Row:
    """One line of a table. A getter that can't read its cell notes a fault and returns something of the
    right kind: the pack is refused in the end, and reading goes on to find the other faults."""

    def __init__(self, faults: Faults, file: str, line: int, cells: Mapping[str, str]) -> None:
        self.faults, self.file, self.line, self.cells = faults, file, line, cells

    def bad(self, code: str, column: str = "", **params: Any) -> None:
        if column:
            params = {"column": column, "value": self.cells.get(column, ""), **params}
        self.faults.add(self.file, self.line, code, **params)

    def warn(self, code: str, **params: Any) -> None:
        self.faults.warn(self.file, self.line, code, **params)

    def notice(self, code: str, **params: Any) -> None:
        self.faults.notice(self.file, self.line, code, **params)

    def raw(self, column: str) -> str:
        return self.cells.get(column, "")

    def filled(self, column: str) -> str:
        value = self.raw(column)
        if not value:
            self.bad("cell_empty", column)
        return value

    def code(self, column: str = "code") -> str:
        value = self.filled(column)
        if value and not CODE.fullmatch(value):
            self.bad("code_bad", column)
        return value

    def name(self, stem: str, languages: Collection[str], needed: bool = True) -> Text:
        """The columns `stem_<language>`; each must be filled where `needed`, or none at all otherwise."""
        text = {lang: self.raw(f"{stem}_{lang}") for lang in languages}
        if needed or any(text.values()):
            for lang, words in text.items():
                if not words:
                    self.bad("language_missing", f"{stem}_{lang}", lang=lang)
        return text

    def whole(self, column: str, low: int, high: int, default: int | None = None) -> int:
        value = self.number(column, low, high, default)
        if value != int(value):
            self.bad("whole_number", column, low=low, high=high)
        return int(value)

    def number(self, column: str, low: float, high: float, default: float | None = None) -> float:
        value = self.raw(column)
        if not value and default is not None:
            return default
        if not _NUMBER.fullmatch(value) or not low <= float(value) <= high:
            self.bad("number_bad", column, low=low, high=high)
            return low
        return float(value)

    def flag(self, column: str) -> bool:
        value = self.raw(column).lower()
        if value not in ("yes", "no", ""):
            self.bad("yes_or_no", column)
        return value == "yes"

    def one_of(self, column: str, allowed: Collection[str]) -> str:
        value = self.raw(column)
        if value not in allowed:
            self.bad("not_one_of", column, allowed=" ".join(allowed))
        return value

    def span(self, column: str, shortest: int = 1) -> Span:
        span = parse_span(self.raw(column))
        if span is None or span.amount < shortest:
            self.bad("span_bad", column)
            return _SOME_DAY
        return span

    def clock(self, column: str) -> int:
        minutes = parse_clock(self.raw(column))
        if minutes is None:
            self.bad("clock_bad", column)
            return 0
        return minutes

    def listed(self, column: str) -> tuple[str, ...]:
        """Cells separated by spaces; `|` does as well."""
        values = tuple(self.raw(column).replace("|", " ").split())
        if len(set(values)) < len(values):
            self.bad("listed_twice", column)
        return values

    def known(self, value: str, column: str, codes: Collection[str], what: str) -> str:
        if value and value not in codes:
            self.bad(f"{what}_unknown", column, value=value, hint=nearest(value, codes))
        return value

    def ref(self, column: str, codes: Collection[str], what: str, needed: bool = False) -> str:
        value = self.filled(column) if needed else self.raw(column)
        return self.known(value, column, codes, what)

    def refs(self, column: str, codes: Collection[str], what: str) -> tuple[str, ...]:
        return tuple(self.known(value, column, codes, what) for value in self.listed(column))


def decode(file: str, content: bytes, faults: Faults) -> str | None:
    """UTF-8 words of a file; None (and a fault) when it is too large or in another encoding."""
    if len(content) > FILE_BYTES_MAX:
        faults.add(file, 0, "file_too_large", bytes=len(content), max=FILE_BYTES_MAX)
        return None
    if content.startswith(b"\xef\xbb\xbf"):
        faults.notice(file, 1, "byte_order_mark")
        content = content[3:]
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        faults.add(
            file, content.count(b"\n", 0, error.start) + 1, "not_utf8", byte=f"0x{content[error.start]:02x}"
        )
        return None


def read_table(file: str, content: bytes, columns: Collection[str], faults: Faults) -> list[Row]:
    """The rows of a table. A row is one line; a line that begins with `#` is a remark.

    `columns` must all be in the heading; a name that ends in `?` may be missing, and is empty then.
    """
    text = decode(file, content, faults)
    if text is None:
        return []
    rows: list[Row] = []
    heading: list[str] | None = None
    for line, words in enumerate(text.split("\n"), 1):
        words = words.removesuffix("\r")
        if not words.strip(" ,\t\u3000") or words.lstrip(' "').startswith("#"):
            continue
        cells = _cells(file, line, words, faults)
        if cells is None:
            continue
        if heading is None:
            heading = _heading(file, line, cells, columns, faults)
            if heading is None:
                return []
        elif len(cells) != len(heading):
            faults.add(file, line, "cells_count", have=len(cells), want=len(heading))
        elif len(rows) == ROWS_MAX:
            faults.add(file, line, "too_many_rows", max=ROWS_MAX)
            break
        else:
            rows.append(Row(faults, file, line, dict(zip(heading, cells, strict=True))))
    if heading is None:
        faults.add(file, 0, "heading_missing", columns=_listing(columns))
    return rows


def _cells(file: str, line: int, words: str, faults: Faults) -> list[str] | None:
    try:
        cells = [cell.strip() for cell in next(csv.reader([words], strict=True))]
    except csv.Error:
        faults.add(file, line, "quotes_bad")
        return None
    for cell in cells:
        if _CONTROL.search(cell):
            faults.add(file, line, "control_character", value=visible(cell))
            return None
        if len(cell) > CELL_CHARS_MAX:
            faults.add(file, line, "cell_too_long", chars=len(cell), max=CELL_CHARS_MAX)
            return None
    return cells


def _heading(
    file: str, line: int, cells: list[str], columns: Collection[str], faults: Faults
) -> list[str] | None:
    known = {column.rstrip("?") for column in columns}
    twice = sorted({cell for cell in cells if cell and cells.count(cell) > 1})
    if twice:
        faults.add(file, line, "column_twice", column=" ".join(twice))
    for cell in cells:
        if cell not in known:
            faults.warn(file, line, "column_unknown", column=cell, hint=nearest(cell, known))
    missing = [column for column in columns if not column.endswith("?") and column not in cells]
    if missing:
        faults.add(file, line, "column_missing", column=" ".join(missing), columns=_listing(columns))
    return None if missing or twice else cells


def _listing(columns: Collection[str]) -> str:
    return ",".join(column.rstrip("?") for column in columns)


R = TypeVar("R")


def by_code(rows: Iterable[Row], read: Callable[[Row, str], R]) -> dict[str, R]:
    """Read each row; a code that comes again is a fault that names the first line."""
    lines: dict[str, int] = {}
    out: dict[str, R] = {}
    for row in rows:
        code = row.code()
        if code in lines:
            row.bad("code_twice", "code", first=lines[code])
            continue
        lines[code] = row.line
        out[code] = read(row, code)
    return out
