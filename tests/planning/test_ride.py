"""The physics against the table they were fixed to, and the minutes that are shown."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nuit.planning.ride import CYCLES, MODES, Mode, power_balance, ride_seconds, shown_minutes, speed, speeds, top_speed

EBIKE_TABLE = [
    (-0.10, 30.0),
    (-0.06, 32.0),
    (-0.03, 32.0),
    (0.0, 23.0),
    (0.02, 23.0),
    (0.04, 18.2),
    (0.06, 14.0),
    (0.08, 11.2),
    (0.10, 9.3),
    (0.12, 7.9),
]
grades = st.floats(-0.35, 0.35)
modes = st.sampled_from(MODES)


@pytest.mark.parametrize(("grade", "kmh"), EBIKE_TABLE)
def test_ebike_keeps_to_the_table_within_two_percent(grade: float, kmh: float) -> None:
    assert speed("ebike25", grade) * 3.6 == pytest.approx(kmh, rel=0.02)
    assert 1000 / ride_seconds("ebike25", 1000, 1000 * grade) * 3.6 == pytest.approx(kmh, rel=0.02)


def test_balance_holds_the_resistances_at_every_grade() -> None:
    """The speed found, put back into the formula, leaves less than a watt."""
    slopes = np.linspace(-0.2, 0.2, 41)
    for cycle in CYCLES.values():
        v, slope = power_balance(cycle, slopes), np.arctan(slopes)
        resistance = (
            cycle.mass * 9.80665 * (cycle.rolling * np.cos(slope) + np.sin(slope)) + 0.5 * 1.13 * cycle.drag_area * v**2
        )
        faded = np.clip((cycle.fades[1] - v * 3.6) / (cycle.fades[1] - cycle.fades[0]), 0, 1)
        given_watts = 0.95 * (cycle.rider_watts + faded * min(cycle.motor_watts, cycle.assistance * cycle.rider_watts))
        assert np.abs(resistance * v - given_watts).max() < 1


def test_motor_stays_within_the_law() -> None:
    """Art. 18 VTS: slow e-bikes 500 W and no help from 25 km/h on, fast ones 1,000 W and 45 km/h."""
    assert {mode: (cycle.motor_watts, cycle.fades[1]) for mode, cycle in CYCLES.items() if cycle.assistance} == {
        "ebike25": (400, 25),
        "ebike45": (600, 45),
    }


def test_levels_of_the_other_modes() -> None:
    assert [round(speed(mode, 0.0) * 3.6, 1) for mode in MODES] == [23.0, 30.0, 20.9, 5.0]


@given(grades)
def test_more_motor_is_never_slower(grade: float) -> None:
    assert speed("bike", grade) <= speed("ebike25", grade) <= speed("ebike45", grade)


@given(modes, st.floats(0.005, 0.35))
def test_up_is_slower_than_down(mode: Mode, grade: float) -> None:
    assert speed(mode, grade) < speed(mode, -grade)


@pytest.mark.parametrize("mode", MODES)
def test_steeper_up_is_never_faster(mode: Mode) -> None:
    climbing = [speed(mode, grade / 1000) for grade in range(0, 350, 7)]
    assert all(steeper <= flatter for flatter, steeper in pairwise(climbing))


@pytest.mark.parametrize(("mode", "grade"), [("ebike25", 0.28), ("bike", 0.12)])
def test_wheels_are_pushed_where_riding_is_slower_than_walking(mode: Mode, grade: float) -> None:
    assert speed(mode, grade) * 3.6 == pytest.approx(4.0)


@pytest.mark.parametrize("mode", MODES)
def test_cliffs_are_taken_like_the_steepest_slope_of_the_table(mode: Mode) -> None:
    assert (speed(mode, 5.0), speed(mode, -5.0)) == (speed(mode, 0.35), speed(mode, -0.35))


@given(modes, grades)
def test_nobody_passes_the_top_speed(mode: Mode, grade: float) -> None:
    assert 0 < speed(mode, grade) <= top_speed(mode)


def test_many_grades_give_what_each_gives() -> None:
    asked = np.array([-0.111, 0.0, 0.0333])
    assert speeds("ebike25", asked).tolist() == [speed("ebike25", float(grade)) for grade in asked]


def test_no_way_takes_no_time() -> None:
    assert ride_seconds("ebike25", 0.0) == 0.0


@pytest.mark.parametrize(
    ("seconds", "minutes"),
    [(0, 0), (1, 5), (480, 14), (481, 15), (600, 17)],
)
def test_shown_minutes_round_up_after_factor_and_margin(seconds: float, minutes: int) -> None:
    """600 s · 1.25 = 12.5 min, and 4 for parking: 17."""
    assert shown_minutes(seconds) == minutes


def test_shown_minutes_take_the_edition_s_own_figures() -> None:
    assert shown_minutes(600, factor=1.0, margin_minutes=0) == 10
    assert shown_minutes(600, factor=1.5, margin_minutes=5) == 20


@pytest.mark.parametrize("seconds", [-1.0, float("inf"), float("nan")])
def test_shown_minutes_refuse_what_is_no_time(seconds: float) -> None:
    with pytest.raises(ValueError, match="not a riding time"):
        shown_minutes(seconds)
