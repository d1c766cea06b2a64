"""The search against brute force, against itself, and with the clock running out."""

import os
import random
import subprocess
import sys
from dataclasses import replace
from itertools import count
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.night import night as question
from nuit.planning import search
from nuit.planning.plan import plan
from nuit.planning.search.problem import FINE, Timetable, timetable
from tests.planning.checker import best, complaints, minutes


def asked(seed: int, companies: int = 6, slots: int = 3, top: int = 9) -> dict[str, Any]:
    """A small night with lopsided rides; scores repeat, so that ties are common."""
    r = random.Random(seed)
    n = r.randint(1, companies)
    return {
        "n": n,
        "slots": [sorted(r.sample(range(0, 200, 5), r.randint(1, slots))) for _ in range(n)],
        "dur": [r.choice([15, 20, 35]) for _ in range(n)],
        "T": [[0 if a == b else r.randint(1, 60) for b in range(n)] for a in range(n)],
        "T0": [r.randint(0, 40) for _ in range(n)],
        "Te": [r.randint(0, 40) for _ in range(n)],
        "w": [r.randint(0, top) for _ in range(n)],
        "t0": 0,
        "t1": 220,
    }


def never() -> bool:
    return False


def route(found: Any) -> list[list[int]]:
    return [[stop.company, stop.start] for stop in found.stops]


def large(seed: int, companies: int = 60, slots: int = 12) -> dict[str, Any]:
    r = np.random.default_rng(seed)
    places = r.normal(0, 2, (companies, 2)) + r.integers(0, 3, (companies, 1)) * 3
    ride = np.ceil(np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1)) * 3 + 4).astype(int)
    starts = 1030 + 25 * np.arange(slots)
    return {
        "n": companies,
        "slots": [
            (starts[r.random(slots) < 0.8] + 5 * int(r.integers(0, 5))).tolist() or [1100] for _ in range(companies)
        ],
        "dur": [20] * companies,
        "T": (ride - np.diag(np.diag(ride))).tolist(),
        "T0": r.integers(5, 20, companies).tolist(),
        "Te": [0] * companies,
        "w": r.integers(1, 101, companies).tolist(),
        "t0": 1020,
        "t1": 1320,
    }


@pytest.mark.parametrize("block", range(10))
def test_brute_force_on_small_nights_says_the_same(block: int) -> None:
    """500 nights in ten blocks: points, then minutes of ride, and the proof of both."""
    for seed in range(block * 50, block * 50 + 50):
        night = asked(seed)
        found = plan(question(night), stop=never)
        assert complaints(night, route(found), found.value) == []
        assert (found.value, found.minutes) == best(night), seed
        assert (found.bound, found.proven, found.exact) == (found.value, True, True)
        assert found.minutes == minutes(night, route(found))


def test_a_lock_is_the_best_evening_with_that_stop() -> None:
    """Rides that keep the triangle's inequality: every slot that can be had alone, locked, against brute force."""
    locks = 0
    for seed in range(40):
        night = asked(seed, 5)
        ride = np.array(night["T"])
        for middle in range(night["n"]):
            ride = np.minimum(ride, ride[:, [middle]] + ride[[middle]])
        night["T"] = ride.tolist()
        whole = question(night)
        for one in whole.candidates:
            alone = [[one.company, one.start]]
            if complaints(night, alone):
                continue
            slots = [[one.start] if c == one.company else s for c, s in enumerate(night["slots"])]
            wished = [score + 100 * (c == one.company) for c, score in enumerate(night["w"])]
            points, minutes = best(night | {"slots": slots, "w": wished})
            found = plan(replace(whole, locked=frozenset({one.slot})), stop=never)
            assert (found.value + 100, found.minutes, found.proven) == (points, minutes, True)
            assert one.slot in found.slots
            locks += 1
    assert locks > 100


def test_wide_buckets_say_the_same() -> None:
    """Windows cut into very many departures go through coarse buckets: the same answer as one bucket a departure."""
    r = random.Random(7)
    for _ in range(12):
        n = 9
        first, starts = [0], []
        for _ in range(n):
            opens = r.randint(100, 9000)
            starts += list(range(opens, opens + 3000))
            first.append(len(starts))
        reward = np.repeat([r.randint(5, 40) for _ in range(n)], 3000)
        ride = np.array([[0 if a == b else r.randint(300, 2500) for b in range(n)] for a in range(n)])
        out, home = (np.array([r.randint(50, 2500) for _ in range(n)]) for _ in range(2))
        made = timetable(
            np.arange(n), np.full(n, 200), out, home, np.array(first), np.array(starts), reward, ride, 0, 0
        )
        coarse = search.solve(made, never, 1 << 22)
        assert coarse.is_proven
        assert coarse.value == best_by_order(made)


