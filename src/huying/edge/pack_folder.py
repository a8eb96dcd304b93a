"""The folder that the city's pack was read from, as it is now: its tables, and what is wrong with them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping

from msgspec import Struct

from huying.base.refusal import Refusal
from huying.service.packs import Checked

# Rows of a table that a screen is given; the longest of the demo county's has some two thousand.
ROWS_MAX = 5_000
_TABLE = ".csv"


class Table(Struct, frozen=True):
    """A table as the city wrote it. `rows` are without comments and the header, `total` counts them all."""

    file: str
    header: list[str]
    rows: list[list[str]]
    total: int


class PackFolder:
    """Args:
    read: gives the folder's files as they are now.
    check: says what would be said if files were adopted.
    """

    def __init__(
        self, read: Callable[[], Mapping[str, bytes]], check: Callable[[Mapping[str, bytes]], Checked]
    ) -> None:
        self._read, self._check = read, check

    def check(self) -> Checked:
        """Blocking."""
        return self._check(self._read())

    def tables(self) -> list[Table]:
        """Blocking. Every table without its rows."""
        files = self._read()
        return [_table(file, files[file], 0) for file in sorted(files) if file.endswith(_TABLE)]

    def table(self, file: str) -> Table:
        """Blocking. One table; refuses `not_found`."""
        contents = self._read().get(file)
        if contents is None or not file.endswith(_TABLE):
            raise Refusal("not_found", noun="table", id=file)
        return _table(file, contents, ROWS_MAX)


def _table(file: str, contents: bytes, most: int) -> Table:
    text = contents.decode("utf-8-sig", "replace")
    lines = [line for line in text.splitlines(keepends=True) if line.strip() and not line.startswith("#")]
    rows = list(csv.reader(io.StringIO("".join(lines))))
    return Table(file, rows[0] if rows else [], rows[1:][:most], max(0, len(rows) - 1))
