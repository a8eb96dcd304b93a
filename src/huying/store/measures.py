"""Measures by one statement a period: named steps over the incidents that were opened in it.

The states of incidents are read once (`picked`), the numbers of units from their own table, and percentiles
are taken by rank. 100,000 incidents take about a second, so a period is bounded by whoever asks.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from huying.domain.measure import SATISFIED, Sums
from huying.service.ports import Period
from huying.service.questions import Among
from huying.store.terms import pack, term

# What differs between engines: the parts of a state that are needed, each read once.
_SQLITE = {
    "type": "json_extract(CAST(i.doc AS TEXT), '$.type')",
    "areas": "json_extract(CAST(i.doc AS TEXT), '$.place.areas')",
    "calls": "json_array_length(CAST(i.doc AS TEXT), '$.calls')",
    "reopened": "json_extract(CAST(i.doc AS TEXT), '$.reopened')",
    "follow": "json_extract(CAST(i.doc AS TEXT), '$.follow_up.status')",
    "rating": "json_extract(CAST(i.doc AS TEXT), '$.follow_up.rating')",
    "referrals": "json_extract(CAST(i.doc AS TEXT), '$.referrals')",
    "from": "incident i",
    "each_area": "json_each(p.areas) AS e",
    "codes": "(SELECT value FROM json_each(:codes))",
    "ended": "coalesce(json_extract(p.referrals, '$[' || (r.n - 1) || '].ended_at'), 0)",
    "has": "instr(i.terms, :{name}) > 0",
}
_POSTGRES = {
    "type": "i.d->>'type'",
    "areas": "coalesce(i.d->'place'->'areas', '[]')",
    "calls": "jsonb_array_length(coalesce(i.d->'calls', '[]'))",
    "reopened": "(i.d->>'reopened')::bigint",
    "follow": "i.d->'follow_up'->>'status'",
    "rating": "(i.d->'follow_up'->>'rating')::bigint",
    "referrals": "i.d->'referrals'",
    "from": "(SELECT id, opened_at, terms, convert_from(doc, 'UTF8')::jsonb AS d FROM incident) AS i",
    "each_area": "jsonb_array_elements_text(p.areas) AS e(value)",
    "codes": "(SELECT jsonb_array_elements_text(CAST(:codes AS jsonb)))",
    "ended": "coalesce((p.referrals->(r.n - 1)::int->>'ended_at')::bigint, 0)",
    "has": "position(:{name} IN i.terms) > 0",
}
_ENGINES = {"sqlite": _SQLITE, "postgresql": _POSTGRES}

# Incidents by what they are told apart: `key` is empty for all of them together.
_KEYS = {
    "": "SELECT id, '' AS key FROM picked",
    "type": "SELECT id, '' AS key FROM picked UNION ALL SELECT id, type FROM picked",
    "area": "SELECT id, '' AS key FROM picked UNION ALL "
    "SELECT p.id, e.value FROM picked p, {each_area} WHERE e.value IN {codes}",
    # Whole spans of local time since the first; clocks that change are in `ahead`.
    "time": "SELECT id, '' AS key FROM picked UNION ALL "
    "SELECT id, CAST((opened_at + {ahead} - {origin}) / {width} AS TEXT) FROM picked",
    "agency": "SELECT id, '' AS key FROM picked UNION ALL SELECT id, agency FROM "
    "(SELECT r.incident AS id, r.agency FROM referral r JOIN picked p ON p.id = r.incident "
    "UNION SELECT a.incident, a.agency FROM assignment a JOIN picked p ON p.id = a.incident) AS both_ways",
}
# Of an agency its own units and referrals count; of everything else those of the incident.
_FIRST = (
    "SELECT a.incident AS id, {own} AS own, min(a.dispatched_at) - min(a.opened_at) AS queue, "
    "min(CASE WHEN a.on_scene_at > 0 THEN a.on_scene_at END) - min(a.opened_at) AS response "
    "FROM assignment a JOIN picked p ON p.id = a.incident {only} GROUP BY {by}"
)
_STEPS = """
WITH picked AS MATERIALIZED (
  SELECT i.id, i.opened_at, {type} AS type, {areas} AS areas, {calls} AS calls,
    coalesce({reopened}, 0) AS reopened,
    coalesce({follow}, '') AS follow, coalesce({rating}, 0) AS rating, {referrals} AS referrals
  FROM {from} WHERE i.opened_at >= :since AND i.opened_at < :until{scope}
), member AS MATERIALIZED ({keys}),
first AS ({first}),
owed AS (
  SELECT p.id, r.agency AS own,
    CASE WHEN r.status = 'resolved' AND (r.due = 0 OR {ended} <= r.due) THEN 1 ELSE 0 END AS on_time
  FROM picked p JOIN referral r ON r.incident = p.id
  WHERE (r.status = 'resolved' OR (r.status IN ('offered', 'accepted') AND r.due > 0 AND r.due < :now)){own}
)"""
_SUMS = """, waited AS MATERIALIZED (
  SELECT m.key, 'queue' AS what, f.queue AS v FROM member m JOIN first f ON f.id = m.id{of_first}
  WHERE f.queue IS NOT NULL
  UNION ALL
  SELECT m.key, 'response', f.response FROM member m JOIN first f ON f.id = m.id{of_first}
  WHERE f.response IS NOT NULL
), ranked AS (
  SELECT key, what, v, row_number() OVER (PARTITION BY key, what ORDER BY v) AS rank,
    count(*) OVER (PARTITION BY key, what) AS n FROM waited
)
SELECT 'sums' AS what, m.key, count(*) AS a, sum(s.calls) AS b,
  sum(CASE WHEN s.reopened > 0 THEN 1 ELSE 0 END) AS c,
  sum(CASE WHEN s.follow = 'solved' THEN 1 ELSE 0 END) AS d,
  sum(CASE WHEN s.follow = 'not_solved' THEN 1 ELSE 0 END) AS e,
  sum(CASE WHEN s.rating > 0 THEN 1 ELSE 0 END) AS f,
  sum(CASE WHEN s.rating >= {satisfied} THEN 1 ELSE 0 END) AS g