def best_by_order(t: Timetable) -> int:
    """The best reward over all orders of nodes, each visited as early as it goes."""
    found, stack = 0, [(0, -1, 0, frozenset[int]())]
    while stack:
        now, last, value, seen = stack.pop()
        found = max(found, value)
        for c in range(len(t.node)):
            ride = t.node[c, 2] if last < 0 else t.ride[last, c]
            first, end = t.node[c, 4], t.node[c, 5]
            at = first + int(np.searchsorted(t.starts[first:end], now + ride))
            if c not in seen and at < end:
                stack.append((int(t.starts[at]) + int(t.node[c, 1]), c, value + int(t.reward[at]), seen | {c}))
    return found


def test_departures_of_one_company_with_different_rewards() -> None:
    """A later departure that is worth more is not hidden by an earlier one."""
    made = timetable(
        np.array([0, 1]), np.array([10, 10]), np.array([1, 1]), np.array([0, 0]), np.array([0, 3, 4]),
        np.array([10, 30, 50, 45]), np.array([5, 9, 7, 3]), np.array([[0, 5], [5, 0]]), 0, 0,
    )  # fmt: skip
    assert search.solve(made, never) == search.solve(made, never)
    assert (search.solve(made, never).stops, search.solve(made, never).value) == ((1, 3), 12)


def test_of_one_group_at_most_one_node_is_visited() -> None:
    made = timetable(
        np.array([0, 0]), np.array([10, 10]), np.array([1, 1]), np.array([0, 0]), np.array([0, 1, 2]),
        np.array([10, 50]), np.array([5, 6]), np.array([[0, 5], [5, 0]]), 0, 0,
    )  # fmt: skip
    assert search.solve(made, never).stops == (1,)


@pytest.mark.parametrize("seed", range(6))
def test_out_of_time_there_is_still_an_evening_and_a_bound(seed: int) -> None:
    """Whenever the clock stops it: what is returned holds, and the true best lies between value and bound."""
    night = large(seed)
    exact = plan(question(night), stop=never)
    assert (exact.proven, complaints(night, route(exact), exact.value)) == (True, [])
    for looks in (0, 1, 2, 3, 5, 8):
        seen = count()
        found = plan(question(night), stop=lambda seen=seen, looks=looks: next(seen) >= looks)
        assert complaints(night, route(found), found.value) == []
        assert found.value <= exact.value <= found.bound
        assert found.value >= 0.5 * found.bound


def test_equal_questions_get_equal_answers() -> None:
    night = large(3)
    assert plan(question(night), stop=never) == plan(question(night), stop=never)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.randoms())
def test_relabelling_changes_nothing(seed: int, shuffle: random.Random) -> None:
    night = asked(seed, 8, 4)
    order = list(range(night["n"]))
    shuffle.shuffle(order)
    other = night | {name: [night[name][i] for i in order] for name in ("slots", "dur", "T0", "Te", "w")}
    other["T"] = [[night["T"][a][b] for b in order] for a in order]
    first, second = plan(question(night), stop=never), plan(question(other), stop=never)
    assert (first.value, first.minutes, first.bound) == (second.value, second.minutes, second.bound)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 7), st.integers(0, 200), st.integers(0, 60))
def test_more_never_lowers_the_value(seed: int, company: int, start: int, more: int) -> None:
    """One slot more, more time at both ends."""
    night = asked(seed, 8, 4)
    value = plan(question(night), stop=never).value
    company %= night["n"]
    slots = [sorted({*s, start}) if c == company else s for c, s in enumerate(night["slots"])]
    assert plan(question(night | {"slots": slots}), stop=never).value >= value
    assert plan(question(night | {"t1": night["t1"] + more}), stop=never).value >= value
    moved = night | {"slots": [[x + more for x in s] for s in night["slots"]], "t1": night["t1"] + more}
    assert plan(question(moved), stop=never).value >= value


def test_the_bounds_inner_unit_leaves_room() -> None:
    """Numbers at the edge of what a night may hold do not overflow."""
    night = large(1) | {"w": [10_000] * 60}
    found = plan(question(night), stop=never)
    assert found.proven
    assert FINE == 1024


def test_without_a_compiler_the_same_lines_say_the_same() -> None:
    program = (
        "from tests.planning.test_search import *\n"
        "assert not __import__('nuit.planning.search.compiled', fromlist=['x']).IS_COMPILED\n"
        "for seed in range(12):\n"
        "    found = plan(question(asked(seed)), stop=never)\n"
        "    print(found.value, found.bound, found.minutes, route(found))\n"
    )
    quiet = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    told = subprocess.run([sys.executable, "-c", program], env=quiet, capture_output=True, text=True, check=True).stdout
    lines = [plan(question(asked(seed)), stop=never) for seed in range(12)]
    assert told.splitlines() == [f"{one.value} {one.bound} {one.minutes} {route(one)}" for one in lines]
