"""The command line in two languages. Every sentence of a command is in the word files.

`cli.<name>` says in one line what it does, `cli.<name>.more` teaches it, `cli.<name>.examples` shows it, and
`cli.<name>.<argument>` explains one argument (`cli.option.<argument>` one that several commands share).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, NoReturn

from huying.base.text import Words
from huying.cli.console import Console
from huying.cli.exits import Exit
from huying.config import Config
from huying.words import load_words


@dataclass(frozen=True)
class Command:
    """One sub-command; a file in `huying/cli/commands` that holds one as `COMMAND` is found by itself.

    `place` orders the list in --help; `arguments` adds to its parser; `run` returns how it ended.
    """

    name: str
    place: int
    run: Callable[[argparse.Namespace, Console], Exit]
    arguments: Callable[[Arguments, Config], None]


class Arguments:
    """A parser as commands see it: help comes from the word files, by the command's name."""

    def __init__(self, parser: Parser, command: str) -> None:
        self.parser = parser
        self.command = command

    def add(self, *names: str, **how: Any) -> None:
        """As `argparse.add_argument`, without `help`."""
        dest = str(how.get("dest") or names[-1].lstrip("-").replace("-", "_"))
        own, shared = f"cli.{self.command}.{dest}", f"cli.option.{dest}"
        key = own if own in self.parser.words.by_language["en"] else shared
        self.parser.add_argument(*names, help=self.parser.word(key), **how)

    def groups(self, names: Sequence[str]) -> dict[str, Arguments]:
        """Sub-commands of this command (`pack check`, `pack new`), by name; chosen in `args.verb`."""
        verbs = self.parser.add_subparsers(dest="verb", required=True, metavar="", title=self._title)
        made = {}
        for name in names:
            full = f"{self.command}.{name}"
            child = verbs.add_parser(name, **described(self.parser, full))
            made[name] = Arguments(child, full)
        return made

    @property
    def _title(self) -> str:
        return self.parser.word("cli.commands")


class Parser(argparse.ArgumentParser):
    """An argparse parser that speaks the language of its reader."""

    def __init__(self, *, lang: str = "en", **how: Any) -> None:
        self.lang = lang
        self.words: Words = load_words()
        super().__init__(**how, add_help=False, formatter_class=_formatter(self.word("cli.usage")))
        self._positionals.title = self.word("cli.arguments")
        self._optionals.title = self.word("cli.options")
        self.add_argument("-h", "--help", action="help", help=self.word("cli.option.help"))

    def word(self, key: str, **params: Any) -> str:
        return self.words.say(key, self.lang, **params)

    def error(self, message: str) -> NoReturn:
        self.print_usage()
        self.exit(Exit.USAGE, self.word("cli.misused", fault=message, prog=self.prog) + "\n")

    def print_usage(self, file: Any = None) -> None:
        super().print_usage(file or sys.stderr)


def _formatter(usage: str) -> type[argparse.RawDescriptionHelpFormatter]:
    class Formatter(argparse.RawDescriptionHelpFormatter):
        def add_usage(self, text: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
            super().add_usage(text, actions, groups, f"{usage} " if prefix is None else prefix)

    return Formatter


def described(parser: Parser, name: str) -> dict[str, Any]:
    """What a sub-parser is told about itself."""
    examples = parser.word(f"cli.{name}.examples")
    return {
        "help": parser.word(f"cli.{name}"),
        "description": parser.word(f"cli.{name}") + "\n\n" + parser.word(f"cli.{name}.more"),
        "epilog": parser.word("cli.examples") + "\n" + examples,
        "lang": parser.lang,
    }


def find_commands(only: str = "") -> list[Command]:
    """All commands in the order of --help, or the one called `only` alone.

    A command's file has its name (`import_.py` for a word that Python keeps to itself). Loading one file and
    not all of them is what makes a small command start in a moment.
    """
    folder = import_module("huying.cli.commands")
    names = [each.name for each in iter_modules(folder.__path__)]
    if any(name.rstrip("_") == only for name in names):
        names = [name for name in names if name.rstrip("_") == only]
    found: Iterable[Command] = (import_module(f"{folder.__name__}.{name}").COMMAND for name in names)
    return sorted(found, key=lambda each: (each.place, each.name))


def build_parser(lang: str, config: Config, only: str = "") -> Parser:
    """The whole command line, or that of one command. `config` gives the defaults that the help shows."""
    parser = Parser(prog="huying", lang=lang)
    parser.description = parser.word("cli.huying") + "\n\n" + parser.word("cli.huying.more")
    parser.epilog = parser.word("cli.huying.exits")
    Arguments(parser, "huying").add("--version", action="store_true")
    children = parser.add_subparsers(dest="command", metavar="", title=parser.word("cli.commands"))
    for command in find_commands(only):
        child = children.add_parser(command.name, **described(parser, command.name))
        command.arguments(Arguments(child, command.name), config)
        child.set_defaults(run=command.run)
    return parser
