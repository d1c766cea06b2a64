"""Which companies answer a visitor's question, and the nearest question that has an answer. Values in, values out."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from nuit.planning.streets import Point, metres_between

ORDERS = ("departure", "name", "distance")
WHEELCHAIR = ("yes", "partly")


@dataclass(frozen=True, slots=True)
class Departure:
    """An open slot to come, with the places it has left."""

    slot: int
    starts_at: datetime
    ends_at: datetime
    left: int


@dataclass(frozen=True, slots=True)
class Showing:
    """A visit as the question needs it; `departures` by hour."""

    visit: int
    languages: tuple[str, ...]
    wheelchair: str
    min_age: int
    departures: tuple[Departure, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A company in one edition; `words` is all that may be searched, folded."""

    host: int
    name: str
    words: str
    trades: frozenset[str]
    place: Point
    showings: tuple[Showing, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for; a field at its default asks nothing. `seats` 0 also takes companies that are full."""

    words: str = ""
    seats: int = 0
    language: str = ""
    wheelchair: bool = False
    age: int | None = None
    trade: str = ""
    near: Point | None = None
    order: str = "departure"


@dataclass(frozen=True, slots=True)
class Match:
    """A company that answers: the first departure that has the places, and what its suiting visits speak.

    `is_full`: something departs, nothing of it has the places. `metres` as the crow flies.
    """

    host: int
    next: Departure | None = None
    languages: tuple[str, ...] = ()
    is_full: bool = False
    metres: float | None = None


@dataclass(frozen=True, slots=True)
class Chance:
    """A departure that has places, with its company and visit."""

    host: int
    visit: int
    departure: Departure


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One field of the question set to `value`: `count` companies would answer."""

    field: str
    value: Any
    count: int


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Lower case, without accents: « Fraisée » is found by "fraisee"."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


def find(candidates: Iterable[Candidate], question: Question) -> list[Match]:
    """The companies that answer, in the order asked for; ties by name, then by host."""
    terms = fold(question.words).split()
    found = [(one, match) for one in candidates if (match := _match(one, question, terms)) is not None]

    def rank(pair: tuple[Candidate, Match]) -> tuple[Any, ...]:
        one, match = pair
        name = (fold(one.name), one.host)
        if question.order == "name":
            return name
        if question.order == "distance" and match.metres is not None:
            return (match.metres, *name)
        return (match.next is None, match.next.starts_at.timestamp() if match.next else 0, *name)

    return [match for _, match in sorted(found, key=rank)]


def _match(one: Candidate, question: Question, terms: Sequence[str]) -> Match | None:
    if question.trade and question.trade not in one.trades:
        return None
    if not all(term in one.words for term in terms):
        return None
    showings = [showing for showing in one.showings if _suits(showing, question)]
    picky = question.language or question.wheelchair or question.age is not None
    first = _first(showings, max(1, question.seats))
    if (picky and not showings) or (question.seats and first is None):
        return None
    return Match(
        host=one.host,
        next=first,
        languages=tuple(dict.fromkeys(language for showing in showings for language in showing.languages)),
        is_full=first is None and any(showing.departures for showing in showings),
        metres=metres_between(question.near, one.place) if question.near else None,
    )


def _suits(showing: Showing, question: Question) -> bool:
    return (
        (not question.language or question.language in showing.languages)
        and (not question.wheelchair or showing.wheelchair in WHEELCHAIR)
        and (question.age is None or showing.min_age <= question.age)
    )


def _first(showings: Iterable[Showing], seats: int, not_before: datetime | None = None) -> Departure | None:
    suiting = (
        one
        for showing in showings
        for one in showing.departures
        if one.left >= seats and (not_before is None or one.starts_at >= not_before)
    )
    return min(suiting, key=lambda one: (one.starts_at, one.slot), default=None)


def relaxations(candidates: Sequence[Candidate], question: Question) -> list[Relaxation]:
    """What could be given up, one field at a time, so that somebody answers; the most answers first."""
    neutral = Question()
    found = []
    for field in ("words", "seats", "language", "wheelchair", "age", "trade"):
        if getattr(question, field) == getattr(neutral, field):
            continue
        for value in _weaker(question, field):
            count = len(find(candidates, replace(question, **{field: value})))
            if count:
                found.append(Relaxation(field, value, count))
                break
    return sorted(found, key=lambda one: -one.count)


def _weaker(question: Question, field: str) -> Iterable[Any]:
    """The next weaker values of a field; a smaller party first, then none at all."""
    if field == "seats":
        return range(question.seats - 1, -1, -1)
    return [getattr(Question(), field)]


def onward(
    candidates: Sequence[Candidate], host: int, minutes: Mapping[int, float], *, now: datetime, limit: int = 4
) -> tuple[Departure | None, list[Match]]:
    """The next visit one can have at `host`, and the first departure in reach after it (or after `now`) elsewhere.

    `minutes` is the ride to each host, margin included. By hour; at most `limit`.
    """
    after = next((_first(one.showings, 1) for one in candidates if one.host == host), None)
    leaves_at = after.ends_at if after else now
    found = []
    for one in candidates:
        if one.host == host or one.host not in minutes:
            continue
        first = _first(one.showings, 1, leaves_at + timedelta(minutes=minutes[one.host]))
        if first is not None:
            found.append((first.starts_at, one.host, Match(one.host, first)))
    return after, [match for *_, match in sorted(found, key=lambda three: three[:2])][:limit]


def chances(candidates: Iterable[Candidate], *, hourly: bool, limit: int) -> list[Chance]:
    """The next departures that have places; `hourly` gives one of each hour, of another company each where it can."""
    free = [
        Chance(one.host, showing.visit, departure)
        for one in candidates
        for showing in one.showings
        for departure in showing.departures
        if departure.left > 0
    ]
    free.sort(key=lambda one: (one.departure.starts_at, one.departure.slot))
    return (_hour_by_hour(free) if hourly else free)[:limit]


def _hour_by_hour(free: Iterable[Chance]) -> list[Chance]:
    by_hour: dict[datetime, list[Chance]] = {}
    for chance in free:
        by_hour.setdefault(chance.departure.starts_at.replace(minute=0), []).append(chance)
    chosen: list[Chance] = []
    for hour in sorted(by_hour):
        shown = {one.host for one in chosen}
        chosen.append(min(by_hour[hour], key=lambda one: one.host in shown))
    return chosen
