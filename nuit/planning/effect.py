"""What a change of departures does to those who have booked them, worked out before anything is written."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from nuit.planning.evening import Departure, Ride, faults, fits

Targets = Mapping[int, datetime | None]
"""The new start of each departure that changes, by slot id; None where it is called off."""


@dataclass(frozen=True, slots=True)
class Touched:
    """A party with a place in what changes: its whole evening, and how many of it come to each departure."""

    booking: int
    name: str
    locale: str
    mode: str
    children: int
    people: Mapping[int, int]
    evening: tuple[Departure, ...]

    def here(self, targets: Targets) -> int:
        """How many of its places change."""
        return sum(count for slot, count in self.people.items() if slot in targets)


@dataclass(frozen=True, slots=True)
class Break:
    """A party whose next stop does not hold any more: when its departure is now, and how many minutes it lacks."""

    name: str
    people: int
    starts_at: datetime
    minutes: int


@dataclass(frozen=True, slots=True)
class Effect:
    """`people` places and `parties` mails; whose next stop `breaks`; how many parties `offered` another hour here."""

    people: int
    parties: int
    children: int
    languages: tuple[str, ...]
    breaks: tuple[Break, ...]
    offered: int


def effect_of(
    touched: Sequence[Touched], targets: Targets, others: Collection[tuple[Departure, int]], ride: Callable[[str], Ride]
) -> Effect:
    """The effect of `targets` on these parties.

    `others` are the company's other departures with their free places, `ride` gives the ride of a mode.
    """
    breaks = [found for one in touched for found in _breaks(one, targets, ride(one.mode))]
    return Effect(
        people=sum(one.here(targets) for one in touched),
        parties=len(touched),
        children=sum(one.children for one in touched),
        languages=tuple(sorted({one.locale for one in touched})),
        breaks=tuple(sorted(breaks, key=lambda one: (one.starts_at, one.name))),
        offered=sum(_has_another(one, targets, others, ride(one.mode)) for one in touched),
    )


def moved(evening: Sequence[Departure], targets: Targets) -> list[Departure]:
    """The evening with the changed hours, without what is called off."""
    found = []
    for one in evening:
        to = targets.get(one.slot, one.starts_at)
        if to is not None:
            found.append(replace(one, starts_at=to, ends_at=to + (one.ends_at - one.starts_at)))
    return found


def _breaks(party: Touched, targets: Targets, ride: Ride) -> list[Break]:
    before = {one.slots for one in faults(party.evening, (), ride)}
    after = moved(party.evening, targets)
    starts = {one.slot: one.starts_at for one in after}
    found = []
    for fault in faults(after, (), ride):
        if fault.slots not in before:
            first, second = fault.slots
            lacking = fault.number or _overlap(after, first, second)
            here = first if first in targets else second
            found.append(Break(party.name, party.people[here], starts[here], lacking))
    return found


def _overlap(evening: Sequence[Departure], first: int, second: int) -> int:
    at = {one.slot: one for one in evening}
    return max(1, round((at[first].ends_at - at[second].starts_at).total_seconds() / 60))


def _has_another(
    party: Touched, targets: Targets, others: Collection[tuple[Departure, int]], ride: Ride
) -> bool:  # fmt: skip
    rest = [one for one in party.evening if one.slot not in targets]
    size = max(count for slot, count in party.people.items() if slot in targets)
    return any(left >= size and fits(rest, one, ride) for one, left in others)
