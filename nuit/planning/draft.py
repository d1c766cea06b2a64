"""What the organisers write, as values: an edition, a loop and its stops, the festival and its items."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

Texts = dict[str, str]


@dataclass(frozen=True, slots=True)
class EditionDraft:
    """The frame of a night; instants are aware, `ride_factor` multiplies model time, minutes are whole."""

    name: str
    region: str
    night: date
    opens_at: datetime
    closes_at: datetime
    booking_opens_at: datetime
    booking_closes_at: datetime
    summary: Texts
    contact_email: str
    contact_phone: str
    start_name: Texts
    start_lon: float
    start_lat: float
    ride_factor: float
    ride_margin_minutes: int
    door_early_minutes: int
    door_late_minutes: int
    max_party: int
    max_stops: int
    max_bookings_per_email: int
    release_minutes: int = 5
    second_wave_at: datetime | None = None
    first_wave_percent: int = 100
    attempts_per_network: int = 600
    asks_confirmation: bool = False
    confirm_minutes: int = 15
    offer_minutes: int = 30
    offer_minutes_tonight: int = 10


@dataclass(frozen=True, slots=True)
class StopDraft:
    """A stop at a host (its id), or at a place of its own name and position (degrees, WGS 84)."""

    host: int | None
    name: Texts
    lon: float | None
    lat: float | None


@dataclass(frozen=True, slots=True)
class RouteDraft:
    """A loop as it is typed; its stops in order."""

    name: Texts
    summary: Texts
    colour: str
    is_closed: bool
    is_published: bool
    stops: tuple[StopDraft, ...]


@dataclass(frozen=True, slots=True)
class FestivalDraft:
    """What stands above the festival's programme."""

    name: Texts
    summary: Texts
    website: str


@dataclass(frozen=True, slots=True)
class ItemDraft:
    """One item of the festival; instants are aware, `ends_at` None where nobody knows."""

    title: Texts
    summary: Texts
    place: Texts
    kind: str
    lon: float
    lat: float
    starts_at: datetime
    ends_at: datetime | None


def write(draft: Any, noun: Any, without: tuple[str, ...] = ()) -> list[str]:
    """Copies the draft's fields onto the noun; returns the names of those that changed."""
    changed = []
    for one in fields(draft):
        if one.name in without or getattr(noun, one.name) == getattr(draft, one.name):
            continue
        setattr(noun, one.name, getattr(draft, one.name))
        changed.append(one.name)
    return changed
