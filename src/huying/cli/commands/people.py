"""`huying people`: accounts of staff, and the links by which their passkeys are set up."""

from __future__ import annotations

import argparse
import os
from typing import Any

from huying.bootstrap import Installation
from huying.cli import office
from huying.cli.console import Console
from huying.cli.exits import Exit
from huying.cli.looked import tell_looked
from huying.cli.parser import Arguments, Command
from huying.config import Config, read_config
from huying.domain.account import Account
from huying.domain.office import ChangeAccount, CloseAccount, OpenAccount, ReopenAccount
from huying.domain.principal import Role
from huying.edge.instants import iso

FIELDS = ("role", "name", "agency", "unit", "subject")


def _arguments(add: Arguments, config: Config) -> None:
    verbs = add.groups(("add", "list", "change", "link", "close", "reopen", "looked"))
    for name, verb in verbs.items():
        if name != "list":
            verb.add("code", metavar="CODE")
        if name in ("add", "change"):
            roles = [each.value for each in Role]
            verb.add("--role", choices=roles, required=name == "add", metavar="ROLE")
            for field in FIELDS[1:]:
                verb.add(f"--{field}", default="" if name == "add" else None, metavar=field.upper())
            verb.add("--area", action="append", default=None, metavar="AREA")
        if name in ("close", "reopen"):
            verb.add("--why", required=True, metavar="WHY")
        verb.add("--store", default=config.store)
        verb.add("--pack", default=config.pack)
        verb.add("--json", action="store_true")


def _run(args: argparse.Namespace, console: Console) -> Exit:
    with office.office(args.store, args.pack) as house:
        doing = {
            "add": _add,
            "list": _list,
            "change": _change,
            "link": _link,
            "close": _close,
            "reopen": _close,
            "looked": tell_looked,
        }
        doing[args.verb](house, args, console)
    return Exit.OK


def _add(house: Installation, args: argparse.Namespace, console: Console) -> None:
    fields = {name: getattr(args, name) for name in FIELDS}
    office.do(house, OpenAccount(code=args.code, areas=tuple(args.area or ()), **fields))
    console.say("cli.people.added", code=args.code, role=console.word(f"role.{args.role}"))
    _link(house, args, console)


def _link(house: Installation, args: argparse.Namespace, console: Console) -> None:
    account = office.account_of(house, args.code)
    config = read_config(os.environ)
    secret = office.issue_link(house, account.id)
    address = office.link_address(secret, office.root_of(config, config.port))
    until = iso(office.account_of(house, args.code).link_until)
    console.say("cli.people.link.is", address=address, until=until)
    console.answer({"code": account.code, "account": account.id, "link": address, "until": until})


def _change(house: Installation, args: argparse.Namespace, console: Console) -> None:
    account = office.account_of(house, args.code)
    fields = {name: getattr(args, name) for name in FIELDS}
    areas = None if args.area is None else tuple(each for each in args.area if each)
    office.do(house, ChangeAccount(account=account.id, areas=areas, **fields))
    _tell(office.account_of(house, args.code), console)


def _close(house: Installation, args: argparse.Namespace, console: Console) -> None:
    account = office.account_of(house, args.code)
    kind = CloseAccount if args.verb == "close" else ReopenAccount
    office.do(house, kind(account=account.id, why=args.why))
    _tell(office.account_of(house, args.code), console)


def _list(house: Installation, args: argparse.Namespace, console: Console) -> None:
    people = house.questions.accounts()
    for each in people:
        console.say("cli.people.row", **_row(each, console))
    console.answer({"people": [_row(each, console) for each in people]})


def _tell(account: Account, console: Console) -> None:
    console.say("cli.people.row", **_row(account, console))
    console.answer(_row(account, console))


def _row(account: Account, console: Console) -> dict[str, Any]:
    state = "closed" if account.closed_at else "demo" if account.demo else "open"
    return {
        "code": account.code,
        "name": account.name,
        "role": account.role.value,
        "role_name": console.word(f"role.{account.role}"),
        "agency": account.agency,
        "unit": account.unit,
        "areas": " ".join(account.areas),
        "subject": account.subject,
        "passkeys": len(account.passkeys),
        "state": state,
        "state_name": console.word(f"cli.people.state.{state}"),
    }


COMMAND = Command("people", 30, _run, _arguments)
