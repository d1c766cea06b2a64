"""Where one can go after a visit here: chosen once a minute, chosen again as soon as a place of the choice is gone."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from nuit.models import Edition
from nuit.planning.finding import Departure, Match, onward
from nuit.queries.company import Places, Presented, places_at, programme
from nuit.queries.ride import ride_between_hosts

MOST = 600
"""Choices kept in this process: every company's for the minute that is on, up to the largest night."""


@dataclass(frozen=True)
class Ahead:
    """The next visit one can have here, the first departures in reach after it, and the minutes to each host."""

    after: Departure | None
    matches: tuple[tuple[Match, float], ...]

    @property
    def slots(self) -> tuple[int, ...]:
        """The slots whose places it tells."""
        return tuple(match.next.slot for match, _minutes in self.matches if match.next)

    def holds(self, places: dict[int, Places], own: int | None) -> bool:
        """Whether it would be chosen again: all still have places, and the next visit here is the same one."""
        free = all(slot in places and is_free(places[slot]) for slot in self.slots)
        return free and own == (self.after.slot if self.after else None)


_kept: OrderedDict[tuple[object, ...], Ahead] = OrderedDict()
_turn = Lock()


def ahead(night: Edition, told: Presented, now: datetime) -> tuple[Ahead, dict[int, Places]]:
    """What to show after a visit here, and the places, as they are now, of this company and of all that it names."""
    key = (night.id, night.revision, told.host.id, now.replace(second=0, microsecond=0))
    found = _kept.get(key)
    if found is not None:
        places = places_at(told.host.id, found.slots)
        if found.holds(places, _next_here(told, places, now)):
            return found, places
    found = _chosen(night, told.host.id, now)
    with _turn:
        _kept[key] = found
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return found, places_at(told.host.id, found.slots)


def forget() -> None:
    """Drops every choice: for who puts another database under a running process (the tests do)."""
    with _turn:
        _kept.clear()


def is_free(one: Places) -> bool:
    """Whether it may be booked and has a place."""
    return one.status == "open" and one.left > 0


def _next_here(told: Presented, places: dict[int, Places], now: datetime) -> int | None:
    """The next departure here that has a place, as `onward` chooses it."""
    free = [
        (hour.starts_at, slot)
        for hours in told.hours.values()
        for slot, hour in hours.items()
        if hour.starts_at > now and slot in places and is_free(places[slot])
    ]
    return min(free)[1] if free else None


def _chosen(night: Edition, host: int, now: datetime) -> Ahead:
    found, ride = programme(night, now), ride_between_hosts(night, "ebike25")
    rides = {other: ride(host, other) for other in found.hosts}
    after, matches = onward(found.candidates, host, rides, now=now)
    return Ahead(after, tuple((match, rides[match.host]) for match in matches))
