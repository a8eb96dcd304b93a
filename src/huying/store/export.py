"""The facts for other programs: one JSON object a line, or Parquet. Streams; memory does not grow.

Words are masked (`huying.privacy`) unless the export has a purpose that needs them whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from huying.base.refusal import Refusal
from huying.privacy.payload import mask_payload
from huying.store.codec import FactRow, Left, leaf_parts
from huying.store.live import serialise

CHUNK = 2_000
# Rows of one row group in Parquet: 20–60 MB before compression, what readers like.
ROW_GROUP = 50_000

Progress = Callable[[int, int], None]
Fetch = Callable[[int, int], list[FactRow]]


def line_of(row: FactRow, *, body: bool = True) -> bytes:
    """A fact as an outsider can check it: the shape of the live stream with `salt` (hex) before `body`, or
    with `digest` (hex) where the body is erased, masked or not shown. `body` is last, as it is stored."""
    shown = body and row[7] is not None and row[8] is not None
    name, value = (b"salt", row[8]) if shown else (b"digest", row[9] or leaf_parts(row)[1])
    line = serialise(row if body else (*row[:7], None, None, None))
    header, _, said = line.partition(b',"body":')
    return header + b',"%b":"%b","body":' % (name, (value or b"").hex().encode()) + said


def _chunks(fetch: Fetch, after: int, until: int, progress: Progress | None) -> Iterator[list[FactRow]]:
    first = after
    while after < until:
        rows = fetch(after, min(CHUNK, until - after))
        if not rows:
            return
        yield rows
        after = rows[-1][0]
        if progress:
            progress(after - first, until - first)


def left(fetch: Fetch, left_of: Callable[[list[int]], dict[int, Left]]) -> Fetch:
    """The same rows; of payloads that were erased or put right what is left, under the digest they had."""

    def fetch_left(after: int, limit: int) -> list[FactRow]:
        rows = fetch(after, limit)
        found = left_of([row[0] for row in rows if row[7] is None])
        return [(*row[:7], found[row[0]][1], None, row[9]) if row[0] in found else row for row in rows]

    return fetch_left


def _masked(row: FactRow) -> FactRow:
    """The salt goes with what is hidden: with it a telephone number would be found from the digest by trying
    all."""
    if row[7] is None:
        return row
    shown = mask_payload(bytes(row[7]))
    return row if shown == row[7] else (*row[:7], shown, None, leaf_parts(row)[1])


def masked(fetch: Fetch) -> Fetch:
    """The same rows without what leads to a person."""

    def fetch_masked(after: int, limit: int) -> list[FactRow]:
        return [_masked(row) for row in fetch(after, limit)]

    return fetch_masked


def export_ndjson(
    fetch: Fetch, out: BinaryIO, after: int, until: int, progress: Progress | None = None
) -> int:
    """Write facts with after < seq ≤ until as lines of JSON (see `line_of`); how many."""
    count = 0
    for rows in _chunks(fetch, after, until, progress):
        out.write(b"\n".join(map(line_of, rows)) + b"\n")
        count += len(rows)
    return count


def export_parquet(fetch: Fetch, path: str, after: int, until: int, progress: Progress | None = None) -> int:
    """Write facts with after < seq ≤ until to a Parquet file; how many. Needs the extra `parquet`.

    Columns: seq, stream, version, type, at (timestamp µs UTC), actor, purpose, payload (JSON text or null).
    """
    try:
        import pyarrow as pa  # type: ignore[import-untyped]
        import pyarrow.parquet as pq  # type: ignore[import-untyped]
    except ImportError as error:
        raise Refusal("parquet_missing") from error
    shape = pa.schema(
        [
            ("seq", pa.int64()),
            ("stream", pa.int64()),
            ("version", pa.int32()),
            ("type", pa.dictionary(pa.int32(), pa.string())),
            ("at", pa.timestamp("us", tz="UTC")),
            ("actor", pa.string()),
            ("purpose", pa.string()),
            ("payload", pa.string()),
        ]
    )
    count = 0

    def put(writer: Any, rows: list[FactRow]) -> None:
        columns = list(zip(*(row[:8] for row in rows), strict=True))
        columns[7] = tuple(None if each is None else bytes(each).decode() for each in columns[7])
        arrays = [pa.array(values, kind) for values, kind in zip(columns, shape.types, strict=True)]
        writer.write_table(pa.Table.from_arrays(arrays, schema=shape))

    with pq.ParquetWriter(path, shape, compression="zstd") as writer:
        waiting: list[FactRow] = []
        for rows in _chunks(fetch, after, until, progress):
            waiting += rows
            count += len(rows)
            if len(waiting) >= ROW_GROUP:
                put(writer, waiting)
                waiting = []
        if waiting:
            put(writer, waiting)
    return count
