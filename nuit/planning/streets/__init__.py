"""Our router: streets in, rides out, for e-bikes, bicycles and people on foot.

    network = load_network(folder)               # or load_geojson(features, heights)
    ride = ride_between(network, (7.359, 46.2275), (7.34, 46.22), "ebike25")
    table = ride_table(network, places, "ebike25")

The caller keeps the network; what is derived from it per mode is kept here as long as it is asked for.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from nuit.planning.ride import Mode
from nuit.planning.streets.network import (
    BrokenNetwork,
    Floats,
    Link,
    Network,
    OutsideNetwork,
    Piece,
    Point,
    StreetsError,
    Unreachable,
    load_geojson,
    load_network,
    metres_between,
)
from nuit.planning.streets.ridden import Ride, Turn, drawn, standing
from nuit.planning.streets.snapping import Snap, snap
from nuit.planning.streets.timing import Timing, direct, doors, timing, whole

__all__ = [
    "BrokenNetwork",
    "Link",
    "Network",
    "OutsideNetwork",
    "Point",
    "Ride",
    "Snap",
    "StreetsError",
    "Table",
    "Turn",
    "Unreachable",
    "load_geojson",
    "load_network",
    "metres_between",
    "ride_between",
    "ride_table",
    "snap",
]


@dataclass(frozen=True, eq=False)
class Table:
    """All rides between some places: arrays of shape (from, to), inf where no ride is possible, 0 on the diagonal.

    `seconds` and `metres` are those of `ride_between`. `cost` is what decided: seconds weighted by light and pushing;
    for it the triangle inequality holds exactly.
    """

    seconds: Floats
    metres: Floats
    cost: Floats


def ride_between(network: Network, start: Point, end: Point, mode: Mode) -> Ride:
    """The ride a party would take at night; raises OutsideNetwork or Unreachable. A place to itself is a ride of zero."""
    times = timing(network, mode)
    a, b = snap(network, start), snap(network, end)
    if start == end:
        return standing(network, mode, a)
    pieces, seconds = _way(network, times, a, b)
    return drawn(network, mode, times.pushed, (a, b), pieces, seconds)


def ride_table(network: Network, places: Sequence[Point], mode: Mode) -> Table:
    """Rides from every place to every other. A place without a street gets a row and a column of inf, nothing raises."""
    times = timing(network, mode)
    snaps = {i: found for i, place in enumerate(places) if (found := _snap_or_none(network, place))}
    rows = list(snaps)
    starts = [[door.access for door in doors(network, times, snaps[i], leaving=True)] for i in rows]
    ends = [[door.access for door in doors(network, times, snaps[i], leaving=False)] for i in rows]
    table = np.full((3, len(places), len(places)), inf)
    table[np.ix_(range(3), rows, rows)] = times.hierarchy.table(starts, ends)
    for i, j in _sharing([found.link for found in snaps.values()], rows):
        way = direct(network, times, snaps[i], snaps[j])
        if way and way.cost <= table[0, i, j]:
            table[:, i, j] = way.cost, way.seconds, way.metres
    for i, j in _sharing([snaps[i].place for i in rows], rows):
        table[:, i, j] = 0.0
    return Table(cost=table[0], seconds=table[1], metres=table[2])


def _way(network: Network, times: Timing, a: Snap, b: Snap) -> tuple[list[Piece], float]:
    """Pieces and seconds of the cheapest way, over junctions or along the one link on which both places lie."""
    starts, ends = doors(network, times, a, leaving=True), doors(network, times, b, leaving=False)
    found = times.hierarchy.cheapest([door.access for door in starts], [door.access for door in ends])
    straight = direct(network, times, a, b)
    if straight and (found is None or straight.cost <= found.cost):
        return [Piece(a.link, a.along, b.along)], straight.seconds
    if found is None:
        raise Unreachable(a.place, b.place)
    first, last = starts[found.entry], ends[found.exit]
    between = sum(times.hierarchy.arcs[arc].seconds for arc in found.arcs)
    pieces = [first.piece, *(whole(network, times, arc) for arc in found.arcs), last.piece]
    return pieces, first.access.seconds + between + last.access.seconds


def _snap_or_none(network: Network, place: Point) -> Snap | None:
    try:
        return snap(network, place)
    except OutsideNetwork:
        return None


def _sharing(of: Sequence[Hashable], rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    """All pairs of rows, also a row with itself, that have the same thing."""
    groups = defaultdict(list)
    for thing, row in zip(of, rows, strict=True):
        groups[thing].append(row)
    return ((i, j) for group in groups.values() for i in group for j in group)
