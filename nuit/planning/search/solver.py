"""From a timetable to the best evening and its proof: prices, a beam, then relaxed memories that grow until they are exact."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .ascent import BEST, BOUND, COUNT, STALL, STEP, WORTH, Ascent, ascend, bound, closed, offer
from .graph import HIGH, LOW, NODE, cut, depart, graph
from .labels import (
    BUCKET,
    CUT,
    DONE,
    FINISHED,
    FULL,
    PARENT,
    TIME,
    VALUE,
    WINNER,
    WORD,
    Labels,
    begin,
    grown,
    labels,
    sweep,
)  # fmt: skip
from .problem import END, FINE, FIRST, GROUP, HOME, LENGTH, Ints, Timetable, timetable
from .relax import ALIVE, ahead, look_ahead, prune

Stop = Callable[[], bool]

SINGLES = 20_000
"""Up to so many departures each is a bucket of its own."""
BUCKETS = 8_000
"""Else about so many buckets to begin with."""
FINER = 4
"""By this factor buckets are cut when the search grows too wide, as long as there will be no more than:"""
FINEST = 100_000
TIMID = 64
"""The smallest part of the gap that a search asks for before it says that it has grown too wide."""
SWEPT = 20_000
"""Labels a beam may settle, spread over the buckets that are left."""
NEIGHBOURS = 5
"""At first a node remembers so many nearest groups."""
OPENING = 12
"""Rounds that are made even when there is no time at all."""
NEAR = 0.03
"""So near to its bound an evening is near enough when there is no time."""
STEPS = 20_000
"""Labels settled between two looks at the clock."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Departures of the best evening found, its value and a bound on every evening's, both in units."""

    stops: tuple[int, ...]
    value: int
    bound: int

    @property
    def is_proven(self) -> bool:
        return self.value == self.bound


def solve(t: Timetable, stop: Stop, most_labels: int = 1 << 20) -> Answer:
    """The best evening of a timetable. Exact unless `stop()` turns true or `most_labels` do not suffice; bounded always."""
    if not len(t.starts):
        return Answer((), 0, 0)
    return _Search(t, stop, most_labels).run()


def warm() -> None:
    """Load the machine code, or compile it (some ten seconds, once a machine); afterwards every answer is quick."""
    one = np.arange(4)
    t = timetable(one, one + 1, one, one, np.arange(5), one + 9, one + 9, np.ones((4, 4), np.int64), 0, 1)
    search = _Search(t, lambda: False, 1)
    search.ascend(2)
    search.sweep(search.memory, FINE, 0, 2, search.settle_prices(), 1 << 60)


