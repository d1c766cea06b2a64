"""From a relaxed path to an evening that holds: repeats dropped, then whatever still fits, best first."""

import numpy as np

from .compiled import compiled
from .graph import depart
from .problem import END, FIRST, GROUP, HOME, LENGTH, OUT, Flags, Ints, Timetable


@compiled
def node_of(t: Timetable, departure: int) -> int:
    """The node a departure belongs to."""
    low, high = 0, len(t.node)
    while high - low > 1:
        middle = (low + high) // 2
        if t.node[middle, FIRST] <= departure:
            low = middle
        else:
            high = middle
    return low


@compiled
def worth(t: Timetable, stops: Ints, count: int) -> int:
    """The units of an evening given by its departures: rewards less the fares of all rides."""
    total, before = 0, -1
    for i in range(count):
        c = node_of(t, stops[i])
        total += t.reward[stops[i]] - t.fare * (t.node[c, OUT] if before < 0 else t.ride[before, c])
        before = c
    return total - t.fare * t.node[before, HOME] if count else 0


@compiled
def repair(t: Timetable, groups: int, walk: Ints, length: int, stops: Ints) -> int:
    """Make an evening of a walk over nodes; its departures go into `stops`. Returns how many."""
    used = np.zeros(groups, np.bool_)
    nodes = np.empty(len(stops), np.int64)
    count = _first_visits(t, used, walk, length, nodes, stops)
    latest = np.empty(len(stops) + 1, np.int64)
    while count < len(stops):
        _earliest(t, nodes, count, stops)
        _latest(t, nodes, count, latest)
        node, place = _best_insertion(t, used, nodes, count, stops, latest)
        if node < 0:
            break
        for i in range(count, place, -1):
            nodes[i] = nodes[i - 1]
        nodes[place] = node
        used[t.node[node, GROUP]] = True
        count += 1
    _earliest(t, nodes, count, stops)
    return count


@compiled
def _first_visits(t: Timetable, used: Flags, walk: Ints, length: int, nodes: Ints, stops: Ints) -> int:
    """The walk without what comes back or no longer fits."""
    count = 0
    for i in range(min(length, len(stops))):
        nodes[count] = walk[i]
        if not used[t.node[walk[i], GROUP]] and _earliest(t, nodes, count + 1, stops):
            used[t.node[walk[i], GROUP]] = True
            count += 1
    return count


@compiled
def _arrival(t: Timetable, nodes: Ints, stops: Ints, i: int, node: int) -> int:
    """When one stands before `node` after the first `i` stops."""
    if i == 0:
        return t.begin + t.node[node, OUT]
    before = nodes[i - 1]
    return t.starts[stops[i - 1]] + t.node[before, LENGTH] + t.ride[before, node]


@compiled
def _earliest(t: Timetable, nodes: Ints, count: int, stops: Ints) -> bool:
    for i in range(count):
        stops[i] = depart(t, nodes[i], _arrival(t, nodes, stops, i, nodes[i]))
        if stops[i] < 0:
            return False
    return True


@compiled
def _latest(t: Timetable, nodes: Ints, count: int, latest: Ints) -> None:
    """By when one must stand before each stop so that the rest still holds."""
    limit = t.starts[t.node[nodes[count - 1], END] - 1] if count else 0
    for i in range(count - 1, -1, -1):
        c = nodes[i]
        after = depart(t, c, limit + 1)
        latest[i] = t.starts[(after if after >= 0 else t.node[c, END]) - 1]
        if i:
            limit = latest[i] - t.ride[nodes[i - 1], c] - t.node[nodes[i - 1], LENGTH]


@compiled
def _best_insertion(t: Timetable, used: Flags, nodes: Ints, count: int, stops: Ints, latest: Ints) -> tuple[int, int]:
    best, node, place = 0, -1, -1
    for c in range(len(t.node)):
        if used[t.node[c, GROUP]]:
            continue
        for i in range(count + 1):
            at = depart(t, c, _arrival(t, nodes, stops, i, c))
            if at < 0:
                break
            after = t.ride[c, nodes[i]] if i < count else t.node[c, HOME]
            if i < count and t.starts[at] + t.node[c, LENGTH] + after > latest[i]:
                continue
            gain = t.reward[at] - t.fare * _detour(t, nodes, count, i, c, after)
            if gain > best:
                best, node, place = gain, c, i
    return node, place


@compiled
def _detour(t: Timetable, nodes: Ints, count: int, i: int, c: int, after: int) -> int:
    """Ticks more on the way when `c` comes before stop `i`."""
    extra = after + (t.node[c, OUT] if i == 0 else t.ride[nodes[i - 1], c])
    if i == 0:
        return extra - (t.node[nodes[0], OUT] if count else 0)
    return extra - (t.ride[nodes[i - 1], nodes[i]] if i < count else t.node[nodes[i - 1], HOME])
