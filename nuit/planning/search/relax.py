"""The relaxation: each group has a price instead of "once", and only A–B–A is forbidden. Longest paths in a graph of buckets."""

import numpy as np

from .compiled import compiled
from .graph import EARLIER, LATER, NODE, Graph
from .problem import GROUP, HOME, NONE, OUT, Ints, Timetable

PROFIT, ALIVE, TAKE, VIA, TAKE2, WAIT, WAIT_VIA, WAIT2 = range(8)
"""Columns of the values `v`, per bucket: the best relaxed value from taking it on, and from waiting there for it or a later one.

Two each: TAKE goes on to group VIA (−1: home), TAKE2 to any other; so that the way back can be excluded.
"""


def ahead(g: Graph) -> Ints:
    """Room for the values of a graph; every bucket alive."""
    v = np.full((len(g.bucket), 8), NONE, np.int64)
    v[:, ALIVE] = 1
    return v


@compiled
def look_ahead(t: Timetable, g: Graph, v: Ints, fare: int) -> None:
    """Fill `v` for its profits, from the last bucket to the first."""
    for b in range(len(g.bucket) - 1, -1, -1):
        _take(t, g, v, b, fare)
        _wait(g, v, b)


@compiled
def _take(t: Timetable, g: Graph, v: Ints, b: int, fare: int) -> None:
    if not v[b, ALIVE]:
        v[b, TAKE], v[b, VIA], v[b, TAKE2] = NONE, -1, NONE
        return
    c = g.bucket[b, NODE]
    own = t.node[c, GROUP]
    best, via, second = -fare * t.node[c, HOME], -1, NONE
    for a in range(g.heads[b], g.heads[b + 1]):
        q = g.arcs[a]
        value = v[q, WAIT] if v[q, WAIT_VIA] != own else v[q, WAIT2]
        if value <= NONE:
            continue
        d = g.bucket[q, NODE]
        value -= fare * t.ride[c, d]
        if value > best:
            if t.node[d, GROUP] != via:
                second = best
            best, via = value, t.node[d, GROUP]
        elif value > second and t.node[d, GROUP] != via:
            second = value
    v[b, TAKE], v[b, VIA] = best + v[b, PROFIT], via
    v[b, TAKE2] = second + v[b, PROFIT] if second > NONE else NONE


@compiled
def _wait(g: Graph, v: Ints, b: int) -> None:
    q = g.bucket[b, LATER]
    if q < 0 or v[b, TAKE] >= v[q, WAIT]:
        v[b, WAIT], v[b, WAIT_VIA], v[b, WAIT2] = v[b, TAKE], v[b, VIA], v[b, TAKE2]
        if q >= 0:
            v[b, WAIT2] = max(v[b, TAKE2], v[q, WAIT] if v[q, WAIT_VIA] != v[b, VIA] else v[q, WAIT2])
    else:
        v[b, WAIT], v[b, WAIT_VIA] = v[q, WAIT], v[q, WAIT_VIA]
        v[b, WAIT2] = max(v[q, WAIT2], v[b, TAKE] if v[b, VIA] != v[q, WAIT_VIA] else v[b, TAKE2])


@compiled
def follow(t: Timetable, g: Graph, v: Ints, fare: int, path: Ints) -> tuple[int, int]:
    """The best relaxed path as buckets in `path`: its value and its length; (0, 0) when staying at home is best."""
    best, q = 0, -1
    for d in range(len(g.entry)):
        b = g.entry[d]
        if b >= 0 and v[b, WAIT] > NONE and v[b, WAIT] - fare * t.node[d, OUT] > best:
            best, q = v[b, WAIT] - fare * t.node[d, OUT], b
    count = 0
    while q >= 0 and count < len(path):
        banned = _left(t, g, path, count)
        b = _taken(g, v, q, banned)
        path[count] = b
        count += 1
        q = _next(t, g, v, b, banned, fare)
    return best, count


@compiled
def _left(t: Timetable, g: Graph, path: Ints, count: int) -> int:
    """The group one comes from."""
    return t.node[g.bucket[path[count - 1], NODE], GROUP] if count else -2


