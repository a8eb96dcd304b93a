"""Parsers of what a city keeps or hands in as files and of what browsers sign, each a function of bytes.

Like `fuzz_targets`, which has those of what comes over the network; both lists are run by the same tests.
"""

from __future__ import annotations

import base64
import io
import json
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import msgspec

from huying.base.clock import ManualClock
from huying.base.refusal import Refusal
from huying.channels.files.labelled import read_labelled
from huying.channels.files.mapping import check as check_mapping
from huying.channels.files.mapping import read_mapping
from huying.domain.account import Passkey
from huying.domain.deployment import AdoptDeployment, EditDeployment, EndDeployment, ProposeDeployment
from huying.domain.shadow import SetShadowPolicy
from huying.edge import passkeys
from huying.edge.challenges import Challenges
from huying.edge.oidc import Oidc, OidcSettings, Way
from huying.service.packs import check_pack
from huying.sim.drill.scenario import read_scenario
from huying.store.basemap import shelf
from huying.store.ledger import Ledger
from huying.store.models import _read as read_model
from huying.store.packdir import base_policy
from huying.store.questions import numbers
from huying.store.roads.file import read_graph, write_graph
from huying.store.roads.reading import read_roads
from huying.web.basemap import _part
from huying.web.bodies import reader_of
from mapped import MAPPING
from pack_files import pack_bytes, short_calendar
from soft_key import SoftKey, text
from tiny_pack import MONDAY_10, tiny_pack
from town import Dice

Target = Callable[[bytes], object]
_folder = Path(tempfile.mkdtemp(prefix="fuzz-kept-"))


def _put(name: str, data: bytes) -> Path:
    path = _folder / name
    path.write_bytes(data)
    return path


# ── a pack's tables, its map, its drills ────────────────────────────────────────────────────────────────
_FILES = sorted(pack_bytes())


# Those that are more than plain codes; the others are come to by changing the first byte.
_SEEDS = ("pack.toml", "areas.geojson", "run_cards.csv", "types.csv", "unit_rules.csv", "retention.csv")


def pack_table(data: bytes) -> None:
    """The first byte names the table; the rest is what stands in it."""
    name = _FILES[data[0] % len(_FILES)] if data else _FILES[0]
    checked = check_pack({**pack_bytes(), name: data[1:]}, short_calendar, base_policy())
    assert checked.pack is not None or checked.faults


def seed_of(name: str) -> bytes:
    return bytes([_FILES.index(name)]) + pack_bytes()[name]


def pack_map(data: bytes) -> None:
    found = shelf._open.__wrapped__(_put("map.pmtiles", data), 0, "xikou")
    try:
        assert found.size == len(data) and found.read(0, 7) == data[:7]
    finally:
        os.close(found.file)


def ranges(data: bytes) -> None:
    """Whatever a reader asks of a map: bytes that are there, or that there are none."""
    for size in (1, 127, 1 << 20):
        found = _part(data.decode("latin-1"), size)
        assert found is None or 0 <= found[0] <= found[1] < size


def scenario(data: bytes) -> None:
    folder = _folder / "town"
    (folder / "drills").mkdir(parents=True, exist_ok=True)
    if not (folder / "pack.toml").exists():
        for name, content in pack_bytes().items():
            (folder / name).write_bytes(content)
    (folder / "drills" / "one.toml").write_bytes(data)
    read = read_scenario(tiny_pack(), str(folder), "one")
    assert read.begins_at(tiny_pack()) <= read.ends_at(tiny_pack())


SCENARIO = b"""title = {zh = "x", en = "x"}
about = {zh = "x", en = "x"}
day = 2026-03-02
start = "09:30"
hours = 1.5
[[fault]]
kind = "surge"
after_min = 1.0
for_min = 20.0
groups = ["city"]
times = 3.0
"""


# ── files that are read once: mappings, labels, roads, models, the ledger ───────────────────────────────
def mapping(data: bytes) -> None:
    check_mapping(read_mapping(_put("mapping.toml", data)), tiny_pack())


def labelled(data: bytes) -> None:
    found = read_labelled([_put("labels.csv", data)], ["words"], {"type": "type"}, "at")
    assert len(found.texts) == len(found.labels["type"])


def graph(data: bytes) -> None:
    read_graph(io.BytesIO(data)).check()


def _graph_seed() -> bytes:
    file = _folder / "seed.geojson"
    file.write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"class":"primary"},'
        '"geometry":{"type":"LineString","coordinates":[[121.0,28.0],[121.01,28.0]]}}]}',
        "utf-8",
    )
    write_graph(read_roads(file).graph, _folder / "seed.npz")
    return (_folder / "seed.npz").read_bytes()


def model(data: bytes) -> None:
    """The paper and the arrays of a model, one after the other; the digest is the paper's own."""
    import hashlib

    paper, _, packed = data.partition(b"\n\n")
    read_model(hashlib.sha256(paper).hexdigest()[:16], paper, packed)


def ledger(data: bytes) -> None:
    for each in Ledger(_put("ledger", data)).entries():
        assert each.seq >= 0


# ── what browsers and the city's sign-in hand back ──────────────────────────────────────────────────────
_PLACE = passkeys.place_of("https://desk.example", "x")


class _Any:
    """Takes every challenge: what comes after it is what is tried."""

    def take(self, challenge: bytes, about: str) -> None:
        assert isinstance(challenge, bytes)


