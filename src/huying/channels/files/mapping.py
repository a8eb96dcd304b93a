"""A mapping says how the columns of a city's own file become calls; it is a TOML file without code.

The shape is described for people in docs/en/data.md. Text values are templates: `"{addr}, {twp}"` takes the
columns `addr` and `twp`; `{#line}` is the line number. In NDJSON a column `a.b` is the field b of object a.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct, field

from huying.base.refusal import Refusal
from huying.domain.pack import Pack

LINE = "#line"


class _Shape(Struct, frozen=True, forbid_unknown_fields=True):
    """A part of the mapping file; a key that nobody reads is a slip of the pen and refused."""


class FileShape(_Shape, frozen=True):
    """`sorted` promises that rows come in order of time; false has them sorted on disk first."""

    format: Literal["csv", "ndjson"] = "csv"
    encoding: str = "utf-8"
    delimiter: str = ","
    sorted: bool = True


class TimeShape(_Shape, frozen=True):
    """`format`: `iso`, `epoch_s`, `epoch_ms` or a strptime pattern; `zone` holds where a time names none."""

    at: str
    format: str = "iso"
    zone: str = "UTC"


class CallShape(_Shape, frozen=True):
    """`source_id` names the record in its own system: the same record is taken only once."""

    words: str = ""
    address: str = ""
    lang: str = ""
    channel: str = "file"
    source_id: str = "{#line}"


class PlaceShape(_Shape, frozen=True):
    """`box` is (south, west, north, east): a point outside is a slip, and the call is taken without it.

    `lay_over` is the (lat, lon) of the records' own centre: every point is moved so that this centre falls
    on the pack's, distances kept times `scale`. For records of a city that has no pack of its own.
    """

    lat: str
    lon: str
    datum: str = "WGS-84"
    error_m: float | None = None
    box: tuple[float, float, float, float] | None = None
    lay_over: tuple[float, float] | None = None
    scale: float = 1.0


class TypeShape(_Shape, frozen=True):
    """`table` is value → type code of the pack; a value may end in `*`. `default` empty: triage decides."""

    of: str
    table: dict[str, str] = {}
    default: str = ""


class LabelShape(_Shape, frozen=True):
    """What the record says the call turned out to be: to judge by, never to take the call by.

    `table` is label → the codes of the pack that are right for it, types or agencies as `means` says; without
    a table a label is compared with nothing of the pack, and what is suggested with the type stated.
    """

    of: str
    means: Literal["type", "agency"] = "type"
    table: dict[str, tuple[str, ...]] = {}


class PriorityShape(_Shape, frozen=True):
    of: str
    table: dict[str, int]


class JoinShape(_Shape, frozen=True):
    """Rows with the same `key` are one incident; `rows` says whether further rows are calls or only units."""

    key: str
    rows: Literal["calls", "units"] = "calls"


class UnitShape(_Shape, frozen=True):
    """Real unit times. `like` is source kind → the pack's unit whose agency, kind and abilities it gets."""

    code: str
    dispatched: str
    en_route: str = ""
    on_scene: str = ""
    clear: str = ""
    kind: str = ""
    like: dict[str, str] = {}
    default: str = ""


class ReferralShape(_Shape, frozen=True):
    """Real times and words of the agency's answer; which agency it is, the pack's rules decide."""

    accepted: str = ""
    due: str = ""
    resolved: str = ""
    answer: str = ""


