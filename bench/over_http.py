"""Calls over HTTP: taken durably, with triage, routing and deadlines in the same transaction.

The limit is the same server only validating the same requests, in the same run; the peer is the rate at which
Signalen 2.50 takes reports on a machine of this kind (26 a second), as published in the project's notes.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from load import drive, request
from rows import Row

WORDS = (
    "菜场门口有人打架，快来",
    "楼下广场舞太吵了，睡不着",
    "市场街水管爆了，路上都是水",
    "家里闻到煤气味，头晕",
    "G330国道两车追尾，有人受伤",
    "路灯坏了三天没人修",
)
# Calls come from all over the county, not from one street corner.
PLACES = 600
SIGNALEN_PER_S = 26
US_A_CALL = 1e6 / (100 * SIGNALEN_PER_S)


@contextmanager
def server(store: str) -> Iterator[int]:
    """`huying serve` in a process of its own on a free port of the loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "huying", "serve", "--store", store, "--pack", "yunxi"]
    environment = os.environ | {"HUYING_RATE": "0"}
    process = subprocess.Popen(
        [*command, "--port", str(port)], stdout=subprocess.DEVNULL, env=environment, start_new_session=True
    )
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1).read()
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def key(store: str) -> str:
    """A key for the programs that call here."""
    command = ("keys", "add", "bench", "--scope", "calls", "--scope", "work", "--store", store, "--json")
    done = subprocess.run([sys.executable, "-m", "huying", *command], stdout=subprocess.PIPE, check=True)
    return str(json.loads(done.stdout)["key"])


def bodies() -> list[bytes]:
    dice = random.Random(1)
    calls = []
    for n in range(PLACES):
        lat, lon = round(28.02 + dice.random() * 0.16, 6), round(121.08 + dice.random() * 0.24, 6)
        call = {"channel": "phone", "words": WORDS[n % len(WORDS)], "lat": lat, "lon": lon}
        calls.append(json.dumps(call, ensure_ascii=False).encode())
    return calls


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder, server(str(Path(folder, "bench.sqlite"))) as port:
        store = Path(folder, "bench.sqlite")
        shows = f"Authorization: Bearer {key(str(store))}"
        durable = [request("/api/calls", body, more=shows) for body in bodies()]
        checking = [request("/api/calls?check=only", body, more=shows) for body in bodies()]
        for warm in (durable, checking):
            drive(port, warm, 64, 2_000)
        only = drive(port, checking, 64, 15_000)
        answering, deciding = processes_of(store)
        before = cpu_s(answering), cpu_s(deciding)
        taken = drive(port, durable, 64, 15_000)
        spent = cpu_s(answering) - before[0], cpu_s(deciding) - before[1]
        assert set(taken.statuses) == {201} and set(only.statuses) == {200}, (taken.statuses, only.statuses)
        yield Row("http calls/s, 64 connections", taken.per_second, SIGNALEN_PER_S, goal=100)
        yield Row("http durable / validating only", taken.per_second, only.per_second, goal=0.6)
        # Each has a core of its own, so neither may need longer for a call than the goal leaves it.
        for name, seconds in zip(("answers", "decides"), spent, strict=True):
            each = seconds / len(taken.latencies) * 1e6
            yield Row(
                f"http processor time of the process that {name}, µs a call", each, US_A_CALL, 1, less=True
            )
        few = drive(port, durable, 3, 3_000)
        yield Row("http p95 ms, 3 clients", few.percentile_ms(0.95), 15, goal=1, less=True)
        lines = b"\n".join(bodies() * 20)
        yield bulk(port, store, lines, 20 * PLACES, shows)


def processes_of(store: Path) -> tuple[int, int]:
    """Ids of the process that answers for a store, and of the one that decides."""
    for each in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (each / "cmdline").read_bytes().split(b"\0")
            if b"serve" in words and str(store).encode() in words:
                children = (each / "task" / each.name / "children").read_text().split()
                rooms = [n for n in children if b"spawn_main" in Path(f"/proc/{n}/cmdline").read_bytes()]
                return int(each.name), int(rooms[0])
    raise LookupError(store)


def cpu_s(pid: int) -> float:
    """Processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def bulk(port: int, store: Path, lines: bytes, count: int, shows: str) -> Row:
    """NDJSON in bulk, against inserting the very facts that it made with one bare batched statement."""
    head = {"Content-Type": "application/x-ndjson"} | dict([shows.split(": ", 1)])
    asked = urllib.request.Request(f"http://127.0.0.1:{port}/api/calls/bulk", lines, head)
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as journal:
        (before,) = journal.execute("SELECT seq FROM head").fetchone()
        begin = time.perf_counter()
        urllib.request.urlopen(asked, timeout=300).read()
        seconds = time.perf_counter() - begin
        made = journal.execute("SELECT * FROM fact WHERE seq > ? ORDER BY seq", (before,)).fetchall()
    peer = count / bare_insert_s(made, store.with_name("bare.sqlite"))
    return Row("bulk NDJSON calls/s / bare insert of their facts", count / seconds, peer, goal=0.5)


def bare_insert_s(facts: list[tuple[Any, ...]], path: Path) -> float:
    """Seconds to put fact rows into an empty file, durably, with UNIQUE(stream, version) and nothing else."""
    with closing(sqlite3.connect(path, isolation_level=None)) as bare:
        bare.execute("PRAGMA journal_mode = WAL")
        bare.execute("PRAGMA synchronous = FULL")
        columns = "seq INTEGER PRIMARY KEY, stream, version, type, at, actor, purpose, payload, salt, digest"
        bare.execute(f"CREATE TABLE fact ({columns}, UNIQUE (stream, version))")
        begin = time.perf_counter()
        bare.execute("BEGIN")
        bare.executemany("INSERT INTO fact VALUES (?,?,?,?,?,?,?,?,?,?)", facts)
        bare.execute("COMMIT")
        return time.perf_counter() - begin
