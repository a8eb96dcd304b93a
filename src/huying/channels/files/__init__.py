"""Calls from a city's own files: rows → records, by a mapping. Streaming: memory has a bound."""

from __future__ import annotations

import heapq
import math
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from huying.base.clock import EARLIEST_AT, LATEST_AT
from huying.channels.files.lines import BadLines, rows
from huying.channels.files.mapping import Columns, Mapping, PlaceShape, Table, Template
from huying.domain.commands import ReceiveCall
from huying.domain.suggestion import Understood

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

# Records held in memory while a file without order is sorted; more go to temporary files of this many each.
SORT_RECORDS = 20_000


class UnitTimes(Struct, frozen=True, omit_defaults=True):
    """What a record says of one unit. `like` is the pack's unit it resembles; instants UTC µs, 0 unknown."""

    code: str
    like: str
    dispatched: int
    en_route: int = 0
    on_scene: int = 0
    clear: int = 0


class AnswerTimes(Struct, frozen=True, omit_defaults=True):
    """What a record says of the agency's answer; instants UTC µs, 0 unknown."""

    accepted: int = 0
    due: int = 0
    resolved: int = 0
    answer: str = ""


class Record(Struct, omit_defaults=True):
    """One row: the call at `at` (UTC µs), and what really came of it where the row says so; `label` is what
    it turned out to be. `understood` is put in by who makes something of the call's words ahead of its turn,
    and `suggested` by who makes it without what the row states: types, None before anybody has.
    """

    line: int
    at: int
    call: ReceiveCall
    key: str = ""
    unit: UnitTimes | None = None
    answer: AnswerTimes | None = None
    understood: Understood | None = None
    suggested: tuple[str, ...] | None = None
    label: str = ""


class BadValue(Exception):
    """A value of a row can't be read; the argument is the reason's key."""


class Reader:
    """Reads files by one mapping. `bad` receives what can't be read; `slips` counts values left out."""

    def __init__(self, mapping: Mapping, centre: tuple[float, float], bad: BadLines) -> None:
        self.mapping = mapping
        self.bad = bad
        self.slips: Counter[str] = Counter()
        columns = self.columns = Columns()
        template = columns.template
        self.at = template(mapping.time.at)
        self.instant = _instant_reader(mapping.time.format, mapping.time.zone)
        call = mapping.call
        self.words, self.address = template(call.words), template(call.address)
        self.source_id = template(call.source_id)
        self.place = mapping.place
        self.lat = template(_column(mapping.place.lat)) if mapping.place else None
        self.lon = template(_column(mapping.place.lon)) if mapping.place else None
        self.move = _mover(mapping.place, centre) if mapping.place else None
        self.type_of = template(mapping.type.of) if mapping.type else None
        self.types = Table(mapping.type.table, mapping.type.default) if mapping.type else Table({}, "")
        self.priority_of = template(mapping.priority.of) if mapping.priority else None
        self.key = template(mapping.join.key) if mapping.join else None
        self.label = template(mapping.label.of) if mapping.label else None
        self._unit_templates(mapping)
        self._answer_templates(mapping)

    def _unit_templates(self, mapping: Mapping) -> None:
        unit, template = mapping.unit, self.columns.template
        self.unit_code = template(unit.code) if unit else None
        self.unit_kind = template(unit.kind) if unit else None
        self.likes = Table(unit.like, unit.default) if unit else Table({}, "")
        parts = (unit.dispatched, unit.en_route, unit.on_scene, unit.clear) if unit else ("",) * 4
        self.unit_times = [template(each) for each in parts]

    def _answer_templates(self, mapping: Mapping) -> None:
        shape, template = mapping.referral, self.columns.template
        self.answers = shape is not None
        parts = (shape.accepted, shape.due, shape.resolved) if shape else ("",) * 3
        self.answer_times = [template(each) for each in parts]
        self.answer = template(shape.answer) if shape else None

    def read(self, path: Path) -> Iterator[Record]:
        """Yield the records of a file in order of time."""
        records = self._records(path)
        if not self.mapping.file.sorted:
            return _in_order(records)
        return records

    def _records(self, path: Path) -> Iterator[Record]:
        latest, in_order = EARLIEST_AT, self.mapping.file.sorted
        for line, raw, row in rows(path, self.mapping.file, self.columns.names, self.bad):
            try:
                record = self.record(line, row)
                if in_order and record.at < latest:
                    raise BadValue("out_of_order")
            except BadValue as why:
                self.bad.add(line, str(why), raw)
                continue
            latest = record.at
            yield record

    def record(self, line: int, row: list[str]) -> Record:
        """One row; raises BadValue."""
        mapping = self.mapping
        at = self.time(self.at, row)
        if not at:
            raise BadValue("time_missing")
        lat, lon = self.point(row)
        place = mapping.place
        moved = lat is not None and place is not None
        call = ReceiveCall(
            channel=mapping.call.channel,
            words=_fill(self.words, row),
            lang=mapping.call.lang,
            stated_type=self.types.look_up(self.type_of.fill(row)) if self.type_of else "",
            stated_priority=self.priority(row),
            lat=lat,
            lon=lon,
            datum=place.datum if moved and place else "WGS-84",
            error_m=place.error_m if moved and place else None,
            address=_fill(self.address, row),
            source_id=_fill(self.source_id, row),
        )
        if not (call.words or call.stated_type):
            raise BadValue("nothing_said")
        return Record(
            line=line,
            at=at,
            call=call,
            key=_fill(self.key, row),
            unit=self.unit(row) if self.unit_code else None,
            answer=self.real_answer(row) if self.answers else None,
            label=_fill(self.label, row),
        )

    def time(self, template: Template | None, row: list[str]) -> int:
        """UTC µs, 0 where the row says nothing."""
        text = template.fill(row) if template else ""
        if not text:
            return 0
        try:
            at = self.instant(text)
        except (ValueError, OverflowError):
            raise BadValue("time_unreadable") from None
        if not EARLIEST_AT <= at < LATEST_AT:
            raise BadValue("time_out_of_range")
        return at

    def later_time(self, template: Template | None, row: list[str]) -> int:
        """A time of what came later: when it can't be read the call is taken all the same, without it."""
        try:
            return self.time(template, row)
        except BadValue as why:
            self.slips[str(why)] += 1
            return 0

    def point(self, row: list[str]) -> tuple[float | None, float | None]:
        """Degrees; None where the row says nothing or a point outside the mapping's box."""
        if self.lat is None or self.lon is None or self.place is None or self.move is None:
            return None, None
        north, east = self.lat.fill(row), self.lon.fill(row)
        if not north and not east:
            return None, None
        try:
            lat, lon = float(north), float(east)
        except ValueError:
            raise BadValue("place_unreadable") from None
        if not (-90.0 <= lat <= 90.0 and -180.0 <= lon <= 180.0):
            raise BadValue("place_not_on_earth")
        box = self.place.box
        if box and not (box[0] <= lat <= box[2] and box[1] <= lon <= box[3]):
            self.slips["place_outside_box"] += 1
            return None, None
        return self.move(lat, lon)

    def priority(self, row: list[str]) -> int:
        shape = self.mapping.priority
        return shape.table.get(_fill(self.priority_of, row), 0) if shape else 0

    def unit(self, row: list[str]) -> UnitTimes | None:
        code = _fill(self.unit_code, row)
        dispatched, en_route, on_scene, clear = (self.later_time(each, row) for each in self.unit_times)
        if not code or not dispatched:
            return None
        return UnitTimes(
            code, self.likes.look_up(_fill(self.unit_kind, row)), dispatched, en_route, on_scene, clear
        )

    def real_answer(self, row: list[str]) -> AnswerTimes:
        accepted, due, resolved = (self.later_time(each, row) for each in self.answer_times)
        return AnswerTimes(accepted, due, resolved, _fill(self.answer, row))


