"""Questions of the office and the roads: accounts, partners' keys, what is closed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from huying.base.refusal import Refusal
from huying.domain.account import Account, PartnerKey, by_code
from huying.domain.closure import Closure
from huying.domain.deployment import Deployment
from huying.domain.modelling import label_door
from huying.store import schema as t
from huying.store.asking import IDS_MAX, Asking
from huying.store.docs import read_account, read_closure, read_deployment, read_key
from huying.store.model_rows import judging, said_of, saying

# Accounts and keys shown in one list: a county of a million has some thousand who work on calls.
ACCOUNTS_MAX = 10_000
# Closed roads in one answer; the service lets no more be in force at once.
CLOSURES_SHOWN_MAX = 1_000
# Plans of deployment in one answer: years of a city that changes them every week.
PLANS_SHOWN_MAX = 500


class OfficeQuestions(Asking):
    """Who may come in, and what lies on the roads."""

    def closures(self, at: int) -> list[Closure]:
        c = t.closure.c
        statement = sa.select(c.doc).where(c.ends_at > at).order_by(c.id).limit(CLOSURES_SHOWN_MAX)
        return [read_closure(row.doc) for row in self._rows(statement)]

    def deployment(self, id: int) -> Deployment:
        c = t.deployment.c
        found = self._rows(sa.select(c.doc).where(c.id == id))
        if not found:
            raise Refusal("not_found", noun="plan", id=id)
        return read_deployment(found[0].doc)

    def deployments(self, ended: bool) -> list[Deployment]:
        c = t.deployment.c
        statement = sa.select(c.doc).order_by(c.id.desc()).limit(PLANS_SHOWN_MAX)
        if not ended:
            statement = statement.where(c.ended == 0)
        return [read_deployment(row.doc) for row in self._rows(statement)]

    def account_by(self, name: str) -> Account | None:
        found = self._rows(self._behind(t.account, name))
        return read_account(found[0].doc) if found else None

    def key_by(self, name: str) -> PartnerKey | None:
        found = self._rows(self._behind(t.partner_key, name))
        return read_key(found[0].doc) if found else None

    @staticmethod
    def _behind(table: sa.Table, name: str) -> sa.Select[Any]:
        return sa.select(table.c.doc).join(t.door, t.door.c.id == table.c.id).where(t.door.c.name == name)

    def accounts(self) -> list[Account]:
        statement = sa.select(t.account.c.doc).order_by(t.account.c.id).limit(ACCOUNTS_MAX)
        return [read_account(row.doc) for row in self._rows(statement)]

    def names_of(self, actors: Sequence[str]) -> dict[str, str]:
        doors = {by_code(each): each for each in actors[:IDS_MAX]}
        if not doors:
            return {}
        found = self._rows(
            sa.select(t.door.c.name, t.account.c.doc)
            .join(t.account, t.account.c.id == t.door.c.id)
            .where(t.door.c.name.in_(list(doors)))
        )
        return {doors[row.name]: name for row in found if (name := read_account(row.doc).name)}

    def keys(self) -> list[PartnerKey]:
        statement = sa.select(t.partner_key.c.doc).order_by(t.partner_key.c.id).limit(ACCOUNTS_MAX)
        return [read_key(row.doc) for row in self._rows(statement)]

    def seen(self, ids: Sequence[int]) -> dict[int, int]:
        rows = self._rows(sa.select(t.seen).where(t.seen.c.id.in_(ids[:IDS_MAX])))
        return {row.id: row.at for row in rows}

    def model_said(self, role: str) -> dict[str, Any]:
        return said_of(self._rows(saying(role)))

    def model_judged(self, digest: str) -> dict[str, Any]:
        return said_of(self._rows(judging(digest)))

    def labelled(self, calls: Sequence[int]) -> set[int]:
        names = {label_door(call): call for call in calls[:IDS_MAX]}
        found = self._rows(sa.select(t.door.c.name).where(t.door.c.name.in_(list(names))))
        return {names[row.name] for row in found}
