"""Where a place meets the streets: the nearest point of the nearest link, not the nearest junction."""

from dataclasses import dataclass
from functools import lru_cache
from math import cos, isfinite, radians

import numpy as np

from nuit.planning.streets.network import Floats, Ints, Network, OutsideNetwork, Point, metres_between

REACH = 1000.0
"""Metres from a place to the nearest street beyond which we do not answer."""
SLACK = 1e-9
"""Degrees by which boxes are wider, so that rounding leaves nothing out."""


@dataclass(frozen=True)
class Snap:
    """A place on a link: metres along it, the point of the street, its height, and metres from the place to it."""

    place: Point
    link: int
    along: float
    point: Point
    height: float
    access: float


@dataclass(frozen=True, eq=False)
class _Segments:
    """Straight pieces of all links but tunnels on a flat map, in degrees of latitude: from (x, y), by (dx, dy).

    Those of link i of them are `bounds[i]:bounds[i + 1]`, and lie in a box given by its `middle` and `half` its size.
    """

    begins: Ints
    stretch: float
    x: Floats
    y: Floats
    dx: Floats
    dy: Floats
    square: Floats
    bounds: Ints
    middle: tuple[Floats, Floats]
    half: tuple[Floats, Floats]

    def least(self, x: float, y: float) -> Floats:
        """What the squared gap to each link is at least: that to its box."""
        east = np.maximum(np.abs(x - self.middle[0]) - self.half[0], 0.0)
        north = np.maximum(np.abs(y - self.middle[1]) - self.half[1], 0.0)
        gaps: Floats = east * east + north * north
        return gaps

    def nearest(self, links: Ints, x: float, y: float) -> tuple[int, float, float]:
        """The nearest piece of these links, the share of it that is passed there, and the squared gap."""
        bounds = self.bounds
        of = np.concatenate([np.arange(bounds[link], bounds[link + 1]) for link in links.tolist()])
        east, north, dx, dy = x - self.x[of], y - self.y[of], self.dx[of], self.dy[of]
        share = np.clip((east * dx + north * dy) / self.square[of], 0.0, 1.0)
        gaps = (east - share * dx) ** 2 + (north - share * dy) ** 2
        at = int(np.argmin(gaps))
        return int(of[at]), float(share[at]), float(gaps[at])


@lru_cache(maxsize=4096)
def snap(network: Network, place: Point) -> Snap:
    """Put a place onto the nearest street within reach, kept for next time; raises OutsideNetwork.

    Tunnels are left out: who stands above one is not in it.
    """
    if not (isfinite(place[0]) and isfinite(place[1])):
        raise OutsideNetwork(place, float("inf"))
    segments = _segments(network)
    x, y = place[0] * segments.stretch, place[1]
    least = segments.least(x, y)
    _, _, gap = segments.nearest(np.array([least.argmin()]), x, y)
    nearest, share, _ = segments.nearest(np.flatnonzero(least <= gap * 1.000001), x, y)
    found = _at(network, place, int(segments.begins[nearest]), share)
    if found.access > REACH:
        raise OutsideNetwork(place, found.access)
    return found


def _at(network: Network, place: Point, at: int, share: float) -> Snap:
    """The snap at a share of the segment that begins at position `at` of the shape."""
    a, b = network.shape[at], network.shape[at + 1]
    point = (_between(network.lon, a, b, share), _between(network.lat, a, b, share))
    return Snap(
        place=place,
        link=int(np.searchsorted(network.offsets, at, side="right")) - 1,
        along=_between(network.along, at, at + 1, share),
        point=point,
        height=_between(network.height, a, b, share),
        access=metres_between(place, point),
    )


def _between(values: Floats, a: int, b: int, share: float) -> float:
    """The value at a share of the way from a to b, exact at both ends."""
    return float(values[a] * (1 - share) + values[b] * share)


def forget_segments() -> None:
    """Lets go of what was kept of networks."""
    _segments.cache_clear()
    snap.cache_clear()


@lru_cache(maxsize=4)
def _segments(network: Network) -> _Segments:
    open_air = np.array([link.kind != "tunnel" for link in network.links])
    if not open_air.any():
        open_air[:] = True
    last = np.zeros(len(network.shape), dtype=bool)
    last[network.offsets[1:] - 1] = True
    begins = np.flatnonzero(np.repeat(open_air, np.diff(network.offsets)) & ~last)
    stretch = cos(radians((network.box[1] + network.box[3]) / 2))
    x, y = network.lon * stretch, network.lat
    a, b = network.shape[begins], network.shape[begins + 1]
    dx, dy = x[b] - x[a], y[b] - y[a]
    _, first = np.unique(np.searchsorted(network.offsets, begins, side="right"), return_index=True)
    low = [np.minimum.reduceat(np.minimum(axis[a], axis[b]), first) for axis in (x, y)]
    high = [np.maximum.reduceat(np.maximum(axis[a], axis[b]), first) for axis in (x, y)]
    return _Segments(
        begins, stretch, x[a], y[a], dx, dy, dx * dx + dy * dy,
        bounds=np.append(first, len(begins)),
        middle=((low[0] + high[0]) / 2, (low[1] + high[1]) / 2),
        half=((high[0] - low[0]) / 2 + SLACK, (high[1] - low[1]) / 2 + SLACK),
    )  # fmt: skip
