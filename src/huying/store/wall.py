"""The second wall, on PostgreSQL: rows that an asker may not see are not there for the role that reads lists.

The first wall is the condition in the statement. If it is ever forgotten, the database itself leaves the rows
out: the reading role sees what the transaction's setting `huying.scope` allows, and nothing without it. The
owner of the tables, who writes, is not bound by it; contacts, receipts and accounts are closed to the reader.
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from huying.service.ports import Among
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
_RULES = {
    "incident": "huying_sees(terms)",
    "call": _OF_INCIDENT.format(table="call"),
    "referral": _OF_INCIDENT.format(table="referral"),
    "assignment": _OF_INCIDENT.format(table="assignment"),
    "notice": _OF_INCIDENT.format(table="notice"),
    "fact": "EXISTS (SELECT 1 FROM incident WHERE incident.id = fact.stream)"
    " OR EXISTS (SELECT 1 FROM call WHERE call.id = fact.stream)",
}
# No row of these tells of anybody: where the journal ends, and numbers of incidents by hashed terms.
_PLAIN = ("head", "incident_term", "incident_recent")


def statements() -> Iterable[str]:
    """What raises the wall in the schema in use; done again, it changes nothing."""
    yield f"""DO $$ BEGIN CREATE ROLE {READER} NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"""
    yield f"GRANT {READER} TO CURRENT_USER"
    yield f"""DO $$ BEGIN EXECUTE format('GRANT USAGE ON SCHEMA %%I TO {READER}', current_schema()); END $$"""
    yield _SEES
    for table, rule in _RULES.items():
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        yield f"DROP POLICY IF EXISTS huying_wall ON {table}"
        yield f"CREATE POLICY huying_wall ON {table} FOR SELECT TO {READER} USING ({rule})"
    for table in (*_RULES, *_PLAIN):
        yield f"GRANT SELECT ON {table} TO {READER}"


def stands(connection: sa.Connection) -> bool:
    """Whether the wall is there for every table that it should be."""
    found = connection.exec_driver_sql(
        "SELECT count(*) FROM pg_policies WHERE policyname = 'huying_wall' AND schemaname = current_schema()"
    ).scalar_one()
    return int(found) == len(_RULES)


def scope_setting(among: Among) -> str:
    """What an asker may see as the setting's text; empty for nothing."""
    groups = (",".join(pack([term(*pair)]).hex() for pair in group) for group in among)
    return ";".join(groups)


def behind(connection: sa.Connection, among: Among) -> None:
    """Become the reader of these rows until the transaction ends."""
    connection.exec_driver_sql(f"SET LOCAL ROLE {READER}")
    connection.exec_driver_sql(f"SELECT set_config('{SCOPE}', %s, true)", (scope_setting(among),))
