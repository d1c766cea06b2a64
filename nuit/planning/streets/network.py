"""Streets as the router sees them: links between junctions, with their shape, their heights and what they are.

A file becomes a `Network` here; how long each link takes is the business of `streets`.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from math import asin, cos, isfinite, radians, sin, sqrt
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
"""Longitude, latitude: WGS 84, degrees."""
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

EARTH = 6371008.8
"""Mean radius in metres."""


class StreetsError(Exception):
    """Something the streets cannot answer; the message is for the log, the caller has the sentence."""


class BrokenNetwork(StreetsError):
    """The file is not a street network we can read."""


class OutsideNetwork(StreetsError):
    """No street lies near this point."""

    def __init__(self, point: Point, metres: float) -> None:
        super().__init__(f"no street within reach of {point}: the nearest is {metres:.0f} m away")
        self.point, self.metres = point, metres


class Unreachable(StreetsError):
    """Both points lie on streets, but no way leads from one to the other."""

    def __init__(self, start: Point, end: Point) -> None:
        super().__init__(f"no way leads from {start} to {end}")
        self.start, self.end = start, end


class Piece(NamedTuple):
    """A link or a part of one, from one distance along it to another (backwards when the first is greater)."""

    link: int
    begin: float
    end: float


@dataclass(frozen=True)
class Link:
    """A stretch of street between two junctions, as read: vertex numbers and what it is (lit None: unknown).

    `rough`: unpaved, so that wheels go slower.
    """

    shape: tuple[int, ...]
    name: str | None
    kind: str
    lit: bool | None
    oneway: bool
    bike: bool
    rough: bool = False


@dataclass(frozen=True, eq=False)
class Network:
    """Streets, immutable. Vertices carry a place and a height; links run over vertices from node to node.

    `shape[offsets[i]:offsets[i + 1]]` are the vertices of link i, in its drawn direction; a node is a vertex where
    links meet or end. `oneway` holds for wheels only; where `bike` is false a bicycle is pushed. `approximate` says
    that the drawing is a schematic; `revision` changes whenever anything in here does. `waits` are seconds lost at a
    vertex beside those of its junction: a gate. `bans` are turns that wheels may not take, from arc to arc: arc 2i
    rides link i ahead, arc 2i + 1 back.
    """

    name: str
    approximate: bool
    revision: str
    lon: Floats = field(repr=False)
    lat: Floats = field(repr=False)
    height: Floats = field(repr=False)
    links: tuple[Link, ...] = field(repr=False)
    waits: Mapping[int, float] = field(default_factory=dict, repr=False)
    bans: tuple[tuple[int, int], ...] = field(default=(), repr=False)

    @cached_property
    def shape(self) -> Ints:
        """Vertex of every point of every link, one link after the other."""
        return np.array([vertex for link in self.links for vertex in link.shape], dtype=np.int64)

    @cached_property
    def offsets(self) -> Ints:
        """Where each link begins in `shape`, and where the last one ends: links + 1 entries."""
        return np.cumsum([0, *(len(link.shape) for link in self.links)], dtype=np.int64)

    @cached_property
    def nodes(self) -> dict[int, int]:
        """Node number of each vertex where links meet or end."""
        ends = {vertex for link in self.links for vertex in (link.shape[0], link.shape[-1])}
        return {vertex: node for node, vertex in enumerate(sorted(ends))}

    @cached_property
    def ends(self) -> Ints:
        """First and last node of every link, shape (links, 2)."""
        nodes = self.nodes
        return np.array([(nodes[link.shape[0]], nodes[link.shape[-1]]) for link in self.links])

    @cached_property
    def steps(self) -> Floats:
        """Metres to each point of `shape` from the one before it; 0 at the first point of a link."""
        at = self.shape
        metres = np.concatenate(
            [[0.0], distances(self.lon[at[:-1]], self.lat[at[:-1]], self.lon[at[1:]], self.lat[at[1:]])]
        )
        metres[self.offsets[:-1]] = 0.0
        return metres

    @cached_property
    def rises(self) -> Floats:
        """Metres climbed to each point of `shape` from the one before it (negative: lost); 0 at the first of a link."""
        rises = np.diff(self.height[self.shape], prepend=0.0)
        rises[self.offsets[:-1]] = 0.0
        return rises

    @cached_property
    def along(self) -> Floats:
        """Metres from the beginning of its link to each point of `shape`."""
        return self.summed(self.steps)

    @cached_property
    def metres(self) -> Floats:
        """Length of every link."""
        return self.along[self.offsets[1:] - 1]

    @cached_property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north of all vertices."""
        return float(self.lon.min()), float(self.lat.min()), float(self.lon.max()), float(self.lat.max())

    def summed(self, pieces: Floats) -> Floats:
        """Running sums over `shape` that start again with each link."""
        sums = np.cumsum(pieces)
        before = sums[self.offsets[:-1]] - pieces[self.offsets[:-1]]
        return sums - np.repeat(before, np.diff(self.offsets))


