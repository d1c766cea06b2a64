"""Exact search: partial evenings ("labels") in the order of time, kept apart by what they remember having visited.

A label is dropped when it cannot reach the target, or when another at the same node is no later, worth no less, promises
no less and remembers no more. With a full memory labels are evenings; with a partial one they may come back, which
bounds from above.
"""

from typing import NamedTuple

import numpy as np

from .compiled import compiled
from .graph import BETTER, EARLIER, GAIN, LATER, NODE, OPENS, SHUTS, Graph, depart
from .problem import FINE, GROUP, HOME, LENGTH, NONE, OUT, Ints, Timetable
from .relax import ALIVE, PROFIT, TAKE, TAKE2, VIA

WORD = 60
"""Groups in one word of a memory."""


class Labels(NamedTuple):
    """Labels waiting for their bucket (a pool with a free list), and those settled, in order; number 0 stands at the start.

    Columns: TIME of the departure, VALUE so far, PRICED (the same with all prices), PROMISE (its bound), PARENT (settled
    label), BUCKET, LINK (next in the pool), and from SEEN on the memory in words of 60 groups. Per bucket `spot`: HEAD
    of those waiting, and the range FROM to TO of those settled. `tally`: see its names below.
    """

    waiting: Ints
    settled: Ints
    spot: Ints
    tally: Ints


TIME, VALUE, PRICED, PROMISE, PARENT, BUCKET, LINK, SEEN = range(8)
HEAD, FROM, TO = range(3)
FREE, TOP, DONE, CUT, BEST, WINNER, TARGET, RAISE = range(8)
"""First free place, places ever used, labels settled, most that a label not extended promised, the best value and its
label, what is of interest, and by how much a find raises it (0: leave equals)."""
FINISHED, WORKED, FULL = range(3)


def labels(buckets: int, words: int, size: int, target: int, step: int, prices: int) -> Labels:
    """Room for `size` waiting and as many settled labels; evenings worth less than `target` are of no interest."""
    tally = np.array([-1, 0, 1, NONE, target - 1, 0, target, step], np.int64)
    waiting = np.zeros((size, SEEN + words), np.int64)
    settled = np.zeros((size, SEEN + words), np.int64)
    settled[0, :SEEN] = 0, 0, prices, 0, -1, -1, -1
    spot = np.zeros((buckets, 3), np.int64)
    spot[:, HEAD] = -1
    return Labels(waiting, settled, spot, tally)


def grown(k: Labels) -> Labels:
    """The same with twice the room."""
    return k._replace(
        waiting=np.concatenate([k.waiting, np.zeros_like(k.waiting)]),
        settled=np.concatenate([k.settled, np.zeros_like(k.settled)]),
    )


@compiled
def begin(t: Timetable, g: Graph, v: Ints, k: Labels, memory: Ints) -> None:
    """The first rides of the evening."""
    for d in range(len(g.entry)):
        cost = t.fare * FINE * t.node[d, OUT]
        _ride_to(t, g, v, k, memory, k.tally[WINNER], g.entry[d], t.begin + t.node[d, OUT], cost)


@compiled
def sweep(
    t: Timetable, g: Graph, v: Ints, k: Labels, memory: Ints, start: int, work: int, keep: int
) -> tuple[int, int]:
    """Settle and extend the labels of the buckets from `start` on, at most `keep` of each bucket, those that promise most.

    Returns (FINISHED, _), (WORKED, next bucket) when about `work` labels were settled, or (FULL, next bucket) where
    more room is needed.
    """
    until = k.tally[DONE] + work
    for b in range(start, len(g.bucket)):
        waiting = _waiting(k, b)
        k.spot[b, FROM] = k.spot[b, TO] = k.tally[DONE]
        if waiting == 0:
            continue
        if k.tally[DONE] > until:
            return WORKED, b
        new = min(waiting, keep) * (g.heads[b + 1] - g.heads[b] + 1)
        if k.tally[DONE] + waiting > len(k.settled) or k.tally[TOP] + 2 * new > len(k.waiting):
            return FULL, b
        _settle(g, k, b, waiting, keep)
        bar = _bar(k, b, keep)
        for x in range(k.spot[b, FROM], k.spot[b, TO]):
            if k.settled[x, PROMISE] > bar:
                _extend(t, g, v, k, memory, x)
    return FINISHED, len(g.bucket)


@compiled
def _waiting(k: Labels, b: int) -> int:
    count, i = 0, k.spot[b, HEAD]
    while i >= 0:
        count += 1
        i = k.waiting[i, LINK]
    return count


@compiled
def _settle(g: Graph, k: Labels, b: int, waiting: int, keep: int) -> None:
    """Move the labels waiting at a bucket to the settled ones, best value first, without the dominated.

    Where only `keep` will be extended, no more than four times as many are looked at.
    """
    found, value = np.empty(waiting, np.int64), np.empty(waiting, np.int64)
    count, i = 0, k.spot[b, HEAD]
    while i >= 0:
        if k.waiting[i, PROMISE] >= k.tally[TARGET]:
            found[count], value[count] = i, k.waiting[i, PROMISE]
            count += 1
        i = k.waiting[i, LINK]
    if count // 4 > keep:
        _sort(found, value, count)
        count = 4 * keep
        k.tally[CUT] = max(k.tally[CUT], value[count])
    for z in range(count):
        value[z] = k.waiting[found[z], VALUE]
    _sort(found, value, count)
    for z in range(count):
        i = found[z]
        if _is_dominated(g, k, b, i):
            continue
        for column in range(k.settled.shape[1]):
            k.settled[k.tally[DONE], column] = k.waiting[i, column]
        k.tally[DONE] += 1
    k.spot[b, TO] = k.tally[DONE]
    _release(k, b)


