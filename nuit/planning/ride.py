"""How fast a party rides or walks: the power balance of a cyclist, and what we show of it.

Steady speed v on a slope of angle θ solves

    ½·ρ·CdA·v³ + m·g·(Crr·cosθ + sinθ)·v = η·(P_rider + P_motor(v))

with P_motor = min(P_max, k·P_rider), faded to zero between two speeds (art. 18 VTS: slow e-bikes ≤ 500 W and 25 km/h,
fast ones ≤ 1,000 W and 45 km/h). The speed so found is bounded by what people do: they cruise, they brake downhill,
and they get off and push where riding is slower than walking.
"""

from dataclasses import dataclass
from functools import cache
from math import ceil, isfinite
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

Mode = Literal["ebike25", "ebike45", "bike", "foot"]
MODES: tuple[Mode, ...] = get_args(Mode)

Floats = NDArray[np.float64]

KMH = 1 / 3.6
GRAVITY = 9.80665
AIR = 1.13
"""Density of air in kg/m³ at 500 m above the sea."""
DRIVETRAIN = 0.95

PUSHING = 4.0 * KMH
"""m/s beside a bicycle that is pushed; riding is never slower than this."""
PUSHING_ON_STEPS = 2.0 * KMH
WALKING = 5.0 * KMH
WALKING_ON_STEPS = 3.0 * KMH

ROLLING_SLOPE, BRAKING_SLOPE, BRAKING = -0.03, -0.06, 0.5 * KMH / 0.01
"""From the level to the first slope people let it run from cruise to cap; below the second they brake, m/s per unit of slope."""

GRADES: Floats = np.arange(-350, 351) / 1000


@dataclass(frozen=True)
class Cycle:
    """A bicycle with its rider: kg, rolling resistance, CdA in m², watts, and speeds in km/h."""

    mass: float
    rolling: float
    drag_area: float
    rider_watts: float
    assistance: float
    motor_watts: float
    fades: tuple[float, float]
    cruise: float
    cap: float


# ebike25: checked against ETH Zürich 2025 (moving mean of 25 km/h e-bikes 21.9 km/h). The other two keep its distances
# of Schleinitz et al. 2017 (doi 10.1016/j.ssci.2015.07.027): bicycles 2 km/h slower, 45 km/h e-bikes 7 km/h faster.
CYCLES: dict[Mode, Cycle] = {
    "ebike25": Cycle(105, 0.008, 0.55, 90, 2.4, 400, (23, 25), cruise=23, cap=32),
    "ebike45": Cycle(110, 0.008, 0.55, 110, 3.4, 600, (43, 45), cruise=30, cap=38),
    "bike": Cycle(95, 0.008, 0.55, 110, 0, 0, (23, 25), cruise=21, cap=32),
}


def speed(mode: Mode, grade: float) -> float:
    """Speed in m/s at a constant grade (rise over run, 0.04 = 4 %; beyond ±35 % as at 35 %)."""
    return float(np.interp(grade, GRADES, _speeds_by_grade(mode)))


def speeds(mode: Mode, grades: Floats) -> Floats:
    """Speeds in m/s at many grades at once, same shape."""
    return np.interp(grades, GRADES, _speeds_by_grade(mode))


def top_speed(mode: Mode) -> float:
    """The fastest this mode ever goes, in m/s, at its best grade."""
    return float(_speeds_by_grade(mode).max())


def ride_seconds(mode: Mode, metres: float, rise: float = 0.0) -> float:
    """Seconds for a stretch of constant grade: `metres` of way that end `rise` metres higher (negative: lower)."""
    return metres / speed(mode, rise / metres) if metres > 0 else 0.0


def shown_minutes(seconds: float, factor: float = 1.25, margin_minutes: float = 4) -> int:
    """Whole minutes to plan and to print for a ride: ⌈seconds · factor / 60 + margin⌉; no ride at all takes none.

    Models of cyclists are optimistic: the factor makes up for it, and the margin for parking, locking and dressing.
    Both are tuned per edition. Raises ValueError for a time that is negative or not finite.
    """
    if not isfinite(seconds) or seconds < 0:
        raise ValueError(f"not a riding time: {seconds}")
    if seconds == 0:
        return 0
    return ceil(round(seconds * factor / 60 + margin_minutes, 6))


def power_balance(cycle: Cycle, grades: Floats) -> Floats:
    """Speeds in m/s at which rider and motor just hold the resistances, before any bound (formula above)."""
    slope = np.arctan(grades)
    resistance = cycle.mass * GRAVITY * (cycle.rolling * np.cos(slope) + np.sin(slope))
    motor = min(cycle.motor_watts, cycle.assistance * cycle.rider_watts)
    fades_from, fades_to = cycle.fades[0] * KMH, cycle.fades[1] * KMH
    low, high = np.zeros_like(grades), np.full_like(grades, 60.0)
    for _ in range(60):
        v = (low + high) / 2
        given = DRIVETRAIN * (cycle.rider_watts + motor * np.clip((fades_to - v) / (fades_to - fades_from), 0, 1))
        too_fast = 0.5 * AIR * cycle.drag_area * v**3 + resistance * v > given
        low, high = np.where(too_fast, low, v), np.where(too_fast, v, high)
    return low


def _habit(cycle: Cycle, grades: Floats) -> Floats:
    """The speed in m/s that riders choose not to pass: cruise, then letting it run, then braking on steep slopes."""
    cruise, cap = cycle.cruise * KMH, cycle.cap * KMH
    limit = np.interp(grades, [ROLLING_SLOPE, 0.0], [cap, cruise])
    return limit - BRAKING * np.clip(BRAKING_SLOPE - grades, 0, None)


def _walking(grades: Floats) -> Floats:
    """Tobler's hiking function, 6·exp(−3.5·|grade + 0.05|) km/h, held to 5 km/h: a party strolls downhill too."""
    return np.minimum(6 * KMH * np.exp(-3.5 * np.abs(grades + 0.05)), WALKING)


@cache
def _speeds_by_grade(mode: Mode) -> Floats:
    if mode == "foot":
        return _walking(GRADES)
    cycle = CYCLES[mode]
    found = np.minimum(power_balance(cycle, GRADES), _habit(cycle, GRADES))
    return np.maximum(found, PUSHING)
