"""The demo county's map: the same from the same seed, read back by others' readers, all on dry land."""

from __future__ import annotations

import gzip
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import pytest
import shapely
from pmtiles.reader import MmapSource, Reader

from data_dir import data_dir
from huying.base.refusal import Refusal
from huying.cli import main
from huying.cli.exits import Exit
from huying.geo.roads.classes import CLASSES
from huying.sim.land.ground import ground_of
from huying.sim.land.plane import Plane
from huying.sim.land.shore import read_water
from huying.store.basemap.archive import Bounds, pack_archive, tile_id
from huying.store.basemap.cut import bounds_of, cut
from huying.store.basemap.feature import Feature, named
from huying.store.basemap.mvt import AREA, LINE, Drawn, layer
from huying.store.basemap.osm import land
from huying.store.packdir import find_folder, read_net
from shipped_packs import pack

SHIPPED = Path(str(find_folder("yunxi"))) / "basemap.pmtiles"
AGAIN = "the country has changed: huying map build yunxi -o src/huying/packs/yunxi/basemap.pmtiles"


@cache
def county() -> list[Feature]:
    return ground_of("yunxi", 1)


def of(kind: str) -> Any:
    return shapely.union_all([each.shape for each in county() if each.kind == kind])


@pytest.mark.slow
def test_the_map_that_ships_is_the_one_that_is_made_now_and_small() -> None:
    with SHIPPED.open("rb") as file:
        reader = Reader(MmapSource(file))
        said, header = reader.metadata(), reader.header()
    tiles = cut(county())
    packed, digest = pack_archive(tiles, bounds_of(county()), {})
    assert said["digest"] == digest, AGAIN
    assert SHIPPED.stat().st_size < 3 << 20
    assert header["addressed_tiles_count"] == len(tiles) > header["tile_contents_count"]
    assert packed == pack_archive(cut(ground_of("yunxi", 1)), bounds_of(county()), {})[0]


@pytest.mark.slow
def test_another_seed_makes_another_country() -> None:
    coasts = [
        next(each.shape for each in made if each.layer == "earth")
        for made in (county(), ground_of("yunxi", 2))
    ]
    assert not coasts[0].equals(coasts[1])


def test_every_road_on_land_is_dry_and_the_islands_lie_in_the_sea() -> None:
    dry, net = of("earth"), read_net("yunxi")
    assert net is not None
    on_land = [
        edge for edge in range(net.edges) if CLASSES[net.road_class[edge]] in ("primary", "residential")
    ]
    assert all(
        dry.covers(shapely.LineString([(lon, lat) for lat, lon in net.line(edge)])) for edge in on_land
    )
    assert len(shapely.get_parts(dry)) == 4  # the mainland and three islands
    halls = [each for each in pack("yunxi").places.values() if each.kind in ("village", "gov", "hospital")]
    assert all(dry.contains(shapely.Point(each.lon, each.lat)) for each in halls)


def test_what_a_tile_says_is_read_by_others() -> None:
    with SHIPPED.open("rb") as file:
        tile = Reader(MmapSource(file)).get(14, 13707, 6858)  # the county town
    assert tile is not None
    told = mapbox_vector_tile.decode(gzip.decompress(tile))
    roads = [each["properties"] for each in told["roads"]["features"]]
    assert {"kind": "tertiary", "name_zh": "飞鹤路", "name_en": "Feihe Road"} in roads
    assert {each["properties"]["kind"] for each in told["landuse"]["features"]} >= {"residential"}
    assert all(each["geometry"]["type"] in ("Polygon", "MultiPolygon") for each in told["earth"]["features"])


