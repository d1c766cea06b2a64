"""A party's booking as plain values, for who needs its tickets and seats but none of the visits."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select

from nuit.db import db
from nuit.models import Booking, Seat, Ticket

_BOOKING = select(Booking).where(Booking.reference == bindparam("reference"))
_TICKETS = (
    select(
        Ticket.id, Ticket.label, Ticket.age_band, Ticket.code, Ticket.token_id,
        Seat.id.label("seat"), Seat.slot_id, Seat.status,
    )
    .outerjoin(Seat, Seat.ticket_id == Ticket.id)
    .where(Ticket.booking_id == bindparam("booking"))
    .order_by(Ticket.position, Seat.id)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Held:
    """One person's place in one slot."""

    id: int
    slot: int
    status: str


@dataclass(frozen=True, slots=True)
class Person:
    """One ticket with its places, in the order they were made."""

    id: int
    label: str
    age_band: str
    code: str
    token_id: bytes
    seats: tuple[Held, ...]


def bare_booking(reference: str) -> Booking | None:
    """The booking alone, as it is now: one statement."""
    return db.session.scalar(_BOOKING, {"reference": reference}, execution_options={"populate_existing": True})


def party_of(booking_id: int) -> list[Person]:
    """The party's tickets in their order, each with all its seats, whatever became of them: one statement."""
    found: dict[int, tuple[tuple[str, str, str, bytes], list[Held]]] = {}
    for key, label, band, code, token, seat, slot, status in db.session.execute(_TICKETS, {"booking": booking_id}):
        seats = found.setdefault(key, ((label, band, code, token), []))[1]
        if seat is not None:
            seats.append(Held(seat, slot, status))
    return [Person(key, *fields, tuple(seats)) for key, (fields, seats) in found.items()]