def load_network(folder: Path) -> Network:
    """The network of a folder with `network.geojson` and `heights.json`; BrokenNetwork when they cannot be read.

    The collection's own members `name` and `approximate` are taken over.
    """
    try:
        collection = json.loads((folder / "network.geojson").read_text("utf-8"))
        heights = json.loads((folder / "heights.json").read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise BrokenNetwork(f"{folder.name}: {error}") from error
    if not isinstance(collection, dict) or not isinstance(heights, dict):
        raise BrokenNetwork(f"{folder.name}: not a feature collection with heights")
    return load_geojson(
        collection.get("features", ()),
        heights,
        name=str(collection.get("name", folder.name)),
        approximate=bool(collection.get("approximate", False)),
    )


def load_geojson(
    features: Iterable[Mapping[str, Any]], heights: Mapping[str, float], *, name: str = "", approximate: bool = False
) -> Network:
    """A network from GeoJSON lines: two lines meet where they share a vertex to the fifth decimal, and only there.

    Properties: `kind`, `name`, `lit` (absent or null: unknown), `oneway`, `bike` (absent: true). `heights` gives metres
    above the sea for each `"lon,lat"` with five decimals. BrokenNetwork names the first thing that does not fit.
    """
    try:
        lines = [(_keys(feature["geometry"]["coordinates"]), dict(feature["properties"] or {})) for feature in features]
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise BrokenNetwork(f"a street is not a line with properties: {error!r}") from error
    used = Counter(key for keys, _ in lines for key in keys)
    number = {key: vertex for vertex, key in enumerate(used)}
    links = tuple(
        _link([number[key] for key in piece], props) for keys, props in lines for piece in _pieces(keys, used)
    )
    if not links:
        raise BrokenNetwork("there is no street in this network")
    places = np.array([key.split(",") for key in used], dtype=np.float64)
    return Network(
        name=name,
        approximate=approximate,
        revision=_revision(lines, heights, approximate),
        lon=places[:, 0],
        lat=places[:, 1],
        height=_heights(used, heights),
        links=links,
    )


def metres_between(a: Point, b: Point) -> float:
    """Great-circle distance in metres (haversine)."""
    east, north = radians(b[0] - a[0]) / 2, radians(b[1] - a[1]) / 2
    root = sin(north) ** 2 + cos(radians(a[1])) * cos(radians(b[1])) * sin(east) ** 2
    return 2 * EARTH * asin(min(1.0, sqrt(root)))


def distances(lon_a: Floats, lat_a: Floats, lon_b: Floats, lat_b: Floats) -> Floats:
    """Great-circle distances in metres between pairs of points given in degrees (haversine), element by element."""
    a, b = np.radians(lat_a), np.radians(lat_b)
    root = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(np.radians(lon_b - lon_a) / 2) ** 2
    return np.asarray(2 * EARTH * np.arcsin(np.sqrt(root)))


def _keys(coordinates: Sequence[Sequence[float]]) -> list[str]:
    """The line's vertices as keys, without immediate repetitions."""
    for lon, lat, *_ in coordinates:
        if not (isfinite(lon) and isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 85):
            raise ValueError(f"not a place: {lon}, {lat}")
    keys = [f"{lon:.5f},{lat:.5f}" for lon, lat, *_ in coordinates]
    return keys[:1] + [b for a, b in pairwise(keys) if a != b]


def _pieces(keys: list[str], used: Counter[str]) -> Iterable[list[str]]:
    """The line cut wherever one of its inner vertices is used more than once; a dot gives nothing."""
    cuts = [0, *(i for i in range(1, len(keys) - 1) if used[keys[i]] > 1), len(keys) - 1]
    return (keys[a : b + 1] for a, b in pairwise(cuts) if b > a)


def _link(shape: list[int], props: Mapping[str, Any]) -> Link:
    lit, name = props.get("lit"), props.get("name")
    return Link(
        shape=tuple(shape),
        name=None if name is None else str(name),
        kind=str(props.get("kind", "residential")),
        lit=None if lit is None else bool(lit),
        oneway=bool(props.get("oneway", False)),
        bike=bool(props.get("bike", True)),
    )


def _heights(keys: Iterable[str], heights: Mapping[str, float]) -> Floats:
    try:
        found = np.array([float(heights[key]) for key in keys])
    except KeyError as error:
        raise BrokenNetwork(f"no height for {error}") from error
    except (TypeError, ValueError) as error:
        raise BrokenNetwork(f"a height is not a number: {error}") from error
    if not np.isfinite(found).all():
        raise BrokenNetwork("a height is not a number")
    return found


def _revision(
    lines: Sequence[tuple[list[str], Mapping[str, Any]]], heights: Mapping[str, float], approximate: bool
) -> str:
    known = ("kind", "name", "lit", "oneway", "bike")
    content = [[keys, [props.get(one) for one in known], [heights.get(key) for key in keys]] for keys, props in lines]
    return hashlib.sha256(json.dumps([approximate, content]).encode()).hexdigest()[:16]