class _Search:
    """One run: the ascent's state, the graph of this width, and the memories."""

    def __init__(self, t: Timetable, stop: Stop, most_labels: int) -> None:
        self.t, self.stop, self.most_labels = t, stop, most_labels
        groups = int(t.node[:, GROUP].max()) + 1
        score = np.array([0, np.iinfo(np.int64).max // 4, 0, 0, 0, 0], np.int64)
        stops = np.zeros(min(groups, 500), np.int64)
        self.s = Ascent(np.zeros(groups, np.int64), np.zeros(groups, np.int64), stops, score)
        self.limit, self.part = STEPS, 1
        self.memory = _near(t, groups)
        self.width = _width(t)
        if self.width:
            self.draw(t.node[:, FIRST], t.node[:, END])
        else:
            self.draw(np.arange(len(t.starts)), np.arange(len(t.starts)) + 1)

    def run(self) -> Answer:
        redrawn = True
        if self.width == 0:
            self.open()
        while True:
            if redrawn:
                self.ascend(12)
                self.beam(2)
                self.ascend(60)
                self.beam(8)
            if not self.over():
                self.descend()
            if self.over():
                return self.answer()
            redrawn = self.widen()

    def open(self) -> None:
        """Some rounds and a narrow beam, a few times over, whatever the clock says: milliseconds for an evening that is nearly the best."""
        stop, self.stop = self.stop, lambda: False
        for keep in (1, 1, 2, 4, 8, 16):
            self.ascend(OPENING)
            self.beam(keep)
            if self.s.score[BOUND] - self.s.score[WORTH] <= NEAR * self.s.score[BOUND]:
                break
        self.stop = stop

    def over(self) -> bool:
        return bool(closed(self.s)) or self.limit > self.most_labels or self.stop()

    def answer(self) -> Answer:
        value, high = int(self.s.score[WORTH]) // FINE, int(self.s.score[BOUND]) // FINE
        return Answer(tuple(self.s.stops[: self.s.score[COUNT]].tolist()), value, max(value, high))

    def draw(self, low: Ints, high: Ints) -> None:
        """A new graph over these runs of departures."""
        if self.width:
            low, high = cut(self.t, low, high, self.width)
        self.g = graph(self.t, low, high)
        self.v = ahead(self.g)

    def ascend(self, rounds: int) -> None:
        """Rounds of prices, a few at a time between two looks at the clock; the first is made in any case."""
        self.s.score[BEST], self.s.score[STEP], self.s.score[STALL] = 1 << 60, 1024, 0
        self.s.prices[:] = self.s.best_prices
        made, most = 0, max(1, 1_000_000 // (len(self.g.arcs) + 1))
        while made < rounds and not closed(self.s):
            now = min(most, rounds - made) if made else 1
            done = ascend(self.t, self.g, self.v, self.s, now)
            made += now
            if done < now or self.stop():
                return

    def beam(self, keep: int) -> None:
        """Evenings by a search that keeps few labels of each bucket; when it had to cut none it has proven the best."""
        if self.over():
            return
        prices = self.settle_prices()
        keep = min(keep, max(1, SWEPT // max(1, int(self.v[:, ALIVE].sum()))))
        full = np.full_like(self.memory, -1)
        k = self.sweep(full, int(self.s.score[WORTH]) + FINE, FINE, keep, prices, 1 << 60)
        if k is None:
            return
        if k.tally[WINNER] > 0:
            self.offer(k, int(k.tally[WINNER]))
        self.s.score[BOUND] = min(self.s.score[BOUND], max(self.s.score[WORTH], k.tally[CUT]))

    def settle_prices(self) -> int:
        """Values and arcs for the best prices known; returns the sum of the prices."""
        bound(self.t, self.g, self.v, self.s, self.s.best_prices, np.empty(len(self.s.stops), np.int64))
        total = int(self.s.best_prices.sum())
        fare = self.t.fare * FINE
        prune(self.t, self.g, self.v, fare, int(self.s.score[WORTH]) + FINE - total, self.g.heads, self.g.arcs)
        look_ahead(self.t, self.g, self.v, fare)
        return total

    def sweep(self, memory: Ints, target: int, step: int, keep: int, prices: int, limit: int) -> Labels | None:
        """All labels that may reach the target; None when stopped, or when more than `limit` were settled."""
        k = labels(len(self.g.bucket), memory.shape[1], 1 << 12, target, step, prices)
        begin(self.t, self.g, self.v, k, memory)
        at = 0
        while True:
            word, at = sweep(self.t, self.g, self.v, k, memory, at, STEPS, keep)
            if word == FINISHED:
                return k
            if k.tally[DONE] > limit or self.stop():
                return None
            k = grown(k) if word == FULL else k

    def descend(self) -> None:
        """Lower the bound from above: is there a relaxed evening worth this much? If it comes back somewhere, remember more there.

        A target near the bound is cheap, one just above the best evening decides. `part` of the gap says how boldly it
        is chosen: timider after each search that grew too wide, bolder after two that did not.
        """
        prices, well = self.settle_prices(), 0
        while not self.over():
            low, high = int(self.s.score[WORTH]) // FINE, int(self.s.score[BOUND]) // FINE
            step = max(1, (high - low) // self.part)
            k = self.sweep(self.memory, (high - step + 1) * FINE, 0, 1 << 60, prices, self.limit)
            if k is not None:
                self.learn(k, high - step + 1)
                well += 1
                self.part = max(1, self.part // 2) if well > 1 else self.part
            elif step == 1 or self.part >= TIMID:
                return
            else:
                self.part, well = self.part * 2, 0

    def learn(self, k: Labels, target: int) -> None:
        """What a relaxed search has shown: a lower bound, an evening, or where a memory was too short."""
        if k.tally[WINNER] == 0:
            self.s.score[BOUND] = min(self.s.score[BOUND], max(self.s.score[WORTH], (target - 1) * FINE))
            return
        done = int(k.tally[DONE])
        node = self.g.bucket[k.settled[1:done, BUCKET], NODE]
        value = k.settled[1:done, VALUE] - self.t.fare * FINE * self.t.node[node, HOME]
        best = np.argsort(-value, kind="stable")[:50]
        self.s.score[BOUND] = min(self.s.score[BOUND], int(value[best[0]]))
        for x in best[value[best] >= target * FINE]:
            walk = self.walk(k, int(x) + 1)
            if not self.remember([int(node[y - 1]) for y in walk]):
                self.offer(k, int(x) + 1)

    def walk(self, k: Labels, x: int) -> list[int]:
        walk = []
        while x > 0:
            walk.append(x)
            x = int(k.settled[x, PARENT])
        return walk[::-1]

    def offer(self, k: Labels, x: int) -> None:
        walk = self.walk(k, x)
        stops = [depart(self.t, int(self.g.bucket[k.settled[y, BUCKET], NODE]), int(k.settled[y, TIME])) for y in walk]
        offer(self.t, self.s, np.array(stops, np.int64), len(stops))

    def remember(self, nodes: list[int]) -> bool:
        """Every node between two visits of one group shall remember that group; False when there are no two."""
        seen: dict[int, int] = {}
        for i, c in enumerate(nodes):
            group = int(self.t.node[c, GROUP])
            for d in nodes[seen[group] + 1 : i] if group in seen else ():
                self.memory[d, group // WORD] |= 1 << (group % WORD)
            if group in seen:
                seen[-1] = 0
            seen[group] = i
        return -1 in seen

    def widen(self) -> bool:
        """The search grew too wide: narrower buckets while that is cheap (True), else more labels."""
        self.part = TIMID // 4
        alive = np.flatnonzero(self.v[:, ALIVE])
        if self.width < FINER or len(alive) * FINER > FINEST:
            self.limit *= 4
            return False
        self.width //= FINER
        order = alive[np.argsort(self.g.bucket[alive, LOW], kind="stable")]
        self.draw(self.g.bucket[order, LOW], self.g.bucket[order, HIGH])
        return True


def _width(t: Timetable) -> int:
    """How wide buckets are at first, in ticks: 0 where every departure can have its own, else a part of a usual way."""
    if len(t.starts) <= SINGLES:
        return 0
    ways = np.sort(t.node[:, LENGTH, None] + t.ride, axis=0)[min(3, len(t.node) - 1)]
    return max(1, min(len(t.starts) // BUCKETS, int(np.median(ways)) // 6))


def _near(t: Timetable, groups: int) -> Ints:
    """For each node the groups it remembers at first: its own and the nearest, as words of bits."""
    memory = np.zeros((len(t.node), groups // WORD + 1), np.int64)
    ways = t.ride + t.ride.T
    nearest = np.argsort(ways, axis=1, kind="stable")[:, : NEIGHBOURS + 1]
    for c, others in enumerate(nearest):
        for group in t.node[[c, *others], GROUP].tolist():
            memory[c, group // WORD] |= 1 << (group % WORD)
    return memory
