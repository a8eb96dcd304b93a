"""Does it help? Response of ambulances in Manhattan: nearest by line, nearest by road, posts by covering.

Roads, stations and how ambulances are spread over them are those of the JEMSS model of Manhattan; where and
at which hour people call is NYC EMS by ZIP code (2013–15); how long a crew is busy is drawn from San
Francisco's unit times. `HUYING_DATA=… python -m bench helps` prints one JSON line for each policy: means
over 20 seeds with their intervals.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
from rows import Row

from huying.dispatch.covering.exact import best
from huying.dispatch.covering.problem import Problem
from huying.dispatch.covering.solving import solver
from huying.dispatch.demand import Demand, Places, draw_weeks
from huying.dispatch.drive import drive, spread_of, told
from huying.domain.run_card import UnitRow
from huying.domain.unit import Unit
from huying.geo.points import distance_m
from huying.geo.roads.travel import RoadTravel
from huying.store.roads.reading import read_roads

SEEDS, WEEKS = 20, 1
CALLS_PER_DAY = 451.2  # of the model of Manhattan
WITHIN_S = 330.0  # its standard for high priority: eight minutes, of which two and a half for turning out
PLACES = 1_200
MANHATTAN = ("100", "101", "102")  # beginnings of its ZIP codes
BUSY = 0.5
"""Share of time that an ambulance is busy. The model's own twelve would drown in the calls that it states
with the times of San Francisco, so there are as many as keep this share, at its stations in its proportions.
"""

DATA = Path(os.environ.get("HUYING_DATA", "../shared/data"))
CAR = UnitRow("a", {}, "ems", "ambulance", frozenset(), "", 0.0, 0.0, 30.0)


def _table(path: Path) -> list[dict[str, str]]:
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def _model(name: str) -> list[dict[str, str]]:
    path = next((DATA / "roads" / "manhattan").glob(f"*{name}.csv"))
    lines = path.read_text("utf-8").splitlines()[1:]
    return [row for row in csv.DictReader(io.StringIO("\n".join(lines))) if row["index"]]


def _busy_s() -> np.ndarray:
    """Seconds from arrival to clear of San Francisco's medical units."""
    spans = []
    for row in _table(DATA / "cfs_sf_fire_units" / "sf_fire_unit_responses_sample_dev.csv.gz"):
        if row["Unit Type"] == "MEDIC" and row["On Scene DtTm"] and row["Available DtTm"]:
            begin, end = (datetime.fromisoformat(row[each]) for each in ("On Scene DtTm", "Available DtTm"))
            spans.append((end - begin).total_seconds())
    return np.array([each for each in spans if 0 < each < 4 * 3_600])


def _demand(zips: dict[str, int], near: list[np.ndarray], busy: np.ndarray) -> tuple[Demand, np.ndarray]:
    """Calls with the recorded hour of the week and ZIP, at a junction of that ZIP; San Francisco's work."""
    rng = np.random.default_rng(0)
    hours, where, urgent = [], [], []
    for row in _table(DATA / "cfs_nyc_ems" / "nyc_ems_2013_2016_sample_dev.csv.gz"):
        if row["ZIPCODE"] in zips and len(near[zips[row["ZIPCODE"]]]):
            at = datetime.fromisoformat(row["INCIDENT_DATETIME"])
            hours.append(at.weekday() * 1_440 + at.hour * 60 + at.minute)
            where.append(rng.choice(near[zips[row["ZIPCODE"]]]))
            urgent.append(row["INITIAL_SEVERITY_LEVEL_CODE"] in "123")
    order = np.argsort(hours, kind="stable")
    n = len(order)
    place = np.array(where)[order]
    demand = Demand(
        "als",
        n / (7 * CALLS_PER_DAY),
        np.zeros(n),
        np.zeros(n),
        np.array(hours)[order],
        np.ones(n, np.int64),
        rng.choice(busy, n),
        np.array(urgent)[order],
    )
    return demand, place


