"""Where a place meets the streets: the nearest point of the nearest link, not the nearest junction."""

from dataclasses import dataclass
from functools import lru_cache
from math import cos, isfinite, radians

import numpy as np

from nuit.planning.streets.network import Floats, Ints, Network, OutsideNetwork, Point, metres_between

REACH = 1000.0
"""Metres from a place to the nearest street beyond which we do not answer."""


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
    """Straight pieces of all links but tunnels on a flat map, in degrees of latitude: from (x, y), by (dx, dy)."""

    begins: Ints
    stretch: float
    x: Floats
    y: Floats
    dx: Floats
    dy: Floats
    square: Floats


def snap(network: Network, place: Point) -> Snap:
    """Put a place onto the nearest street within reach; raises OutsideNetwork.

    Tunnels are left out: who stands above one is not in it.
    """
    if not (isfinite(place[0]) and isfinite(place[1])):
        raise OutsideNetwork(place, float("inf"))
    segments = _segments(network)
    x, y = place[0] * segments.stretch - segments.x, place[1] - segments.y
    share = np.clip((x * segments.dx + y * segments.dy) / segments.square, 0.0, 1.0)
    gaps = (x - share * segments.dx) ** 2 + (y - share * segments.dy) ** 2
    nearest = int(np.argmin(gaps))
    found = _at(network, place, int(segments.begins[nearest]), float(share[nearest]))
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
    return _Segments(begins, stretch, x[a], y[a], dx, dy, dx * dx + dy * dy)
