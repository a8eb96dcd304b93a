"""The record: an inclusion proof at a million facts, and what the hash tree costs an append.

The peer of the proof is pymerkle, which is in nobody's lock: `python -m venv .venv-peers` and
`.venv-peers/bin/pip install pymerkle`, or another environment named by HUYING_PEERS.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

from mix import whole_lives
from rows import Row

from huying.record.book import Book
from huying.store import tree
from huying.store.codec import encode
from huying.store.opening import open_questions, open_store
from huying.system import SystemChance
from store import KEYS, ROUNDS, seconds

FACTS = 1_000_000
PEER_FACTS = 100_000
PROOFS, STEP = 200, 4_999
# Facts between two checkpoints of a busy city.
GROWN = 137

PEER = """
import sys, time
from pymerkle import SqliteTree
tree = SqliteTree(":memory:", algorithm="sha256")
tree.append_entries([b"%d" % i for i in range(int(sys.argv[1]))], chunksize=10_000)
began = time.perf_counter()
for i in range(1, 6):
    tree.prove_inclusion(i * 19_997, tree.get_size())
print((time.perf_counter() - began) / 5 * 1_000)
"""


def proofs(folder: Path) -> Iterator[Row]:
    """Each proof is of other tiles, read from the store by one statement. What is at the edge of a tree is
    the same for all proofs in it; `first` is the first in a tree that has grown by `GROWN` facts since the
    proof before, and `cold` one in a process that knows nothing yet."""
    path = str(folder / "proofs.db")
    store = open_store(path, SystemChance(), KEYS).store
    leaves = [encode(i).ljust(32, b"\0") for i in range(FACTS)]
    _, written = tree.Frontier().append(leaves)
    run: Any = store.connection  # type: ignore[attr-defined]
    run.execute("BEGIN")
    run.executemany("INSERT INTO tile VALUES (?,?,?)", written)
    run.execute("COMMIT")
    store.close()
    questions = open_questions(path)
    book = Book(questions, "bench", ())
    book.path(1, FACTS)

    def proved(seq: int, size: int) -> float:
        return seconds(lambda: book.path(seq, size)) * 1_000

    first, ours, cold = [], [], []
    for turn, seq in enumerate(range(1, FACTS - PROOFS * GROWN, (FACTS - PROOFS * GROWN) // PROOFS)):
        size = FACTS - (PROOFS - turn) * GROWN
        first.append(proved(seq, size))
        ours.append(proved(size - seq, size))
    for turn in range(PROOFS):
        for remembered in (tree._folded, tree._block, tree._whole):
            remembered.cache_clear()
        cold.append(proved(1 + turn * STEP, FACTS))
    questions.close()
    yield Row("inclusion_proof_from_store_ms_1m", median(ours), 0.3, 1.0, less=True)
    yield Row("inclusion_proof_from_store_first_ms_1m", median(first), 0.3, 1.0, less=True)
    yield Row("inclusion_proof_from_store_cold_ms_1m", median(cold), 0.3, 1.0, less=True)
    peer = pymerkle_ms()
    if peer is not None:  # ours over ten times as many facts
        yield Row("inclusion_proof_ms_1m_beside_pymerkle_100k", median(ours), peer, 0.1, less=True)


def pymerkle_ms() -> float | None:
    root = Path(os.environ.get("HUYING_PEERS", Path(__file__).parent.parent / ".venv-peers"))
    try:
        command = [root / "bin" / "python", "-c", PEER, str(PEER_FACTS)]
        return float(subprocess.run(command, check=True, capture_output=True, timeout=120).stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as reason:
        print(f"no pymerkle to compare with: {reason}", file=sys.stderr)
        return None


class NoTree(tree.Frontier):
    """A frontier that only counts."""

    def append(self, leaves: Sequence[bytes]) -> tuple[tree.Frontier, list[tuple[int, int, bytes]]]:
        return NoTree(self.size + len(leaves)), []


def rows_only(facts: Sequence[Any], salts: bytes) -> tuple[list[Any], list[bytes]]:
    """As `fact_rows`, without hashing."""
    heads = [(f.seq, f.stream, f.version, f.type, f.at, f.actor, f.purpose) for f in facts]
    rows = [
        (*head, encode(fact.body), salts[i * 16 : i * 16 + 16], None)
        for i, (head, fact) in enumerate(zip(heads, facts, strict=True))
    ]
    return rows, [b""] * len(rows)


def tree_cost(folder: Path) -> Iterator[Row]:
    """The same batches into two stores in turn, one of which keeps no tree."""
    with_tree = open_store(str(folder / "with.db"), SystemChance(), KEYS).store
    without = open_store(str(folder / "without.db"), SystemChance(), KEYS).store
    without._frontier = NoTree()
    ours, bare = [], []
    make_ours, make_bare = whole_lives(), whole_lives()
    for _ in range(2 * ROUNDS):
        batch = make_ours(with_tree.begin())
        ours.append(seconds(lambda: with_tree.commit(batch)) / len(batch.facts))  # noqa: B023
        batch = make_bare(without.begin())
        with patch("huying.store.journal.fact_rows", rows_only):
            bare.append(seconds(lambda: without.commit(batch)) / len(batch.facts))  # noqa: B023
    with_tree.close()
    without.close()
    yield Row("append_with_tree_facts_per_s", 1 / median(ours), 1 / median(bare), 0.8)


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory(prefix="huying-bench-") as name:
        for part in (proofs, tree_cost):
            yield from part(Path(name))
