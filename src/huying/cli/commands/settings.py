"""`huying settings`: every setting, its value now, its default and its meaning."""

from __future__ import annotations

import argparse
import os

import msgspec

from huying.cli.console import Console
from huying.cli.exits import Exit
from huying.cli.parser import Arguments, Command
from huying.config import Config, read_config, setting_name, shown


def _arguments(add: Arguments, config: Config) -> None:
    add.add("--json", action="store_true")


def _run(args: argparse.Namespace, console: Console) -> Exit:
    now = read_config(os.environ)
    rows = [
        {
            "name": setting_name(field.name),
            "value": shown(now, field.name),
            "default": field.default,
            "meaning": console.word(f"setting.{field.name}"),
        }
        for field in msgspec.structs.fields(Config)
    ]
    for row in rows:
        console.say("cli.settings.row", **row)
    console.answer({"settings": rows})
    return Exit.OK


COMMAND = Command("settings", 90, _run, _arguments)
