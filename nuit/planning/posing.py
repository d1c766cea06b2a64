"""From a wish and the programme as it stands to the frozen night that the planner answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import cos, hypot, radians
from typing import Any, NamedTuple

from nuit.planning.night import Candidate, Night
from nuit.planning.pause import PAUSE, with_pause
from nuit.planning.wish import BALANCE, EASY, LIKED, NAMED, Place, Wish, stays

NEAR, NEAR_POINTS = 800.0, 15
"""Metres from the festival, and what a company so near is worth more to who likes it."""
PASSING, ITEMS, STAYS, FIRST_STAY = -9, 10, 1_000, 100_000
"""Who likes the festival passes by once: all items nobody named are one company, PASSING. A named item's own is
−10 − its id; the slots of both are −100,000 − 1,000 · id − the number of the stay."""
Texts = dict[str, str]


@dataclass(frozen=True, slots=True)
class Firm:
    """A company on show: its host's id and place, and the slugs of its trades."""

    host: int
    slug: str
    name: str
    place: Place
    district: str
    trades: frozenset[str]


@dataclass(frozen=True, slots=True)
class Item:
    """A festival item; `kind` "food" is where one eats."""

    id: int
    slug: str
    kind: str
    title: Texts
    where: Texts
    place: Place
    starts_at: datetime
    ends_at: datetime | None

    @property
    def company(self) -> int:
        return -ITEMS - self.id


@dataclass(frozen=True)
class Stage:
    """What can be wished for: companies by name, trades by slug, festival items by hour."""

    firms: tuple[Firm, ...]
    trades: Mapping[str, Texts]
    items: tuple[Item, ...]

    @property
    def everyone(self) -> tuple[Firm | Item, ...]:
        return (*self.firms, *self.items)


class Departing(NamedTuple):
    """A departure as it is now; `left` is 0 where it is closed."""

    slot: int
    host: int
    starts_at: datetime
    ends_at: datetime
    capacity: int
    left: int
    min_age: int
    accompanied_under: int


@dataclass(frozen=True)
class Posed:
    """A night, what its minute 0 is, and whom its companies stand for."""

    night: Night
    zero: datetime
    stage: Stage
    places: tuple[Place, ...]

    def who(self, slot: int | None, company: int) -> Firm | Item | None:
        """The company or festival item of a slot; None for a pause."""
        if company > 0:
            return next((one for one in self.stage.firms if one.host == company), None)
        if slot is None:
            return None
        item = (-slot - FIRST_STAY) // STAYS
        return next((one for one in self.stage.items if slot <= -FIRST_STAY and one.id == item), None)

    def at(self, minute: int) -> datetime:
        """The instant of a minute."""
        return self.zero + timedelta(minutes=minute)

    def slot_at(self, slot: int) -> tuple[datetime, datetime]:
        """When a slot (or a stay, or a pause) begins and ends."""
        one = self.night.candidates[self.night.rows[slot]]
        return self.at(one.start), self.at(one.end)


def number_of(one: Firm | Item) -> int:
    """The company of the night that stands for this one."""
    return one.host if isinstance(one, Firm) else one.company


def places_of(start: Place, stage: Stage, wish: Wish) -> tuple[Place, ...]:
    """The rows of the ride table: the edition's start, companies, items, then places that only this party names."""
    fixed = tuple(dict.fromkeys((start, *(one.place for one in stage.firms), *(one.place for one in stage.items))))
    return (*fixed, *(one for one in dict.fromkeys((wish.start, wish.end)) if one not in fixed))


