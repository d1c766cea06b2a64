"""The question and its answer: what is refused, what a lock, a drop or a child does, and why a company is not visited."""

import math
from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np
import pytest

from nuit.planning.evening import Person
from nuit.planning.night import Candidate, Itinerary, Night, NightError, fault_of, value_of
from nuit.planning.pause import PAUSE, with_pause
from nuit.planning.plan import calm, evenings, mend, plan, surprising

ADULT, CHILD = Person("Anna", "18+"), Person("Beat", "12-13")


def never() -> bool:
    return False


def a_night(*candidates: Candidate, places: int = 4, **changes: Any) -> Night:
    """Places in a row, ten minutes apart; the start and the end lie five minutes from the first."""
    apart = [[10 * abs(a - b) for b in range(places)] for a in range(places)]
    ends = [5 + 10 * a for a in range(places)]
    fields: dict[str, Any] = {"begin": 0, "until": 300, "home": ends}
    return Night(candidates, apart, ends, **(fields | changes))


def a_slot(slot: int, company: int, start: int, *, score: int = 5, length: int = 20, **more: Any) -> Candidate:
    return Candidate(slot, company, more.pop("place", company), start, start + length, score, **({"left": 2} | more))


def visited(night: Night, found: Itinerary) -> list[Candidate]:
    by_slot = {one.slot: one for one in night.candidates}
    return [by_slot[stop.slot] for stop in found.stops]


def why(found: Itinerary) -> list[tuple[int, str]]:
    return [(one.company, one.reason) for one in found.unserved]


def test_an_evening_has_its_times() -> None:
    night = a_night(a_slot(1, 0, 30), a_slot(2, 2, 90, score=7))
    found = plan(night, stop=never)
    first, second = found.stops
    assert (found.value, found.bound, found.proven, found.exact) == (12, 12, True, True)
    assert (first.leave, first.arrive, first.start, first.end, first.wait) == (25, 30, 30, 50, 0)
    assert (second.leave, second.ride, second.arrive, second.wait) == (50, 20, 70, 20)
    assert (found.minutes, found.home) == (5 + 20 + 25, 110 + 25)
    assert fault_of(night, visited(night, found)) == ""
    assert value_of(night, visited(night, found)) == 12


def test_nobody_wishes_anything() -> None:
    night = a_night(a_slot(1, 0, 30, score=0))
    found = plan(night, stop=never)
    assert (found.value, found.bound, found.proven, found.stops, found.unserved) == (0, 0, True, (), ())


def test_the_nearer_of_two_equal_evenings() -> None:
    night = a_night(a_slot(1, 3, 60), a_slot(2, 1, 60))
    assert plan(night, stop=never).slots == {2}


def test_the_emptier_of_two_equal_evenings() -> None:
    """Balance pays for a few minutes of ride, never for a point."""
    night = a_night(a_slot(1, 0, 60, fill=95), a_slot(2, 1, 60, fill=5), balance=30)
    assert plan(night, stop=never).slots == {2}
    assert plan(replace(night, balance=0), stop=never).slots == {1}
    dearer = replace(night, candidates=(replace(night.candidates[0], score=6), night.candidates[1]))
    assert plan(dearer, stop=never).slots == {1}


def test_the_emptier_departure_of_one_company() -> None:
    night = a_night(a_slot(1, 0, 30, fill=90), a_slot(2, 0, 90, fill=10), balance=6)
    assert plan(night, stop=never).slots == {2}


def test_a_seed_spreads_what_is_equal_and_is_repeatable() -> None:
    apart = np.zeros((30, 30), int)
    same = tuple(Candidate(i, i, i, 60, 80, 5) for i in range(30))
    night = Night(same, apart, [5] * 30, [5] * 30, 0, 300)
    chosen = [plan(night, stop=never, seed=seed).slots for seed in range(12)]
    assert chosen == [plan(night, stop=never, seed=seed).slots for seed in range(12)]
    assert len(set(chosen)) > 3
    assert plan(night, stop=never) == plan(replace(night, candidates=same[::-1]), stop=never)


