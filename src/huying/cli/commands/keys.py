"""`huying keys`: keys of partners' programs. A key is shown once and kept as a hash."""

from __future__ import annotations

import argparse
from typing import Any

from huying.base.clock import DAY
from huying.base.refusal import Refusal
from huying.bootstrap import Installation
from huying.cli import office
from huying.cli.console import Console
from huying.cli.exits import Exit
from huying.cli.parser import Arguments, Command
from huying.config import Config
from huying.domain.account import SCOPES, PartnerKey, by_key_name
from huying.domain.office import IssueKey, RevokeKey
from huying.edge.instants import iso
from huying.edge.secrets import KEY_PREFIX, hash_of, new_secret

DAYS = 365


def _arguments(add: Arguments, config: Config) -> None:
    verbs = add.groups(("add", "list", "revoke"))
    verbs["add"].add("name", metavar="NAME")
    verbs["add"].add("--scope", action="append", choices=SCOPES, required=True, metavar="SCOPE")
    verbs["add"].add("--days", type=int, default=DAYS)
    verbs["add"].add("--agency", default="", metavar="AGENCY")
    verbs["revoke"].add("name", metavar="NAME")
    verbs["revoke"].add("--why", default="", metavar="WHY")
    for verb in verbs.values():
        verb.add("--store", default=config.store)
        verb.add("--pack", default=config.pack)
        verb.add("--json", action="store_true")


def _run(args: argparse.Namespace, console: Console) -> Exit:
    with office.office(args.store, args.pack) as house:
        {"add": _add, "list": _list, "revoke": _revoke}[args.verb](house, args, console)
    return Exit.OK


def _add(house: Installation, args: argparse.Namespace, console: Console) -> None:
    secret = KEY_PREFIX + new_secret(house.chance)
    until = house.clock.now() + args.days * DAY
    command = IssueKey(
        name=args.name,
        hash=hash_of(secret),
        scopes=tuple(args.scope),
        until=until,
        agency=args.agency,
    )
    office.do(house, command)
    console.say("cli.keys.added", name=args.name, secret=secret, until=iso(until))
    console.answer({"name": args.name, "key": secret, "scopes": args.scope, "until": iso(until)})


def _list(house: Installation, args: argparse.Namespace, console: Console) -> None:
    keys = house.questions.keys()
    seen = house.questions.seen([each.id for each in keys])
    now = house.clock.now()
    rows = [_row(each, seen.get(each.id, 0), now, console) for each in keys]
    for row in rows:
        console.say("cli.keys.row", **row)
    console.answer({"keys": rows})


def _row(key: PartnerKey, seen: int, now: int, console: Console) -> dict[str, Any]:
    state = "revoked" if key.revoked_at else "over" if key.until <= now else "valid"
    return {
        "name": key.name,
        "scopes": " ".join(key.scopes),
        "agency": key.agency,
        "until": iso(key.until),
        "seen_at": iso(seen) if seen else "–",
        "state": state,
        "state_name": console.word(f"cli.keys.state.{state}"),
    }


def _revoke(house: Installation, args: argparse.Namespace, console: Console) -> None:
    key = house.questions.key_by(by_key_name(args.name))
    if key is None:
        raise Refusal("no_such_key", name=args.name[:40])
    office.do(house, RevokeKey(key=key.id, why=args.why))
    console.say("cli.keys.revoked", name=key.name)
    console.answer({"name": key.name, "state": "revoked"})


COMMAND = Command("keys", 31, _run, _arguments)
