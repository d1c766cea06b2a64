"""The evenings that are proposed to a party: never more visits than may be booked, and what changes when one is mended."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from nuit.planning.night import Itinerary, Night, Stop
from nuit.planning.plan import evenings, mend, plan

EASE, MOST_EASED = 5, 12
"""Minutes that each visit is given more, and how often, until an evening holds no more visits than may be booked."""
LATER = (30, 60, 90, 120)
"""Minutes by which an evening without any visit is tried longer."""


def proposals(night: Night, most: int, *, stop: Callable[[], bool]) -> tuple[Itinerary, ...]:
    """Up to three different evenings of at most `most` visits (festival items and pauses do not count).

    An evening that had to be eased for this keeps its bound, but is not called proven.
    """
    found = evenings(night, stop=stop)
    eased = night
    for _ in range(MOST_EASED):
        if all(visits(one) <= most for one in found):
            break
        eased = replace(eased, slack=eased.slack + EASE)
        found = evenings(eased, stop=stop)
    kept = tuple(one for one in found if visits(one) <= most)
    if eased is night or not kept:
        return kept
    bound = max(plan(night, stop=stop).bound, *(one.value for one in kept))
    return tuple(replace(one, bound=bound, proven=False, exact=False) for one in kept)


def visits(evening: Itinerary) -> int:
    """How many stops are to be booked."""
    return sum(one.slot > 0 for one in evening.stops)


def longer(night: Night, *, stop: Callable[[], bool]) -> tuple[int, Itinerary] | None:
    """By how many minutes the evening must be longer to hold anything, and what it holds then; None if nothing helps."""
    for minutes in LATER:
        found = plan(replace(night, until=night.until + minutes), stop=stop)
        if visits(found):
            return minutes, found
    return None


@dataclass(frozen=True)
class Change:
    """A stop that is gone, one that is new, or both where a company is visited at another hour."""

    gone: int | None
    new: Stop | None


@dataclass(frozen=True)
class Repair:
    """The evening nearest to one that cannot be had any more, and what changes."""

    evening: Itinerary
    changes: tuple[Change, ...]


def repair(night: Night, slots: Sequence[int], own: Iterable[int], *, stop: Callable[[], bool]) -> Repair | None:
    """The nearest evening: first the same companies at other hours, only then others; None when nothing of it is left.

    `slots` are those of the evening, `own` its companies. Of a night in which only these companies have points, nobody
    else comes in.
    """
    companies = frozenset(own)
    strict = replace(night, candidates=tuple(replace(one, score=one.score if one.company in companies else 0)
                                             for one in night.candidates))  # fmt: skip
    same = mend(strict, slots, stop=stop)
    if {one.company for one in same.stops} >= companies:
        found = same
    else:
        wide = mend(night, slots, stop=stop)
        found = wide if visits(wide) <= max(len(slots), visits(same)) else same
    return Repair(found, _changes(night, slots, found)) if found.stops else None


def _changes(night: Night, slots: Sequence[int], found: Itinerary) -> tuple[Change, ...]:
    company = {one.slot: one.company for one in night.candidates}
    new = {one.company: one for one in found.stops if one.slot not in slots}
    gone = [one for one in slots if one not in found.slots]
    changed = [Change(slot, new.pop(company[slot], None) if slot in company else None) for slot in gone]
    return (*changed, *(Change(None, one) for one in sorted(new.values(), key=lambda one: one.start)))
