"""The second wall, on PostgreSQL: rows that an asker may not see are not there for the role that reads.

The first wall is the condition in the statement. If it is ever forgotten, the database itself leaves the rows
out: the reading role sees what the transaction's setting `huying.scope` allows, and nothing without it. The
owner of the tables, who writes, is not bound by it. Every table stands in one of three lists below: `RULES`
(rows are left out), `CLOSED` (the reader sees none, whatever is granted later) or `PLAIN` (nobody's data).
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from huying.service.questions import Among
from huying.store.terms import pack, term

READER = "huying_reader"
# Which groups must hold: terms in hexadecimal, of each group (separated by ;) one (separated by ,).
SCOPE = "huying.scope"

_SEES = f"""CREATE OR REPLACE FUNCTION huying_sees(terms bytea) RETURNS boolean LANGUAGE sql STABLE AS $$
SELECT CASE coalesce(current_setting('{SCOPE}', true), '')
  WHEN '' THEN false
  ELSE (
    SELECT bool_and(EXISTS (
      SELECT 1 FROM unnest(string_to_array(part, ',')) AS one
      WHERE position(decode(one, 'hex') IN terms) > 0))
    FROM unnest(string_to_array(current_setting('{SCOPE}', true), ';')) AS part)
END $$"""
_OF_INCIDENT = "EXISTS (SELECT 1 FROM incident WHERE incident.id = {table}.incident)"
RULES = {
    "incident": "huying_sees(terms)",
    "call": _OF_INCIDENT.format(table="call"),
    "referral": _OF_INCIDENT.format(table="referral"),
    "assignment": _OF_INCIDENT.format(table="assignment"),
    "timer": _OF_INCIDENT.format(table="timer"),
    "notice": _OF_INCIDENT.format(table="notice"),
    "fact": "EXISTS (SELECT 1 FROM incident WHERE incident.id = fact.stream)"
    " OR EXISTS (SELECT 1 FROM call WHERE call.id = fact.stream)",
    "remainder": "EXISTS (SELECT 1 FROM fact WHERE fact.seq = remainder.seq)",
}
# Table → why no row of it is for the reader: what is in them is asked one by one, after a decision.
CLOSED = {
    "contact": "sealed; opened one by one, each opening a fact",
    "photo": "sealed; opened one by one, each look on record",
    "receipt": "answers to commands, under the asker's own key",
    "look": "who looked at whose data: the data officer's, one call at a time",
    "disclosure": "to whom records were handed: the data officer's",
    "account": "staff: the administrator's",
    "partner_key": "partners' keys: the administrator's",
    "code": "hashes of the codes under which callers follow their calls",
    "door": "hashes of secrets under which somebody comes in",
    "seen": "when sessions were last used",
    "unit": "where crews are: decided unit by unit, for agencies stand in the pack",
}
# Table → why everybody who may ask at all may see it.
PLAIN = {
    "head": "where the journal ends, and totals of the whole house",
    "incident_term": "numbers of incidents by hashed terms: the index that leads to rows behind the wall",
    "incident_recent": "the same of the newest incidents",
    "tile": "hashes of the record, published for outsiders",
    "checkpoint": "signed heads of the record, published",
    "cosignature": "published",
    "witness": "which witnesses there are, published",
    "closure": "roads that are closed: no rule narrows them to some rows",
    "deployment": "plans: no rule narrows them to some rows",
}
# What the reader reads of these; the rest of the plain ones is asked without an asker's scope.
_READ = ("head", "incident_term", "incident_recent")
_POLICY = "huying_wall"
# Taken while a wall is mended.
_LOCK = 0x4859_5741


def statements() -> Iterable[str]:
    """What raises the wall in the schema in use; done again, it changes nothing."""
    yield f"""DO $$ BEGIN CREATE ROLE {READER} NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"""
    yield f"GRANT {READER} TO CURRENT_USER"
    yield f"""DO $$ BEGIN EXECUTE format('GRANT USAGE ON SCHEMA %%I TO {READER}', current_schema()); END $$"""
    yield from _of_tables()


def _of_tables() -> Iterable[str]:
    """The part that the owner of the tables needs no further right for."""
    yield _SEES
    for table in (
        *RULES,
        *CLOSED,
    ):  # without a policy a table under it shows nothing to anybody but its owner
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    for table, rule in RULES.items():
        yield f"DROP POLICY IF EXISTS {_POLICY} ON {table}"
        yield f"CREATE POLICY {_POLICY} ON {table} FOR SELECT TO {READER} USING ({rule})"
    for table in (*RULES, *_READ):
        yield f"GRANT SELECT ON {table} TO {READER}"


def stands(connection: sa.Connection) -> bool:
    """Whether the wall is there for every table that it should be."""
    return _count(connection) == len(RULES)


def mend(connection: sa.Connection) -> None:
    """Build up a wall that an earlier edition raised: it must not fall because there are more tables now."""
    if _count(connection) == 0:
        return
    connection.exec_driver_sql("BEGIN")
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))  # processes start together
    if not (stands(connection) and _secured(connection)):
        for statement in _of_tables():
            connection.exec_driver_sql(statement)
    connection.exec_driver_sql("COMMIT")


def _count(connection: sa.Connection) -> int:
    return _ask(
        connection,
        f"SELECT count(*) FROM pg_policies WHERE policyname = '{_POLICY}' AND schemaname = current_schema()",
    )


def _secured(connection: sa.Connection) -> bool:
    """Whether every table that needs it has row-level security."""
    names = ", ".join(f"'{each}'" for each in (*RULES, *CLOSED))
    found = _ask(
        connection,
        f"SELECT count(*) FROM pg_class WHERE relrowsecurity AND relname IN ({names}) "
        "AND relnamespace = current_schema()::regnamespace",
    )
    return found == len(RULES) + len(CLOSED)


def _ask(connection: sa.Connection, statement: str) -> int:
    return int(connection.exec_driver_sql(statement).scalar_one())


def scope_setting(among: Among) -> str:
    """What an asker may see as the setting's text; empty for nothing."""
    groups = (",".join(pack([term(*pair)]).hex() for pair in group) for group in among)
    return ";".join(groups)


def behind(connection: sa.Connection, among: Among) -> None:
    """Become the reader of these rows until the transaction ends."""
    connection.exec_driver_sql(f"SET LOCAL ROLE {READER}")
    connection.exec_driver_sql(f"SELECT set_config('{SCOPE}', %s, true)", (scope_setting(among),))
