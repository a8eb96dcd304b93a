"""Whatever bytes come in: a refusal or an answer. With HUYING_SOAK=1 longer, guided by coverage."""

from __future__ import annotations

import importlib.util
import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzz_targets import TARGETS, calm
from huying.base.refusal import Refusal

ROOT = Path(__file__).resolve().parent.parent
SOAK = bool(os.environ.get("HUYING_SOAK"))
EXAMPLES = 20_000 if SOAK else 40
# Runs of each parser guided by coverage, and seconds after which it is enough.
RUNS, SECONDS = 200_000, 120


@st.composite
def mutated(draw: st.DrawFn, seed: bytes) -> bytes:
    """A good input with some bytes put in, taken out, changed, repeated or cut off; or any bytes at all."""
    if draw(st.integers(0, 7)) == 0:
        return draw(st.binary(max_size=600))
    data = bytearray(seed)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data)))
        how = draw(st.integers(0, 4))
        if how == 0:
            data[at:at] = draw(st.binary(min_size=1, max_size=8))
        elif how == 1:
            del data[at : at + draw(st.integers(1, 40))]
        elif how == 2 and at < len(data):
            data[at] ^= 1 << draw(st.integers(0, 7))
        elif how == 3:
            data[at:at] = data[at : at + 40] * draw(st.integers(1, 30))
        else:
            del data[at:]
    return bytes(data)


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_any_bytes_are_answered(name: str) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=not SOAK,
        suppress_health_check=list(HealthCheck),
    )
    @given(mutated(TARGETS[name][1]))
    def run(data: bytes) -> None:
        calm(name)(data)

    run()


# Seeds that are the beginning of an input, or what nobody here has sealed.
HALF = ("roads_zip", "texts", "model", "city_way", "passkey")


@pytest.mark.parametrize("name", TARGETS)
def test_a_good_input_is_taken(name: str) -> None:
    if name in HALF:
        pytest.skip("its seed is half an input")
    TARGETS[name][0](TARGETS[name][1])


def packed_wrong(data: bytes) -> bytes:
    """A zip whose first member's packed bytes are none that zlib can unpack."""
    at = data.index(b".npy") + 4 + 20  # behind the name and the extra field of sizes
    return data[:at] + b"\xff" * 16 + data[at + 16 :]


def a_zip(name: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr(name, "id,lat,lon\n" + "1,28.0,121.0\n" * 50)
    return made.getvalue()


FOUND = [
    ("roads_zip", (at := a_zip("nodes.csv"))[:39] + b"\xff" * 16 + at[55:]),
    ("roads_zip", (at := a_zip("x.osm"))[:35] + b"\xff" * 16 + at[51:]),
    ("graph", packed_wrong(TARGETS["graph"][1])),
    ("osm", b'<?xml version="1.0"?><osm version="0.6"><node id="021.0"/></osm>'),
]


@pytest.mark.parametrize(("name", "data"), FOUND)
def test_what_was_found_once_is_refused(name: str, data: bytes) -> None:
    with pytest.raises(Refusal):
        TARGETS[name][0](data)


@pytest.mark.skipif(not SOAK, reason="long; set HUYING_SOAK=1")
@pytest.mark.parametrize("name", TARGETS)
def test_any_bytes_guided_by_coverage(name: str) -> None:
    if importlib.util.find_spec("atheris") is None:
        pytest.skip("atheris is not installed")
    command = [sys.executable, str(ROOT / "tests" / "fuzz_targets.py"), name]
    bounds = [f"-runs={RUNS}", f"-max_total_time={SECONDS}"]
    env = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT / 'tests'}"}
    done = subprocess.run([*command, *bounds], capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3_000:]
