"""Cheapest ways in a graph that is asked many times: a contraction hierarchy without witness searches.

Nodes are taken away one by one, those with the fewest neighbours first, and their neighbours joined by shortcuts. Every
cheapest way then climbs to a summit and descends again, so a question looks at a few dozen nodes of the hierarchy
instead of a whole town (Dibbelt, Strasser, Wagner: Customizable Contraction Hierarchies, 2016). `order` depends on the
graph alone; `Hierarchy` holds one set of weights.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from math import inf

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Arc:
    """One direction of a link: from node, to node, cost that decides, and the seconds and metres that come with it."""

    tail: int
    head: int
    cost: float
    seconds: float
    metres: float


@dataclass(frozen=True)
class Access:
    """A node where a way can begin or end, with what it takes to come to it (or away from it)."""

    node: int
    cost: float
    seconds: float
    metres: float


@dataclass(frozen=True, eq=False)
class Order:
    """Ranks of nodes, and for each rank the slots (edges and shortcuts) to its higher neighbours.

    Slots `first[v]:first[v + 1]` lead from rank v to `heads`, ascending; `slot[(v, h)]` finds one, `tails` say its v.
    """

    rank: list[int]
    first: list[int]
    heads: list[int]
    slot: dict[tuple[int, int], int]
    tails: list[int]


@dataclass(frozen=True)
class Found:
    """What the arcs of the cheapest way amount to, by index into the arcs the hierarchy was made of."""

    cost: float
    entry: int
    arcs: list[int]
    exit: int


def order(nodes: int, pairs: Iterable[tuple[int, int]]) -> Order:
    """An elimination order of an undirected graph: fewest neighbours first, ties by node number."""
    around: list[set[int]] = [set() for _ in range(nodes)]
    for a, b in pairs:
        if a != b:
            around[a].add(b)
            around[b].add(a)
    queue = [(len(near), node) for node, near in enumerate(around)]
    heapify(queue)
    rank = [-1] * nodes
    higher: list[set[int]] = []
    while queue:
        degree, node = heappop(queue)
        if rank[node] >= 0 or degree != len(around[node]):
            continue
        rank[node] = len(higher)
        higher.append(around[node])
        for near in _eliminate(node, around):
            heappush(queue, (len(around[near]), near))
    return _slots(rank, higher)


def _eliminate(node: int, around: list[set[int]]) -> set[int]:
    """Take the node away and join its neighbours with each other."""
    neighbours = around[node]
    for near in neighbours:
        around[near] |= neighbours
        around[near] -= {near, node}
    return neighbours


def _slots(rank: list[int], higher: list[set[int]]) -> Order:
    first, heads = [0], list[int]()
    slot: dict[tuple[int, int], int] = {}
    for v, neighbours in enumerate(higher):
        for head in sorted(rank[near] for near in neighbours):
            slot[v, head] = len(heads)
            heads.append(head)
        first.append(len(heads))
    tails = [v for v, neighbours in enumerate(higher) for _ in neighbours]
    return Order(rank, first, heads, slot, tails)


class Hierarchy:
    """An order with weights: answers the cheapest way between accesses, one pair or all pairs."""

    def __init__(self, ranks: Order, arcs: Sequence[Arc]) -> None:
        self.order, self.arcs = ranks, arcs
        slots = len(ranks.heads)
        # cost from the lower to the higher node and back, and where a slot comes from: a node in the middle, or ~arc
        self.up, self.down = [inf] * slots, [inf] * slots
        self.up_via, self.down_via = [0] * slots, [0] * slots
        self._lay(arcs)
        self._contract()
        self.up_sums, self.down_sums = [(inf, inf)] * slots, [(inf, inf)] * slots
        self._sum()

    def cheapest(self, starts: Sequence[Access], ends: Sequence[Access]) -> Found | None:
        """The cheapest way from any start to any end (positions of both are returned), or None when none leads there."""
        out, came = self._climb(starts, self.up)
        back, goes = self._climb(ends, self.down)
        meeting = min(((out[node] + back[node], node) for node in out.keys() & back.keys()), default=None)
        if meeting is None:
            return None
        cost, node = meeting
        rising, entry = self._trace(node, came)
        falling, exit_ = self._trace(node, goes)
        arcs = [arc for slot in reversed(rising) for arc in self._unpack(slot, up=True)]
        arcs += [arc for slot in falling for arc in self._unpack(slot, up=False)]
        return Found(cost, entry, arcs, exit_)

    def table(
        self, starts: Sequence[Sequence[Access]], ends: Sequence[Sequence[Access]]
    ) -> tuple[Floats, Floats, Floats]:
        """Cost, seconds and metres of the cheapest ways, each of shape (starts, ends); inf where none leads."""
        outs = [self._labels(one, self.up, self.up_sums) for one in starts]
        backs = [self._labels(one, self.down, self.down_sums) for one in ends]
        columns = {node: at for at, node in enumerate(sorted({n for label in (*outs, *backs) for n in label}))}
        out, back = _spread(outs, columns), _spread(backs, columns)
        found = np.full((3, len(starts), len(ends)), inf)
        if columns:
            rows = np.arange(len(ends))
            for i in range(len(starts)):
                best = np.argmin(out[0, i] + back[0], axis=1)
                found[:, i] = out[:, i][:, best] + back[:, rows, best]
        return found[0], found[1], found[2]

    def _lay(self, arcs: Sequence[Arc]) -> None:
        rank, slot = self.order.rank, self.order.slot
        for i, arc in enumerate(arcs):
            a, b = rank[arc.tail], rank[arc.head]
            if a < b and arc.cost < self.up[at := slot[a, b]]:
                self.up[at], self.up_via[at] = arc.cost, ~i
            elif b < a and arc.cost < self.down[at := slot[b, a]]:
                self.down[at], self.down_via[at] = arc.cost, ~i

    def _contract(self) -> None:
        """Give every shortcut its cost: for each node in rank order, all ways from neighbour to neighbour through it."""
        first, heads, slot = self.order.first, self.order.heads, self.order.slot
        up, down, up_via, down_via = self.up, self.down, self.up_via, self.down_via
        for middle in range(len(first) - 1):
            around = range(first[middle], first[middle + 1])
            for low in around:
                from_low, to_low = down[low], up[low]
                for high in range(low + 1, around.stop):
                    at = slot[heads[low], heads[high]]
                    if (cost := from_low + up[high]) < up[at]:
                        up[at], up_via[at] = cost, middle
                    if (cost := down[high] + to_low) < down[at]:
                        down[at], down_via[at] = cost, middle

    def _sum(self) -> None:
        """Seconds and metres of every slot, from the arc or the two lower slots it stands for."""
        first, heads = self.order.first, self.order.heads
        for tail in range(len(first) - 1):
            for slot in range(first[tail], first[tail + 1]):
                head = heads[slot]
                if self.up[slot] < inf:
                    self.up_sums[slot] = self._amounts(self.up_via[slot], tail, head)
                if self.down[slot] < inf:
                    self.down_sums[slot] = self._amounts(self.down_via[slot], head, tail)

    def _amounts(self, via: int, tail: int, head: int) -> tuple[float, float]:
        if via < 0:
            return self.arcs[~via].seconds, self.arcs[~via].metres
        before = self.down_sums[self.order.slot[via, tail]]
        after = self.up_sums[self.order.slot[via, head]]
        return before[0] + after[0], before[1] + after[1]

    def _climb(self, accesses: Sequence[Access], weights: list[float]) -> tuple[dict[int, float], dict[int, int]]:
        """Cost at every higher node that can be reached, and the slot it was reached by (~position of an access)."""
        first, heads, rank = self.order.first, self.order.heads, self.order.rank
        cost, came = [inf] * len(rank), dict[int, int]()
        for position, access in enumerate(accesses):
            node = rank[access.node]
            if access.cost < cost[node]:
                cost[node], came[node] = access.cost, ~position
        chain = self._above(came)
        for node in chain:
            here, begin, end = cost[node], first[node], first[node + 1]
            for slot, head, weight in zip(range(begin, end), heads[begin:end], weights[begin:end], strict=True):
                if here + weight < cost[head]:
                    cost[head], came[head] = here + weight, slot
        return {node: cost[node] for node in chain if cost[node] < inf}, came

    def _above(self, nodes: Iterable[int]) -> list[int]:
        """These nodes and all above them, ascending: each node's higher neighbours lie on the one chain of the lowest."""
        first, heads = self.order.first, self.order.heads
        seen: set[int] = set()
        for node in nodes:
            while node not in seen:
                seen.add(node)
                if first[node] == first[node + 1]:
                    break
                node = heads[first[node]]
        return sorted(seen)

    def _labels(
        self, accesses: Sequence[Access], weights: list[float], sums: list[tuple[float, float]]
    ) -> dict[int, tuple[float, float, float]]:
        """Cost, seconds and metres at every higher node that can be reached."""
        cost, came = self._climb(accesses, weights)
        labels: dict[int, tuple[float, float, float]] = {}
        for node in sorted(cost):
            if (slot := came[node]) < 0:
                labels[node] = (cost[node], accesses[~slot].seconds, accesses[~slot].metres)
            else:
                _, seconds, metres = labels[self._tail(slot)]
                labels[node] = (cost[node], seconds + sums[slot][0], metres + sums[slot][1])
        return labels

    def _tail(self, slot: int) -> int:
        return self.order.tails[slot]

    def _trace(self, node: int, came: dict[int, int]) -> tuple[list[int], int]:
        """Slots from the node down to where its climb began, and the position of that access."""
        slots = []
        while (slot := came[node]) >= 0:
            slots.append(slot)
            node = self._tail(slot)
        return slots, ~slot

    def _unpack(self, slot: int, up: bool) -> list[int]:
        """The arcs a slot stands for, in the order they are ridden."""
        tails, heads, find = self.order.tails, self.order.heads, self.order.slot
        arcs, todo = [], [(slot, up)]
        while todo:
            slot, up = todo.pop()
            via = self.up_via[slot] if up else self.down_via[slot]
            if via < 0:
                arcs.append(~via)
                continue
            tail, head = (tails[slot], heads[slot]) if up else (heads[slot], tails[slot])
            todo += [(find[via, head], True), (find[via, tail], False)]
        return arcs


def _spread(labels: list[dict[int, tuple[float, float, float]]], columns: dict[int, int]) -> Floats:
    """Labels as an array of shape (3, labels, columns), inf where a node is not reached."""
    spread = np.full((3, len(labels), len(columns)), inf)
    for row, label in enumerate(labels):
        at = [columns[node] for node in label]
        spread[:, row, at] = np.array(list(label.values())).reshape(-1, 3).T
    return spread