class Mapping(_Shape, frozen=True, kw_only=True):
    """The whole file. `publisher` and `terms` say whose records these are and how they may be used.

    `units_times` has each of the pack's units in the records' box stand so many times in a replay: an
    invented city's forces are rarely those of a real one.
    """

    name: str
    pack: str
    time: TimeShape
    units_times: int = 1
    title: dict[str, str] = {}
    publisher: str = ""
    terms: str = ""
    file: FileShape = field(default_factory=FileShape)
    call: CallShape = field(default_factory=CallShape)
    place: PlaceShape | None = None
    type: TypeShape | None = None
    label: LabelShape | None = None
    priority: PriorityShape | None = None
    join: JoinShape | None = None
    unit: UnitShape | None = None
    referral: ReferralShape | None = None

    @property
    def simulated(self) -> tuple[str, ...]:
        """Kinds of facts that a replay has to draw, because the records have none."""
        referral = self.referral or ReferralShape()
        return (
            *(() if self.unit else ("dispatch_and_unit_times",)),
            *(() if self.unit else ("units",)),
            *(() if referral.accepted else ("referral_accepted",)),
            *(() if referral.resolved else ("referral_resolved",)),
            *(() if referral.answer else ("referral_answer",)),
            *(() if referral.due else ("referral_due_by_pack",)),
            "follow_up_answers",
            *(("places_laid_over_pack",) if self.place and self.place.lay_over else ()),
        )


def read_mapping(path: Path) -> Mapping:
    """Read one; refuses with `mapping_unreadable`, naming the file and the key."""
    try:
        mapping = msgspec.toml.decode(path.read_bytes(), type=Mapping)
        ZoneInfo(mapping.time.zone)
        "".encode(mapping.file.encoding)
    except FileNotFoundError:
        raise Refusal("mapping_not_found", file=str(path), known="–") from None
    except (OSError, ValueError, LookupError) as error:
        raise Refusal("mapping_unreadable", file=str(path), why=str(error)) from None
    return mapping


def check(mapping: Mapping, pack: Pack) -> None:
    """Refuse with `mapping_unknown_code` when the pack does not have a type or unit that is named."""
    named: list[tuple[str, str, Sequence[str] | dict[str, object]]] = []
    if mapping.type:
        codes = [*mapping.type.table.values(), mapping.type.default]
        named += [("type", code, list(pack.types)) for code in codes]
    if mapping.unit:
        codes = [*mapping.unit.like.values(), mapping.unit.default]
        named += [("unit", code, list(pack.units)) for code in codes]
    if mapping.label:
        known_to = pack.agencies if mapping.label.means == "agency" else pack.types
        codes = [code for row in mapping.label.table.values() for code in row]
        named += [(mapping.label.means, code, list(known_to)) for code in codes]
    for part, code, known in named:
        if code and code not in known:
            raise Refusal("mapping_unknown_code", mapping=mapping.name, part=part, named=code, pack=pack.name)


class Columns:
    """The columns that a mapping reads, each once, in a fixed order: a row becomes a short list of text."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def at(self, name: str) -> int:
        if name not in self.names:
            self.names.append(name)
        return self.names.index(name)

    def template(self, pattern: str) -> Template | None:
        """None for an empty pattern."""
        return Template(pattern, self) if pattern else None


class Template:
    """`"{addr}, {twp}"` made ready: alternately words and a column's place in the short list."""

    def __init__(self, pattern: str, columns: Columns) -> None:
        pieces = re.split(r"\{([^{}]+)\}", pattern)
        self.words = pieces[::2]
        self.places = [columns.at(name) for name in pieces[1::2]]
        self.one = self.places[0] if self.words == ["", ""] else -1

    def fill(self, row: Sequence[str]) -> str:
        if self.one >= 0:
            return row[self.one].strip()
        parts = [self.words[0]]
        for place, words in zip(self.places, self.words[1:], strict=True):
            parts += (row[place].strip(), words)
        return "".join(parts).strip(" ,;")


class Table:
    """Value → code; a value may end in `*`, and the longest that fits wins. Case is ignored."""

    def __init__(self, table: dict[str, str], default: str) -> None:
        self.exact = {key.casefold(): code for key, code in table.items() if not key.endswith("*")}
        starts = [(key[:-1].casefold(), code) for key, code in table.items() if key.endswith("*")]
        self.starts = sorted(starts, key=lambda each: -len(each[0]))
        self.default = default

    def look_up(self, value: str) -> str:
        key = value.casefold()
        code = self.exact.get(key)
        if code is None:
            code = next((code for start, code in self.starts if key.startswith(start)), self.default)
            # A file has few distinct values, but a free-text column would make this table grow without end.
            if len(self.exact) < 100_000:
                self.exact[key] = code
        return code
