"""Rows of a CSV or NDJSON file, plain or gzip, one at a time; what can't be read is set aside, never fatal.

Memory is bounded whatever the file holds: one line has at most `LINE_BYTES`, one quoted record at most
`RECORD_LINES` lines.
"""

from __future__ import annotations

import csv
import gzip
import zlib
from collections import Counter, deque
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import msgspec

from huying.base.refusal import Refusal
from huying.channels.files.mapping import LINE, FileShape

LINE_BYTES = 1 << 20  # the longest message in any known set is 30 KB
RECORD_LINES = 2_000  # a quotation mark that is never closed must not swallow the rest of a file
RAW_CHARS = 10_000  # enough of a bad line to recognise it
csv.field_size_limit(LINE_BYTES)


class BadLines:
    """Counts the lines that could not be read and keeps them in a side file: NDJSON of line, reason, raw."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.reasons: Counter[str] = Counter()
        self._out: IO[bytes] | None = None

    def __enter__(self) -> BadLines:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._out:
            self._out.close()
            self._out = None

    def __len__(self) -> int:
        return self.reasons.total()

    def add(self, line: int, reason: str, raw: str) -> None:
        self.reasons[reason] += 1
        if self.path is None:
            return
        if self._out is None:
            self._out = self.path.open("wb")
        entry = {"line": line, "reason": reason, "raw": raw.rstrip("\r\n")[:RAW_CHARS]}
        self._out.write(msgspec.json.encode(entry) + b"\n")


class Lines:
    """Numbered text lines of a file. Lines can be put back; a line that is not text goes to `bad`."""

    def __init__(self, source: IO[bytes], encoding: str, bad: BadLines) -> None:
        self.source = source
        self.encoding = encoding
        self.bad = bad
        self.number = 0
        self.ahead: deque[tuple[int, str]] = deque()

    def put_back(self, lines: list[tuple[int, str]]) -> None:
        self.ahead.extendleft(reversed(lines))

    def __iter__(self) -> Iterator[tuple[int, str]]:
        return self

    def __next__(self) -> tuple[int, str]:
        if self.ahead:
            return self.ahead.popleft()
        while True:
            raw = self._read()
            if not raw:
                raise StopIteration
            self.number += 1
            if len(raw) >= LINE_BYTES and not raw.endswith(b"\n"):
                self.bad.add(self.number, "line_too_long", raw[:RAW_CHARS].decode(self.encoding, "replace"))
                while (rest := self._read()) and not rest.endswith(b"\n"):
                    continue
                continue
            try:
                text = raw.decode(self.encoding)
            except UnicodeDecodeError:
                self.bad.add(self.number, "not_text", raw.decode(self.encoding, "backslashreplace"))
                continue
            return self.number, text.removeprefix("\ufeff") if self.number == 1 else text

    def _read(self) -> bytes:
        try:
            return self.source.readline(LINE_BYTES)
        except (EOFError, OSError, zlib.error):
            self.bad.add(self.number + 1, "file_breaks_off", "")
            self.source = _NOTHING
            return b""


class _Nothing:
    def readline(self, _: int) -> bytes:
        return b""


_NOTHING: Any = _Nothing()


def open_file(path: Path) -> IO[bytes]:
    """Binary, unpacked when it is gzip by its first bytes; refuses with `file_not_found`."""
    try:
        source = path.open("rb")
    except OSError as error:
        raise Refusal("file_not_found", file=str(path), why=error.strerror or "") from None
    packed = source.read(2) == b"\x1f\x8b"
    source.seek(0)
    return gzip.GzipFile(fileobj=source) if packed else source  # type: ignore[return-value]


def rows(
    path: Path, shape: FileShape, columns: list[str], bad: BadLines
) -> Iterator[tuple[int, str, list[str]]]:
    """Yield (line number, raw text, values of `columns` in their order) of every row that can be read.

    Refuses with `file_columns_missing` when the heading of a CSV file lacks a column.
    """
    with open_file(path) as source:
        lines = Lines(source, shape.encoding, bad)
        yield from (_json_rows if shape.format == "ndjson" else _csv_rows)(path, shape, columns, lines, bad)


def _csv_rows(
    path: Path, shape: FileShape, columns: list[str], lines: Lines, bad: BadLines
) -> Iterator[tuple[int, str, list[str]]]:
    taken: list[tuple[int, str]] = []

    def feed() -> Iterator[str]:
        for each in lines:
            taken.append(each)
            if len(taken) > RECORD_LINES:
                raise csv.Error("a quotation mark is never closed")
            yield each[1]

    reader = csv.reader(feed(), delimiter=shape.delimiter, strict=True)
    heading: list[str] | None = None
    places: list[int] = []
    while True:
        taken.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            # Only the first line is given up; those that its quotation mark swallowed are read again.
            if taken:
                bad.add(*_with_reason(taken[0], "broken_quoting"))
                lines.put_back(taken[1:])
            reader = csv.reader(feed(), delimiter=shape.delimiter, strict=True)
            continue
        number, raw = taken[0][0], taken[0][1] if len(taken) == 1 else "".join(text for _, text in taken)
        if heading is None:
            heading = [cell.strip() for cell in cells]
            missing = [name for name in columns if name != LINE and name not in heading]
            if missing:
                raise Refusal("file_columns_missing", file=str(path), columns=", ".join(missing))
            places = [heading.index(name) if name != LINE else -1 for name in columns]
        elif len(cells) == len(heading):
            yield number, raw, [cells[place] if place >= 0 else str(number) for place in places]
        elif cells:
            bad.add(number, "wrong_number_of_columns", raw)


def _with_reason(line: tuple[int, str], reason: str) -> tuple[int, str, str]:
    return line[0], reason, line[1]


def _json_rows(
    path: Path, shape: FileShape, columns: list[str], lines: Lines, bad: BadLines
) -> Iterator[tuple[int, str, list[str]]]:
    paths = [name.split(".") for name in columns]
    decode = msgspec.json.Decoder(dict[str, Any]).decode
    for number, text in lines:
        if not text.strip():
            continue
        try:
            record = decode(text)
            row = [str(number) if keys == [LINE] else _value(record, keys) for keys in paths]
        except (msgspec.MsgspecError, RecursionError):
            bad.add(number, "not_json", text)
            continue
        yield number, text, row


def _value(record: Any, keys: list[str]) -> str:
    for key in keys:
        if not isinstance(record, dict):
            return ""
        record = record.get(key)
    if record is None:
        return ""
    return record if isinstance(record, str) else msgspec.json.encode(record).decode()
