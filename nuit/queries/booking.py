"""A party's evening, found by its reference, and what others may see of it."""

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from nuit.db import db
from nuit.models import Booking, Host, Seat, Slot, Ticket, Visit


def booking_by_reference(reference: str) -> Booking | None:
    """The booking with tickets, seats, slots, visits, hosts and companies: a fixed number of statements."""
    return db.session.scalar(
        select(Booking)
        .where(Booking.reference == reference)
        .options(
            selectinload(Booking.tickets)
            .selectinload(Ticket.seats)
            .joinedload(Seat.slot)
            .joinedload(Slot.visit)
            .joinedload(Visit.host)
            .joinedload(Host.company)
        )
        .execution_options(populate_existing=True)
    )


def evening_of(booking: Booking) -> list[tuple[Slot, list[Ticket]]]:
    """The booking's live stops by hour, each with the tickets that have a place there."""
    stops: dict[int, tuple[Slot, list[Ticket]]] = {}
    for ticket in booking.tickets:
        for seat in ticket.seats:
            if seat.status in ("held", "confirmed"):
                stops.setdefault(seat.slot_id, (seat.slot, []))[1].append(ticket)
    return sorted(stops.values(), key=lambda stop: (stop[0].starts_at, stop[0].id))
