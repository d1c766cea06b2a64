"""The best order of stops, against every order there is."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nuit.planning.tour import EXACT, best_tour, place_between, tour_seconds


@st.composite
def tables(draw: st.DrawFn, most: int = 7) -> np.ndarray:
    """Seconds between stops, different there and back."""
    count = draw(st.integers(1, most))
    cells = draw(st.lists(st.integers(1, 900), min_size=count * count, max_size=count * count))
    table = np.array(cells, dtype=np.float64).reshape(count, count)
    np.fill_diagonal(table, 0.0)
    return table


@settings(deadline=None)
@given(tables(), st.booleans())
def test_no_order_is_faster(table: np.ndarray, closed: bool) -> None:
    found = best_tour(table, closed=closed)
    every = [(0, *rest) for rest in permutations(range(1, len(table)))]
    assert found.seconds == min(tour_seconds(table, one, closed=closed) for one in every)
    assert tour_seconds(table, found.order, closed=closed) == found.seconds
    assert (found.order[0], sorted(found.order), found.exact) == (0, list(range(len(table))), True)


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("seed", range(6))
def test_a_dozen_is_never_worse_than_what_moves_find(seed: int, closed: bool) -> None:
    points = np.random.default_rng(seed).uniform(0, 1000, (EXACT, 2))
    table = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    exact = best_tour(table, closed=closed)
    orders = [np.random.default_rng(n).permutation(range(1, EXACT)) for n in range(300)]
    assert exact.seconds <= min(tour_seconds(table, [0, *one], closed=closed) for one in orders)
    assert (len(set(exact.order)), exact.exact) == (EXACT, True)


def test_more_stops_come_close() -> None:
    """Stops on a circle: the best order goes round it."""
    angles = np.random.default_rng(4).permutation(18) * 2 * np.pi / 18
    points = np.stack([np.cos(angles), np.sin(angles)], axis=1) * 1000
    table = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    found = best_tour(table, closed=True)
    assert (len(set(found.order)), found.exact) == (18, False)
    assert found.seconds == pytest.approx(18 * 2000 * np.sin(np.pi / 18))


def test_hills_decide_the_direction() -> None:
    table = np.array([[0, 10, 90], [90, 0, 10], [10, 90, 0]], dtype=np.float64)
    assert best_tour(table, closed=True).order == (0, 1, 2)
    assert best_tour(table.T, closed=True).order == (0, 2, 1)


def test_a_stop_without_a_way_is_said_by_the_seconds() -> None:
    table = np.array([[0, 5, np.inf], [5, 0, np.inf], [np.inf, np.inf, 0]])
    assert best_tour(table, closed=False).seconds == np.inf


def test_a_way_point_comes_where_it_costs_least() -> None:
    line = [(7.35, 46.22), (7.36, 46.22), (7.37, 46.22)]
    assert place_between(line, (7.365, 46.221), closed=False) == 2
    assert place_between(line, (7.38, 46.22), closed=False) == 3
    assert place_between(line, (7.355, 46.22), closed=True) == 1
    assert place_between(line[:1], (7.38, 46.22), closed=True) == 1
    assert place_between([], (7.38, 46.22), closed=True) == 0
