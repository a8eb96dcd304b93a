"""What is published gives no small number away: neither alone, nor by totals, nor by yesterday's release."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from fractions import Fraction
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from huying.base.clock import DAY, ManualClock
from huying.base.refusal import Refusal
from huying.bootstrap import open_house
from huying.cli import main
from huying.domain.commands import Envelope, ReceiveCall
from huying.privacy.release import K, Released, release
from huying.store.noise import with_noise
from huying.store.releases import span_of

ROWS, COLUMNS = ("west", "east", "north"), ("theft", "noise", "quarrel", "fraud")


def equations(table: Released) -> tuple[list[tuple[int, int]], list[tuple[list[int], int]]]:
    """(unknown cells, equations over them with their constants) that a reader of the table can write down."""
    numbers = table.numbers
    height, width = len(numbers), len(numbers[0])
    unknown = [(i, j) for i in range(height) for j in range(width) if numbers[i][j] is None]
    lines = [[(i, j) for j in range(width)] for i in range(height)]
    lines += [[(i, j) for i in range(height)] for j in range(width)]
    found = []
    for line in lines:
        row, constant = [0] * len(unknown), 0
        for place, cell in enumerate(line):
            sign = -1 if place == len(line) - 1 else 1  # the total stands last
            value = numbers[cell[0]][cell[1]]
            if value is None:
                row[unknown.index(cell)] = sign
            else:
                constant -= sign * value
        found.append((row, constant))
    return unknown, found


def known(table: Released) -> dict[tuple[int, int], Fraction]:
    """Hidden cells that follow from what is published: Gauss' elimination, exactly."""
    unknown, lines = equations(table)
    rows = [[Fraction(each) for each in (*row, constant)] for row, constant in lines]
    pivots: list[int] = []
    for column in range(len(unknown)):
        at = next((i for i in range(len(pivots), len(rows)) if rows[i][column]), None)
        if at is None:
            continue
        here = len(pivots)
        rows[here], rows[at] = rows[at], rows[here]
        rows[here] = [each / rows[here][column] for each in rows[here]]
        for i, row in enumerate(rows):
            if i != here and row[column]:
                rows[i] = [a - row[column] * b for a, b in zip(row, rows[here], strict=True)]
        pivots.append(column)
    return {
        unknown[column]: rows[i][-1]
        for i, column in enumerate(pivots)
        if sum(bool(each) for each in rows[i][:-1]) == 1
    }


tables = st.lists(
    st.integers(0, 40) | st.integers(0, 12),
    min_size=len(ROWS) * len(COLUMNS),
    max_size=len(ROWS) * len(COLUMNS),
).map(lambda values: dict(zip(itertools.product(ROWS, COLUMNS), values, strict=True)))


@given(tables)
@settings(max_examples=300, deadline=None)
def test_no_hidden_number_follows_from_the_rest(counts: dict[tuple[str, str], int]) -> None:
    table = release(counts, ROWS, COLUMNS)
    assert known(table) == {}
    for i, row in enumerate(ROWS):
        for j, column in enumerate(COLUMNS):
            shown = table.numbers[i][j]
            assert shown is None or shown == counts[row, column]
            assert shown is None or shown == 0 or shown >= K


@given(tables)
@settings(max_examples=200, deadline=None)
def test_what_is_hidden_in_a_line_is_no_small_sum(counts: dict[tuple[str, str], int]) -> None:
    table = release(counts, ROWS, COLUMNS)
    for i, row in enumerate(ROWS):
        shown = table.numbers[i]
        if shown[-1] is not None and None in shown:
            assert shown[-1] - sum(each or 0 for each in shown[:-1]) >= K, row


def test_a_table_without_small_numbers_is_whole() -> None:
    counts = dict.fromkeys(itertools.product(ROWS, COLUMNS), 10)
    table = release(counts, ROWS, COLUMNS)
    assert (table.primary, table.complementary) == (0, 0)
    assert table.numbers[-1][-1] == 120


