"""Policies beside each other on the same days, told as tables: for a terminal, or as Markdown for a page."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from huying.cli.console import Console
from huying.cli.drilling import Teller

if TYPE_CHECKING:
    from huying.sim.drill.compare import Compared, Difference

# What a page has room for; a terminal and --json have all measures.
COLUMNS = ("total", "arrive_1_s", "arrive_1_p90_s", "cards_in_time", "uncovered_min")


def tell_compared(found: Compared, args: argparse.Namespace, console: Console) -> None:
    """One table for each scenario and policy: both means, their difference and its interval."""
    from huying.store.packdir import read_pack

    told = Teller(console, read_pack(args.pack or "yunxi"))
    a = told.word(f"policy.{args.a}")
    for name, policies in found.items():
        for policy, differences in policies.items():
            told.line()
            b = told.word(f"policy.{policy}")
            told.line(f"{name} · " + told.word("cli.drill.compare.head", a=a, b=b, seeds=args.seeds))
            _one(told, differences)
    told.line()
    told.line(told.word("cli.drill.compare.how"))


def _one(told: Teller, differences: Sequence[Difference]) -> None:
    columns = ("measure", "a", "b", "difference", "interval", "sure")
    rows = [[told.word(f"cli.drill.column.{each}") for each in columns]]
    for each in differences:
        if each.pairs:
            interval = f"{each.low:+,.2f} … {each.high:+,.2f}"
            numbers = [f"{each.a:,.2f}", f"{each.b:,.2f}", f"{each.difference:+,.2f}", interval]
            rows.append([told.word(f"cli.drill.compared.{each.measure}"), *numbers, "*" if each.sure else ""])
    told.rows(rows)


def tell_markdown(found: Compared, args: argparse.Namespace, console: Console) -> None:
    """One table of all: a line for each scenario and policy, differences with intervals in brackets."""
    from huying.store.packdir import read_pack

    told = Teller(console, read_pack(args.pack or "yunxi"))
    for line in markdown(found, args.a, told):
        told.line(line)


def markdown(found: Compared, a: str, told: Teller) -> list[str]:
    """The lines of the table; sure differences are in bold."""
    heads = [told.word(f"cli.drill.column.{each}") for each in ("scenario", "policy")]
    heads += [told.word(f"cli.drill.compared.{each}") for each in COLUMNS]
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for name, policies in found.items():
        first = _by_measure(next(iter(policies.values())))
        means = [_number(each, first[each].a) if first[each].pairs else "–" for each in COLUMNS]
        lines.append("| " + " | ".join([f"`{name}`", f"`{a}`", *means]) + " |")
        for policy, differences in policies.items():
            by = _by_measure(differences)
            lines.append(
                "| " + " | ".join(["", f"`{policy}`", *(_cell(by[each]) for each in COLUMNS)]) + " |"
            )
    return lines


def _by_measure(differences: Sequence[Difference]) -> Mapping[str, Difference]:
    return {each.measure: each for each in differences}


def _number(measure: str, value: float, sign: str = "") -> str:
    """Shares to the thousandth, points and minutes to the tenth, seconds whole."""
    places = 3 if measure == "cards_in_time" else 0 if measure.endswith("_s") else 1
    return f"{value:{sign},.{places}f}"


def _cell(each: Difference) -> str:
    if not each.pairs:
        return "–"
    low, high = (_number(each.measure, value, "+") for value in (each.low, each.high))
    told = f"{_number(each.measure, each.difference, '+')} [{low}, {high}]"
    return f"**{told}**" if each.sure else told
