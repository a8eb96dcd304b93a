"""Texts with what a person said they are, from CSV files of any shape: to learn from, or to measure on."""

from __future__ import annotations

import hashlib
import zlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from huying.base.refusal import Refusal
from huying.channels.files.lines import BadLines, open_file, rows
from huying.channels.files.mapping import FileShape

TRAIN, DEV = 60, 75
"""The frozen split of the project's labelled reports (labelled/split.json): below 60 of 100 train, below 75
dev."""

HEAD_BYTES = 1 << 16

ROWS_MAX = 1_000_000
"""What two cores learn from within an hour, and what fits into the memory of a small server."""


class Labelled(Struct, frozen=True):
    """`texts` and by head `labels`, one for each text; `times` as written, empty when no column was named.
    `set_aside` counts the lines that could not be read, by reason."""

    texts: list[str]
    labels: dict[str, list[str]]
    times: list[str]
    set_aside: dict[str, int]


def read_labelled(
    files: Sequence[Path], text: Sequence[str], labels: dict[str, str], time: str = "", delimiter: str = ","
) -> Labelled:
    """Rows of all files that have a text; several text columns are put one after another.

    Args:
        labels: head → column. A row without any label is left out.
        time: a column that puts rows in order when sorted as text, as ISO dates do.

    Refuses with `file_not_found`, `labelled_columns_missing`, `labelled_empty`, `labelled_too_many`.
    """
    found = Labelled([], {head: [] for head in labels}, [], {})
    wanted = [*text, *labels.values(), *([time] if time else [])]
    aside: Counter[str] = Counter()
    for file in files:
        shape = FileShape(format="csv", delimiter=delimiter, encoding=_encoding_of(file))
        with BadLines(None) as bad:
            try:
                for _, _, values in rows(file, shape, wanted, bad):
                    _take(found, values, len(text), time)
                    if len(found.texts) > ROWS_MAX:
                        raise Refusal("labelled_too_many", limit=ROWS_MAX)
            except Refusal as refusal:
                if refusal.code != "file_columns_missing":
                    raise
                columns = refusal.params["columns"]
                raise Refusal("labelled_columns_missing", file=str(file), columns=columns) from None
            aside.update(bad.reasons)
    if not found.texts:
        raise Refusal("labelled_empty", file=", ".join(str(file) for file in files))
    return Labelled(found.texts, found.labels, found.times, dict(sorted(aside.items())))


def part_of(happening: str) -> str:
    """train, dev or test: by the happening alone, so that it never changes and reports of one stay
    together."""
    share = int(hashlib.sha256(happening.encode()).hexdigest()[:8], 16) % 100
    return "train" if share < TRAIN else "dev" if share < DEV else "test"


def _take(found: Labelled, values: list[str], texts: int, time: str) -> None:
    words = " ".join(value for value in values[:texts] if value).strip()
    said = [value.strip() for value in values[texts : texts + len(found.labels)]]
    if not words or not any(said):
        return
    found.texts.append(words)
    for head, label in zip(found.labels, said, strict=True):
        found.labels[head].append(label)
    if time:
        found.times.append(values[-1])


def _encoding_of(file: Path) -> str:
    """UTF-8 where the beginning of the file is that, else the encoding of Chinese office programs."""
    with open_file(file) as source:
        try:
            head = source.read(HEAD_BYTES)
        except (EOFError, OSError, zlib.error):
            return "utf-8"
    try:
        # The last few bytes may be half a character.
        head[: max(len(head) - 3, 0)].decode("utf-8", "strict")
    except UnicodeDecodeError as error:
        return "gb18030" if error.start < len(head) - 6 else "utf-8"
    return "utf-8"