def test_a_single_small_number_takes_others_with_it() -> None:
    counts = dict.fromkeys(itertools.product(ROWS, COLUMNS), 20) | {("west", "fraud"): 3}
    table = release(counts, ROWS, COLUMNS)
    assert (table.primary, table.complementary) == (1, 3)
    assert table.numbers[-1][-1] == 223


def test_only_sensitive_kinds_are_hidden_where_that_is_said() -> None:
    counts = dict.fromkeys(itertools.product(ROWS, COLUMNS), 3)
    table = release(counts, ROWS, COLUMNS, sensitive=frozenset())
    assert table.primary == 0
    assert table.numbers[0] == (3, 3, 3, 3, 12)


def test_noise_is_what_it_says() -> None:
    """At ε = 1/2: mean 0, and P(x)/P(x+1) = exp(1/2). The bounds are more than eight standard errors wide."""
    drawn = Counter(each - 1_000 for each in with_noise([1_000] * 100_000, Fraction(1, 2)))
    assert abs(sum(x * n for x, n in drawn.items()) / 100_000) < 0.1
    for x in (0, 1, 2, -1, -2):
        ratio = drawn[x] / drawn[x + (1 if x >= 0 else -1)]
        assert 1.4 < ratio < 1.95, (x, ratio)


def test_no_noise_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huying.store.noise.find_spec", lambda name: None)
    with pytest.raises(Refusal, match="noise_needs"):
        with_noise([1], Fraction(1))


def a_town(tmp_path: Path, extra: int = 0) -> str:
    """February 2026 in the starter pack: 30 calls about water, 4 about noise, and `extra` more of these."""
    address = str(tmp_path / "city.db")
    clock = ManualClock(span_of("2026-02", "Asia/Shanghai")[0] + 10 * DAY)
    installation = open_house(address, "starter", clock)
    types = list(installation.pack.types)[:2]
    town = next(each for each in installation.pack.areas.values() if each.kind == "town")
    lon, lat = (sum(part) / len(part) for part in zip(*town.rings[0], strict=True))
    with installation.engine.transaction() as transaction:
        for i in range(34 + extra):
            call = ReceiveCall("desk", "x", stated_type=types[i >= 30], lat=lat, lon=lon)
            transaction.execute(Envelope(call, actor="desk"))
    installation.close()
    return address


def test_successive_releases_can_not_be_subtracted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address = a_town(tmp_path)
    ask = ["release", "--store", address, "--pack", "starter", "--json", "--month", "2026-02", "--by", "type"]
    assert main(ask) == 0
    first = json.loads(capsys.readouterr().out)
    assert first["primary"] == 1
    a_town(tmp_path, extra=1)
    assert main(ask) == 0
    assert json.loads(capsys.readouterr().out) == first, "a month is published once"
    assert main([*ask[:-1], "group"]) == 1, "and in one shape"
    assert "town/type" in capsys.readouterr().err
    for epsilon, code in (("0.5", 0), ("0.4", 0), ("0.2", 1), ("nan", 1), ("2", 1)):
        assert main([*ask, "--noise", epsilon]) == code, epsilon
    capsys.readouterr()
    assert main(["release", "--store", address]) == 0
    told = capsys.readouterr().out
    assert "0.9" in told
    assert main([*ask[:6], "--month", "2199-01"]) == 1
    assert main([*ask[:6], "--month", "2026-02", "--area", "galaxy"]) == 1


def test_a_changed_ledger_is_refused(tmp_path: Path) -> None:
    address = a_town(tmp_path)
    ask = ["release", "--store", address, "--pack", "starter", "--month", "2026-02"]
    assert main(ask) == 0
    assert main([*ask, "--noise", "1/4"]) == 0
    path = tmp_path / "city.db.releases"
    path.write_bytes(path.read_bytes().replace(b"2026-02", b"2026-01", 1))
    assert main(ask) == 1
