"""What lies along a ride: its steepest stretch, the places beside it; what is near a place; and the ride itself, kept."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import cos, isfinite, radians
from typing import Any, TypeVar

import numpy as np

from nuit.planning.ride import Mode
from nuit.planning.streets import Network, OutsideNetwork, Point, Unreachable, ride_table
from nuit.planning.streets.network import EARTH, Floats
from nuit.planning.track import track

STEP = 10.0
"""Metres between the heights of a profile when it is looked at evenly."""
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Steep:
    """The steepest climb (rise over run) averaged over `over` metres, where it ends, and metres above the limit."""

    grade: float
    at: float
    metres: float


@dataclass(frozen=True)
class Near:
    """A place within walking distance: its number among the targets, metres and model seconds on the way."""

    target: int
    metres: float
    seconds: float


def steepest(profile: Sequence[Sequence[float]], *, over: float = 60.0, limit: float = 0.08) -> Steep | None:
    """The steepest climb of a profile of [metres, height]; None for a ride shorter than `over`."""
    if not profile or profile[-1][0] < over + STEP:
        return None
    along, height = np.array(profile, dtype=np.float64).T
    even = np.arange(0.0, along[-1] + STEP / 2, STEP)
    heights = np.interp(even, along, height)
    window = round(over / STEP)
    grades = (heights[window:] - heights[:-window]) / over
    top = int(np.argmax(grades))
    return Steep(float(grades[top]), float(even[top + window]), float((grades > limit).sum()) * STEP)


def beside(line: Sequence[Sequence[float]], places: Mapping[Key, Point], *, reach: float = 180.0) -> dict[Key, float]:
    """Metres along the line where it passes each place within `reach` metres, in the order of passing.

    Flat geometry around the line's first point: exact to a metre over the size of a town.
    """
    if len(line) < 2 or not places:
        return {}
    points, spots = _flat(line, line[0]), _flat(list(places.values()), line[0])
    begins, pieces = points[:-1], np.diff(points, axis=0)
    lengths = np.hypot(*pieces.T)
    before = np.concatenate([[0.0], np.cumsum(lengths)[:-1]])
    square = np.maximum(lengths**2, 1e-9)
    found = {}
    for key, spot in zip(places, spots, strict=True):
        share = np.clip(((spot - begins) * pieces).sum(1) / square, 0.0, 1.0)
        gaps = np.hypot(*(spot - begins - share[:, None] * pieces).T)
        nearest = int(np.argmin(gaps))
        if gaps[nearest] <= reach:
            found[key] = float(before[nearest] + share[nearest] * lengths[nearest])
    return dict(sorted(found.items(), key=lambda item: item[1]))


def distances_along(line: Sequence[Sequence[float]]) -> Floats:
    """Metres from the beginning of a line of [lon, lat] to each of its points."""
    points = _flat(line, line[0])
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])


@lru_cache(maxsize=256)
def kept_track(network: Network, places: tuple[Point, ...], closed: bool, mode: Mode) -> dict[str, Any]:
    """The track over these places (see `planning.track`), kept for next time; {} where no way leads along them."""
    try:
        return track(network, places, closed=closed, mode=mode)
    except (OutsideNetwork, Unreachable):
        return {}


@lru_cache(maxsize=32)
def nearest(
    network: Network, origins: tuple[Point, ...], targets: tuple[Point, ...], mode: Mode, reach: float, at_most: int
) -> tuple[tuple[Near, ...], ...]:
    """For each origin the targets within `reach` metres of way, nearest first, at most so many; kept for next time."""
    table = ride_table(network, (*origins, *targets), mode)
    rows = []
    for row in range(len(origins)):
        metres, seconds = table.metres[row, len(origins) :], table.seconds[row, len(origins) :]
        order = np.argsort(metres, kind="stable")[:at_most].tolist()
        near = [Near(i, float(metres[i]), float(seconds[i])) for i in order if metres[i] <= reach]
        rows.append(tuple(one for one in near if isfinite(one.seconds)))
    return tuple(rows)


def _flat(points: Sequence[Sequence[float]], origin: Sequence[float]) -> Floats:
    """Metres east and north of the origin."""
    lon, lat = np.array(points, dtype=np.float64).T
    east = np.radians(lon - origin[0]) * cos(radians(origin[1])) * EARTH
    return np.stack([east, np.radians(lat - origin[1]) * EARTH], axis=1)
