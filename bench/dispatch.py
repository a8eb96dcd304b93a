"""Roads and dispatch: the matrix beside scipy, one call to a thousand units, the whole board."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

import numpy as np
from rows import Row

from huying.dispatch.board import plan_board
from huying.dispatch.cover import Cover
from huying.dispatch.recommend import recommend
from huying.domain.incident import Incident
from huying.domain.pack import Pack
from huying.domain.place import Place
from huying.domain.unit import Unit
from huying.geo.roads.graph import RoadGraph
from huying.geo.roads.travel import RoadTravel
from huying.store.packdir import read_net, read_pack
from huying.store.roads.evaluate import evaluate
from huying.store.roads.reading import read_roads

AT = 1_772_416_800_000_000  # a Monday at ten in the county
REAL = ("andorra.osm.pbf", "helsinki.osm.pbf")


def rows() -> Iterator[Row]:
    for name, graph in _nets():
        told = evaluate(graph, seed=1)
        assert told["equal"]
        yield Row(f"{name}: 200 × 200 matrix, moved units, ms", told["matrix_200_ms"], 10, 1, less=True)
        yield Row(f"{name}: scipy on the map over ours", told["scipy_map_200_ms"], told["matrix_200_ms"], 60)
        yield Row(f"{name}: scipy on the same net over ours", told["scipy_200_ms"], told["matrix_200_ms"], 60)
        yield Row(f"{name}: new speeds, ms", told["new_speeds_ms"], 10, 1, less=True)
    pack, net = read_pack("yunxi"), read_net("yunxi")
    assert net is not None
    travel = RoadTravel(net, pack.speeds)
    thousand, units = _many(pack, 1_000)
    incident = _incidents(pack, 1)[0]
    times = sorted(_ms(lambda: recommend(thousand, incident, units, travel, AT)) for _ in range(200))
    yield Row("one call, 1,000 units, recommended by road: p99 ms", times[198], 5, 1, less=True)
    fleet, units = _many(pack, 300)
    incidents = _incidents(pack, 50)

    def board() -> None:
        plan_board(Cover(fleet, units, travel, AT), incidents, AT)

    yield Row("50 incidents × 300 units planned: ms", min(_ms(board) for _ in range(10)), 50, 1, less=True)


def _nets() -> Iterator[tuple[str, RoadGraph]]:
    net = read_net("yunxi")
    assert net is not None
    yield "yunxi", net
    folder = Path(os.environ.get("HUYING_DATA", "../shared/data")) / "roads"
    for file in REAL:
        if (folder / file).is_file():
            yield file.partition(".")[0], read_roads(folder / file).graph


def _many(pack: Pack, count: int) -> tuple[Pack, dict[str, Unit]]:
    """The pack's units again and again under other codes, somewhere on the roads, all of them free."""
    from msgspec.structs import replace

    rng = np.random.default_rng(1)
    some = list(pack.units.values())
    rows = {f"u{n}": replace(some[n % len(some)], code=f"u{n}", shifts=()) for n in range(count)}
    net = read_net(pack.name)
    assert net is not None
    at = rng.integers(0, net.nodes, count)
    units = {
        code: Unit(n, code, lat=float(net.lat[at[n]]), lon=float(net.lon[at[n]]))
        for n, code in enumerate(rows)
    }
    return pack.changed(units=rows), units


def _incidents(pack: Pack, count: int) -> list[Incident]:
    rng = np.random.default_rng(2)
    types = [each for each in pack.types.values() if each.run_card]
    villages = [each for each in pack.places.values() if each.kind in ("village", "junction", "estate")]
    found = []
    for n in range(count):
        kind, place = types[int(rng.integers(len(types)))], villages[int(rng.integers(len(villages)))]
        found.append(Incident(n + 1, AT, kind.code, kind.priority, place=Place(place.lat, place.lon)))
    return found


def _ms(run: Callable[[], object]) -> float:
    began = perf_counter()
    run()
    return (perf_counter() - began) * 1e3