def _column(name: str) -> str:
    """A place column may be given by its bare name or as a template."""
    return name if "{" in name or not name else "{" + name + "}"


def _fill(template: Template | None, row: list[str]) -> str:
    return template.fill(row) if template else ""


def _instant_reader(pattern: str, zone_name: str) -> Callable[[str], int]:
    """Text → UTC µs; raises ValueError."""
    zone = ZoneInfo(zone_name)

    def utc(moment: datetime) -> int:
        aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        return (aware - _EPOCH) // _MICROSECOND

    if pattern == "iso":
        return lambda text: utc(datetime.fromisoformat(text))
    if pattern in ("epoch_s", "epoch_ms"):
        factor = 1_000_000 if pattern == "epoch_s" else 1_000
        return lambda text: round(float(text) * factor)
    return lambda text: utc(datetime.strptime(text, pattern))


def _mover(shape: PlaceShape, centre: tuple[float, float]) -> Callable[[float, float], tuple[float, float]]:
    """Lay points over the pack: equirectangular about the two centres, good to 0.1 % within 100 km."""
    if shape.lay_over is None:
        return lambda lat, lon: (lat, lon)
    south, west = shape.lay_over
    scale = shape.scale
    stretch = scale * math.cos(math.radians(south)) / math.cos(math.radians(centre[0]))
    north, east = centre

    def move(lat: float, lon: float) -> tuple[float, float]:
        return round(north + (lat - south) * scale, 6), round(east + (lon - west) * stretch, 6)

    return move


def _in_order(records: Iterator[Record]) -> Iterator[Record]:
    """Sort by time and line with at most `SORT_RECORDS` in memory: sorted runs on disk, then one merge."""
    with ExitStack() as stack:
        runs: list[Iterator[Record]] = []
        chunk: list[Record] = []
        for record in records:
            chunk.append(record)
            if len(chunk) >= SORT_RECORDS:
                file = stack.enter_context(tempfile.TemporaryFile())
                _write_run(file, sorted(chunk, key=_when))
                runs.append(_read_run(file))
                chunk = []
        yield from heapq.merge(*runs, sorted(chunk, key=_when), key=_when)


def _when(record: Record) -> tuple[int, int]:
    return record.at, record.line


def _write_run(file: IO[bytes], chunk: list[Record]) -> None:
    encode = msgspec.msgpack.Encoder().encode
    for record in chunk:
        packed = encode(record)
        file.write(len(packed).to_bytes(4, "big") + packed)
    file.seek(0)


def _read_run(file: IO[bytes]) -> Iterator[Record]:
    decode = msgspec.msgpack.Decoder(Record).decode
    while head := file.read(4):
        yield decode(file.read(int.from_bytes(head, "big")))
