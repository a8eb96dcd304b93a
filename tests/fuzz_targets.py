"""Every parser of what comes from outside, each a function of bytes: a refusal is an answer, all else a bug.

python tests/fuzz_targets.py NAME [-runs=N …]      guided by coverage, needs atheris
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

if __name__ == "__main__":
    import atheris

    # The parsers alone: to watch the whole house takes a minute before the first input.
    parts = ["channels", "record", "edge", "store.roads", "geo.roads", "web.bodies", "web.misfits"]
    parts += ["service.packs", "sim.drill.scenario", "store.basemap.shelf", "store.models", "store.ledger"]
    with atheris.instrument_imports(include=[*(f"huying.{part}" for part in parts), "webauthn"]):
        import webauthn  # noqa: F401 - imported here to be watched for coverage


from fuzz_kept import KEPT
from huying.base.refusal import Refusal
from huying.channels.cap.alert import read_alert
from huying.channels.files import Reader
from huying.channels.files.lines import BadLines
from huying.channels.files.mapping import Mapping, read_mapping
from huying.channels.open311.faults import Fault
from huying.channels.open311.forms import instant_of, point_of, read_form
from huying.domain.commands import AddNote, AnswerFollowUp, ReceiveCall
from huying.domain.office import OpenAccount
from huying.domain.principal import PUBLIC, Kind, Principal
from huying.edge.asker import read_asker
from huying.edge.instants import from_iso
from huying.edge.origin import same_origin
from huying.edge.pictures import made_anew
from huying.edge.settings import Settings
from huying.edge.visitor import shown
from huying.record.checkpoint import read_checkpoint
from huying.record.note import read_vkey
from huying.record.tiles import read_path
from huying.record.witness import _read_request
from huying.store.roads.reading import read_roads
from huying.web.bodies import reader_of
from mapped import CENTRE, HEADING, MAPPING
from pictures import picture
from tiny_pack import tiny_pack

Target = Callable[[bytes], object]
HERE = Path(__file__).resolve().parent
ROWS = (
    HEADING.encode()
    + b'1,2026-03-02 10:00:00,28.05,121.2,noise,"too loud"\n2,2026-03-02 10:01:00,,,"fire","a ""fire"""\n'
)
LINES = b"""{"type": "FeatureCollection", "features": [{"type": "Feature",
"properties": {"class": "primary", "name": "a", "kmh": 50, "oneway": "yes"}, "geometry":
{"type": "LineString", "coordinates": [[121.0, 28.0], [121.01, 28.0], [121.01, 28.01]]}}]}"""
OSM = b"""<?xml version="1.0"?><osm version="0.6"><node id="1" lat="28.0" lon="121.0"/>
<node id="2" lat="28.01" lon="121.0"/><way id="10"><nd ref="1"/><nd ref="2"/><tag k="highway" v="trunk"/>
<tag k="maxspeed" v="50 mph"/></way></osm>"""
_SIGNED = "q83vqwECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P0A="
NOTE = f"""city.example/log
7
q83vq83vq83vq83vq83vq83vq83vq83vq83vq83vq80=

\u2014 city.example/log {_SIGNED}
"""
_folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
_mapping: list[Mapping] = []


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def table(data: bytes) -> None:
    """A CSV file by a mapping: each line is a record or set aside."""
    if not _mapping:
        (_folder / "m.toml").write_text(MAPPING, "utf-8")
        _mapping.append(read_mapping(_folder / "m.toml"))
    path = _folder / "rows.csv"
    path.write_bytes(data)
    with BadLines(None) as bad:
        for record in Reader(_mapping[0], CENTRE, bad).read(path):
            assert record.at > 0


def roads(name: str) -> Target:
    def read(data: bytes) -> None:
        path = _folder / name
        path.write_bytes(data)
        built = read_roads(path)
        assert built.graph.edges >= 0

    return read


def form(data: bytes) -> None:
    fields = read_form(data)
    point_of(fields)
    instant_of(fields, "start_date", tiny_pack())


