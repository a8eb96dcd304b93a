"""`huying policy show` prints who may do what; `huying policy explain` answers one such question."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, TypeVar

from huying.base.refusal import Refusal
from huying.cli.console import Console
from huying.cli.exits import Exit
from huying.cli.parser import Arguments, Command
from huying.config import Config
from huying.domain.policy import Action, PolicyRow, Purpose, Thing
from huying.privacy.never import NEVER, WHO
from huying.store.opening import raise_wall
from huying.store.packdir import read_pack

E = TypeVar("E", bound=StrEnum)
_PASSWORD = re.compile(r"(?<=://)([^/@:]*):[^/@]*@")


def _arguments(add: Arguments, config: Config) -> None:
    verbs = add.groups(("show", "explain", "wall"))
    verbs["show"].add("--who", default="")
    verbs["explain"].add("who", metavar="WHO")
    verbs["explain"].add("action", metavar="ACTION")
    verbs["explain"].add("thing", metavar="THING")
    verbs["explain"].add("--purpose", default=Purpose.ANSWER.value)
    verbs["wall"].add("--store", default=config.store)
    for verb in verbs.values():
        verb.add("--pack", default=config.pack)
        verb.add("--json", action="store_true")


def _run(args: argparse.Namespace, console: Console) -> Exit:
    if args.verb == "wall":
        raise_wall(args.store)
        console.say("cli.policy.wall.done", store=shown_address(args.store))
        console.answer({"wall": True})
        return Exit.OK
    rows = read_pack(args.pack).policy
    return _show(rows, args.who, console) if args.verb == "show" else _explain(rows, args, console)


def shown_address(address: str) -> str:
    """Without a password."""
    return _PASSWORD.sub(r"\1:…@", address)


def _show(rows: Iterable[PolicyRow], who: str, console: Console) -> Exit:
    if who:
        _one_of(who, WHO, "who")
    shown = [row for row in rows if not who or who in row.who]
    for row in shown:
        console.say("cli.policy.row", **_told(row, console))
    console.say("cli.policy.never", never=_list([f"never.{code}" for code in NEVER], console, "; "))
    console.answer({"rows": [_plain(row) for row in shown], "never": list(NEVER)})
    return Exit.OK


def _explain(rows: Iterable[PolicyRow], args: argparse.Namespace, console: Console) -> Exit:
    """Yes, yes if, or no: for somebody on duty, before anything is known of the one thing."""
    who = _one_of(args.who, WHO, "who")
    thing, action = _word(args.thing, Thing, "thing"), _word(args.action, Action, "action")
    purpose = _word(args.purpose, Purpose, "purpose")
    said = {
        "who": console.word(f"role.{who}"),
        "action": console.word(f"action.{action}"),
        "thing": console.word(f"thing.{thing}"),
        "purpose": console.word(f"purpose.{purpose}"),
    }
    near = [row for row in rows if row.thing is thing and action in row.actions]
    mine = [row for row in near if who in row.who]
    allowing = [row for row in mine if purpose in row.purposes]
    for row in allowing:
        needs = [*(["on_duty"] if row.on_duty else []), *_needs(row)]
        told = _told(row, console) | said | {"rule": row.code}
        told["conditions"] = _list([f"condition.{each}" for each in needs], console)
        console.say("cli.policy.if" if needs else "cli.policy.yes", **told)
    if not allowing:
        rule = mine[0].code if mine else "–"
        missing = ["condition.purpose" if mine else "condition.role"]
        ask = (mine or near)[0].ask if mine or near else "data_officer"
        named = {"rule": rule, "missing": _list(missing, console), "ask": console.word(f"role.{ask}")}
        console.say("cli.policy.no", **said | named)
    console.answer(
        {
            "allowed": bool(allowing),
            "rules": [{"code": row.code, "needs": _needs(row), **_plain(row)} for row in allowing],
            "ask": (allowing or mine or near)[0].ask if near else "data_officer",
        }
    )
    return Exit.OK if allowing else Exit.REFUSED


def _needs(row: PolicyRow) -> list[str]:
    return [*(["second"] if row.second else []), *sorted(each.value for each in row.conditions)]


def _told(row: PolicyRow, console: Console) -> dict[str, str]:
    needs = [f"condition.{each}" for each in _needs(row)]
    return {
        "code": row.code,
        "who": _list([f"role.{each}" for each in sorted(row.who)], console),
        "duty": console.word("cli.policy.duty.on" if row.on_duty else "cli.policy.duty.any"),
        "actions": _list([f"action.{each}" for each in sorted(row.actions)], console),
        "thing": console.word(f"thing.{row.thing}"),
        "purposes": _list([f"purpose.{each}" for each in sorted(row.purposes)], console),
        "fields": _list([f"field.{each}" for each in sorted(row.fields)], console),
        "conditions": _list(needs or ["condition.none"], console),
        "second": console.word("cli.policy.second.yes" if row.second else "cli.policy.second.no"),
        "keep": str(row.keep) if row.keep else console.word("cli.policy.keep.incident"),
        "ask": console.word(f"role.{row.ask}"),
    }


def _plain(row: PolicyRow) -> dict[str, Any]:
    return {
        "code": row.code,
        "who": sorted(row.who),
        "on_duty": row.on_duty,
        "thing": row.thing.value,
        "actions": sorted(row.actions),
        "purposes": sorted(row.purposes),
        "fields": sorted(row.fields),
        "conditions": sorted(row.conditions),
        "second": row.second,
        "keep": str(row.keep) if row.keep else "",
        "ask": row.ask,
    }


def _list(keys: Iterable[str], console: Console, between: str = ", ") -> str:
    between = {", ": "、", "; ": "；"}[between] if console.lang == "zh" else between
    return between.join(console.word(key) for key in keys) or console.word("cli.policy.none")


def _one_of(value: str, known: Iterable[str], column: str) -> str:
    if value not in known:
        raise Refusal("policy_word_unknown", value=value[:60], column=column, known=" ".join(sorted(known)))
    return value


def _word(value: str, kind: type[E], column: str) -> E:
    return kind(_one_of(value, [each.value for each in kind], column))


COMMAND = Command("policy", 62, _run, _arguments)
