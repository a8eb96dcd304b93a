"""`huying pack check` explains every fault of a pack; `huying pack new` starts one."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from huying.base.refusal import Refusal
from huying.base.text import say
from huying.cli.console import Console
from huying.cli.exits import Exit
from huying.cli.parser import Arguments, Command
from huying.config import Config
from huying.domain.pack import Pack
from huying.service.packs import Fault, Level
from huying.sim.drill.scenario import FOLDER, scenarios_of
from huying.store.packdir import check_files, read_files

# The pack that `new` copies: small, complete, with a remark above every table.
STARTER = "starter"

COUNTED = ("agencies", "types", "rules", "units", "areas", "places", "roads")


def _arguments(add: Arguments, config: Config) -> None:
    verbs = add.groups(("check", "new"))
    verbs["check"].add("folder", metavar="DIR")
    verbs["check"].add("--json", action="store_true")
    verbs["new"].add("folder", metavar="DIR")
    verbs["new"].add("--json", action="store_true")


def _run(args: argparse.Namespace, console: Console) -> Exit:
    return _check(args.folder, console) if args.verb == "check" else _new(Path(args.folder), console)


def _check(folder: str, console: Console) -> Exit:
    checked = check_files(read_files(folder))
    for fault in checked.faults:
        console.say("cli.pack.check.fault", **_told(fault, console))
    faults = sum(fault.level is Level.FAULT for fault in checked.faults)
    told = len(checked.faults) - faults
    if checked.pack is None:
        console.say("cli.pack.check.refused", faults=faults, told=told)
    else:
        counts = _counts(checked.pack)
        title = say(checked.pack.title, console.lang)
        edition = checked.pack.edition
        console.say("cli.pack.check.sound", title=title, edition=edition, told=told, **counts)
    console.answer(_answer(checked.pack, [_told(fault, console) for fault in checked.faults]))
    return Exit.REFUSED if checked.pack is None else Exit.OK


def _told(fault: Fault, console: Console) -> dict[str, Any]:
    sentence = console.word(f"pack.fault.{fault.code}", **fault.params)
    if fault.params.get("hint"):
        sentence += " " + console.word("pack.hint", hint=fault.params["hint"])
    return {
        "file": fault.file,
        "line": fault.line,
        "level": fault.level.value,
        "grade": console.word(f"pack.level.{fault.level}"),
        "code": fault.code,
        "sentence": sentence,
    }


def _answer(pack: Pack | None, faults: Iterable[dict[str, Any]]) -> dict[str, Any]:
    answer: dict[str, Any] = {"sound": pack is not None, "faults": list(faults)}
    if pack is not None:
        answer |= {"name": pack.name, "edition": pack.edition, "digest": pack.digest, **_counts(pack)}
    return answer


def _counts(pack: Pack) -> dict[str, int]:
    return {table: len(getattr(pack, table)) for table in COUNTED}


def _new(folder: Path, console: Console) -> Exit:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise Refusal("pack_folder_taken", folder=str(folder))
        for name, content in read_files(STARTER).items():
            (folder / name).write_bytes(content)
        drills = scenarios_of(STARTER)
        (folder / FOLDER).mkdir()
        for each in drills.values():
            (folder / FOLDER / each.name).write_bytes(each.read_bytes())
    except OSError as error:
        raise Refusal("pack_folder_closed", folder=str(folder), why=error.strerror or str(error)) from error
    console.say("cli.pack.new.done", folder=str(folder))
    console.answer({"folder": str(folder), "files": sorted(each.name for each in folder.iterdir())})
    return Exit.OK


COMMAND = Command("pack", 60, _run, _arguments)