FROM member m JOIN picked s ON s.id = m.id GROUP BY m.key
UNION ALL
SELECT what, key, max(n), max(CASE WHEN rank = (n * 50 + 99) / 100 THEN v END),
  max(CASE WHEN rank = (n * 90 + 99) / 100 THEN v END), 0, 0, 0, 0 FROM ranked GROUP BY key, what
UNION ALL
SELECT 'owed', m.key, count(*), sum(o.on_time), 0, 0, 0, 0, 0
FROM member m JOIN owed o ON o.id = m.id{of_owed} GROUP BY m.key"""
# What one incident adds to a measure, where it adds anything.
_VALUES = {
    "calls": "SELECT s.id, s.calls AS v FROM picked s",
    "incidents": "SELECT s.id, s.calls AS v FROM picked s",
    "queue_time": "SELECT f.id, min(f.queue) AS v FROM first f WHERE f.queue IS NOT NULL GROUP BY f.id",
    "response_time": "SELECT f.id, min(f.response) AS v FROM first f WHERE f.response IS NOT NULL "
    "GROUP BY f.id",
    "referrals_on_time": "SELECT o.id, min(o.on_time) AS v FROM owed o GROUP BY o.id",
    "solved": "SELECT s.id, CASE WHEN s.follow = 'solved' THEN 1 ELSE 0 END AS v FROM picked s "
    "WHERE s.follow IN ('solved', 'not_solved')",
    "satisfied": "SELECT s.id, s.rating AS v FROM picked s WHERE s.rating > 0",
    "reopened": "SELECT s.id, s.reopened AS v FROM picked s WHERE s.reopened > 0",
}
_LIST = """, behind AS ({values})
SELECT id, v FROM behind WHERE id < :before ORDER BY id DESC LIMIT :limit"""


def sums(connection: sa.Connection, period: Period, by: str, codes: Sequence[str]) -> dict[str, Sums]:
    """Key → what was counted; the empty key is all. `codes` are the areas that numbers are told of."""
    each = by == "agency" and not period.agency
    of_first, of_owed = (" AND f.own = m.key", " AND m.key IN ('', o.own)") if each else ("", "")
    parts = _SUMS.format(satisfied=SATISFIED, of_first=of_first, of_owed=of_owed)
    text = _steps(connection, period, by) + parts
    found: dict[str, Sums] = {}
    for row in connection.execute(sa.text(text), _values(period) | _codes(codes, by)):
        _add(found.setdefault(row.key or "", Sums()), row)
    return found


def behind(
    connection: sa.Connection, period: Period, measure: str, before: int, limit: int
) -> list[tuple[int, int]]:
    """(incident, what it adds: µs, a number, or 1 and 0 for yes and no), newest first."""
    values = _VALUES[measure.removesuffix("_p50").removesuffix("_p90")]
    text = _steps(connection, period, "") + _LIST.format(values=values)
    given = _values(period) | {"before": before, "limit": limit}
    return [(row.id, int(row.v)) for row in connection.execute(sa.text(text), given)]


def _steps(connection: sa.Connection, period: Period, by: str) -> str:
    words = _ENGINES[connection.dialect.name]
    keys, own, only = _KEYS[by].format(**words, **_course(period)), "", ""
    if period.agency:
        only, own = "WHERE a.agency = :agency", " AND r.agency = :agency"
        keys += " WHERE agency = :agency" if by == "agency" else ""
    first = _FIRST.format(own="''", only=only, by="a.incident")
    if by == "agency" and not period.agency:  # all together, and each by itself
        first += " UNION ALL " + _FIRST.format(own="a.agency", only="", by="a.incident, a.agency")
    scope = "".join(f" AND {each}" for each in _scope(words["has"], period))
    return _STEPS.format(**(words | {"keys": keys, "first": first, "scope": scope, "own": own}))


def _course(period: Period) -> dict[str, object]:
    """Numbers of the house's own making, none of which anybody sent."""
    course = period.course
    if course is None:
        return {"ahead": 0, "origin": 0, "width": 1}
    *earlier, (_, last) = course.offsets
    cases = "".join(f"WHEN opened_at < {int(until)} THEN {int(ahead)} " for until, ahead in earlier)
    ahead = f"CASE {cases}ELSE {int(last)} END" if cases else int(last)
    return {"ahead": ahead, "origin": int(course.origin), "width": int(course.width)}


