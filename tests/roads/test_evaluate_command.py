"""`huying roads evaluate`: exactly the fields that nets are compared by."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from huying.cli import main
from huying.cli.exits import Exit
from huying.store.roads.file import write_graph
from small_roads import small


def test_a_net_is_evaluated_beside_scipy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "small.npz"
    write_graph(small().graph, file)
    assert main(["roads", "evaluate", str(file), "--json"]) == Exit.OK
    told = json.loads(capsys.readouterr().out)
    figures = ["nodes", "edges", "matrix_200_ms", "one_to_200_us", "scipy_200_ms", "ratio", "equal"]
    assert list(told) == figures
    assert told["equal"] is True and told["nodes"] == small().graph.nodes
    assert all(told[each] > 0 for each in figures)