def bodies(data: bytes) -> None:
    for command in (ReceiveCall, AddNote, AnswerFollowUp, OpenAccount):
        named = {"incident": 1} if command in (AddNote, AnswerFollowUp) else {"channel": "api"}
        without = frozenset(named) - {"channel"}
        try:
            reader_of(command, without, frozenset({"channel"}))(data, dict(named))
        except Refusal:
            continue


# Each line of the input is one header, called by its first byte; twice the same is tried as well.
HEADERS = (
    b"huying-purpose",
    b"idempotency-key",
    b"accept-language",
    b"huying-actor",
    b"authorization",
    b"cookie",
    b"origin",
    b"host",
    b"sec-fetch-site",
)
ASKERS = (
    PUBLIC,
    Principal(actor="partner:water", kind=Kind.PARTNER),
    Principal(actor="desk-1", kind=Kind.STAFF),
)
_HEADERS_SEED = (
    b"0answer\n1key-1\n2zh;q=0.9, en-GB;q=1\n3desk-1\n4Bearer huying_abc\n5a=1; huying=secret\n"
    b"6https://desk.example\n7desk.example\n8same-origin"
)


def headers(data: bytes) -> None:
    pairs = [(HEADERS[line[0] % 16 % len(HEADERS)], line[1:]) for line in data.split(b"\n") if line]
    for principal in ASKERS:
        with suppress(Refusal):
            assert read_asker(pairs, "zh", principal).lang in ("zh", "en")
    for cookie in (b"huying=", b"__Host-huying="):
        assert len(shown(pairs, cookie)) < 1_000
    for settings in (Settings(), Settings(root_url="https://desk.example")):
        with suppress(Refusal):
            same_origin({"headers": pairs, "scheme": "https"}, settings)


def texts(data: bytes) -> None:
    said = _text(data)
    for read in (read_checkpoint, read_vkey, read_path, lambda text: from_iso(text, "at")):
        try:
            read(said)
        except Refusal:
            continue


def witness(data: bytes) -> None:
    try:
        _read_request(data)
    except ValueError:  # its own word for what is no request: answered 400
        return


def image(data: bytes) -> None:
    made = made_anew(data)
    assert made.image.startswith(b"\xff\xd8") and made.width > 0 and made.height > 0


TARGETS: dict[str, tuple[Target, bytes]] = {
    "cap": (read_alert, (HERE / "samples/cap/thunderstorm.xml").read_bytes()),
    "open311": (form, b"service_code=noise&lat=28.05&long=121.2&description=%E5%90%B5&attribute[danger]=no"),
    "bodies": (bodies, b'{"words": "x", "lat": 28.0, "answers": {"a": "b"}, "contact": {"phone": "1"}}'),
    "table": (table, ROWS),
    "geojson": (roads("net.geojson"), LINES),
    "osm": (roads("net.osm"), OSM),
    "roads_zip": (roads("net.zip"), b"PK\x03\x04"),
    "headers": (headers, _HEADERS_SEED),
    "texts": (texts, NOTE.encode()),
    "witness": (witness, b"old 3\nq83v\n\n" + NOTE.encode()),
    "image": (image, picture()),
    "image_png": (image, picture("PNG")),
    "image_webp": (image, picture("WEBP")),
    **KEPT,
}


def calm(name: str) -> Target:
    """The target, for which a refusal is an answer."""
    run = TARGETS[name][0]

    def one(data: bytes) -> None:
        try:
            run(data)
        except (Refusal, Fault):
            return

    return one


if __name__ == "__main__":
    chosen = sys.argv.pop(1)
    corpus = _folder / "corpus"
    corpus.mkdir()
    (corpus / "seed").write_bytes(TARGETS[chosen][1])
    atheris.Setup([*sys.argv, "-max_len=6000", "-seed=1", str(corpus)], calm(chosen))
    atheris.Fuzz()