def _groups(period: Period) -> Among:
    wanted = (("type", period.type), ("area", period.area), ("agency", period.agency))
    return (*period.among, *(((kind, code),) for kind, code in wanted if code))


def _scope(has: str, period: Period) -> list[str]:
    """Conditions on the terms of an incident: of each group one must be there."""
    found = []
    for n, group in enumerate(_groups(period)):
        one_of = " OR ".join(has.format(name=f"term_{n}_{m}") for m in range(len(group)))
        found.append(f"({one_of or '1 = 0'})")
    return found


def _values(period: Period) -> dict[str, Any]:
    found: dict[str, Any] = {"since": period.since, "until": period.until, "now": period.now}
    for n, group in enumerate(_groups(period)):
        for m, (kind, value) in enumerate(group):
            found[f"term_{n}_{m}"] = pack([term(kind, value)])
    return found | ({"agency": period.agency} if period.agency else {})


def _codes(codes: Sequence[str], by: str) -> dict[str, Any]:
    return {"codes": json.dumps(list(codes))} if by == "area" else {}


def _add(sums: Sums, row: sa.Row[Any]) -> None:
    if row.what == "sums":
        sums.incidents, sums.calls, sums.reopened = row.a, int(row.b), int(row.c)
        sums.solved, sums.not_solved = int(row.d), int(row.e)
        sums.rated, sums.satisfied = int(row.f), int(row.g)
    elif row.what == "owed":
        sums.owed, sums.on_time = row.a, int(row.b)
    elif row.what == "queue":
        sums.queued, sums.queue_p50, sums.queue_p90 = row.a, int(row.b), int(row.c)
    else:
        sums.responded, sums.response_p50, sums.response_p90 = row.a, int(row.b), int(row.c)
