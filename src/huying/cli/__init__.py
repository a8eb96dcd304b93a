"""The command `huying`."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

from huying import __version__
from huying.base.refusal import Refusal
from huying.cli.console import Console, choose_language
from huying.cli.exits import Exit, exit_of
from huying.cli.parser import build_parser
from huying.config import Config, read_config


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line; the exit code says how it ended (`huying.cli.exits`)."""
    given = sys.argv[1:] if argv is None else list(argv)
    console = Console(choose_language(os.environ.get("HUYING_LANG", ""), os.environ), "--json" in given)
    try:
        return _run(given, console)
    except Refusal as refusal:
        console.refuse(refusal)
        return exit_of(refusal)
    except KeyboardInterrupt:
        console.note("cli.interrupted")
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # What is still buffered has no reader; without this Python complains while it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.PIPE_CLOSED
    except Exception:
        traceback.print_exc(file=console.err)
        console.note("cli.bug")
        return Exit.BUG


def _run(given: list[str], console: Console) -> int:
    try:
        config = read_config(os.environ)
    except Refusal as refusal:
        console.refuse(refusal)
        return Exit.USAGE
    command = next((each for each in given if not each.startswith("-")), "")
    parser = build_parser(console.lang, config, command)
    args = parser.parse_args(given)
    if args.version:
        console.json = False
        print(f"huying {__version__}", file=console.out)
        return Exit.OK
    if args.command is None:
        parser.print_help(console.err)
        return Exit.USAGE
    done: Exit = args.run(args, console)
    return done


__all__ = ["Config", "main"]
