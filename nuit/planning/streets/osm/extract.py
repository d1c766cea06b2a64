"""What a file of OpenStreetMap says about streets, before anything is decided: nodes, barriers and tagged ways.

Coordinates are kept as whole numbers of 1e-7 degrees, so that one town is one network whatever file it came in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from nuit.planning.streets.network import BrokenNetwork, Ints

DEGREE = 10_000_000
MOST_NODES = 100_000_000
MOST_WAYS = 300_000
Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""
Tags = Mapping[str, str]


@dataclass(frozen=True)
class Way:
    """A line over nodes, with its tags."""

    id: int
    refs: tuple[int, ...]
    tags: Tags


@dataclass(frozen=True, eq=False)
class Extract:
    """Nodes (ascending ids, longitude and latitude in units of 1e-7 degrees), tags of barriers, ways by id."""

    ids: Ints
    lon: Ints
    lat: Ints
    barriers: Mapping[int, Tags]
    ways: tuple[Way, ...]
    written: str = ""

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

    def barrier(self, node: int, tags: Tags) -> None:
        """Takes the tags of a node in when they speak of a barrier."""
        if "barrier" in tags:
            self._barriers[node] = dict(tags)

    def way(self, id_: int, refs: Iterable[int], tags: Tags) -> None:
        """Takes a way in when it may be a street; of a file that tells its nodes first, only where a node was kept."""
        if "highway" in tags:
            way = Way(id_, tuple(refs), dict(tags))
            if self.nodes_first and self.box and self._inside.isdisjoint(way.refs):
                return
            self._ways[id_] = way
            if len(self._ways) > MOST_WAYS:
                raise BrokenNetwork(f"it is too large: it has more than {MOST_WAYS:,} streets")

    def extract(self) -> Extract:
        """All that was taken in, in the order of its numbers."""
        ids, first = np.unique(_joined(self._ids), return_index=True)
        ways = tuple(self._ways[one] for one in sorted(self._ways))
        return Extract(
            ids, _joined(self._lon)[first], _joined(self._lat)[first], self._barriers, ways, self.written
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
