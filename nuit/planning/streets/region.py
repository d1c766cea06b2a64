"""Where an edition rides: the box around its start and its places, and the tiles that give it heights."""

from collections.abc import Iterable
from math import floor

from nuit.planning.streets.network import Network, OutsideNetwork, Point
from nuit.planning.streets.osm import Box
from nuit.planning.streets.snapping import snap

HALF_WIDE, HALF_HIGH = 0.095, 0.05
"""Degrees from the start place to the edges of the smallest box: about 7.3 km and 5.6 km in Valais."""
MARGIN = (0.026, 0.018)
"""Degrees around every place: about 2 km."""


def surroundings(start: Point, places: Iterable[Point]) -> Box:
    """West, south, east, north of where people ride, rounded outwards to thousandths of a degree."""
    corners = [(start[0] - HALF_WIDE, start[1] - HALF_HIGH), (start[0] + HALF_WIDE, start[1] + HALF_HIGH)]
    for lon, lat in places:
        corners += [(lon - MARGIN[0], lat - MARGIN[1]), (lon + MARGIN[0], lat + MARGIN[1])]
    west, south = (min(corner[i] for corner in corners) for i in (0, 1))
    east, north = (max(corner[i] for corner in corners) for i in (0, 1))
    return (
        floor(west * 1000) / 1000,
        floor(south * 1000) / 1000,
        -floor(-east * 1000) / 1000,
        -floor(-north * 1000) / 1000,
    )


def tile_names(box: Box) -> list[str]:
    """Names of the elevation tiles that cover the box, like N46E007."""
    return [
        f"{'S' if lat < 0 else 'N'}{abs(lat):02d}{'W' if lon < 0 else 'E'}{abs(lon):03d}"
        for lat in range(floor(box[1]), floor(box[3]) + 1)
        for lon in range(floor(box[0]), floor(box[2]) + 1)
    ]


def off_streets(network: Network, places: Iterable[Point]) -> list[Point]:
    """Those places that have no street within reach."""
    return [place for place in places if not _has_street(network, place)]


def _has_street(network: Network, place: Point) -> bool:
    try:
        snap(network, place)
    except OutsideNetwork:
        return False
    return True
