"""Questions: what is asked of the committed state, from any thread, in SQLAlchemy Core for every engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
import sqlalchemy as sa

from huying.base.refusal import Refusal
from huying.domain.call import Call
from huying.domain.facts import Fact
from huying.domain.incident import Incident
from huying.domain.statuses import ReferralStatus
from huying.domain.unit import Unit
from huying.service.ports import Head
from huying.service.questions import Among, Counts, IncidentFilter, Notice, Page
from huying.service.receipts import receipt_key, uncover
from huying.store import schema as t
from huying.store.among import only
from huying.store.asking import IDS_MAX
from huying.store.codec import FactRow, Left, fact_of
from huying.store.docs import read_call, read_incident, read_unit
from huying.store.find import Finder
from huying.store.journal import ERASURES_AT_ONCE
from huying.store.lines import incident_line, referral_line
from huying.store.looked import looked
from huying.store.questions_measures import MeasureQuestions
from huying.store.questions_office import OfficeQuestions
from huying.store.questions_photos import PhotoQuestions
from huying.store.questions_record import RecordQuestions
from huying.store.terms import term
from huying.store.times import times
from huying.store.wall import behind, stands

# A page longer than this is a download; downloads are `export`.
LIMIT_MAX = 1_000
# Calls of one incident whose facts its timeline shows: a great storm brings hundreds, not thousands.
TIMELINE_CALLS_MAX = 500

_RUNNING = (ReferralStatus.OFFERED.value, ReferralStatus.ACCEPTED.value)
_FACT = tuple(t.fact.c)[:8]


# Tiles by one statement: a proof in a tree of 256⁴ facts needs at most four on each side.
_PAIRS = 8
_TILES = f"SELECT level, n, hashes FROM tile WHERE {' OR '.join(['(level = ? AND n = ?)'] * _PAIRS)}"


def bounded(limit: int) -> int:
    return min(max(limit, 1), LIMIT_MAX)


def numbers(cursor: str, count: int) -> tuple[int, ...] | None:
    """A cursor's numbers, None for the beginning; refuses what we never gave out."""
    if not cursor:
        return None
    parts = cursor.split(".")
    if len(parts) != count or not all(part.isascii() and part.isdigit() and len(part) < 20 for part in parts):
        raise Refusal("cursor_unreadable", cursor=cursor[:40])
    return tuple(int(part) for part in parts)


