"""What a company offers, as values: what it says of itself, a visit, a row of departures; compared before it is written."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

Texts = dict[str, str]

CONDITIONS: dict[str, tuple[int, int] | None] = {
    "min_age": (1, 18),
    "accompanied_under": (2, 18),
    "closed_shoes": None,
    "hair_tied": None,
    "no_pacemaker": None,
    "steps": (1, 999),
    "heat": (25, 60),
    "cold": (-40, 15),
    "noise": None,
    "dust": None,
    "no_photos": None,
}
"""The kinds of conditions, in the order they are asked, with the bounds of those that need a figure."""
PRACTICES = ("reuse", "repair", "recycling", "heat", "energy", "water", "local", "transport")
LONGEST_SERIES = 60


@dataclass(frozen=True, slots=True)
class Engagement:
    """One practice of circular economy, in the company's words."""

    kind: str
    text: Texts


@dataclass(frozen=True, slots=True)
class Presentation:
    """Everything a company says of itself in one edition; `trades` are slugs, `lon` and `lat` degrees (WGS 84)."""

    summary: Texts
    about: Texts
    fact: Texts
    website: str
    trades: tuple[str, ...]
    practices: tuple[Engagement, ...]
    address: str
    postcode: str
    town: str
    district: str
    lon: float
    lat: float
    access: Texts
    bike_parking: int
    charging: int
    safety_limit: int
    contact_name: str
    contact_email: str
    contact_phone: str
    training_places: int = 0
    training_contact: str = ""


@dataclass(frozen=True, slots=True)
class VisitOffer:
    """A visit as it is typed; `conditions` as the model keeps them, `is_unconditional` says that there are none."""

    title: Texts
    summary: Texts
    minutes: int
    languages: tuple[str, ...]
    wheelchair: str
    conditions: tuple[dict[str, Any], ...]
    is_unconditional: bool


def differences(first: Any, second: Any) -> tuple[str, ...]:
    """The names of the fields in which two values of the same kind differ, in their order."""
    return tuple(one.name for one in fields(first) if getattr(first, one.name) != getattr(second, one.name))


def departures(first: datetime, last: datetime, every: timedelta) -> tuple[datetime, ...]:
    """Instants from `first` to `last` (both included where they fit), `every` apart, counted in UTC; at most 61.

    Raises ValueError where `every` is no positive span or `last` lies before `first`.
    """
    if every <= timedelta(0) or last < first:
        raise ValueError("a series runs forward")
    count = min((last - first) // every, LONGEST_SERIES)
    return tuple(first + number * every for number in range(count + 1))


def clean(texts: Texts) -> Texts:
    """The texts without their empty languages, in a fixed order."""
    return {code: texts[code] for code in sorted(texts) if texts[code]}


def spoken_everywhere(texts: Iterable[Texts], languages: Iterable[str]) -> bool:
    """Whether every text that is there at all is there in every language."""
    wanted = set(languages)
    return all(wanted <= set(one) for one in texts if one)
