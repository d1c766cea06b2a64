"""May this party spend this evening? Judged from values alone, before anything is written."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

AGE_BANDS: dict[str, tuple[int, int]] = {
    "18+": (18, 120),
    "16-17": (16, 17),
    "14-15": (14, 15),
    "12-13": (12, 13),
    "0-11": (0, 11),
}
MODES = ("ebike25", "ebike45", "bike", "foot")


@dataclass(frozen=True, slots=True)
class Person:
    label: str
    age_band: str

    @property
    def youngest(self) -> int:
        return AGE_BANDS[self.age_band][0]

    @property
    def oldest(self) -> int:
        return AGE_BANDS[self.age_band][1]

    @property
    def is_adult(self) -> bool:
        return self.age_band == "18+"


@dataclass(frozen=True, slots=True)
class Departure:
    """One slot as the judgement needs it; `host` names the place for the ride table."""

    slot: int
    host: int
    company: str
    starts_at: datetime
    ends_at: datetime
    min_age: int = 0
    accompanied_under: int = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """`kind` is overlap, unreachable, too_young or needs_adult; `slots` are the ids at fault."""

    kind: str
    slots: tuple[int, ...]
    first: str = ""
    second: str = ""
    label: str = ""
    number: int = 0


Ride = Callable[[int, int], float]
"""Minutes from one host to another, margin included."""


def condition_value(conditions: Iterable[dict[str, Any]], kind: str) -> int:
    """The number of a condition ("min_age", "steps" …), 0 where it does not apply."""
    return next((int(one.get("value") or 0) for one in conditions if one.get("kind") == kind), 0)


def faults(departures: Sequence[Departure], party: Sequence[Person], ride: Ride) -> list[Fault]:
    """All that speaks against this evening, in the order of the hours; empty when it holds.

    A person's band is refused only when nobody in it is old enough: at the edge the party's own word decides.
    """
    ordered = sorted(departures, key=_order)
    found: list[Fault] = []
    for before, after in pairwise(ordered):
        found += _between(before, after, ride)
    for departure in ordered:
        found += _conditions(departure, party)
    return found


def fits(evening: Iterable[Departure], one: Departure, ride: Ride) -> bool:
    """Whether one more departure overlaps none of the evening's and leaves time for the rides before and after it."""
    return not any(
        _between(one, other, ride) if _order(one) < _order(other) else _between(other, one, ride) for other in evening
    )


def _order(departure: Departure) -> tuple[datetime, int]:
    return departure.starts_at, departure.slot


def openings(
    evening: Sequence[Departure], candidates: Iterable[Departure], ride: Ride, *, at_most: int
) -> list[list[Departure]]:
    """What still fits before, between and after the departures of an evening: one list a gap, by hour.

    Of each host that is not in the evening the earliest departure in the gap; of those the `at_most` with the shortest
    rides, ties by hour and id. An empty evening has one gap, in which the hours alone decide.
    """
    ordered = sorted(evening, key=_order)
    hosts = {one.host for one in ordered}
    gaps: list[dict[int, Departure]] = [{} for _ in range(len(ordered) + 1)]
    for one in sorted(candidates, key=_order):
        gap = gaps[sum(other.starts_at <= one.starts_at for other in ordered)]
        if one.host not in hosts and one.host not in gap and fits(ordered, one, ride):
            gap[one.host] = one
    return [
        _nearest(list(gap.values()), ordered[max(0, at - 1) : at + 1], ride, at_most) for at, gap in enumerate(gaps)
    ]


def _nearest(found: list[Departure], beside: Sequence[Departure], ride: Ride, at_most: int) -> list[Departure]:
    def cost(one: Departure) -> tuple[float, datetime, int]:
        return sum(ride(one.host, other.host) for other in beside), one.starts_at, one.slot

    return sorted(sorted(found, key=cost)[:at_most], key=_order)


def stand_ins(
    evening: Sequence[Departure], gone: Departure, candidates: Iterable[Departure], ride: Ride
) -> list[Departure]:
    """The other departures of the same host that could take the place of one that is gone, by hour."""
    others = [one for one in evening if one.slot != gone.slot]
    taken = {one.slot for one in evening}
    return [
        one
        for one in sorted(candidates, key=_order)
        if one.host == gone.host and one.slot not in taken and fits(others, one, ride)
    ]


def _between(before: Departure, after: Departure, ride: Ride) -> list[Fault]:
    slots = (before.slot, after.slot)
    if after.starts_at < before.ends_at:
        return [Fault("overlap", slots, before.company, after.company)]
    if before.host == after.host:
        return []
    free = (after.starts_at - before.ends_at).total_seconds() / 60
    missing = ride(before.host, after.host) - free
    if missing <= 0:
        return []
    return [Fault("unreachable", slots, before.company, after.company, number=max(1, -int(-missing // 1)))]


def _conditions(departure: Departure, party: Sequence[Person]) -> list[Fault]:
    slots = (departure.slot,)
    found = [
        Fault("too_young", slots, departure.company, label=person.label, number=departure.min_age)
        for person in party
        if person.oldest < departure.min_age
    ]
    if any(p.youngest < departure.accompanied_under and not p.is_adult for p in party) and not any(
        p.is_adult for p in party
    ):
        found.append(Fault("needs_adult", slots, departure.company, number=departure.accompanied_under))
    return found