@compiled
def _sort(found: Ints, value: Ints, count: int) -> None:
    """Both by value, highest first, then by number (shell sort)."""
    gap = count // 2
    while gap > 0:
        for i in range(gap, count):
            f, w, j = found[i], value[i], i
            while j >= gap and (value[j - gap] < w or (value[j - gap] == w and found[j - gap] > f)):
                found[j], value[j] = found[j - gap], value[j - gap]
                j -= gap
            found[j], value[j] = f, w
        gap = 1 if gap == 2 else gap * 5 // 11


@compiled
def _release(k: Labels, b: int) -> None:
    i = k.spot[b, HEAD]
    while i >= 0:
        after = k.waiting[i, LINK]
        k.waiting[i, LINK] = k.tally[FREE]
        k.tally[FREE] = i
        i = after
    k.spot[b, HEAD] = -1


@compiled
def _is_dominated(g: Graph, k: Labels, b: int, i: int) -> bool:
    value, priced, time = k.waiting[i, VALUE], k.waiting[i, PRICED], k.waiting[i, TIME]
    q, end = b, k.tally[DONE]
    while q >= 0:
        for x in range(k.spot[q, FROM], end):
            if k.settled[x, VALUE] < value:
                break
            if k.settled[x, PRICED] >= priced and k.settled[x, TIME] <= time and _remembers_no_more(k, x, i):
                return True
        q = g.bucket[q, EARLIER]
        end = k.spot[q, TO]
    return False


@compiled
def _remembers_no_more(k: Labels, x: int, i: int) -> bool:
    more = 0
    for w in range(SEEN, k.settled.shape[1]):
        more |= k.settled[x, w] & ~k.waiting[i, w]
    return more == 0


@compiled
def _bar(k: Labels, b: int, keep: int) -> int:
    """Labels of a bucket that promise no more than this are not extended: all but `keep` of them, and their equals."""
    count = k.spot[b, TO] - k.spot[b, FROM]
    if count <= keep:
        return NONE
    promise = k.settled[k.spot[b, FROM] : k.spot[b, TO], PROMISE].copy()
    promise.sort()
    bar = promise[count - keep - 1]
    k.tally[CUT] = max(k.tally[CUT], bar)
    return bar


@compiled
def _extend(t: Timetable, g: Graph, v: Ints, k: Labels, memory: Ints, x: int) -> None:
    b = k.settled[x, BUCKET]
    c = g.bucket[b, NODE]
    value = k.settled[x, VALUE] - t.fare * FINE * t.node[c, HOME]
    if value > k.tally[BEST]:
        k.tally[BEST], k.tally[WINNER] = value, x
        k.tally[TARGET] = max(k.tally[TARGET], value + k.tally[RAISE])
    end = k.settled[x, TIME] + t.node[c, LENGTH]
    for a in range(g.heads[b], g.heads[b + 1]):
        q = g.arcs[a]
        d = g.bucket[q, NODE]
        group = t.node[d, GROUP]
        if not k.settled[x, SEEN + group // WORD] >> (group % WORD) & 1:
            _ride_to(t, g, v, k, memory, x, q, end + t.ride[c, d], t.fare * FINE * t.ride[c, d])


@compiled
def _ride_to(
    t: Timetable, g: Graph, v: Ints, k: Labels, memory: Ints, x: int, q: int, at: int, cost: int
) -> None:  # fmt: skip
    """New labels at a node one reaches at `at`: its next departure, and later ones only where they are worth more."""
    while q >= 0 and g.bucket[q, SHUTS] < at:
        q = g.bucket[q, LATER]
    priced = k.settled[x, PRICED] - cost
    while q >= 0:
        via = v[q, VIA]
        back = via >= 0 and k.settled[x, SEEN + via // WORD] >> (via % WORD) & 1
        ahead = v[q, TAKE2] if back else v[q, TAKE]
        if v[q, ALIVE] and ahead > NONE and priced + ahead >= k.tally[TARGET]:
            _write(t, g, k, memory, x, q, _place(k, q), at, cost)
            i = k.spot[q, HEAD]
            k.waiting[i, PRICED], k.waiting[i, PROMISE] = priced + v[q, PROFIT], priced + ahead
        q = g.bucket[q, BETTER]


@compiled
def _write(t: Timetable, g: Graph, k: Labels, memory: Ints, x: int, q: int, i: int, at: int, cost: int) -> None:
    d = g.bucket[q, NODE]
    opens = g.bucket[q, OPENS]
    k.waiting[i, TIME] = opens if at <= opens else t.starts[depart(t, d, at)]
    k.waiting[i, VALUE] = k.settled[x, VALUE] - cost + g.bucket[q, GAIN]
    k.waiting[i, PARENT], k.waiting[i, BUCKET] = x, q
    for w in range(memory.shape[1]):
        k.waiting[i, SEEN + w] = k.settled[x, SEEN + w] & memory[d, w]
    group = t.node[d, GROUP]
    k.waiting[i, SEEN + group // WORD] |= 1 << (group % WORD)


@compiled
def _place(k: Labels, q: int) -> int:
    i = k.tally[FREE]
    if i >= 0:
        k.tally[FREE] = k.waiting[i, LINK]
    else:
        i = k.tally[TOP]
        k.tally[TOP] = i + 1
    k.waiting[i, LINK] = k.spot[q, HEAD]
    k.spot[q, HEAD] = i
    return i
