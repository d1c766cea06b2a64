"""What a file of OpenStreetMap says about streets, before anything is decided: nodes, barriers and tagged ways.

Coordinates are kept as whole numbers of 1e-7 degrees, so that one town is one network whatever file it came in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from nuit.planning.streets.network import BrokenNetwork, Ints

DEGREE = 10_000_000
MOST_NODES = 100_000_000
MOST_WAYS = 300_000
MOST_SCENERY = 500_000
SCENERY = ("building", "natural", "waterway", "landuse", "leisure", "railway", "aeroway", "place", "amenity")
"""Keys of ways that are seen on a map, without being streets."""
SPOTS = ("place", "amenity", "highway")
"""Keys of nodes that may be of use on a map."""
Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""
Tags = Mapping[str, str]
Kept = TypeVar("Kept")


@dataclass(frozen=True)
class Way:
    """A line over nodes, with its tags."""

    id: int
    refs: tuple[int, ...]
    tags: Tags


@dataclass(frozen=True)
class Relation:
    """Ways and nodes that belong together: (node, way or relation; its number; its role), with tags."""

    id: int
    members: tuple[tuple[str, int, str], ...]
    tags: Tags


@dataclass(frozen=True, eq=False)
class Extract:
    """Nodes (ascending ids, longitude and latitude in units of 1e-7 degrees), tags of barriers, ways by id.

    `scenery` are the ways of a map beside its streets, `members` the nodes of untold ways that relations may use,
    `places` the tags of nodes with a name or a use.
    """

    ids: Ints
    lon: Ints
    lat: Ints
    barriers: Mapping[int, Tags]
    ways: tuple[Way, ...]
    written: str = ""
    scenery: tuple[Way, ...] = ()
    members: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    relations: tuple[Relation, ...] = ()
    places: Mapping[int, Tags] = field(default_factory=dict)

    @property
    def box(self) -> Box | None:
        """West, south, east, north of all nodes; None when there is none."""
        if not len(self.ids):
            return None
        west, south, east, north = self.lon.min(), self.lat.min(), self.lon.max(), self.lat.max()
        return float(west) / DEGREE, float(south) / DEGREE, float(east) / DEGREE, float(north) / DEGREE


@dataclass
class Gathering:
    """Nodes and ways as a reader comes to them; only what lies in `box` is kept where there is one."""

    box: Box | None = None
    written: str = ""
    nodes_first: bool = False
    seen: list[float] = field(default_factory=list)
    _ids: list[Ints] = field(default_factory=list)
    _lon: list[Ints] = field(default_factory=list)
    _lat: list[Ints] = field(default_factory=list)
    _barriers: dict[int, Tags] = field(default_factory=dict)
    _ways: dict[int, Way] = field(default_factory=dict)
    _count: int = 0
    _inside: set[int] = field(default_factory=set)
    _scenery: dict[int, Way] = field(default_factory=dict)
    _members: dict[int, tuple[int, ...]] = field(default_factory=dict)
    _relations: dict[int, Relation] = field(default_factory=dict)
    _places: dict[int, Tags] = field(default_factory=dict)

    def nodes(self, ids: Ints, lon: Ints, lat: Ints) -> None:
        """Takes nodes in; BrokenNetwork where one lies off the earth."""
        if not len(ids):
            return
        if max(int(lon.max()), -int(lon.min())) > 180 * DEGREE or max(int(lat.max()), -int(lat.min())) > 90 * DEGREE:
            raise BrokenNetwork("a node does not lie on the earth")
        self._see(lon, lat)
        if self.box:
            west, south, east, north = (round(one * DEGREE) for one in self.box)
            inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
            ids, lon, lat = ids[inside], lon[inside], lat[inside]
        self._count += len(ids)
        if self.nodes_first and self.box:
            self._inside.update(ids.tolist())
        if self._count > MOST_NODES:
            raise BrokenNetwork("this file has too many nodes")
        self._ids.append(ids)
        self._lon.append(lon)
        self._lat.append(lat)

    def node(self, node: int, tags: Tags) -> None:
        """Takes the tags of a node in when they speak of a barrier, or of something to find on a map."""
        if "barrier" in tags:
            self._barriers[node] = dict(tags)
        if any(key in tags for key in SPOTS) and (not self.box or not self.nodes_first or node in self._inside):
            self._places[node] = dict(tags)

    def way(self, id_: int, refs: Iterable[int], tags: Tags) -> None:
        """Takes a way in when it may be seen; of a file that tells its nodes first, only where a node was kept."""
        way = Way(id_, tuple(refs), dict(tags))
        if self.is_far(way.refs):
            return
        if "highway" in tags:
            self._ways[id_] = way
            if len(self._ways) > MOST_WAYS:
                raise BrokenNetwork(f"it is too large: it has more than {MOST_WAYS:,} streets")
        elif len(self._scenery) + len(self._members) >= MOST_SCENERY:
            return
        elif any(key in tags for key in SCENERY):
            self._scenery[id_] = way
        else:
            self._members[id_] = way.refs

    def relation(self, id_: int, members: Iterable[tuple[str, int, str]], tags: Tags) -> None:
        """Takes a relation in when it is an area of several ways, or forbids a turn."""
        if tags.get("type") in ("multipolygon", "restriction") and len(self._relations) < MOST_SCENERY:
            self._relations[id_] = Relation(id_, tuple(members), dict(tags))

    def is_far(self, refs: Iterable[int]) -> bool:
        """Whether a way is known to have no node in the box."""
        return self.nodes_first and self.box is not None and self._inside.isdisjoint(refs)

    def extract(self) -> Extract:
        """All that was taken in, in the order of its numbers."""
        ids, first = np.unique(_joined(self._ids), return_index=True)
        return Extract(
            ids, _joined(self._lon)[first], _joined(self._lat)[first], self._barriers, _ordered(self._ways),
            self.written, _ordered(self._scenery), self._members, _ordered(self._relations), self._places,
        )  # fmt: skip

    def covers(self) -> Box | None:
        """Where the file's nodes lie, also those outside the box."""
        if not self.seen:
            return None
        west, south, east, north = self.seen
        return west, south, east, north

    def _see(self, lon: Ints, lat: Ints) -> None:
        found = [float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())]
        found = [one / DEGREE for one in found]
        if self.seen:
            found = [*map(min, found[:2], self.seen[:2]), *map(max, found[2:], self.seen[2:])]
        self.seen = found


def _joined(pieces: list[Ints]) -> Ints:
    return np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.int64)


def _ordered(found: Mapping[int, Kept]) -> tuple[Kept, ...]:
    return tuple(found[one] for one in sorted(found))
