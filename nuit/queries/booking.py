"""A party's evening, found by its reference, by a ticket or by an address; what it shows at the doors."""

from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from nuit.db import db
from nuit.keys import Keys
from nuit.models import Booking, Edition, Host, Seat, Slot, Ticket, Visit
from nuit.planning.ticketcode import shown_code, ticket_address
from nuit.planning.timetable import Code, Codes


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
    return [(slot, [one.ticket for one in seats]) for slot, seats in _by_slot(booking, live=True)]


def seats_by_slot(booking: Booking) -> dict[int, list[Seat]]:
    """The live seats of each stop, in the order of the party."""
    return {slot.id: seats for slot, seats in _by_slot(booking, live=True)}


def stops_gone(booking: Booking) -> list[tuple[Slot, str]]:
    """Stops where nobody of the party has a place any more, by hour, with what became of the last one."""
    live = {slot.id for slot, _seats in _by_slot(booking, live=True)}
    return [
        (slot, max(seats, key=lambda one: (one.changed_at, one.id)).status)
        for slot, seats in _by_slot(booking, live=False)
        if slot.id not in live
    ]


def _by_slot(booking: Booking, *, live: bool) -> list[tuple[Slot, list[Seat]]]:
    stops: dict[int, tuple[Slot, list[Seat]]] = {}
    for ticket in booking.tickets:
        for seat in ticket.seats:
            if seat.is_coming or (not live and seat.was_coming):
                stops.setdefault(seat.slot_id, (seat.slot, []))[1].append(seat)
    return sorted(stops.values(), key=lambda stop: (stop[0].starts_at, stop[0].id))


def codes_of(booking: Booking, edition: Edition, keys: Keys, url: str) -> Codes:
    """What the party shows at the doors; signed anew each time, always the same. `url` is the site's address."""
    party = keys.party_token(edition.id, edition.night, booking.token_id)
    return Codes(
        party=Code(booking.name, "", shown_code(booking.code), ticket_address(url, party)),
        people=tuple(
            Code(
                ticket.label,
                ticket.age_band,
                shown_code(ticket.code),
                ticket_address(url, keys.ticket_token(edition.id, edition.night, ticket.token_id)),
            )
            for ticket in booking.tickets
            if any(seat.is_coming for seat in ticket.seats)
        ),
    )


def booking_by_id(booking_id: int) -> Booking | None:
    """The booking of a promised message."""
    reference = db.session.scalar(select(Booking.reference).where(Booking.id == booking_id))
    return booking_by_reference(reference) if reference else None


def booking_by_token_id(edition_id: int, token_id: bytes) -> Booking | None:
    """The booking whose party's or person's ticket this is; None where there is none or it was revoked."""
    return db.session.scalar(
        select(Booking)
        .outerjoin(Ticket, (Ticket.booking_id == Booking.id) & (Ticket.token_id == token_id))
        .where(
            Booking.edition_id == edition_id,
            or_(Booking.token_id == token_id, (Ticket.id.is_not(None)) & Ticket.revoked_at.is_(None)),
        )
    )


def references_of(edition_id: int, email: str) -> list[str]:
    """The references of an address's standing bookings, the oldest first."""
    return list(
        db.session.scalars(
            select(Booking.reference)
            .where(Booking.edition_id == edition_id, Booking.email == email, Booking.state == "confirmed")
            .order_by(Booking.id)
        )
    )
