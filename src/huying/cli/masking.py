"""Tables of texts with what leads to a person masked: CSV, or one JSON object a line. Streams."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import msgspec
from msgspec import Struct, field

from huying.base.refusal import Refusal
from huying.privacy import mask
from huying.privacy.payload import mask_value

# One cell of a table; a longer one is another file put in by mistake.
CELL_MAX = 1_000_000
LINES = (".ndjson", ".jsonl")


class MaskedFile(Struct):
    """`hidden` counts what was hidden by its kind."""

    rows: int = 0
    hidden: Counter[str] = field(default_factory=Counter)

    def text(self, words: str) -> str:
        masked = mask(words)
        self.hidden.update(each.kind for each in masked.spans)
        return masked.text

    def value(self, value: Any) -> Any:
        return self.text(value) if isinstance(value, str) else mask_value(value)


def mask_file(source: Path, columns: list[str], out: TextIO) -> MaskedFile:
    """Write `source` to `out` with `columns` masked.

    Raises:
        Refusal: `file_not_found`, `mask_column` for a column that the file lacks, `mask_line` for a line that
            can't be read; what was written before it is masked, but the file is not whole.
    """
    done = MaskedFile()
    csv.field_size_limit(CELL_MAX)
    try:
        with source.open(encoding="utf-8-sig", newline="") as lines:
            if source.suffix.lower() in LINES:
                for line in _objects(lines, source, columns, done):
                    out.write(line + "\n")
            else:
                _table(lines, source, columns, done, out)
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal(
            "file_not_found", file=str(source), why=getattr(error, "strerror", str(error))
        ) from error
    except csv.Error as error:
        raise Refusal("mask_line", file=str(source), line=done.rows + 2, why=str(error)) from error
    return done


def _table(lines: TextIO, source: Path, columns: list[str], done: MaskedFile, out: TextIO) -> None:
    reader = csv.DictReader(lines)
    names = list(reader.fieldnames or ())
    missing = [each for each in columns if each not in names]
    if missing:
        raise Refusal("mask_column", file=str(source), column=", ".join(missing), columns=", ".join(names))
    writer = csv.DictWriter(out, names, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    for row in reader:
        writer.writerow(row | {each: done.text(row[each] or "") for each in columns})
        done.rows += 1


def _objects(lines: TextIO, source: Path, columns: list[str], done: MaskedFile) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = msgspec.json.decode(line, type=dict[str, Any])
        except msgspec.DecodeError as error:
            raise Refusal("mask_line", file=str(source), line=number, why=str(error)) from error
        if done.rows == 0 and (missing := [each for each in columns if each not in row]):
            names = ", ".join(row)
            raise Refusal("mask_column", file=str(source), column=", ".join(missing), columns=names)
        row |= {each: done.value(row[each]) for each in columns if each in row}
        done.rows += 1
        yield msgspec.json.encode(row).decode()
