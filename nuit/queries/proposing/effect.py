"""What balance does tonight: the same parties planned with and without it, over the places as they are."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from nuit.models import Edition
from nuit.planning.balance import Spread, spread
from nuit.planning.evening import Person
from nuit.planning.wish import Wish
from nuit.queries.proposing.stage import departing, stage_of, the_night

PARTIES, LONG, LATER = 24, timedelta(hours=3), timedelta(minutes=30)
"""So many couples, each for three hours, who set out every half hour of the first three and then again from the start."""


def balance_effect(edition: Edition, now: datetime, *, stop: Callable[[], bool]) -> tuple[Spread, Spread]:
    """Where couples without wishes are led, with balance and without it; nobody is booked. Raises NightError."""
    start = (edition.start_lon, edition.start_lat)
    couple = (Person("", "18+"), Person("", "18+"))
    wish = Wish(edition.opens_at, edition.closes_at, start, start, "ebike25", couple)
    posed = the_night(edition, stage_of(edition), wish, now)
    night, step = posed.night, int(LATER.total_seconds() // 60)
    begins = [night.begin + step * (number % 6) for number in range(PARTIES)]
    hours = [
        (begin, min(night.until, begin + int(LONG.total_seconds() // 60))) for begin in begins if begin < night.until
    ]
    capacity = {one.slot: one.capacity for one in departing(edition)}
    return spread(night, hours, capacity, stop=stop), spread(replace(night, balance=0), hours, capacity, stop=stop)
