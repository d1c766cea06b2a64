"""What balance does: parties plan one after the other, each takes the best evening there is, and the places go."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from nuit.planning.night import Candidate, Night
from nuit.planning.plan import plan


@dataclass(frozen=True, slots=True)
class Spread:
    """Where parties were led: how many doors, how many visits, and how many of them to the door that got most."""

    doors: int
    visits: int
    most: int


def spread(
    night: Night, hours: Sequence[tuple[int, int]], capacity: Mapping[int, int], *, stop: Callable[[], bool]
) -> Spread:
    """Parties like the night's, one for each (begin, until), each in the best evening that the ones before have left.

    `capacity` of each slot in places; a slot without one never fills. Deterministic as long as `stop()` stays false.
    """
    doors: dict[int, int] = {}
    for begin, until in hours:
        night = replace(night, begin=begin, until=until)
        chosen = plan(night, stop=stop)
        for one in chosen.stops:
            doors[one.company] = doors.get(one.company, 0) + 1
        night = _taken(night, chosen.slots, capacity)
    return Spread(len(doors), sum(doors.values()), max(doors.values(), default=0))


def _taken(night: Night, slots: frozenset[int], capacity: Mapping[int, int]) -> Night:
    def after(one: Candidate) -> Candidate:
        if one.slot not in slots or one.slot not in capacity:
            return one
        left = one.left - night.seats
        return replace(one, left=left, fill=100 - 100 * max(0, left) // max(1, capacity[one.slot]))

    return replace(night, candidates=tuple(map(after, night.candidates)))