def results() -> dict[str, dict[str, list[float]]]:
    graph = read_roads(next((DATA / "roads" / "manhattan").glob("*travel__roads__roads.zip"))).graph
    travel = RoadTravel(graph)
    rng = np.random.default_rng(1)
    nodes = rng.choice(graph.nodes, PLACES, replace=False)
    points = [(float(graph.lat[n]), float(graph.lon[n])) for n in nodes]
    stations = [(float(row["y"]), float(row["x"])) for row in _model("stations_1")]
    crews = [int(row["stationIndex"]) - 1 for row in _model("ambulances_1")]
    centres = [
        row for row in _table(DATA / "cfs_nyc_ems" / "zip_centroids.csv") if row["zip"][:3] in MANHATTAN
    ]
    middle = [(float(row["lat"]), float(row["lon"])) for row in centres]
    of = np.array([min(range(len(middle)), key=lambda k: distance_m(*point, *middle[k])) for point in points])
    near = [np.flatnonzero(of == k) for k in range(len(middle))]
    demand, place = _demand({row["zip"]: n for n, row in enumerate(centres)}, near, _busy_s())
    weight = np.bincount(place, minlength=PLACES) / demand.weeks
    places = Places(tuple(points), weight, place)
    corners = [points[n] for n in rng.choice(PLACES, 150, replace=False)]
    sites = [*stations, *corners]
    units = [(Unit(n, f"s{n}", lat=lat, lon=lon), CAR) for n, (lat, lon) in enumerate(sites)]
    seconds = travel.matrix(units, points)
    line = np.array([[distance_m(*point, *site) / 6.0 for site in sites] for point in points])
    load = (float(demand.work_s.mean()) + 300.0) * CALLS_PER_DAY / 86_400.0
    crews = (crews * 20)[: round(load / BUSY)]  # as the model spreads its own, in turn
    busy = load / len(crews)
    reach = seconds <= WITHIN_S
    among = reach.copy()
    among[:, len(stations) :] = False
    at_stations = best(Problem(among, weight, len(crews), busy, 5), solver(), 30)
    anywhere = best(Problem(reach, weight, len(crews), busy, 5), solver(), 30)
    policies = {
        "nearest by line, stations as they are": (crews, line),
        "nearest by road, stations as they are": (crews, seconds),
        "by road, spread anew over the stations": (list(at_stations.chosen), seconds),
        "by road, posts anywhere": (list(anywhere.chosen), seconds),
        "posts anywhere, may wait for a nearer one": (list(anywhere.chosen), None),
    }
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in policies}
    for seed in range(SEEDS):
        weeks = draw_weeks(demand, places, WEEKS, np.random.default_rng(seed))
        for name, (posts, choice) in policies.items():
            runs[name].append(told(drive(seconds, posts, weeks, choice), WITHIN_S))
    first = next(iter(runs))
    found: dict[str, dict[str, list[float]]] = {}
    for name, got in runs.items():
        found[name] = {"ambulances": [len(policies[name][0])], "busy": [round(busy, 3)]}
        for what in ("mean_s", "p90_s", "within", "waited"):
            spread = spread_of([each[what] for each in got])
            found[name][what] = [spread.mean, spread.low, spread.high]
        sooner = spread_of([b["mean_s"] - a["mean_s"] for a, b in zip(got, runs[first], strict=True)])
        found[name]["sooner_s"] = [sooner.mean, sooner.low, sooner.high]
    return found


def rows() -> Iterator[Row]:
    if not (DATA / "roads" / "manhattan").is_dir():
        return
    found = results()
    for name, figures in found.items():
        print(json.dumps({"policy": name, **figures}), flush=True)
    names = list(found)
    base = found[names[0]]["mean_s"][0]
    for name in names[1:]:
        yield Row(f"Manhattan, mean response, {name}: s", found[name]["mean_s"][0], base, 1, less=True)
