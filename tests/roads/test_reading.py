"""Maps of every kind become the same net; broken ones are refused, strange rows counted."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from data_dir import data_dir
from huying.base.refusal import Refusal
from huying.cli import main
from huying.geo.roads.classes import CLASS_OF, FEET, WHEELS
from huying.store.roads.evaluate import evaluate
from huying.store.roads.file import read_graph, write_graph
from huying.store.roads.reading import read_roads
from small_roads import small

OSM = """<?xml version="1.0"?><osm version="0.6">
<node id="1" lat="28.0" lon="121.0"/><node id="2" lat="28.01" lon="121.0"/>
<node id="3" lat="28.02" lon="121.0"/>
<node id="4" lat="28.01" lon="121.01"/>
<node id="9" lat="28.015" lon="121.0"><tag k="highway" v="milestone"/><tag k="ref" v="G330"/>
 <tag k="distance" v="12"/></node>
<way id="10"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="trunk"/><tag k="ref" v="G330"/>
 <tag k="maxspeed" v="50 mph"/></way>
<way id="11"><nd ref="2"/><nd ref="4"/><tag k="highway" v="residential"/><tag k="name" v="飞鹤路"/>
 <tag k="oneway" v="-1"/></way>
<way id="12"><nd ref="4"/><nd ref="77"/><tag k="highway" v="steps"/></way>
<way id="13"><nd ref="4"/><nd ref="3"/><tag k="highway" v="footway"/></way>
<way id="14"><nd ref="1"/><nd ref="4"/><tag k="building" v="yes"/></way>
<relation id="20"><member type="way" ref="11" role="from"/><member type="node" ref="2" role="via"/>
 <member type="way" ref="10" role="to"/><tag k="type" v="restriction"/><tag k="restriction" v="no_left_turn"/>
</relation></osm>"""


def test_an_extract_gives_classes_limits_names_directions_turns_and_posts(tmp_path: Path) -> None:
    (tmp_path / "town.osm").write_text(OSM)
    built = read_roads(tmp_path / "town.osm")
    graph = built.graph
    assert (graph.nodes, graph.edges) == (4, 4)
    assert sorted(graph.names) == ["", "G330", "飞鹤路"]
    trunk = graph.road_class == CLASS_OF["trunk"]
    assert trunk.sum() == 2 and np.allclose(graph.kmh[trunk], 80.4672)
    street = int(np.flatnonzero(graph.road_class == CLASS_OF["residential"])[0])
    assert (graph.forth[street], graph.back[street]) == (FEET, WHEELS | FEET)
    assert len(graph.ban_from) == 2  # from the street into both halves of the road
    assert graph.post_km.tolist() == [12.0] and graph.names[graph.post_road[0]] == "G330"
    assert built.strange == {"point_missing": 1, "way_without_length": 1}


def test_an_extract_in_a_zip_is_the_same_net(tmp_path: Path) -> None:
    (tmp_path / "town.osm").write_text(OSM)
    with zipfile.ZipFile(tmp_path / "town.zip", "w") as packed:
        packed.write(tmp_path / "town.osm", "town.osm")
    assert (
        read_roads(tmp_path / "town.zip").graph.digest() == read_roads(tmp_path / "town.osm").graph.digest()
    )


def test_lines_meet_where_they_share_a_point(tmp_path: Path) -> None:
    def line(points: list[list[float]], **told: object) -> dict[str, object]:
        return {"geometry": {"type": "LineString", "coordinates": points}, "properties": told}

    features = [
        line([[121.0, 28.0], [121.0, 28.01], [121.0, 28.02]], name="环城路", **{"class": "primary"}),
        line([[121.0, 28.01], [121.01, 28.01]], oneway="yes"),
        line([[200.0, 28.0], [121.0, 28.0]]),
        {"geometry": {"type": "Point", "coordinates": [121.0, 28.0]}, "properties": {"road": "S28", "km": 3}},
        {"geometry": None},
    ]
    (tmp_path / "lines.geojson").write_text(json.dumps({"features": features}))
    built = read_roads(tmp_path / "lines.geojson")
    assert (built.graph.nodes, built.graph.edges) == (4, 3)
    assert built.strange == {"feature_unreadable": 2}
    assert built.graph.post_km.tolist() == [3.0]


def test_plain_tables_and_tables_with_times(tmp_path: Path) -> None:
    (tmp_path / "nodes.csv").write_text(
        "nodes,3,\nindex,x,y,\n1,121.0,28.0,\n2,121.0,28.01,\n3,121.01,28.01,\n"
    )
    (tmp_path / "arcs.csv").write_text(
        "index,fromNode,toNode,mode_1\n1,1,2,0.001\n2,2,1,0.001\n3,2,3,0.002\n"
    )
    graph = read_roads(tmp_path).graph
    assert graph.edges == 3
    days = graph.metres / 1_000 / graph.kmh / 24
    assert np.allclose(days, [0.001, 0.001, 0.002], rtol=1e-5)


def test_the_graphs_file_gives_the_same_graph_and_the_same_bytes(tmp_path: Path) -> None:
    graph = small().graph
    write_graph(graph, tmp_path / "a.npz")
    write_graph(graph, tmp_path / "b.npz")
    assert read_graph(tmp_path / "a.npz").digest() == graph.digest()
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.osm", b""),
        ("broken.osm.pbf", b"\x00\x01nonsense"),
        ("broken.npz", b"PK\x03\x04 nothing"),
        ("broken.geojson", b'{"features": 3}'),
        ("no.txt", b"2\n1 2 3\n"),
        ("half.zip", b"PK\x05\x06" + b"\0" * 18),
    ],
)
def test_what_is_no_map_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Refusal) as refused:
        read_roads(tmp_path / name)
    assert refused.value.code in ("roads_unreadable", "roads_empty")


def test_a_damaged_graph_is_refused_and_says_what_is_wrong(tmp_path: Path) -> None:
    graph = small().graph
    arrays = {"edition": np.array([1]), "names": np.frombuffer(b'["","a"]', np.uint8), **graph.arrays()}
    arrays["a"] = arrays["a"] + 1_000
    np.savez_compressed(tmp_path / "bad.npz", **arrays)  # type: ignore[arg-type]
    with pytest.raises(Refusal) as refused:
        read_graph(tmp_path / "bad.npz")
    assert (refused.value.code, refused.value.params["what"]) == ("roads_broken", "nodes")


def test_the_command_builds_and_evaluates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "town.osm").write_text(OSM)
    assert main(["roads", "build", str(tmp_path / "town.osm"), "-o", str(tmp_path / "g.npz"), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["nodes"], answer["edges"], answer["posts"]) == (4, 4, 1)
    assert main(["roads", "evaluate", str(tmp_path / "g.npz"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    wanted = {"nodes", "edges", "matrix_200_ms", "one_to_200_us", "scipy_200_ms", "ratio", "equal"}
    assert wanted <= set(told) and told["equal"] is True


@pytest.mark.slow
@pytest.mark.parametrize("name", ["andorra.osm.pbf", "helsinki.osm.pbf", "nanchang_roadnet.txt.gz"])
def test_real_nets_have_equal_answers(name: str) -> None:
    graph = read_roads(data_dir("roads") / name).graph
    assert graph.edges > 2_000
    assert evaluate(graph, seed=3)["equal"]
