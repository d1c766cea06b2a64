"""What a party asks of its evening, before anybody has looked at the programme."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from nuit.planning.evening import Person
from nuit.planning.ride import Mode

Place = tuple[float, float]

ANY, LIKED, NAMED = 10, 50, 200
"""Points of a company that comes as it comes, of one whose trade or place is liked, of one asked for by name."""
BALANCE = 6
"""Minutes of ride that an empty departure is worth against a full one, among evenings of the same points."""
EASY = 10
"""Minutes of rest before each visit when a party wants to take its time."""
STAY = timedelta(minutes=30)
"""How long one stays at a festival item that one may join at any time, or that does not say when it ends."""
OPEN_FROM, STEP = timedelta(minutes=90), timedelta(minutes=10)
"""An item this long is open: one may come at every step of it; a shorter one is seen from its beginning to its end."""


@dataclass(frozen=True, slots=True)
class Break:
    """A pause of so many minutes between two instants; a meal is taken where there is food, if anywhere."""

    minutes: int
    after: datetime
    before: datetime
    is_meal: bool = False


@dataclass(frozen=True)
class Wish:
    """Who comes, from when to when, from where to where (lon, lat), how, and what they like.

    `scores` are points by company (its slug), `others` those of every company not named; `trades` and `items` are slugs
    of liked trades and of festival items. `required` and `dropped` are companies; `locked`, `refused` and `kept` are
    slots, those of festival items included.
    """

    begin: datetime
    until: datetime
    start: Place
    end: Place
    mode: Mode
    party: tuple[Person, ...]
    scores: Mapping[str, int] = field(default_factory=dict)
    others: int = ANY
    trades: frozenset[str] = frozenset()
    items: frozenset[str] = frozenset()
    likes_festival: bool = False
    is_easy: bool = False
    pause: Break | None = None
    required: frozenset[str] = frozenset()
    dropped: frozenset[str] = frozenset()
    locked: frozenset[int] = frozenset()
    refused: frozenset[int] = frozenset()


def stays(starts_at: datetime, ends_at: datetime | None) -> list[tuple[datetime, datetime]]:
    """When a festival item can be a stop of an evening: its own hours, or any half hour of an open one."""
    if ends_at is None:
        return [(starts_at, starts_at + STAY)]
    if ends_at - starts_at < OPEN_FROM:
        return [(starts_at, ends_at)]
    count = (ends_at - STAY - starts_at) // STEP + 1
    return [(starts_at + number * STEP, starts_at + number * STEP + STAY) for number in range(count)]
