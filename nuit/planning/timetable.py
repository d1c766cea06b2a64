"""A party's evening as values: where it stops, how it rides there, and when it must leave."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

Texts = dict[str, str]


@dataclass(frozen=True)
class Stop:
    """One departure with all that a party needs to find it; `who` are the people who have a place there."""

    slot: int
    host: int
    company: str
    slug: str
    visit: Texts
    starts_at: datetime
    ends_at: datetime
    lon: float
    lat: float
    address: str
    district: str
    access: Texts
    languages: tuple[str, ...]
    conditions: tuple[dict[str, Any], ...]
    status: str
    reason: str
    capacity: int
    left: int
    who: tuple[str, ...] = ()

    @property
    def taken(self) -> int:
        """Places that are gone."""
        return self.capacity - self.left


@dataclass(frozen=True)
class Leg:
    """The ride to a stop: metres, metres of climb, `minutes` on the way and `margin` for locking the bikes.

    `profile` is (metres ridden, height above the sea), empty where no street is known; `leave_by` keeps both minutes
    and margin; `spare` are the minutes left before that, None for the first leg and below zero where it does not fit.
    """

    minutes: int
    margin: int
    metres: float
    climb: float
    lit_share: float
    profile: tuple[tuple[float, float], ...]
    leave_by: datetime
    spare: int | None
    approximate: bool


@dataclass(frozen=True)
class Code:
    """What is shown at a door: for whom, the code to read aloud, the address in its QR."""

    label: str
    age_band: str
    code: str
    address: str


@dataclass(frozen=True)
class Codes:
    """The codes of a party: one for all, one for each person who still has a place anywhere."""

    party: Code
    people: tuple[Code, ...]


@dataclass(frozen=True)
class Timetable:
    """The stops by hour and, in the same order, the leg that leads to each."""

    mode: str
    start: Texts
    stops: tuple[Stop, ...]
    legs: tuple[Leg, ...]

    @property
    def metres(self) -> float:
        """Length of all rides, the one from the start included."""
        return sum(leg.metres for leg in self.legs)

    @property
    def climb(self) -> float:
        """Metres of climb of all rides."""
        return sum(leg.climb for leg in self.legs)

    @property
    def ends_at(self) -> datetime:
        """The end of the last visit."""
        return max(stop.ends_at for stop in self.stops)

    def next_at(self, now: datetime) -> int | None:
        """The index of the first stop that has not begun, None when all have."""
        return next((number for number, stop in enumerate(self.stops) if stop.starts_at > now), None)


def leg_to(
    stop: Stop, before: Stop | None, *, total: int, margin: int, metres: float, climb: float, lit_share: float,
    profile: Sequence[tuple[float, float]], approximate: bool,
) -> Leg:  # fmt: skip
    """The leg to a stop from its ride; `total` minutes hold the margin, 0 where nobody has to move."""
    margin = min(margin, total)
    leave_by = stop.starts_at - timedelta(minutes=total)
    spare = None if before is None else int((leave_by - before.ends_at).total_seconds() // 60)
    return Leg(total - margin, margin, metres, climb, lit_share, tuple(profile), leave_by, spare, approximate)