@compiled
def _taken(g: Graph, v: Ints, q: int, banned: int) -> int:
    """The bucket that gives the value of waiting at `q` without going on to a banned group."""
    value = v[q, WAIT] if v[q, WAIT_VIA] != banned else v[q, WAIT2]
    while (v[q, TAKE] if v[q, VIA] != banned else v[q, TAKE2]) != value:
        q = g.bucket[q, LATER]
    return q


@compiled
def _next(t: Timetable, g: Graph, v: Ints, b: int, banned: int, fare: int) -> int:
    c = g.bucket[b, NODE]
    rest = (v[b, TAKE] if v[b, VIA] != banned else v[b, TAKE2]) - v[b, PROFIT]
    for a in range(g.heads[b], g.heads[b + 1]):
        q = g.arcs[a]
        d = g.bucket[q, NODE]
        if t.node[d, GROUP] == banned:
            continue
        value = v[q, WAIT] if v[q, WAIT_VIA] != t.node[c, GROUP] else v[q, WAIT2]
        if value > NONE and value - fare * t.ride[c, d] == rest:
            return q
    return -1


@compiled
def _arrive(best: Ints, origin: Ints, second: Ints, b: int, value: int, group: int) -> None:
    if value > best[b]:
        if origin[b] != group:
            second[b] = best[b]
        best[b], origin[b] = value, group
    elif value > second[b] and origin[b] != group:
        second[b] = value


@compiled
def prune(t: Timetable, g: Graph, v: Ints, fare: int, target: int, heads: Ints, arcs: Ints) -> int:
    """Strike buckets and arcs through which no relaxed path reaches `target`; the arcs left go into `heads` and `arcs`.

    `v` must stand for its profits; `heads` and `arcs` may be the graph's own. Returns the number of arcs left.
    """
    size = len(g.bucket)
    best, origin, second = np.full(size, NONE), np.full(size, -2), np.full(size, NONE)
    for d in range(len(g.entry)):
        if g.entry[d] >= 0:
            _arrive(best, origin, second, g.entry[d], -fare * t.node[d, OUT], -1)
    begin = g.heads[0]
    for b in range(size):
        end = g.heads[b + 1]
        heads[b + 1] = heads[b]
        _carry(best, origin, second, g.bucket[b, EARLIER], b)
        if v[b, ALIVE] and _through(v, b, best[b], origin[b], second[b]) < target:
            v[b, ALIVE] = 0
        if v[b, ALIVE]:
            _prune_arcs(t, g, v, fare, target, b, begin, end, best, origin, second, heads, arcs)
        begin = end
    return heads[size]


@compiled
def _carry(best: Ints, origin: Ints, second: Ints, q: int, b: int) -> None:
    """Who could be at the earlier bucket can wait for the next."""
    if q >= 0 and best[q] > NONE:
        _arrive(best, origin, second, b, best[q], origin[q])
        second[b] = max(second[b], second[q])


@compiled
def _through(v: Ints, b: int, best: int, origin: int, second: int) -> int:
    if best <= NONE:
        return NONE
    if origin != v[b, VIA] or origin == -1:
        return best + v[b, TAKE]
    value = best + v[b, TAKE2] if v[b, TAKE2] > NONE else NONE
    return max(value, second + v[b, TAKE]) if second > NONE else value


@compiled
def _prune_arcs(
    t: Timetable, g: Graph, v: Ints, fare: int, target: int, b: int, begin: int, end: int,
    best: Ints, origin: Ints, second: Ints, heads: Ints, arcs: Ints,
) -> None:  # fmt: skip
    c = g.bucket[b, NODE]
    own = t.node[c, GROUP]
    for a in range(begin, end):
        q = g.arcs[a]
        d = g.bucket[q, NODE]
        come = best[b] if origin[b] != t.node[d, GROUP] else second[b]
        go = v[q, WAIT] if v[q, WAIT_VIA] != own else v[q, WAIT2]
        if come <= NONE or go <= NONE:
            continue
        come += v[b, PROFIT] - fare * t.ride[c, d]
        if come + go >= target:
            arcs[heads[b + 1]] = q
            heads[b + 1] += 1
            _arrive(best, origin, second, q, come, own)
