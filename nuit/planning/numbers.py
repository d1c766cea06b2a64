"""A night in numbers: departures added up by whatever one asks, and small groups made safe to publish."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)
FEWEST = 5
"""A published group of fewer people could single somebody out."""


Pooled = tuple[list[tuple[str, int]], int]


@dataclass(frozen=True, slots=True)
class Count:
    """Places and people; `missed` are those who had a place and did not come, `waiting` those in a queue."""

    slots: int = 0
    capacity: int = 0
    booked: int = 0
    came: int = 0
    missed: int = 0
    waiting: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(
            self.slots + other.slots, self.capacity + other.capacity, self.booked + other.booked,
            self.came + other.came, self.missed + other.missed, self.waiting + other.waiting,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Departure:
    """One departure that was not cancelled, with its people."""

    id: int
    company: str
    slug: str
    district: str
    visit: dict[str, str]
    languages: tuple[str, ...]
    starts_at: datetime
    count: Count

    @property
    def hour(self) -> datetime:
        """Zurich is whole hours away from UTC, so an hour there begins with an hour here."""
        return self.starts_at.replace(minute=0, second=0, microsecond=0)


def grouped(departures: Iterable[Departure], key: Callable[[Departure], Key]) -> dict[Key, Count]:
    """The counts added up by a key, in the order in which the keys are met."""
    found: dict[Key, Count] = {}
    for one in departures:
        name = key(one)
        found[name] = found.get(name, Count()) + one.count
    return found


def total(departures: Iterable[Departure]) -> Count:
    """All of them together."""
    return sum((one.count for one in departures), Count())


def by_day_before(hours: Sequence[tuple[datetime, int]], opens_at: datetime) -> list[tuple[int, int]]:
    """(days before the opening, all until then), the earliest first; `hours` are (instant, how many). 0 is the last day."""
    found: dict[int, int] = {}
    for at, count in hours:
        days = max(0, (opens_at - at) // timedelta(days=1))
        found[days] = found.get(days, 0) + count
    sums, rows = 0, []
    for days in range(max(found, default=-1), -1, -1):
        sums += found.get(days, 0)
        rows.append((days, sums))
    return rows


def pooled(groups: Iterable[tuple[str, int]], fewest: int = FEWEST) -> Pooled:
    """(groups that may be published, the greatest first; people of all others together, 0 where there are none).

    Small groups are put together; while that rest would itself be small, the next smallest group goes with it, so that
    nothing small can be had back by subtraction.
    """
    known = sorted(groups, key=lambda one: (-one[1], one[0]))
    shown = [one for one in known if one[1] >= fewest]
    rest = sum(count for _name, count in known[len(shown) :])
    while 0 < rest < fewest and shown:
        rest += shown.pop()[1]
    return shown, rest if rest >= fewest else 0