def pose(
    wish: Wish, stage: Stage, departing: Sequence[Departing], places: Sequence[Place], ride: Any, earliest: datetime
) -> Posed:
    """The night of a wish; `ride` are minutes between `places`, `earliest` no later than the opening. Raises NightError."""
    begins = (*(one.starts_at for one in departing), *(one.starts_at for one in stage.items))
    zero = min(wish.begin, earliest, *begins) if begins else min(wish.begin, earliest)
    rows = {place: row for row, place in enumerate(places)}
    slugs = {one.slug: number_of(one) for one in reversed(stage.everyone)}
    begin = _minute(wish.begin + timedelta(seconds=59), zero)
    night = Night(
        candidates=(*_visits(wish, stage, departing, rows, zero), *_items(wish, stage, rows, zero)),
        ride=ride, out=ride[rows[wish.start]], home=ride[:, rows[wish.end]],
        begin=begin, until=max(begin, _minute(wish.until, zero)), party=wish.party,
        locked=wish.locked, refused=wish.refused,
        required=frozenset(slugs[one] for one in wish.required if one in slugs),
        dropped=frozenset(slugs[one] for one in wish.dropped if one in slugs),
        slack=EASY if wish.is_easy else 0, balance=BALANCE,
    )  # fmt: skip
    return Posed(_paused(night, wish, stage, rows, zero), zero, stage, tuple(places))


def _visits(
    wish: Wish, stage: Stage, departing: Sequence[Departing], rows: Mapping[Place, int], zero: datetime
) -> list[Candidate]:
    about = {one.host: (rows[one.place], _points(one, stage, wish)) for one in stage.firms}
    found = []
    for one in departing:
        place, points = about[one.host]
        start, end = _minute(one.starts_at, zero), _minute(one.ends_at, zero)
        fill = 100 - 100 * one.left // one.capacity if one.capacity else 100
        found.append(Candidate(one.slot, one.host, place, start, end, points, one.left, fill, one.min_age,
                               one.accompanied_under))  # fmt: skip
    return found


def _points(firm: Firm, stage: Stage, wish: Wish) -> int:
    """What a visit there is worth to this party."""
    if firm.slug in wish.scores:
        return wish.scores[firm.slug]
    liked = LIKED if firm.trades & wish.trades else wish.others
    near = wish.likes_festival and any(_metres(firm.place, one.place) <= NEAR for one in stage.items)
    return liked + NEAR_POINTS * near


def _metres(a: Place, b: Place) -> float:
    """Straight line, good to a percent within a town."""
    return 111_195 * hypot((a[0] - b[0]) * cos(radians(a[1])), a[1] - b[1])


def _items(wish: Wish, stage: Stage, rows: Mapping[Place, int], zero: datetime) -> list[Candidate]:
    found = []
    for item in (one for one in stage.items if one.slug not in wish.dropped):
        is_named = item.slug in wish.items or item.slug in wish.required
        points = NAMED if is_named else (LIKED + NEAR_POINTS) * wish.likes_festival
        company = item.company if is_named else PASSING
        for number, (begin, end) in enumerate(stays(item.starts_at, item.ends_at)[:STAYS]):
            slot = -FIRST_STAY - STAYS * item.id - number
            times = _minute(begin, zero), _minute(end, zero)
            found.append(Candidate(slot, company, rows[item.place], *times, points, left=len(wish.party)))
    return found


def _paused(night: Night, wish: Wish, stage: Stage, rows: Mapping[Place, int], zero: datetime) -> Night:
    """The night with its pause: a meal where food is served in time, else wherever a visit has just ended."""
    pause = wish.pause
    if pause is None:
        return night
    after, before = _minute(pause.after, zero), _minute(pause.before, zero)
    tables = [one for one in stage.items if one.kind == "food"] if pause.is_meal else []
    meals = [
        (start, rows[one.place])
        for one in tables
        for start in range(max(after, _minute(one.starts_at, zero)), before - pause.minutes + 1, 10)
        if one.ends_at is None or start + pause.minutes <= _minute(one.ends_at, zero)
    ]
    if not meals:
        return with_pause(night, pause.minutes, after, before)
    stops = tuple(
        Candidate(-1 - number, PAUSE, place, start, start + pause.minutes, left=night.seats)
        for number, (start, place) in enumerate(sorted(meals))
    )
    return replace(night, candidates=(*night.candidates, *stops), required=night.required | {PAUSE})


def _minute(instant: datetime, zero: datetime) -> int:
    return int((instant - zero).total_seconds() // 60)
