"""The witness over HTTP: what it signs, what it refuses and how, and that it never forgets."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest

from huying.base.clock import SECOND, ManualClock
from huying.base.refusal import Refusal
from huying.cli import main
from huying.cli.exits import Exit
from huying.record.checkpoint import Checkpoint
from huying.record.note import COSIGNED, Signer, read_lines, read_vkey, sign
from huying.record.witness import Witness, request_body
from huying.record.witness_http import WitnessServer
from huying.store import tree

NOON = 1_772_424_000 * SECOND
SOURCES = Path(__file__).parents[2] / "src"


class Log:
    """A log of numbered leaves; with `past` other than 0 it has another beginning."""

    def __init__(self, past: int = 0, name: str = "record.example/yunxi", seed: bytes = b"l" * 32) -> None:
        self.signer, self.past = Signer(name, seed), past
        leaves = [sha256(b"\0%d.%d" % (past, i)).digest() for i in range(600)]
        _, written = tree.Frontier().append(leaves)
        self._tiles = {(level, n): packed for level, n, packed in written}

    def tiles(self, level: int, n: int) -> bytes:
        return self._tiles.get((level, n), b"")

    def body(self, size: int) -> str:
        return Checkpoint(self.signer.verifier.name, size, tree.root(size, self.tiles)).body

    def request(self, old: int, size: int, proof: list[bytes] | None = None) -> bytes:
        if proof is None:
            proof = tree.consistency(old, size, self.tiles) if 0 < old < size else []
        return request_body(old, proof, sign(self.body(size), [self.signer]))


LOG, FORK = Log(), Log(past=1)
STRANGER = Log(name="record.example/other")
IMPOSTOR = Log(seed=b"i" * 32)
COURT = Signer("court.example/w1", b"c" * 32, COSIGNED)


@contextmanager
def witness(folder: Path, *, clock: ManualClock | None = None) -> Iterator[WitnessServer]:
    keys = [LOG.signer.verifier]
    made = Witness(COURT, keys, folder / "court.json", clock or ManualClock(NOON))
    with WitnessServer(made, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join(10)
            made.close()


class Client:
    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def post(self, body: bytes, path: str = "/add-checkpoint") -> tuple[int, str, str]:
        self.connection.request("POST", path, body)
        answer = self.connection.getresponse()
        return answer.status, answer.read().decode(), answer.headers["Content-Type"]


@pytest.fixture
def court(tmp_path: Path) -> Iterator[Client]:
    with witness(tmp_path) as server:
        yield Client(server.server_address[1])


def test_it_signs_what_goes_on_from_what_it_knows(court: Client) -> None:
    for old, size in ((0, 5), (5, 300), (300, 300), (300, 600)):
        status, body, _ = court.post(LOG.request(old, size))
        assert status == 200, body
        (line,) = read_lines(body)
        assert COURT.verifier.time_of(line, LOG.body(size)) == NOON // SECOND
    court.connection.request("GET", "/")
    shown = court.connection.getresponse().read().decode()
    assert shown.startswith(COURT.verifier.vkey)
    assert LOG.body(600) in shown


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"old 0\n\n", 400),
        (b"old 00" + LOG.request(0, 5)[5:], 400),
        (b"old -1" + LOG.request(0, 5)[5:], 400),
        (LOG.request(0, 5).replace(b"old 0\n", b"old 0\nAAAA\n"), 400),
        (LOG.request(0, 5).replace(b"old 0\n", b"old 0\n" + b"A" * 43 + b"=\n" * 64), 400),
        (LOG.request(10, 5), 400),
        (b"\xff" + LOG.request(0, 5), 400),
        (b"x" * 30_000, 400),
        (STRANGER.request(0, 5), 404),
        (IMPOSTOR.request(0, 5), 403),
        (LOG.request(0, 5, [b"p" * 32]), 422),
    ],
)
def test_what_is_wrong_with_a_request_is_said_by_its_status(court: Client, body: bytes, status: int) -> None:
    assert court.post(body)[0] == status
    assert Client(court.connection.port).post(LOG.request(0, 7))[0] == 200


def test_a_fork_is_never_signed(court: Client) -> None:
    assert court.post(LOG.request(0, 300))[0] == 200
    for request, status in (
        (FORK.request(300, 300), 409),  # the same size, another root
        (FORK.request(300, 400), 422),
        (FORK.request(0, 400), 409),
        (LOG.request(300, 400, []), 422),
        (LOG.request(300, 300, [b"p" * 32]), 422),
        (LOG.request(200, 250), 409),  # older than what it knows
    ):
        found, body, media = court.post(request)
        assert found == status, body
        if status == 409:
            assert (body, media) == ("300\n", "text/x.tlog.size")
    assert court.post(LOG.request(300, 400))[0] == 200


def test_other_addresses_and_methods(court: Client) -> None:
    assert court.post(LOG.request(0, 5), "/sign")[0] == 404
    court.connection.request("PUT", "/add-checkpoint", b"")
    assert court.connection.getresponse().status == 501


def test_it_remembers_and_shares_its_memory_with_nobody(tmp_path: Path) -> None:
    with witness(tmp_path) as server:
        assert Client(server.server_address[1]).post(LOG.request(0, 300))[0] == 200
        with pytest.raises(Refusal, match="witness_taken"):
            Witness(COURT, [], tmp_path / "court.json", ManualClock(NOON))
    with witness(tmp_path) as server:
        client = Client(server.server_address[1])
        assert client.post(FORK.request(0, 300))[:2] == (409, "300\n")
        assert client.post(LOG.request(300, 301))[0] == 200


@pytest.mark.parametrize("text", ["", "[]", '{"x": "y"}', '{"another": 3}'])
def test_a_damaged_memory_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "court.json").write_text(text)
    with pytest.raises(Refusal, match="witness_unreadable"):
        Witness(COURT, [], tmp_path / "court.json", ManualClock(NOON))


def test_nothing_is_signed_that_can_not_be_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with witness(tmp_path) as server:
        client = Client(server.server_address[1])
        assert client.post(LOG.request(0, 5))[0] == 200

        def full(*_: object) -> None:
            raise OSError("no space left")

        with monkeypatch.context() as patch:
            patch.setattr("huying.record.witness.os.replace", full)
            assert client.post(LOG.request(5, 6))[0] == 503
        assert client.post(LOG.request(5, 7))[0] == 200


def test_many_logs_at_once_lose_nothing(tmp_path: Path) -> None:
    """Requests from one size race; exactly one of each pair is signed, and the memory ends at the largest."""
    with witness(tmp_path) as server:
        port, found = server.server_address[1], []

        def ask(size: int) -> None:
            found.append((Client(port).post(LOG.request(0, size))[0], size))

        threads = [threading.Thread(target=ask, args=(size,)) for size in range(1, 21)]
        for each in threads:
            each.start()
        for each in threads:
            each.join(120)
        assert sorted(status for status, _ in found) == [200] + [409] * 19
        (size,) = [size for status, size in found if status == 200]
        assert server.witness.latest[LOG.signer.verifier.name][0].size == size


@pytest.mark.slow
def test_a_killed_witness_goes_on_where_it_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = str(tmp_path / "court.key")
    assert main(["witness", "key", "--key", key, "--name", "court.example/w1"]) == Exit.OK
    court = read_vkey(capsys.readouterr().out)
    assert os.stat(key).st_mode & 0o777 == 0o600
    command = [sys.executable, "-m", "huying", "witness", "serve", "--key", key, "--port", "0", "--json"]
    command += ["--state", str(tmp_path / "state"), "--log", LOG.signer.verifier.vkey]
    sizes = iter(range(1, 600))
    old = 0
    for how in (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM):
        server = subprocess.Popen(
            command, stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(SOURCES)}, text=True
        )
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline().split('"address":"')[1].split('"')[0].rpartition(":")[2])
            client = Client(port)
            for _ in range(20):
                size = next(sizes)
                if old:
                    assert client.post(FORK.request(old, size))[0] == 422
                status, body, _ = client.post(LOG.request(old, size))
                assert status == 200, body
                (line,) = read_lines(body)
                assert court.time_of(line, LOG.body(size)) is not None
                old = size
            server.send_signal(how)
            ended = server.wait(120)
            assert ended == (Exit.OK if how == signal.SIGTERM else -signal.SIGKILL)
        finally:
            server.kill()
            server.communicate()


@pytest.mark.parametrize("text", ["", "{}", '{"name": "a b", "seed": "00"}'])
def test_a_key_file_that_holds_none_is_refused(tmp_path: Path, text: str) -> None:
    key = tmp_path / "court.key"
    key.write_text(text)
    key.chmod(0o644)
    assert main(["witness", "key", "--key", str(key), "--name", "court"]) == Exit.REFUSED
    key.chmod(0o600)
    assert main(["witness", "key", "--key", str(key), "--name", "court"]) == Exit.REFUSED
