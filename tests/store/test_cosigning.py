"""Witnesses and the house together: real witnesses over HTTP, real stores, dead and lying witnesses too."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from huying.base.clock import MINUTE, ManualClock
from huying.record import cosigning
from huying.record.book import Book, WitnessShown
from huying.record.checkpoint import read_checkpoint
from huying.record.cosigning import Cosigning
from huying.record.notary import Notary
from huying.record.note import COSIGNED, Signer
from huying.record.settings import Witness as Named
from huying.record.witness import Witness
from huying.record.witness_http import WitnessServer
from huying.store import schema
from huying.store.opening import Opened
from store.conftest import House
from store.sample import NOON, Sample, calls

LOG = Signer("record.example/yunxi", b"l" * 32)
WAIT_S = 20


def court(n: int) -> Signer:
    return Signer(f"court.example/w{n}", bytes([n]) * 32, COSIGNED)


@contextmanager
def witness(n: int, folder: Path, *, knows: bool = True) -> Iterator[Named]:
    keys = [LOG.verifier] if knows else []
    made = Witness(court(n), keys, folder / f"court{n}.json", ManualClock(NOON))
    with WitnessServer(made, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield Named(court(n).verifier.vkey, f"http://127.0.0.1:{server.server_address[1]}")
        server.shutdown()
        thread.join(10)
        made.close()


class Record:
    """Store, notary and witnesses; the test plays the writer's thread."""

    def __init__(self, opened: Opened, witnesses: list[Named]) -> None:
        head = opened.questions.head().seq
        self.opened, self.clock, self.sample = opened, ManualClock(NOON + head * MINUTE), Sample()
        name, questions = LOG.verifier.name, opened.questions
        self.notary = Notary(opened.store, questions, self.clock, name, [LOG])
        names = frozenset(each.verifier.name for each in witnesses)
        self.book = Book(questions, name, (LOG.verifier.vkey,), names)
        self.cosigning = Cosigning(witnesses, self.book, self.clock, self.notary.note_down)
        self.notary.made = self.cosigning.made

    def sign(self) -> int:
        calls(self.opened.store, self.sample, 2)
        self.clock.at += MINUTE
        self.notary.look()
        return self.opened.store.head.seq

    def until(self, true: Callable[[dict[str, WitnessShown]], bool]) -> dict[str, WitnessShown]:
        """Write down what witnesses said until it is so."""
        for _ in range(WAIT_S * 100):
            self.notary.look()
            found = {each.name[-2:]: each for each in self.book.standing().witnesses}
            if true(found):
                return found
            time.sleep(0.01)
        raise AssertionError(found)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cosigning, "WAIT_S", 0.05)


def signed(*names: str, size: int) -> Callable[[dict[str, WitnessShown]], bool]:
    return lambda found: all(found[name].size == size for name in names)


def test_two_witnesses_cosign_and_a_dead_one_disturbs_nobody(opened: Opened, tmp_path: Path) -> None:
    with socket.socket() as closed, ExitStack() as stack:
        closed.bind(("127.0.0.1", 0))
        dead = Named(court(3).verifier.vkey, f"http://127.0.0.1:{closed.getsockname()[1]}")
        record = Record(opened, [stack.enter_context(witness(n, tmp_path)) for n in (1, 2)] + [dead])
        for _ in range(3):
            size = record.sign()
            found = record.until(signed("w1", "w2", size=size))
        found = record.until(lambda found: found["w3"].fault == "away")
        assert [(each.fault, each.size) for each in found.values()] == [("", size), ("", size), ("away", 0)]
        point, note = read_checkpoint(record.book.checkpoint(cosigned=2))
        assert point.size == size
        names = {line.name for line in note.lines if court(1).verifier.time_of(line, note.body)}
        assert names == {"court.example/w1"}
        assert len(note.lines) == 3
        record.cosigning.close()


def test_a_witness_that_was_away_is_brought_up_to_date(opened: Opened, tmp_path: Path, quick: None) -> None:
    with witness(1, tmp_path) as named:
        record = Record(opened, [named])
        record.until(signed("w1", size=record.sign()))
        record.cosigning.close()
    away = Record(opened, [named])
    away.sign()
    away.until(lambda found: found["w1"].fault == "away")
    away.cosigning.close()
    with witness(1, tmp_path) as named:
        again = Record(opened, [named])
        found = again.until(signed("w1", size=again.sign()))
        assert found["w1"].fault == ""
        again.cosigning.close()


def test_a_past_that_was_changed_is_disputed_for_all_to_see(
    opened: Opened, house: House, tmp_path: Path, quick: None
) -> None:
    """Who owns database and key signs another past; the witness does not, and says so."""
    with witness(1, tmp_path) as named:
        record = Record(opened, [named])
        record.until(signed("w1", size=record.sign()))
        record.cosigning.close()
        zero = "decode(repeat('00', 192), 'hex')" if house.kind == "postgres" else "zeroblob(192)"
        house.run(f"UPDATE tile SET hashes = {zero} WHERE level = 0")
        for table in (schema.checkpoint, schema.cosignature, schema.witness):
            house.run(f"DELETE FROM {table.name}")
        opened.store._frontier = type(opened.store._frontier)()
        forged = Record(opened, [named])
        forged.sign()
        found = forged.until(lambda found: bool(found["w1"].fault))
        assert found["w1"].fault == "inconsistent"
        forged.cosigning.close()


def test_a_shorter_past_is_a_conflict(opened: Opened, house: House, tmp_path: Path, quick: None) -> None:
    with witness(1, tmp_path) as named:
        record = Record(opened, [named])
        record.sign()
        record.until(signed("w1", size=record.sign()))
        record.cosigning.close()
        house.run("DELETE FROM fact WHERE seq > 6", "UPDATE head SET seq = 6")
        for table in (schema.checkpoint, schema.cosignature, schema.witness):
            house.run(f"DELETE FROM {table.name}")
        forged = Record(opened, [named])
        forged.notary.sign_now()
        forged.until(lambda found: found["w1"].fault == "conflict")
        forged.cosigning.close()


def test_a_witness_that_does_not_know_us(opened: Opened, tmp_path: Path, quick: None) -> None:
    with witness(1, tmp_path, knows=False) as named:
        record = Record(opened, [named])
        record.sign()
        record.until(lambda found: found["w1"].fault == "refused")
        record.cosigning.close()


@pytest.mark.parametrize(
    ("status", "body", "fault"),
    [
        (200, "not a signature", "nonsense"),
        (200, LOG.line("another text\n"), "nonsense"),
        (200, "x" * 200_000, "nonsense"),
        (200, court(2).line("another text\n", 5), "nonsense"),
        (500, "", "away"),
        (409, "999\n", "conflict"),
        (409, "nonsense", "conflict"),
        (301, "", "away"),
    ],
)
def test_a_lying_witness_is_not_believed(status: int, body: str, fault: str, quick: None) -> None:
    from huying.store.opening import open_store
    from huying.system import SystemChance

    class Liar(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    opened = open_store(":memory:", SystemChance(), {})
    with HTTPServer(("127.0.0.1", 0), Liar) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        record = Record(
            opened, [Named(court(1).verifier.vkey, f"http://127.0.0.1:{server.server_address[1]}")]
        )
        record.sign()
        found = record.until(lambda found: bool(found["w1"].fault))
        assert (found["w1"].fault, found["w1"].size) == (fault, 0)
        record.cosigning.close()
        server.shutdown()
    opened.close()
