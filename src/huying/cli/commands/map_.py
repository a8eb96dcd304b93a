"""`huying map build` makes the map that the screens show, from a pack's own country or from OpenStreetMap."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from huying.base.refusal import Refusal
from huying.cli.console import Console
from huying.cli.exits import Exit
from huying.cli.parser import Arguments, Command
from huying.config import Config

if TYPE_CHECKING:
    from huying.store.basemap.feature import Feature


def _arguments(add: Arguments, config: Config) -> None:
    build = add.groups(("build",))["build"]
    build.add("source", metavar="PACK|FILE")
    build.add("-o", "--out", metavar="MAP", required=True)
    build.add("--seed", type=int, default=1)
    build.add("--json", action="store_true")


def _run(args: argparse.Namespace, console: Console) -> Exit:
    try:
        from huying.store.basemap.archive import write_archive
        from huying.store.basemap.cut import bounds_of, cut
    except ImportError:
        raise Refusal("roads_needs", package="shapely", extra="map") from None
    source = Path(args.source)
    features = _read(source, args.seed)
    said = {"name": source.name.split(".")[0], "type": "baselayer", "format": "pbf"}
    if source.is_file():
        said["attribution"] = "© OpenStreetMap contributors"
    told = write_archive(Path(args.out), cut(features), bounds_of(features), said)
    answer = {"features": len(features), **told}
    console.say("cli.map.build.done", out=args.out, kib=told["bytes"] // 1024, **answer)
    console.answer(answer)
    return Exit.OK


def _read(source: Path, seed: int) -> list[Feature]:
    if source.is_file():
        from huying.store.basemap.osm import read_features

        return read_features(source)
    from huying.sim.land.ground import ground_of

    return ground_of(str(source), seed)


COMMAND = Command("map", 59, _run, _arguments)
