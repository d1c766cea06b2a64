"""Another departure at the same door: the places are taken first, then those of before are free."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select

from nuit.actions.door.parties import folded
from nuit.db import db
from nuit.ledger.places import free, seat, take_at_door
from nuit.ledger.queue import pass_on
from nuit.models import Booking, Seat
from nuit.planning import door as rule
from nuit.planning.presence import Presence
from nuit.queries.door.party import LIVE, Kept, People, people_of
from nuit.queries.door.walked import lock_slots

_NO_WAY = (rule.ALREADY_IN, rule.REVOKED, rule.UNKNOWN)


def move(one: Kept, others: Sequence[Kept], tolerance: rule.Tolerance, now: datetime) -> Kept:
    """Gives everybody concerned who is not inside a place in the departure `one.slot`, or nobody.

    The scan comes back settled: `moved` with the seats, `full`, or what they are told who cannot move.
    """
    if one.booking is None or one.slot is None:
        return one
    people = people_of([one.booking])[one.booking]
    presence = folded(people, [other for other in others if other.booking == one.booking], tolerance)
    verdicts = {ticket: _verdict(one, people, presence, ticket, tolerance) for ticket in _concerned(one, people)}
    moving = [ticket for ticket, verdict in verdicts.items() if verdict.word not in _NO_WAY]
    if not moving:
        said = next(iter(verdicts.values()), rule.Verdict(rule.UNKNOWN))
        return replace(one, scan=replace(one.scan, settled=said.word), slot=None)
    seated = {
        place.ticket
        for place in people.party.seats
        if people.places[place.id].slot == one.slot and people.places[place.id].status in LIVE
    }
    needing = [ticket for ticket in moving if ticket not in seated]
    held = [seat for ticket in needing if (seat := verdicts[ticket].seat) is not None]
    before = {people.places[seat].slot for seat in held}
    lock_slots({*before, one.slot})
    if not take_at_door(one.slot, len(needing), one.scan.door):
        return replace(one, scan=replace(one.scan, settled=rule.FULL))
    _leave(one, held)
    _sit(one, needing, now)
    pass_on(before, now=now)
    return replace(one, scan=replace(one.scan, settled=rule.MOVED), granted=_seats(one, moving))


def _concerned(one: Kept, people: People) -> list[int]:
    return [
        ticket.id
        for ticket in people.party.tickets
        if one.scan.ticket in (None, ticket.id) and one.scan.concerns(ticket.id)
    ]


def _verdict(one: Kept, people: People, presence: Presence, ticket: int, tolerance: rule.Tolerance) -> rule.Verdict:
    whom = next(person for person in people.party.tickets if person.id == ticket)
    guest = presence.guests.get((ticket, one.scan.door))
    return rule.judge(
        whom, one.scan.door, one.scan.at, tolerance, people.party.seats_of(ticket), presence.entries, guest
    )  # fmt: skip


def _leave(one: Kept, seats: Sequence[int]) -> None:
    """The places of before at this door, where they still count."""
    held = select(Seat).where(Seat.id.in_(seats), Seat.status.in_(LIVE))
    free([place for place in db.session.scalars(held) if place.entered_at is None], "given_back", one.scan.at)
    db.session.flush()


def _sit(one: Kept, tickets: Sequence[int], now: datetime) -> None:
    seat([
        {"ticket_id": ticket, "booking_id": one.booking, "slot_id": one.slot, "status": "confirmed", "changed_at": now}
        for ticket in tickets
    ])  # fmt: skip
    booking = db.session.get_one(Booking, one.booking)
    booking.changed_at, booking.sequence, booking.state = now, booking.sequence + 1, "confirmed"
    db.session.flush()


def _seats(one: Kept, tickets: Sequence[int]) -> tuple[int, ...]:
    return tuple(
        db.session.scalars(
            select(Seat.id)
            .where(Seat.slot_id == one.slot, Seat.ticket_id.in_(tickets), Seat.status.in_(LIVE))
            .order_by(Seat.id)
        )
    )