class SqlQuestions(RecordQuestions, OfficeQuestions, MeasureQuestions, PhotoQuestions):
    """The questions port: incidents, calls, referrals, units, facts, numbers; and what its parts answer."""

    _wall: bool | None = None  # whether the store has a second wall; looked up once

    def head(self) -> Head:
        row = self._rows(sa.select(t.head.c.seq, t.head.c.at, t.head.c.pack))[0]
        return Head(row.seq, row.at, row.pack)

    @contextmanager
    def seeing(self, among: Among) -> Iterator[sa.Connection]:
        """A connection on which other rows are not there, where the store has raised the second wall."""
        with self.reading() as connection:
            if not (among and self._walled(connection)):
                yield connection
                return
            connection.exec_driver_sql("BEGIN")
            try:
                behind(connection, among)
                yield connection
            finally:
                connection.exec_driver_sql("ROLLBACK")

    def _seen(
        self, among: Among, statement: sa.Select[Any] | sa.CompoundSelect[Any]
    ) -> Sequence[sa.Row[Any]]:
        """Rows of a statement that names its own conditions, behind the wall where there is one."""
        with self.seeing(among) as connection:
            return connection.execute(statement).all()

    def _walled(self, connection: sa.Connection) -> bool:
        if self._wall is None:
            self._wall = self._engine.dialect.name == "postgresql" and stands(connection)
        return self._wall

    # ── incidents ────────────────────────────────────────────────────────────────────────────────────────
    def incidents(self, which: IncidentFilter, cursor: str, limit: int, among: Among = ()) -> Page:
        page = self.states(which, cursor, limit, among)
        return Page([incident_line(each) for each in page.items], page.next)

    def states(self, which: IncidentFilter, cursor: str, limit: int, among: Among = ()) -> Page:
        """The same page of incidents, each whole."""
        before = numbers(cursor, 1)
        with self.seeing(among) as connection:
            docs, rest = Finder(connection, which, among).page(before[0] if before else None, bounded(limit))
        return Page([read_incident(doc) for doc in docs], str(rest) if rest else "")

    def incident(self, id: int) -> Incident:
        found = self._rows(sa.select(t.incident.c.doc).where(t.incident.c.id == _id(id)))
        if not found:
            raise Refusal("not_found", incident=id)
        return read_incident(found[0].doc)

    def incidents_of(self, streams: Sequence[int], among: Among = ()) -> dict[int, Incident]:
        wanted = [_id(id) for id in streams[:IDS_MAX]]
        i, c = t.incident.c, t.call.c
        of_calls = sa.select(c.id, i.doc).join(t.incident, i.id == c.incident).where(c.id.in_(wanted))
        rows = self._seen(among, sa.union_all(sa.select(i.id, i.doc).where(i.id.in_(wanted)), of_calls))
        return {id: read_incident(doc) for id, doc in map(tuple, rows)}

    def timeline(self, incident: int, limit: int, among: Among = ()) -> list[Fact]:
        calls = self.incident(incident).calls[-TIMELINE_CALLS_MAX:]
        statement = (
            sa.select(*_FACT)
            .where(t.fact.c.stream.in_([incident, *calls]))
            .order_by(t.fact.c.seq)
            .limit(bounded(limit))
        )
        return self._facts(statement, among)

    # ── calls ────────────────────────────────────────────────────────────────────────────────────────────
    def call(self, id: int) -> Call:
        found = self.calls([id])
        if not found:
            raise Refusal("not_found", call=id)
        return found[0]

    def calls(self, ids: Sequence[int], among: Among = ()) -> list[Call]:
        """Those there are, in the order asked for."""
        wanted = [_id(id) for id in ids[:IDS_MAX]]
        rows = self._seen(among, sa.select(t.call.c.id, t.call.c.doc).where(t.call.c.id.in_(wanted)))
        found = {row.id: read_call(row.doc) for row in rows}
        return [found[id] for id in wanted if id in found]

    def call_by_code(self, code_hash: str) -> Call:
        c, listed = t.call.c, t.code.c
        old = sa.select(listed.call).where(listed.code_hash == code_hash)
        # The newest calls aren't listed yet; one statement, so that none is missed on its way there.
        indexed = sa.select(t.head.c.indexed).scalar_subquery()
        new = sa.select(c.id).where(c.id > indexed, c.code_hash == code_hash)
        chosen = c.id.in_(sa.union_all(old, new))
        found = self._rows(sa.select(c.doc).where(chosen).order_by(c.id).limit(1)) if code_hash else []
        if not found:
            raise Refusal("not_found")
        return read_call(found[0].doc)

    def calls_received(
        self,
        since: int,
        until: int,
        cursor: str,
        limit: int,
        types: Sequence[str] | None = None,
        status: Sequence[str] | None = None,
        among: Among = (),
    ) -> Page:
        limit = bounded(limit)
        c = t.call.c
        statement = (
            sa.select(c.at, c.id, c.doc, t.incident.c.doc.label("incident_doc"))
            .join(t.incident, t.incident.c.id == c.incident)
            .order_by(c.at.desc(), c.id.desc())
            .limit(limit + 1)
        )
        if since:
            statement = statement.where(c.at >= since)
        if until:
            statement = statement.where(c.at < until)
        statement = statement.where(*only(self._engine.dialect.name, among))
        for kind, codes in (("type", types), ("status", status)):
            if codes is not None:
                x = t.incident_term.c
                terms = [term(kind, code) for code in codes[:IDS_MAX]]
                listed = sa.exists().where(x.term.in_(terms), x.incident == c.incident)
                # The newest incidents aren't listed by their terms yet; they are looked at below.
                recent = c.incident > sa.select(t.head.c.indexed).scalar_subquery()
                statement = statement.where(listed | recent)
        if before := numbers(cursor, 2):
            statement = statement.where(sa.tuple_(c.at, c.id) < sa.tuple_(*map(sa.literal, before)))
        rows = self._seen(among, statement)
        pairs = ((row, read_incident(row.incident_doc)) for row in rows[:limit])
        items = [
            (read_call(row.doc), incident)
            for row, incident in pairs
            if (types is None or incident.type in types) and (status is None or incident.status in status)
        ]
        last = rows[limit - 1] if len(rows) > limit else None
        return Page(items, f"{last.at}.{last.id}" if last else "")

    def told(self, actor: str, key: str) -> dict[str, Any] | None:
        wanted = t.receipt.c.key == receipt_key(actor, key)
        found = self._rows(sa.select(t.receipt.c.answer).where(wanted))
        if not found:
            return None
        answer = uncover(actor, key, bytes(found[0].answer))
        return msgspec.json.decode(answer, type=dict[str, Any])

    # ── referrals, units, notices ────────────────────────────────────────────────────────────────────────
    def referrals(
        self,
        agency: str,
        status: tuple[str, ...],
        overdue_at: int,
        cursor: str,
        limit: int,
        among: Among = (),
    ) -> Page:
        limit = bounded(limit)
        wanted = [each.value for each in ReferralStatus if not status or each.value in status]
        if overdue_at:
            wanted = [each for each in wanted if each in _RUNNING]
        if not wanted:
            return Page([])
        after = numbers(cursor, 3)
        r = t.referral.c
        parts = []
        for each in wanted:  # one walk along an index for each status, merged below
            part = sa.select(r.incident, r.n, r.due).where(r.status == each)
            if agency:
                part = part.where(r.agency == agency)
            if overdue_at:
                part = part.where(r.due < overdue_at)
            if after:
                part = part.where(sa.tuple_(r.due, r.incident, r.n) > sa.tuple_(*map(sa.literal, after)))
            if among:
                mine = only(self._engine.dialect.name, among, {"agency": r.agency})
                part = part.join(t.incident, t.incident.c.id == r.incident).where(*mine)
            part = part.order_by(r.due, r.incident, r.n).limit(limit + 1)
            parts.append(sa.select(part.subquery()))
        found = sa.union_all(*parts).subquery()
        statement = (
            sa.select(found.c.incident, found.c.n, found.c.due, t.incident.c.doc)
            .join(t.incident, t.incident.c.id == found.c.incident)
            .order_by(found.c.due, found.c.incident, found.c.n)
            .limit(limit + 1)
        )
        rows = self._seen(among, statement)
        items = [referral_line(read_incident(row.doc), row.n) for row in rows[:limit]]
        last = rows[limit - 1] if len(rows) > limit else None
        return Page(items, f"{last.due}.{last.incident}.{last.n}" if last else "")

    def units(self) -> list[Unit]:
        return [read_unit(row.doc) for row in self._rows(sa.select(t.unit.c.doc).order_by(t.unit.c.id))]

    def notices(self, to: str, after: int, limit: int) -> list[Notice]:
        n = t.notice.c
        statement = sa.select(t.notice).where(n.seq > after).order_by(n.seq).limit(bounded(limit))
        if to:
            statement = statement.where(n.to == to)
        return [Notice(*tuple(row)) for row in self._rows(statement)]

    def facts(self, after: int, limit: int) -> list[Fact]:
        statement = sa.select(*_FACT).where(t.fact.c.seq > after).order_by(t.fact.c.seq).limit(bounded(limit))
        return self._facts(statement)

    def _facts(self, statement: sa.Select[Any], among: Among = ()) -> list[Fact]:
        """Facts of these rows; of payloads that are gone what is left."""
        rows = self._seen(among, statement)
        left = self.left_of([row.seq for row in rows if row.payload is None], among)
        return [fact_of(row, left.get(row.seq)) for row in rows]

    def left_of(self, seqs: Sequence[int], among: Among = ()) -> dict[int, Left]:
        """What is left of payloads that are gone, by the fact's number."""
        found: dict[int, Left] = {}
        r = t.remainder.c
        for start in range(0, len(seqs), IDS_MAX):
            statement = sa.select(r.seq, r.how, r.payload).where(r.seq.in_(seqs[start : start + IDS_MAX]))
            found |= {row.seq: (row.how, bytes(row.payload)) for row in self._seen(among, statement)}
        return found

    def fact_rows(self, after: int, limit: int) -> list[FactRow]:
        """Facts as stored, for those who read bytes: live readers, export, verify."""
        statement = sa.select(t.fact).where(t.fact.c.seq > after).order_by(t.fact.c.seq).limit(limit)
        return [tuple(row) for row in self._rows(statement)]

    def erasures(self, after: int = 0) -> Iterator[FactRow]:
        """Rows of the facts that took something away, in order."""
        while True:
            where = (sa.text(t.ERASING), t.fact.c.seq > after)
            rows = self._rows(sa.select(t.fact).where(*where).order_by(t.fact.c.seq).limit(ERASURES_AT_ONCE))
            if not rows:
                return
            yield from (tuple(row) for row in rows)
            after = rows[-1].seq

    def tile(self, level: int, n: int) -> bytes:
        """The hashes of a tile of the tree; none where there is no such tile."""
        statement = sa.select(t.tile.c.hashes).where(t.tile.c.level == level, t.tile.c.n == n)
        found = self._rows(statement)
        return bytes(found[0].hashes) if found else b""

    def tiles(self, wanted: Iterable[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
        """Many tiles (level, n) by one statement; those there are."""
        keys = list(wanted)
        if not keys:
            return {}
        # Written out and not made by Core, which takes longer than the tree itself; always of the same
        # length, so that the engine has it prepared.
        mark = "%s" if self._engine.dialect.paramstyle == "pyformat" else "?"
        statement = _TILES.replace("?", mark)
        found: list[Any] = []
        with self.reading() as connection:
            cursor = connection.connection.cursor()
            try:
                for start in range(0, len(keys), _PAIRS):
                    some = keys[start : start + _PAIRS]
                    some += some[-1:] * (_PAIRS - len(some))
                    cursor.execute(statement, [number for key in some for number in key])
                    found += cursor.fetchall()
            except Exception as error:  # the engine's own: nothing stands between
                code = self._refusal_of(error)
                if code is None:
                    raise
                raise Refusal(code) from error
            finally:
                cursor.close()
        return {(level, n): bytes(hashes) for level, n, hashes in found}

    def mark(self) -> bytes:
        """Of the master key that sealed this store's contacts."""
        return bytes(self._rows(sa.select(t.head.c.mark))[0].mark)

    def looked(self, call: Call) -> list[Fact]:
        return looked(self.reading, call)

    # ── numbers ──────────────────────────────────────────────────────────────────────────────────────────
    def counts(self, at: int) -> Counts:
        overdue = (
            sa.select(sa.func.count())
            .select_from(t.referral)
            .where(t.referral.c.status.in_(_RUNNING), t.referral.c.due > 0, t.referral.c.due < at)
            .scalar_subquery()
        )
        h = t.head.c
        row = self._rows(sa.select(t.head, overdue.label("overdue")))[0]
        return Counts(
            calls=row._mapping[h.calls],
            incidents=row._mapping[h.incidents],
            unfinished=row._mapping[h.unfinished],
            referrals_running=row._mapping[h.referrals_running],
            referrals_overdue=row.overdue,
            duty_desk=row._mapping[h.duty_desk],
            escalations=row._mapping[h.escalations],
        )

    def opened_in(self, spans: Sequence[tuple[int, int]]) -> list[int]:
        i = t.incident.c
        counted = [
            sa.select(sa.func.count()).where(i.opened_at >= since, i.opened_at < until).scalar_subquery()
            for since, until in spans
        ]
        return [int(each) for each in self._rows(sa.select(*counted))[0]] if counted else []

    def times(self) -> dict[str, float]:
        return times(self.reading)


def _id(id: int) -> int:
    """Ids beyond 64 bits name nothing."""
    return id if 0 <= id < 1 << 63 else -1
