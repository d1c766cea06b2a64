"""Prices for the groups by subgradient: each round a bound, a repaired evening, and fewer buckets and arcs."""

from typing import NamedTuple

import numpy as np

from .compiled import compiled
from .graph import GAIN, NODE, Graph
from .greedy import repair, worth
from .problem import FINE, GROUP, Ints, Timetable
from .relax import PROFIT, follow, look_ahead, prune


class Ascent(NamedTuple):
    """What one round leaves to the next: inner units throughout.

    `prices` and `best_prices` per group; `stops` the best evening found (departures). `score` is WORTH its value, BOUND
    the bound on any evening, COUNT its stops, BEST the lowest bound of this graph, STEP in 1/1024, STALL the rounds without progress.
    """

    prices: Ints
    best_prices: Ints
    stops: Ints
    score: Ints


WORTH, BOUND, COUNT, BEST, STEP, STALL = range(6)
PATIENCE = 4
"""Rounds without a lower bound before the step is cut to 0.7 of itself."""
LOST = 16
"""Rounds without a lower bound after which more of them are not worth their time."""
PRUNE_EVERY = 4


@compiled
def offer(t: Timetable, s: Ascent, stops: Ints, count: int) -> bool:
    """Keep an evening if it is better than the best so far."""
    value = worth(t, stops, count) * FINE
    if value <= s.score[WORTH]:
        return False
    s.score[WORTH], s.score[COUNT] = value, count
    for i in range(count):
        s.stops[i] = stops[i]
    return True


@compiled
def closed(s: Ascent) -> bool:
    """Nothing can be one unit better than what was found."""
    return s.score[BOUND] < s.score[WORTH] + FINE


@compiled
def ascend(t: Timetable, g: Graph, v: Ints, s: Ascent, rounds: int) -> int:
    """Up to so many rounds; returns how many were made. Fewer mean that it is proven or that it goes no further."""
    path, walk = np.empty(len(s.stops), np.int64), np.empty(len(s.stops), np.int64)
    stops = np.empty(len(s.stops), np.int64)
    for r in range(rounds):
        length = bound(t, g, v, s, s.prices, path)
        for i in range(length):
            walk[i] = g.bucket[path[i], NODE]
        better = offer(t, s, stops, repair(t, len(s.prices), walk, length, stops))
        if closed(s) or s.score[STALL] >= LOST:
            return r
        if better or r % PRUNE_EVERY == 1:
            prune(t, g, v, t.fare * FINE, s.score[WORTH] + FINE - s.prices.sum(), g.heads, g.arcs)
        if not _step(t, s, walk, length):
            return r
    return rounds


@compiled
def bound(t: Timetable, g: Graph, v: Ints, s: Ascent, prices: Ints, path: Ints) -> int:
    """Solve the relaxation for these prices, note its bound, and return the length of its path."""
    for b in range(len(g.bucket)):
        v[b, PROFIT] = g.bucket[b, GAIN] - prices[t.node[g.bucket[b, NODE], GROUP]]
    look_ahead(t, g, v, t.fare * FINE)
    value, length = follow(t, g, v, t.fare * FINE, path)
    value += prices.sum()
    s.score[STALL] += 1
    if value < s.score[BEST] - FINE // 64:
        s.score[BEST], s.score[STALL] = value, 0
        for i in range(len(prices)):
            s.best_prices[i] = prices[i]
    s.score[BOUND] = min(s.score[BOUND], max(value, s.score[WORTH]))
    return length


@compiled
def _step(t: Timetable, s: Ascent, walk: Ints, length: int) -> bool:
    """Dearer what was visited twice, cheaper what was left out: Polyak's step towards the best known value."""
    if s.score[STALL] and s.score[STALL] % PATIENCE == 0:
        s.score[STEP] = s.score[STEP] * 7 // 10
    slope = np.full(len(s.prices), -1)
    for i in range(length):
        slope[t.node[walk[i], GROUP]] += 1
    norm = 0
    for k in range(len(slope)):
        if s.prices[k] == 0 and slope[k] < 0:
            slope[k] = 0
        norm += slope[k] * slope[k]
    gap = max(s.score[BEST] - s.score[WORTH], FINE // 4)
    move = int(gap / max(1, norm) * s.score[STEP] / 1024)
    if norm == 0 or move == 0:
        return False
    for k in range(len(slope)):
        s.prices[k] = max(0, s.prices[k] + slope[k] * move)
    return True