def test_one_square_and_one_line_by_hand() -> None:
    """A square with a hole and a bent line, in whole steps; read by another's reader."""
    square = [(10, 10), (30, 10), (30, 30), (10, 30)]
    hole = [(15, 15), (15, 20), (20, 20), (20, 15)]
    made = layer(
        "test",
        [Drawn(AREA, [square, hole], {"kind": "a", "n": -3}), Drawn(LINE, [[(0, 0), (5, 7), (5, 90)]], {})],
    )
    told = mapbox_vector_tile.decode(made, default_options={"y_coord_down": True})["test"]["features"]
    assert told[0]["properties"] == {"kind": "a", "n": -3}
    area = shapely.geometry.shape(told[0]["geometry"])
    assert area.area == 400 - 25
    assert told[1]["geometry"]["coordinates"] == [[0, 0], [5, 7], [5, 90]]


def test_many_tiles_are_found_through_leaves(tmp_path: Path) -> None:
    mixed = {(x, y): hashlib.sha256(f"{x} {y}".encode()).digest() * 8 for x in range(200) for y in range(200)}
    tiles = {(9, x, y): content[: content[0] + 1] for (x, y), content in mixed.items()}
    file = tmp_path / "many.pmtiles"
    file.write_bytes(pack_archive(tiles, Bounds(0, 0, 1, 1), {"name": "many"})[0])
    with file.open("rb") as opened:
        reader = Reader(MmapSource(opened))
        assert reader.header()["leaf_directory_length"] > 0
        for x, y in ((0, 0), (199, 199), (17, 93)):
            found = reader.get(9, x, y)
            assert found is not None and gzip.decompress(found) == tiles[9, x, y]
        assert reader.get(9, 300, 300) is None


def test_tiles_stand_in_hilberts_order() -> None:
    assert [
        tile_id(*each) for each in ((0, 0, 0), (1, 0, 0), (1, 0, 1), (1, 1, 1), (1, 1, 0), (2, 0, 0))
    ] == [0, 1, 2, 3, 4, 5]
    assert tile_id(12, 3423, 1763) == 19078479  # the example of the format's own documents


def test_land_lies_on_the_left_of_a_coast() -> None:
    box = shapely.box(0, 0, 10, 10)
    up = shapely.LineString([(6, -1), (6, 11)])  # northward: land in the west
    islet = shapely.LineString([(8, 4), (9, 4), (9, 5), (8, 5), (8, 4)])  # anticlockwise: land within
    pond = shapely.LineString([(2, 2), (2, 3), (3, 3), (3, 2), (2, 2)])  # clockwise: sea within
    assert land([up, islet, pond], box).area == pytest.approx(60 + 1 - 1)
    assert land([], box).area == 100


def test_names_of_one_language_stand_for_both() -> None:
    assert named("", "Pier") == {"name_zh": "Pier", "name_en": "Pier"}
    assert named() == {}


@pytest.mark.parametrize(
    "row", ["pond,塘,Pond,1,2,28 121", "river,溪,Stream,1,x,28 121", "river,溪,Stream,1,2,28"]
)
def test_a_row_of_water_that_cannot_be_read_is_named(row: str) -> None:
    text = "kind,name_zh,name_en,from_m,to_m,line\n" + row
    with pytest.raises(Refusal) as refused:
        read_water(text, Plane((28.1, 121.2)))
    assert (refused.value.code, refused.value.params["line"]) == ("water_broken", 2)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "sea"), [("helsinki", True), ("andorra", False)])
def test_a_map_of_open_street_map(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, sea: bool
) -> None:
    source, out = data_dir("roads") / f"{name}.osm.pbf", tmp_path / "made.pmtiles"
    assert main(["map", "build", str(source), "-o", str(out), "--json"]) == Exit.OK
    told = json.loads(capsys.readouterr().out)
    assert told["bytes"] == out.stat().st_size < 3 << 20
    with out.open("rb") as opened:
        assert "OpenStreetMap" in Reader(MmapSource(opened)).metadata()["attribution"]


def test_what_is_no_map_is_refused_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken, out = tmp_path / "county.osm.pbf", tmp_path / "made.pmtiles"
    broken.write_bytes(b"no map")
    assert main(["map", "build", str(broken), "-o", str(out)]) == Exit.REFUSED
    assert main(["map", "build", "starter", "-o", str(out)]) == Exit.REFUSED
    assert "roads invent" in capsys.readouterr().err
    assert not out.exists()
