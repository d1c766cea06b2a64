"""The best order of the stops of a loop: exact for up to a dozen, close to it for more."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from nuit.planning.streets import Point, metres_between
from nuit.planning.streets.network import Floats

EXACT = 12
"""Stops up to which every order is weighed: 2^11 sets of stops, 11 ends each."""

NEVER = 1e12
"""Seconds that stand for no way while orders are weighed."""


@dataclass(frozen=True)
class Tour:
    """An order of the stops, beginning at stop 0; `seconds` of all rides, `exact` where no order is faster."""

    order: tuple[int, ...]
    seconds: float
    exact: bool


def best_tour(seconds: Floats, *, closed: bool) -> Tour:
    """The fastest order of all stops from stop 0: back to it when `closed`, ending anywhere else.

    `seconds` of shape (from, to) need not be symmetric (hills); inf where no way leads. Exact for EXACT stops and
    fewer (Held and Karp, 1962); beyond, cheapest insertion and then moves of one to three stops until none helps.
    """
    count = len(seconds)
    if count < 3:
        return Tour(tuple(range(count)), tour_seconds(seconds, range(count), closed=closed), True)
    known = np.where(np.isfinite(seconds), seconds, NEVER)
    order = _held_karp(known, closed) if count <= EXACT else _improved(known, _inserted(known, closed), closed)
    return Tour(order, tour_seconds(seconds, order, closed=closed), count <= EXACT)


def tour_seconds(seconds: Floats, order: Sequence[int], *, closed: bool) -> float:
    """Seconds of the rides of an order, the one back to its beginning included when `closed`."""
    rides = [*pairwise(order), *([(order[-1], order[0])] if closed and len(order) > 1 else [])]
    return float(sum(seconds[a, b] for a, b in rides))


def place_between(places: Sequence[Point], new: Point, *, closed: bool) -> int:
    """Where a way-point comes into an order of places so that the detour, as the crow flies, is the least.

    1 to the number of places: never before the first.
    """
    if len(places) < 2:
        return len(places)
    gaps = [*pairwise(places), *([(places[-1], places[0])] if closed else [])]
    detours = [metres_between(a, new) + metres_between(new, b) - metres_between(a, b) for a, b in gaps]
    if not closed:
        detours.append(metres_between(places[-1], new))
    return detours.index(min(detours)) + 1


def _held_karp(seconds: Floats, closed: bool) -> tuple[int, ...]:
    """best[set, end]: the least seconds from stop 0 over a set of the others to its end."""
    count = len(seconds) - 1
    between, full = seconds[1:, 1:], (1 << count) - 1
    best = np.full((full + 1, count), np.inf)
    before = np.zeros((full + 1, count), dtype=np.int64)
    best[[1 << end for end in range(count)], range(count)] = seconds[0, 1:]
    for done in range(1, full):
        on = best[done, :, None] + between
        come, least = on.argmin(axis=0), on.min(axis=0)
        for end in range(count):
            joined = done | 1 << end
            if joined != done and least[end] < best[joined, end]:
                best[joined, end], before[joined, end] = least[end], come[end]
    end = int(np.argmin(best[full] + (seconds[1:, 0] if closed else 0.0)))
    return (0, *_traced(before, full, end))


def _traced(before: np.ndarray[tuple[int, int], np.dtype[np.int64]], full: int, end: int) -> list[int]:
    order, done = [end + 1], full
    while done & (done - 1):
        end, done = int(before[done, end]), done ^ (1 << end)
        order.append(end + 1)
    return order[::-1]


def _inserted(seconds: Floats, closed: bool) -> list[int]:
    """Stop by stop where it costs least, the nearest to those that are in first."""
    order, left = [0], set(range(1, len(seconds)))
    while left:
        _cost, stop, at = min(
            (tour_seconds(seconds, [*order[:at], stop, *order[at:]], closed=closed), stop, at)
            for stop in left
            for at in range(1, len(order) + 1)
        )
        order.insert(at, stop)
        left.remove(stop)
    return order


def _improved(seconds: Floats, order: list[int], closed: bool) -> tuple[int, ...]:
    cost = tour_seconds(seconds, order, closed=closed)
    while True:
        found, least = None, cost - 1e-9
        for other in _moves(order):
            now = tour_seconds(seconds, other, closed=closed)
            if now < least:
                found, least = other, now
        if found is None:
            return tuple(order)
        order, cost = found, least


def _moves(order: list[int]) -> Iterator[list[int]]:
    """Every order with one run of one to three stops elsewhere, either way round; and every run turned round."""
    for size in (1, 2, 3):
        for begin in range(1, len(order) - size + 1):
            run, rest = order[begin : begin + size], order[:begin] + order[begin + size :]
            for at in range(1, len(rest) + 1):
                yield rest[:at] + run + rest[at:]
                yield rest[:at] + run[::-1] + rest[at:]
    for begin in range(1, len(order)):
        for end in range(begin + 4, len(order) + 1):
            yield order[:begin] + order[begin:end][::-1] + order[end:]
