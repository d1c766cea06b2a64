"""The graph of buckets: runs of departures of one node, in the order of time."""

from typing import NamedTuple

import numpy as np

from .compiled import compiled
from .problem import END, FINE, FIRST, GROUP, LENGTH, OUT, Ints, Timetable

NODE, OPENS, SHUTS, LOW, HIGH, GAIN, LATER, EARLIER, BETTER = range(9)


class Graph(NamedTuple):
    """Buckets in order of OPENS. A bucket can be reached where its last departure can: exact when it holds only one.

    Columns of `bucket`: NODE, OPENS and SHUTS (first and last departure), LOW to HIGH (its departures), GAIN (inner
    units), LATER and EARLIER (next and previous bucket of the node), BETTER (the next of higher gain), −1 for none.
    Its arcs `heads[b]:heads[b + 1]` into `arcs` name the first bucket in reach of every other node. `entry` is the
    first bucket of every node within reach of the start.
    """

    bucket: Ints
    entry: Ints
    heads: Ints
    arcs: Ints


@compiled
def depart(t: Timetable, node: int, at: int) -> int:
    """The first departure of a node at or after an hour, or −1."""
    low, high = t.node[node, FIRST], t.node[node, END]
    end = high
    while low < high:
        middle = (low + high) // 2
        if t.starts[middle] < at:
            low = middle + 1
        else:
            high = middle
    return low if low < end else -1


@compiled
def _chain(bucket: Ints, nodes: int) -> Ints:
    """Link the buckets of each node; returns the first of every node."""
    first = np.full(nodes, -1)
    for b in range(len(bucket) - 1, -1, -1):
        q = first[bucket[b, NODE]]
        bucket[b, LATER], bucket[b, EARLIER] = q, -1
        if q >= 0:
            bucket[q, EARLIER] = b
        while q >= 0 and bucket[q, GAIN] <= bucket[b, GAIN]:
            q = bucket[q, BETTER]
        bucket[b, BETTER] = q
        first[bucket[b, NODE]] = b
    return first


@compiled
def _reach(t: Timetable, bucket: Ints, first: Ints) -> tuple[Ints, Ints]:
    nodes = len(first)
    pointer = np.empty((nodes, nodes), np.int64)
    for c in range(nodes):
        for d in range(nodes):
            pointer[c, d] = first[d]
    heads = np.zeros(len(bucket) + 1, np.int64)
    arcs = np.empty(len(bucket) * nodes, np.int64)
    count = 0
    for b in range(len(bucket)):
        c = bucket[b, NODE]
        end = bucket[b, OPENS] + t.node[c, LENGTH]
        for d in range(nodes):
            if t.node[d, GROUP] == t.node[c, GROUP]:
                continue
            q = pointer[c, d]
            while q >= 0 and bucket[q, SHUTS] < end + t.ride[c, d]:
                q = bucket[q, LATER]
            pointer[c, d] = q
            if q >= 0:
                arcs[count] = q
                count += 1
        heads[b + 1] = count
    return heads, arcs[:count].copy()


@compiled
def _entry(t: Timetable, bucket: Ints, first: Ints) -> Ints:
    entry = first.copy()
    for c in range(len(entry)):
        while entry[c] >= 0 and bucket[entry[c], SHUTS] < t.begin + t.node[c, OUT]:
            entry[c] = bucket[entry[c], LATER]
    return entry


def graph(t: Timetable, low: Ints, high: Ints) -> Graph:
    """The graph of these buckets, each a run `low:high` of departures of one node, in any order."""
    bucket = np.empty((len(low), 9), np.int64)
    order = np.lexsort((low, t.starts[low]))
    low, high = low[order], high[order]
    bucket[:, LOW], bucket[:, HIGH] = low, high
    bucket[:, NODE] = np.searchsorted(t.node[:, FIRST], low, "right") - 1
    bucket[:, OPENS], bucket[:, SHUTS] = t.starts[low], t.starts[high - 1]
    bucket[:, GAIN] = t.reward[low] * FINE
    first = _chain(bucket, len(t.node))
    heads, arcs = _reach(t, bucket, first)
    return Graph(bucket, _entry(t, bucket, first), heads, arcs)


def cut(t: Timetable, low: Ints, high: Ints, width: int) -> tuple[Ints, Ints]:
    """Cut runs of departures (ascending) into buckets of one reward and at most `width` ticks from first to last.

    A bucket is kept narrower than the shortest way to its node, so that no arc leads back in time.
    """
    node = np.searchsorted(t.node[:, FIRST], low, "right") - 1
    ways = t.node[:, LENGTH, None] + t.ride
    np.fill_diagonal(ways, np.iinfo(np.int64).max)
    narrow = np.minimum(width, ways.min(axis=0) - 1)
    lows, highs = [], []
    for c, first, end in zip(node.tolist(), low.tolist(), high.tolist(), strict=True):
        at = first
        while at < end:
            until = at + int(np.searchsorted(t.starts[at:end], t.starts[at] + narrow[c], "right"))
            other = np.flatnonzero(t.reward[at:until] != t.reward[at])
            lows.append(at)
            at = at + int(other[0]) if len(other) else until
            highs.append(at)
    return np.array(lows, np.int64), np.array(highs, np.int64)