def test_a_locked_stop_stays() -> None:
    night = a_night(a_slot(1, 0, 30, score=1), a_slot(2, 1, 35, score=100), a_slot(3, 2, 200))
    assert plan(night, stop=never).slots == {2, 3}
    found = plan(replace(night, locked=frozenset({1})), stop=never)
    assert (found.slots, found.value, found.bound, found.proven) == ({1, 3}, 6, 6, True)
    assert why(found) == [(1, "overlaps")]


def test_of_locked_stops_that_exclude_each_other_the_first_stays() -> None:
    night = a_night(a_slot(1, 0, 30), a_slot(2, 1, 35), locked=frozenset({1, 2}))
    found = plan(night, stop=never)
    assert (found.slots, why(found)) == ({1}, [(1, "overlaps")])


def test_a_required_company_comes_whatever_it_costs() -> None:
    night = a_night(a_slot(1, 0, 30, score=0), a_slot(2, 1, 35, score=9), a_slot(3, 0, 500), required=frozenset({0}))
    found = plan(night, stop=never)
    assert (found.slots, found.value, found.proven) == ({1}, 0, True)
    assert why(plan(replace(night, candidates=night.candidates[1:]), stop=never)) == [(0, "outside")]


def test_dropped_and_refused() -> None:
    night = a_night(a_slot(1, 0, 30), a_slot(2, 0, 90), a_slot(3, 1, 150))
    assert plan(replace(night, refused=frozenset({1})), stop=never).slots == {2, 3}
    found = plan(replace(night, dropped=frozenset({0})), stop=never)
    assert (found.slots, why(found)) == ({3}, [(0, "dropped")])


def test_reasons() -> None:
    """Each company says what stood in the way of its departure that came nearest."""
    night = a_night(
        a_slot(1, 0, 30, score=50), a_slot(2, 1, 60, left=1), a_slot(3, 1, 90, left=0), a_slot(4, 2, 55),
        a_slot(5, 3, 290), a_slot(6, 4, 40, place=0), a_slot(7, 5, 100, place=1, min_age=14), a_slot(8, 6, 6, place=3),
        party=(ADULT, CHILD),
    )  # fmt: skip
    found = plan(night, stop=never)
    assert found.slots == {1}
    assert [(one.company, one.reason, one.minutes, one.age, one.other) for one in found.unserved] == [
        (1, "full", 0, 0, None),
        (2, "too_far", 15, 0, 1),
        (3, "outside", 0, 0, None),
        (4, "overlaps", 0, 0, 1),
        (5, "too_young", 0, 14, None),
        (6, "too_far", 29, 0, None),
    ]


def test_a_child_alone_needs_an_adult() -> None:
    night = a_night(a_slot(1, 0, 30, accompanied_under=14), party=(CHILD,))
    assert why(plan(night, stop=never)) == [(0, "needs_adult")]
    assert plan(replace(night, party=(CHILD, ADULT)), stop=never).slots == {1}


def test_more_places_never_lower_the_value() -> None:
    slots = [a_slot(i, i % 4, 20 + 13 * i, left=i % 3, score=1 + i % 5) for i in range(12)]
    night = a_night(*slots, party=(ADULT, ADULT))
    values = [
        plan(replace(night, candidates=tuple(replace(one, left=one.left + more) for one in slots)), stop=never).value
        for more in range(3)
    ]
    assert values == sorted(values)
    assert values[0] < values[2]


def test_three_evenings_differ_and_each_is_the_best_of_its_kind() -> None:
    slots = [
        a_slot(10 * c + i, c, 20 + 25 * i + c, place=c % 4, score=20 - c, fill=5 * c)
        for c in range(18)
        for i in range(9)
    ]
    night = a_night(*slots)
    found = evenings(night, stop=never)
    assert [one.kind for one in found] == ["best", "calm", "surprising"]
    assert len({one.slots for one in found}) == 3
    assert all(one.proven and not fault_of(night, visited(night, one)) for one in found)
    best, quiet, other = found
    assert quiet.value <= best.value
    assert all(stop.wait >= 15 for stop in quiet.stops)
    assert quiet == replace(plan(calm(night), stop=never), kind="calm")
    assert other == replace(plan(surprising(night, best), stop=never), kind="surprising")
    assert {stop.company for stop in other.stops} != {stop.company for stop in best.stops}


