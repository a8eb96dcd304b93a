"""What a drill came to, told on the terminal: tables whose columns stand under each other in both scripts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

from huying.base.text import say
from huying.cli.console import Console
from huying.domain.pack import Pack

if TYPE_CHECKING:
    from huying.sim.drill.scenario import Scenario

# What a screen holds; all of it is in --json.
LINES_SHOWN = 30
HINDSIGHT_SHOWN = 5
INDENT = "  "


def width(text: str) -> int:
    """Columns of a terminal: Chinese characters take two."""
    return sum(2 if east_asian_width(each) in "WF" else 1 for each in text)


def table(rows: Sequence[Sequence[str]], left: int = 1) -> list[str]:
    """Lines with aligned columns, the first `left` of them to the left."""
    widths = [max(width(row[n]) for row in rows) for n in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = []
        for n, cell in enumerate(row):
            gap = " " * (widths[n] - width(cell))
            cells.append(cell + gap if n < left else gap + cell)
        lines.append(INDENT + "  ".join(cells).rstrip())
    return lines


class Teller:
    """Speaks to people only; in JSON mode it is silent."""

    def __init__(self, console: Console, pack: Pack) -> None:
        self.console, self.pack = console, pack
        self.waves: dict[str, dict[str, str]] = {}

    def line(self, text: str = "") -> None:
        if not self.console.json:
            print(text, file=self.console.out, flush=True)

    def word(self, key: str, **params: Any) -> str:
        return self.console.word(key, **params)

    def head(self, key: str, **params: Any) -> None:
        self.line()
        self.line(self.word(key, **params))

    def rows(self, rows: Sequence[Sequence[str]], left: int = 1) -> None:
        for each in table(rows, left):
            self.line(each)

    def span(self, seconds: float | None) -> str:
        """Minutes and seconds, as a stop-watch shows them."""
        if seconds is None:
            return "–"
        minutes, rest = divmod(round(abs(seconds)), 60)
        return f"{'-' if seconds < 0 else ''}{minutes}:{rest:02d}"

    def clock(self, text: str) -> str:
        """The local time of day of an instant."""
        at = datetime.fromisoformat(text)
        return at.astimezone(self.pack.worktime.zone).strftime("%H:%M:%S")

    def type(self, code: str) -> str:
        return say(self.pack.type_of(code).name, self.console.lang)

    def agency(self, code: str) -> str:
        row = self.pack.agencies.get(code)
        return say(row.name, self.console.lang) if row else code

    def wave(self, name: str) -> str:
        said = self.waves.get(name)
        return say(said, self.console.lang) if said else name

    def unit(self, code: str) -> str:
        row = self.pack.units.get(code)
        return say(row.name, self.console.lang) if row else code


def tell_list(found: Sequence[Scenario], pack: Pack, console: Console) -> None:
    told = Teller(console, pack)
    if not found:
        told.line(told.word("cli.drill.list.none", pack=pack.name))
    for each in found:
        begins = datetime.fromtimestamp(each.begins_at(pack) / 1e6, pack.worktime.zone)
        ends = begins + timedelta(hours=each.hours)
        told.line(f"{each.name}  {say(each.title, console.lang)}")
        told.line(INDENT + say(each.about, console.lang))
        until = "%Y-%m-%d %H:%M" if ends.date() != begins.date() else "%H:%M"
        when = f"{begins:%Y-%m-%d %H:%M} – {ends.strftime(until)}"
        told.line(
            INDENT + told.word("cli.drill.list.when", when=when, waves=len(each.wave), faults=len(each.fault))
        )
        told.line()


def tell_run(found: Mapping[str, Any], pack: Pack, console: Console) -> None:
    """The score, what was decided, the timeline."""
    told, score = Teller(console, pack), found["score"]
    told.waves = found["waves"]
    policy = told.word(f"policy.{found['policy']}")
    told.line(
        told.word(
            "cli.drill.told.head",
            title=say(found["title"], console.lang),
            scenario=found["scenario"],
            seed=found["seed"],
            policy=policy,
        )
    )
    told.line(
        told.word(
            "cli.drill.told.when",
            since=told.clock(found["begins_at"])[:5],
            until=told.clock(found["ends_at"])[:5],
            calls=score["calls"],
            happenings=score["happenings"],
        )
    )
    _arrivals(told, score)
    _counts(told, score)
    _points(told, score)
    _hindsight(told, found["hindsight"])
    _otherwise(told, found.get("otherwise"))
    _timeline(told, found["timeline"])
    if "digest" in found:
        told.line()
        told.line(told.word("cli.drill.told.digest", digest=found["digest"], facts=found["facts"]))


def _arrivals(told: Teller, score: Mapping[str, Any]) -> None:
    told.head("cli.drill.told.arrivals")
    rows = [
        [told.word(f"cli.drill.column.{each}") for each in ("priority", "came", "waiting", "median", "p90")]
    ]
    for priority, each in score["arrivals"].items():
        times = [told.span(each["median_s"]), told.span(each["p90_s"])]
        rows.append([priority, str(each["came"]), str(each["waiting"]), *times])
    told.rows(rows)


def _counts(told: Teller, score: Mapping[str, Any]) -> None:
    told.head("cli.drill.told.counts")
    cards = score["cards"]
    rows = [
        ("cards", told.word("cli.drill.told.cards", **cards)),
        ("missed", str(cards["missed"])),
        ("uncovered", told.word("cli.drill.told.uncovered", minutes=score["uncovered_mean_min"])),
        (
            "late",
            told.word("cli.drill.told.late", late=score["referrals_late"], referrals=score["referrals"]),
        ),
        ("lost", told.word("cli.drill.told.lost", lost=score["callers_lost"], wrong=score["joined_wrong"])),
        ("false", str(score["closings_false"])),
    ]
    told.rows([(told.word(f"cli.drill.measure.{key}"), value) for key, value in rows], left=2)


def _points(told: Teller, score: Mapping[str, Any]) -> None:
    from huying.sim.drill.score import POINTS

    told.head("cli.drill.told.points", total=score["total"])
    told.rows(
        [
            (told.word(f"cli.drill.points.{key}"), f"{score['points'][key]:.1f}", f"/ {most}")
            for key, most in POINTS.items()
        ]
    )


def _hindsight(told: Teller, decisions: Sequence[Mapping[str, Any]]) -> None:
    costly = [each for each in decisions if each.get("lost_s", 0) > 0][:HINDSIGHT_SHOWN]
    if not costly:
        return
    told.head("cli.drill.told.hindsight")
    for each in costly:
        told.line(
            INDENT
            + told.word(
                "cli.drill.told.decision",
                at=told.clock(each["sent_at"]),
                incident=each["incident"],
                type=told.type(each["type"]),
                sent=", ".join(told.unit(unit) for unit in each["sent"]),
                expected=told.span(each["expected_s"]),
                advised=", ".join(told.unit(unit) for unit in each["advised"]),
                advised_in=told.span(each["advised_s"]),
                lost=told.span(each["lost_s"]),
            )
        )


def _otherwise(told: Teller, otherwise: Mapping[str, Any] | None) -> None:
    """The same drill by other rules: their points, and what the best of them would have changed."""
    if otherwise is None:
        return
    told.head("cli.drill.told.otherwise")
    columns = ("policy", "points", "median", "missed", "lost")
    rows = [[told.word(f"cli.drill.column.{each}") for each in columns]]
    for run in otherwise["runs"]:
        score = run["score"]
        first = score["arrivals"].get("1", {"median_s": None})["median_s"]
        missed, lost = str(score["cards"]["missed"]), str(score["callers_lost"])
        star = "*" if run["policy"] == otherwise["best"] else ""
        name = told.word(f"policy.{run['policy']}") + star
        rows.append([name, f"{score['total']:.1f}", told.span(first), missed, lost])
    told.rows(rows)
    for each in otherwise["turned"][:HINDSIGHT_SHOWN]:
        told.line(
            INDENT
            + told.word(
                "cli.drill.told.turned",
                at=told.clock(each["rang_at"]),
                type=told.type(each["type"]),
                came=told.span(each["came_s"]),
                would=told.span(each["would_s"]),
                units=", ".join(told.unit(unit) for unit in each["would_come"]) or "–",
            )
        )


def _timeline(told: Teller, lines: Sequence[Mapping[str, Any]]) -> None:
    told.head("cli.drill.told.timeline")
    for each in lines[:LINES_SHOWN]:
        told.line(f"{INDENT}{told.clock(each['at'])}  {line_of(told, each)}")
    if len(lines) > LINES_SHOWN:
        told.line(INDENT + told.word("cli.drill.told.more", more=len(lines) - LINES_SHOWN))


def line_of(told: Teller, line: Mapping[str, Any]) -> str:
    """One line of the timeline as a sentence."""
    values = dict(line.get("values", {}))
    shown: dict[str, Callable[[Any], str]] = {
        "unit": told.unit,
        "type": told.type,
        "agency": told.agency,
        "wave": told.wave,
        "expected_s": told.span,
        "after_s": told.span,
    }
    values |= {key: show(values[key]) for key, show in shown.items() if key in values}
    return told.word(f"drill.line.{line['what']}", incident=line.get("incident", 0), **values)