def passkey(data: bytes) -> None:
    try:
        answer = json.loads(data)
    except (ValueError, RecursionError):
        return  # the body's own reader refuses that before
    if isinstance(answer, dict):
        with suppress(Refusal):
            passkeys.credential_of(answer)
        with suppress(Refusal):
            passkeys.check_made(_PLACE, answer, cast(Challenges, _Any()), "make")
        passkeys.check_proof(_PLACE, answer, cast(Challenges, _Any()), "prove", None)


def _passkey_seed() -> bytes:
    options = {
        "challenge": "AAAA",
        "rp": {"id": "desk.example"},
        "pubKeyCredParams": [{"alg": -7, "type": "public-key"}],
    }
    made: dict[str, Any] = SoftKey("https://desk.example").create(options)
    return json.dumps(made).encode()


_SPLIT = b"\n--\n"
_KEY = SoftKey("https://desk.example")


def passkey_parts(data: bytes) -> None:
    """What a browser packs, by its parts, so that what is tried gets through JSON and base64 to what reads
    it: what the browser says, what the authenticator says of itself, and its signature."""
    said, about, signed = (*data.split(_SPLIT), b"", b"")[:3]
    parts = {"clientDataJSON": text(said), "attestationObject": text(about)}
    answer = {"id": text(_KEY.id), "rawId": text(_KEY.id), "type": "public-key", "response": parts}
    place = passkeys.place_of("https://desk.example", "x")
    with suppress(Refusal):
        passkeys.check_made(place, answer, cast(Challenges, _Any()), "make")
    answer["response"] = parts | {"authenticatorData": text(about), "signature": text(signed)}
    for known in (_PASSKEY, None):
        with suppress(Refusal):
            passkeys.check_proof(place, answer, cast(Challenges, _Any()), "prove", known)


def _made() -> tuple[Passkey, bytes, bytes]:
    """A passkey, and the parts of its making and of a proof by it."""
    options = {
        "challenge": "AAAA",
        "rp": {"id": "desk.example"},
        "rpId": "desk.example",
        "pubKeyCredParams": [{"alg": -7, "type": "public-key"}],
    }
    answer = _KEY.create(options)
    made = passkeys.check_made(_PLACE, answer, cast(Challenges, _Any()), "make")
    key = Passkey(id=made.credential, public_key=made.public_key, name="x", added_at=1)
    raw = {name: base64.urlsafe_b64decode(part + "==") for name, part in answer["response"].items()}
    proof = _KEY.get(options)["response"]
    proven = [
        base64.urlsafe_b64decode(proof[name] + "==")
        for name in ("clientDataJSON", "authenticatorData", "signature")
    ]
    return key, raw["clientDataJSON"] + _SPLIT + raw["attestationObject"], _SPLIT.join(proven)


_PASSKEY, _MAKING, _PROOF = _made()
_OIDC = Oidc(OidcSettings(), b"k" * 32, ManualClock(MONDAY_10), Dice())


def way(data: bytes) -> None:
    sealed, _, state = data.decode("latin-1").partition(" ")
    _OIDC.open_way(sealed, state)


def sealed_way(data: bytes) -> None:
    """The same, sealed as we seal: what another edition, or who has the key, might have put in."""
    plain, _, state = data.partition(_SPLIT)
    sealed = bytes(12) + _OIDC._box.encrypt(bytes(12), plain, b"way")
    _OIDC.open_way(base64.urlsafe_b64encode(sealed).decode(), state.decode("latin-1"))


def _way_seed() -> bytes:
    way = Way(state="abc", nonce="n", verifier="v", back="/", at=MONDAY_10)
    return msgspec.json.encode(way) + _SPLIT + b"abc"


# ── plans of deployment, cursors ────────────────────────────────────────────────────────────────────────
def plans(data: bytes) -> None:
    for command in (ProposeDeployment, EditDeployment, AdoptDeployment, EndDeployment, SetShadowPolicy):
        named = {"plan": 1} if "plan" in command.__struct_fields__ else {}
        with suppress(Refusal):
            reader_of(command, frozenset(named))(data, dict(named))


PLAN = b"""{"kind": "posts", "title": "x", "posts": [{"post": "a", "lat": 28.0, "lon": 121.0, "unit": "p1"}],
"wanted": [{"shift": "day", "ability": "patrol", "crews": 2}], "figures": {"a": 1.5}, "paces": [1.0, 1.2]}"""


def cursor(data: bytes) -> None:
    for count in (1, 2, 3):
        with suppress(Refusal):
            found = numbers(data.decode("utf-8", "replace"), count)
            assert found is None or len(found) == count


KEPT: dict[str, tuple[Target, bytes]] = {
    **{f"pack_{name.partition('.')[0]}": (pack_table, seed_of(name)) for name in _FILES if name in _SEEDS},
    "pack_map": (pack_map, b"PMTiles\x03" + bytes(200)),
    "ranges": (ranges, b"bytes=0-126"),
    "scenario": (scenario, SCENARIO),
    "mapping": (mapping, MAPPING.encode()),
    "labelled": (labelled, b'words,type,at\n"too loud",city.noise,2026\nfire,unknown,2027\n'),
    "graph": (graph, _graph_seed()),
    "model": (model, b'{"format":1}\n\nPK\x03\x04'),
    "ledger": (ledger, b'{"seq":3}\n'),
    "passkey": (passkey, _passkey_seed()),
    "passkey_made": (passkey_parts, _MAKING),
    "passkey_proof": (passkey_parts, _PROOF),
    "city_way_sealed": (sealed_way, _way_seed()),
    "city_way": (way, b"q83vq83vq83vq83v abc"),
    "plans": (plans, PLAN),
    "cursor": (cursor, b"12.34"),
}
