"""The net as arrays: nodes, edges between them, their shapes, names, turn rules and kilometre posts."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from huying.base.refusal import Refusal
from huying.geo.roads.classes import CLASSES

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

EDGES_MAX = 20_000_000
"""All of China's roads have about this many; a graph beyond it is not a city's."""


class RoadGraph(Struct, frozen=True, eq=False):
    """A road net. Edges are undirected; each direction has its own users.

    `n` nodes, `m` edges, `s` inner points of shapes, `w` names, `k` turn rules, `p` posts:

    - `lat`, `lon`: (n) degrees WGS-84
    - `a`, `b`: (m) nodes at the ends; `metres`: (m) along the shape
    - `road_class`: (m) place in `CLASSES`; `kmh`: (m) posted limit, 0 none
    - `forth`, `back`: (m) who may go a → b and b → a, bits of `classes`
    - `name`: (m) place in `names`, 0 for the nameless
    - `shape_at`: (m + 1) edge e has the points `shape_at[e]:shape_at[e+1]` of `shape_lat`, `shape_lon`
      between a and b
    - `ban_from`, `ban_to`: (k) directed edges (2·edge, +1 from b to a) that no wheels may take one after the
      other
    - `post_road`: (p) place in `names`; `post_km`, `post_lat`, `post_lon`: (p)
    """

    lat: Floats
    lon: Floats
    a: Ints
    b: Ints
    metres: NDArray[np.float32]
    road_class: NDArray[np.uint8]
    kmh: NDArray[np.float32]
    forth: NDArray[np.uint8]
    back: NDArray[np.uint8]
    name: Ints
    names: tuple[str, ...]
    shape_at: Ints
    shape_lat: Floats
    shape_lon: Floats
    ban_from: Ints
    ban_to: Ints
    post_road: Ints
    post_km: Floats
    post_lat: Floats
    post_lon: Floats

    @property
    def nodes(self) -> int:
        return len(self.lat)

    @property
    def edges(self) -> int:
        return len(self.a)

    def line(self, edge: int) -> list[tuple[float, float]]:
        """(lat, lon) along the edge from a to b."""
        first, last = int(self.shape_at[edge]), int(self.shape_at[edge + 1])
        a, b = int(self.a[edge]), int(self.b[edge])
        inner = zip(self.shape_lat[first:last].tolist(), self.shape_lon[first:last].tolist(), strict=True)
        return [
            (float(self.lat[a]), float(self.lon[a])),
            *inner,
            (float(self.lat[b]), float(self.lon[b])),
        ]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything but the names, by field."""
        return {key: getattr(self, key) for key in self.__struct_fields__ if key != "names"}

    def digest(self) -> str:
        """SHA-256 over all of it: two graphs of one digest give the same ways."""
        sha = hashlib.sha256("\0".join(self.names).encode())
        for key, array in self.arrays().items():
            sha.update(f"{key}{array.dtype.str}{array.shape}".encode())
            sha.update(np.ascontiguousarray(array).tobytes())
        return sha.hexdigest()

    def check(self) -> None:
        """Refuses with `roads_broken` unless every reference points at something and every figure can be."""
        m, n, names = self.edges, self.nodes, len(self.names)
        sizes = {
            "edges": m <= EDGES_MAX and m > 0,
            "columns": all(
                len(each) == m
                for each in (
                    self.b,
                    self.metres,
                    self.road_class,
                    self.kmh,
                    self.forth,
                    self.back,
                    self.name,
                )
            ),
            "nodes": len(self.lon) == n and n > 0,
            "shapes": len(self.shape_at) == m + 1 and len(self.shape_lat) == len(self.shape_lon),
            "turns": len(self.ban_from) == len(self.ban_to),
            "posts": len(self.post_road) == len(self.post_km) == len(self.post_lat) == len(self.post_lon),
        }
        broken = next((what for what, held in sizes.items() if not held), "")
        if not broken:
            steps = np.diff(self.shape_at)
            held = {
                "nodes": _within(self.a, n) and _within(self.b, n),
                "classes": _within(self.road_class, len(CLASSES)),
                "names": names > 0 and _within(self.name, names) and _within(self.post_road, names),
                "turns": _within(self.ban_from, 2 * m) and _within(self.ban_to, 2 * m),
                "shapes": bool((steps >= 0).all())
                and int(self.shape_at[0]) == 0
                and int(self.shape_at[-1]) == len(self.shape_lat),
                "metres": bool((np.isfinite(self.metres) & (self.metres > 0)).all()),
                "kmh": bool((np.isfinite(self.kmh) & (self.kmh >= 0)).all()),
                "points": _on_earth(self.lat, self.lon) and _on_earth(self.shape_lat, self.shape_lon),
            }
            broken = next((what for what, good in held.items() if not good), "")
        if broken:
            raise Refusal("roads_broken", what=broken)


def _within(index: NDArray[Any], size: int) -> bool:
    return not len(index) or (int(index.min()) >= 0 and int(index.max()) < size)


def _on_earth(lat: Floats, lon: Floats) -> bool:
    return bool((np.abs(lat) <= 90).all() and (np.abs(lon) <= 180).all())