def test_a_pause_lies_in_its_hours_right_after_a_visit() -> None:
    slots = [a_slot(10 * c + i, c, 20 + 25 * i + c, score=9 - c) for c in range(4) for i in range(9)]
    night = with_pause(a_night(*slots), 30, 100, 180)
    for found in evenings(night, stop=never):
        assert found.proven
        assert not fault_of(night, visited(night, found))
        (pause,) = [stop for stop in found.stops if stop.company == PAUSE]
        assert (pause.end - pause.start, pause.start >= 100, pause.end <= 180) == (30, True, True)
        assert found.stops.index(pause) > 0
    impossible = plan(with_pause(a_night(*slots), 30, 100, 120), stop=never)
    assert (impossible.proven, PAUSE in {stop.company for stop in impossible.stops}) == (True, False)


def test_mending_keeps_what_can_be_kept() -> None:
    night = a_night(
        a_slot(1, 0, 30), a_slot(2, 1, 100), a_slot(3, 2, 170), a_slot(4, 3, 100, score=80), a_slot(5, 2, 230)
    )
    gone = tuple(replace(one, left=0) if one.slot == 3 else one for one in night.candidates)
    found = mend(replace(night, candidates=gone), (1, 2, 3), stop=never)
    assert (found.slots, found.kind, found.value, found.proven) == ({1, 2, 5}, "mended", 15, True)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"begin": -1}, "begin"),
        ({"until": math.nan}, "until"),
        ({"begin": True}, "begin"),
        ({"slack": 10**9}, "slack"),
        ({"ride": [[0, math.nan], [1, 0]], "out": [1, 1], "home": [1, 1]}, "ride"),
        ({"ride": [[0, -1], [1, 0]], "out": [1, 1], "home": [1, 1]}, "ride"),
        ({"ride": [[0, 1], [1]], "out": [1, 1], "home": [1, 1]}, "ride"),
        ({"ride": None}, "ride"),
        ({"out": [1]}, "home"),
        ({"home": [math.inf] * 4}, "home"),
        ({"party": ()}, "party"),
        ({"party": (ADULT,) * 10**6}, "party"),
        ({"party": 10**6}, "party"),
        ({"candidates": tuple(a_slot(i, i, 30, place=0) for i in range(10_000))}, "candidates"),
        ({"candidates": tuple(a_slot(i, i, 30, place=0) for i in range(1_001))}, "candidates"),
        ({"candidates": (a_slot(1, 0, -5),)}, "start"),
        ({"candidates": (a_slot(1, 0, 5, length=0),)}, "end"),
        ({"candidates": (Candidate(1, 0, 0, 5, 10, math.nan),)}, "score"),  # type: ignore[arg-type]
        ({"candidates": (Candidate(1, 0, 0, 5, 10, 10**7),)}, "score"),
        ({"candidates": (Candidate(1, 0, 0, 10**30, 10**31, 1),)}, "start"),
        ({"candidates": (a_slot(1, 0, 5, place=4),)}, "place"),
        ({"candidates": (a_slot(1, 0, 5), a_slot(1, 1, 5))}, "slot"),
        ({"candidates": ("slot",)}, "candidates"),
        ({"locked": {1}}, "locked"),
    ],
)
def test_nonsense_is_refused_at_once(change: dict[str, Any], field: str) -> None:
    night = a_night(a_slot(1, 0, 30))
    fields = {name: getattr(night, name) for name in ("candidates", "ride", "out", "home", "begin", "until")} | change
    begin = perf_counter()
    with pytest.raises(NightError) as refusal:
        Night(**fields)
    assert perf_counter() - begin < 0.5  # 50 ms on a quiet machine: bench/, not a test, measures that
    assert refusal.value.field == field
