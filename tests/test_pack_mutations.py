"""Whatever is done to a file of a pack, it is read or explained: never another exception."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from huying.service.packs import FILES, Checked, Level, check_pack
from huying.words import load_words
from pack_files import pack_bytes, short_calendar

SOUND = pack_bytes()
WORDS = load_words()
NAMES = st.sampled_from(sorted(SOUND))


def check_changed(name: str, content: bytes) -> Checked:
    checked = check_pack({**SOUND, name: content}, short_calendar)
    faults = [each for each in checked.faults if each.level is Level.FAULT]
    assert (checked.pack is None) == bool(faults)
    if checked.pack is not None:
        msgspec.json.encode(checked.pack)  # nothing got in that can't be written down
    for each in checked.faults:
        msgspec.json.encode(each)
        assert each.file in FILES and 0 <= each.line <= content.count(b"\n") + 40
        for lang in ("zh", "en"):
            assert WORDS.say(f"pack.fault.{each.code}", lang, **each.params) != f"pack.fault.{each.code}"
    return checked


@pytest.mark.slow
@given(NAMES, st.data())
@settings(max_examples=300, deadline=None)
def test_bytes_put_in_taken_out_or_changed(name: str, data: st.DataObject) -> None:
    content = bytearray(SOUND[name])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content)))
        end = min(len(content), at + data.draw(st.integers(0, 12)))
        content[at:end] = data.draw(st.binary(max_size=8))
    check_changed(name, bytes(content))


# What people and programs leave in cells.
ODD = (
    "| = / {town} {duty} * .* -1 0 1e9 99999999999 ９ nan yes duty west unknown 24:00 00:00-24:00 0m 1wd work"
)
ODD += ' " "" # ; ； 🙂 é a=b=c 中文/ -0.0'
INVISIBLE = ["", "\t", "\u2028", "\x00", "\x85", "\ufeff", "\u202eabc", "\u3000", "1" * 400]
PIECES = st.sampled_from(ODD.split(" ") + INVISIBLE)


@pytest.mark.slow
@given(NAMES.filter(lambda name: name.endswith(".csv")), st.data())
@settings(max_examples=400, deadline=None)
def test_cells_exchanged(name: str, data: st.DataObject) -> None:
    lines = SOUND[name].decode().split("\n")
    for _ in range(data.draw(st.integers(1, 3))):
        row = data.draw(st.integers(0, len(lines) - 1))
        cells = lines[row].split(",")
        cells[data.draw(st.integers(0, len(cells) - 1))] = data.draw(st.one_of(PIECES, st.text(max_size=6)))
        lines[row] = ",".join(cells)
    check_changed(name, "\n".join(lines).encode("utf-8", "surrogatepass"))


@given(NAMES, st.data())
@settings(max_examples=150, deadline=None)
def test_lines_lost_doubled_or_moved(name: str, data: st.DataObject) -> None:
    lines = SOUND[name].split(b"\n")
    taken = lines.pop(data.draw(st.integers(0, len(lines) - 1)))
    for _ in range(data.draw(st.integers(0, 2))):
        lines.insert(data.draw(st.integers(0, len(lines))), taken)
    check_changed(name, b"\n".join(lines))


ANY_TEXT = st.text(st.characters(), max_size=5)  # half characters too: JSON can hold them
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.slow
@given(st.data())
@settings(max_examples=300, deadline=None)
def test_anything_in_the_place_of_anything_in_the_areas(data: st.DataObject) -> None:
    tree = json.loads(SOUND["areas.geojson"])
    node = tree
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        key = data.draw(st.sampled_from(keys))
        if isinstance(node[key], dict | list) and node[key] and data.draw(st.integers(0, 4)):
            node = node[key]
        else:
            node[key] = data.draw(VALUES)
            break
    check_changed("areas.geojson", json.dumps(tree, indent=1).encode())


TOML = [
    '"\\u0000"',
    '""',
    '"x"',
    "0",
    "-1",
    "[]",
    "{}",
    "true",
    "1e400",
    "nan",
    '["a"]',
    "[1, 2]",
    "[[1]]",
    "1979-05-27",
]
TOML += ["{ zh = 1 }", '["zh", "zh"]', '"../../etc/passwd"', "9" * 5000, '"' + "a" * 5000 + '"']


@pytest.mark.parametrize("value", TOML)
def test_any_value_of_any_setting(value: str) -> None:
    lines = SOUND["pack.toml"].decode().split("\n")
    for number, line in enumerate(lines):
        if "=" in line:
            changed = [*lines[:number], f"{line.split('=')[0]}= {value}", *lines[number + 1 :]]
            check_changed("pack.toml", "\n".join(changed).encode())


@given(NAMES, st.binary(max_size=300))
@example("areas.geojson", b"[" * 100_000)
@example("areas.geojson", b'{"features": [' + b"[" * 100_000)
@example("areas.geojson", b'{"features": [{"a": ' + b"9" * 10_000 + b"}]}")
@example("pack.toml", b"a = " + b"[" * 100_000)
@example("pack.toml", b"a." * 5_000 + b"a = 1")
@settings(max_examples=200, deadline=None)
def test_anything_for_a_file(name: str, content: bytes) -> None:
    assert check_changed(name, content).pack is None or name in ("calendar.csv", "words.csv", "places.csv")
