"""The edition at a glance: figures, demand by hour, what is missing until opening."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from nuit.db import db
from nuit.models import Booking, Edition, Festival, FestivalItem, Host, Membership, Message, Route, Slot, Ticket
from nuit.queries.ride import network
from nuit.queries.team.companies import Line, tally


@dataclass(frozen=True, slots=True)
class Figures:
    """Companies by state; departures of published companies that are not cancelled; bookings that stand."""

    companies: dict[str, int]
    slots: int
    capacity: int
    taken: int
    bookings: int
    people: int

    @property
    def left(self) -> int:
        return self.capacity - self.taken


@dataclass(frozen=True, slots=True)
class Hour:
    """What departs within one hour of the wall clock, from `at` on."""

    at: datetime
    slots: int
    capacity: int
    taken: int


@dataclass(frozen=True, slots=True)
class Missing:
    """Something to do until opening: `kind` names it, `count` says how often; without it the night is at risk."""

    kind: str
    count: int
    is_urgent: bool


def figures(edition_id: int, lines: Sequence[Line]) -> Figures:
    """The key figures: two statements beside the lines."""
    standing = (Booking.edition_id == edition_id, Booking.state == "confirmed")
    bookings = db.session.scalar(select(func.count()).where(*standing)) or 0
    people = db.session.scalar(select(func.count(Ticket.id)).join(Ticket.booking).where(*standing)) or 0
    states: dict[str, int] = defaultdict(int)
    shown = [line.places for line in lines if line.state == "published"]
    for line in lines:
        states[line.state] += 1
    slots = sum(places.slots for places in shown)
    capacity = sum(places.capacity for places in shown)
    booked = sum(places.taken for places in shown)
    return Figures(dict(states), slots, capacity, booked, bookings, people)


def demand(edition_id: int) -> list[Hour]:
    """Departures of published companies by hour, cancelled ones left out: one statement."""
    found: dict[datetime, list[int]] = {}
    for starts_at, slots, capacity, taken in db.session.execute(
        select(Slot.starts_at, func.count(), func.sum(Slot.capacity), func.sum(Slot.taken))
        .join(Host, Host.id == Slot.host_id)
        .where(Slot.edition_id == edition_id, Slot.status != "cancelled", Host.state == "published")
        .group_by(Slot.starts_at)
        .order_by(Slot.starts_at)
    ):
        # Zurich is whole hours away from UTC, so an hour there begins with an hour here.
        row = found.setdefault(starts_at.replace(minute=0, second=0, microsecond=0), [0, 0, 0])
        row[:] = [row[0] + slots, row[1] + capacity, row[2] + taken]
    return [Hour(at, *row) for at, row in found.items()]


def missing(edition: Edition, lines: Sequence[Line]) -> list[Missing]:
    """What still has to be done, the urgent first: four statements beside the lines."""
    counts = tally(lines)
    proposed = sum(line.state == "proposed" for line in lines)
    failed = _messages_in_trouble()
    urgent = {
        "proposed": proposed,
        "mails": failed,
        "organiser_phone": int(not edition.contact_phone),
        "organiser_email": int(not edition.contact_email),
        **{kind: counts.get(kind, 0) for kind in ("summary", "address", "place", "visit", "slot", "conditions")},
        "companies": int(not lines),
    }
    routes, undrawn, items, volunteers = _rest(edition.id)
    calm = {
        "contact": counts.get("contact", 0),
        "translation": counts.get("translation", 0) + counts.get("visit_translation", 0),
        "phone": counts.get("phone", 0),
        "routes": int(not routes),
        "undrawn": undrawn,
        "festival": int(not items),
        "volunteers": int(not volunteers),
        "streets": int(network().approximate),
    }
    return [Missing(kind, count, True) for kind, count in urgent.items() if count] + [
        Missing(kind, count, False) for kind, count in calm.items() if count
    ]


def _messages_in_trouble() -> int:
    return db.session.scalar(select(func.count()).where(Message.state.in_(("bounced", "failed")))) or 0


def _rest(edition_id: int) -> tuple[int, int, int, int]:
    """Loops on show, loops that are not drawn over the streets that are loaded, festival items, volunteers."""
    shown = db.session.execute(select(Route.is_published, Route.track).where(Route.edition_id == edition_id)).all()
    items = db.session.scalar(
        select(func.count(FestivalItem.id)).join(Festival).where(Festival.edition_id == edition_id)
    )
    volunteers = db.session.scalar(select(func.count()).where(Membership.role == "volunteer"))
    undrawn = sum(track.get("revision") != network().revision for _published, track in shown)
    return sum(published for published, _track in shown), undrawn, items or 0, volunteers or 0
