"""Waiting for a place with the whole party: standing in line, accepting or declining an offer, changing one visit for another."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import select

from nuit.db import db, transaction
from nuit.errors import (
    BookingClosed,
    EveningTooLong,
    HasPlace,
    NotHeld,
    OfferGone,
    SlotClosed,
    SlotFull,
    SlotStarted,
    SlotUnknown,
    SwapChanged,
    refusal_of,
)
from nuit.ledger.evening import changed, is_ahead, own_seats, said
from nuit.ledger.hold import only_confirmed
from nuit.ledger.outbox import promise
from nuit.ledger.places import count_on, free, lock_booking, lock_slots, seat
from nuit.ledger.queue import STANDING, close, due_slots, join, lapse, pass_on, waits_in
from nuit.models import Booking, Edition, Seat, Slot, Ticket, Wait
from nuit.planning.evening import Departure, Person, Ride, faults, fits
from nuit.planning.ride import Mode
from nuit.queries.ride import ride_between_hosts
from nuit.queries.visit import departure, slots_by_ids


def wait_for(edition: Edition, reference: str, slot_id: int, *, now: datetime) -> Booking | None:
    """The whole party waits for a slot; where there are places for it, they are offered to it at once.

    Twice is as good as once. None for an unknown booking. Raises BookingClosed, SlotUnknown, SlotClosed, QueueOver,
    HasPlace, EveningTooLong, TooYoung or NeedsAdult.
    """
    if not edition.booking_opens_at <= now < edition.booking_closes_at:
        raise BookingClosed()
    with transaction():
        booking = lock_booking(reference)
        if booking is None:
            return None
        only_confirmed(booking)
        lock_slots([slot_id])
        slot = next(iter(slots_by_ids(edition.id, [slot_id])), None)
        if slot is None or booking.edition_id != edition.id:
            raise SlotUnknown(slots=(slot_id,))
        waiting = db.session.scalars(
            select(Wait.slot_id).where(Wait.booking_id == booking.id, Wait.status.in_(STANDING))
        ).all()
        if slot_id not in waiting and len(waiting) >= edition.max_stops:
            raise EveningTooLong(count=edition.max_stops)
        join(booking, _party(booking), slot, departure(slot), now=now)
        booking.state = "confirmed"
    return booking


def _party(booking: Booking, ticket_ids: Collection[int] | None = None) -> tuple[Person, ...]:
    """The people of a booking, or those of them who have these tickets."""
    rows = db.session.execute(
        select(Ticket.id, Ticket.label, Ticket.age_band)
        .where(Ticket.booking_id == booking.id)
        .order_by(Ticket.position)
    )
    return tuple(Person(label, band) for key, label, band in rows if ticket_ids is None or key in ticket_ids)


def decline(reference: str, wait_id: int, *, now: datetime) -> Booking | None:
    """Leaves a queue, or turns an offer down: its places go to the next. Twice is as good as once.

    None where the booking has no such wait.
    """
    with transaction():
        booking, wait = _own(reference, wait_id)
        if booking is None or wait is None:
            return None
        lock_slots([wait.slot_id])
        standing = [one for one in waits_in([wait.slot_id], booking_id=booking.id) if one.id == wait_id]
        for one in standing:
            close([one], "declined" if one.status == "offered" else "left", "given_back", now)
        if standing:
            changed(booking, now, had=False)
            pass_on([wait.slot_id], now=now)
    return booking


def _own(reference: str, wait_id: int) -> tuple[Booking | None, Wait | None]:
    booking = lock_booking(reference)
    wait = db.session.get(Wait, wait_id, populate_existing=True) if booking and 0 < wait_id < 2**63 else None
    return booking, wait if booking and wait and wait.booking_id == booking.id else None


def accept(
    edition: Edition, reference: str, wait_id: int, *, now: datetime, instead: Collection[int] | None = None
) -> Booking | None:
    """The offered places are the party's; stops that do not go together with them are given back and passed on.

    `instead` are the ids of those stops as they were shown; others than these make it a SwapChanged. Twice is as good
    as once. None where the booking has no such wait. Raises OfferGone, SwapChanged, SlotStarted or EveningTooLong.
    """
    ride = _ride(edition, reference)
    with transaction():
        booking, wait = _own(reference, wait_id)
        if booking is None or wait is None:
            return None
        if wait.status != "accepted":
            only_confirmed(booking)
            _accept(edition, booking, wait, ride, now, instead)
    return booking


def _ride(edition: Edition, reference: str) -> Ride:
    """How this party gets about; read before the transaction, for it never changes."""
    mode = db.session.scalar(select(Booking.mode).where(Booking.reference == reference))
    return ride_between_hosts(edition, cast(Mode, mode or "ebike25"))


def _accept(
    edition: Edition, booking: Booking, wait: Wait, ride: Ride, now: datetime, instead: Collection[int] | None
) -> None:
    seats = own_seats(booking, also=[wait.slot_id])
    db.session.refresh(wait)
    if wait.status != "offered" or wait.offered_until is None or wait.offered_until <= now:
        raise OfferGone(slots=(wait.slot_id,), **said(wait.slot))
    coming = [one for one in seats if one.is_coming]
    gone = clashing(coming, wait.slot, ride)
    if instead is not None and gone != set(instead):
        raise SwapChanged(slots=tuple(sorted(gone)))
    if len({one.slot_id for one in coming} - gone) >= edition.max_stops:
        raise EveningTooLong(count=edition.max_stops)
    _return([one for one in coming if one.slot_id in gone], now)
    for one in seats:
        if one.wait_id == wait.id and one.status == "held":
            one.status, one.wait_id, one.changed_at = "confirmed", None, now
    wait.status, wait.changed_at = "accepted", now
    _confirm(booking, now)
    pass_on(gone, now=now)


def clashing(coming: Sequence[Seat], slot: Slot, ride: Ride) -> set[int]:
    """The stops of an evening that leave no time for this slot, by overlap or by the ride between."""
    stops = {one.slot_id: one.slot for one in coming}
    return {key for key, stop in stops.items() if not fits([departure(stop)], departure(slot), ride)}


def _return(seats: Sequence[Seat], now: datetime) -> None:
    begun = next((one.slot for one in seats if not is_ahead(one, now)), None)
    if begun is not None:
        raise SlotStarted(slots=(begun.id,), **said(begun))
    free(seats, "given_back", now)


def _confirm(booking: Booking, now: datetime) -> None:
    """The evening has other stops than before: its calendar moves on, and the party is told."""
    changed(booking, now)
    promise("confirmation", key=f"confirmation:{booking.reference}:{booking.sequence}", to=booking.email,
            locale=booking.locale, due_at=now, booking_id=booking.id)  # fmt: skip


def swap(edition: Edition, reference: str, gone: int, taken: int, *, now: datetime) -> Booking | None:
    """Changes one stop for another slot, for those of the party who have a place there; the old places are passed on.

    All or nothing: what cannot be had leaves the old stop as it was. Twice is as good as once. None where the booking
    has nothing there. Raises NotHeld, BookingClosed, SlotUnknown, SlotFull, SlotClosed, SlotStarted, HasPlace, or what
    speaks against the new evening.
    """
    if not edition.booking_opens_at <= now < edition.booking_closes_at:
        raise BookingClosed()
    ride = _ride(edition, reference)
    with transaction():
        booking = lock_booking(reference)
        if booking is not None:
            only_confirmed(booking)
            _swap(edition, booking, gone, taken, ride, now)
    return booking


def _swap(edition: Edition, booking: Booking, gone: int, taken: int, ride: Ride, now: datetime) -> None:
    seats = own_seats(booking, also=(gone, taken))
    moving = [one for one in seats if one.slot_id == gone and one.is_coming]
    there = [one for one in seats if one.slot_id == taken and one.is_coming]
    if there and not moving:
        return
    if not moving:
        raise NotHeld(slots=(gone,))
    slot = next(iter(slots_by_ids(edition.id, [taken])), None)
    if slot is None or gone == taken:
        raise SlotUnknown(slots=(taken,))
    if there:
        raise HasPlace(slots=(taken,), **said(slot))
    kept = [one for one in seats if one.is_coming and one.slot_id != gone]
    _judge(booking, kept, [*moving], slot, ride)
    close(waits_in([taken], booking_id=booking.id), "left", "given_back", now)
    _take(slot, len(moving), now)
    _return(moving, now)
    db.session.flush()
    seat([
        {"ticket_id": one.ticket_id, "booking_id": booking.id, "slot_id": taken, "status": "confirmed",
         "changed_at": now}
        for one in moving
    ])  # fmt: skip
    _confirm(booking, now)
    pass_on((gone, taken), now=now)


def _judge(booking: Booking, kept: Sequence[Seat], moving: Sequence[Seat], slot: Slot, ride: Ride) -> None:
    """The evening with the new stop in it must hold, and those who move must meet its conditions."""
    stops: list[Departure] = [departure(one) for one in {seat.slot_id: seat.slot for seat in kept}.values()]
    who = _party(booking, {one.ticket_id for one in moving})
    found = faults([*stops, departure(slot)], (), ride) + faults([departure(slot)], who, ride)
    if found:
        raise refusal_of(found[0])


def _take(slot: Slot, seats: int, now: datetime) -> None:
    if slot.status != "open":
        raise SlotClosed(slots=(slot.id,), **said(slot))
    if slot.starts_at <= now:
        raise SlotStarted(slots=(slot.id,), **said(slot))
    if not count_on(slot.id, seats):
        db.session.refresh(slot)
        raise SlotFull(slots=(slot.id,), count=slot.left, **said(slot))


def rename(reference: str, ticket_id: int, label: str, *, now: datetime) -> Booking | None:
    """Gives a person of the party another name; the code stays. None where the booking has no such ticket."""
    with transaction():
        booking = lock_booking(reference)
        ticket = (
            db.session.get(Ticket, ticket_id, populate_existing=True) if booking and 0 < ticket_id < 2**63 else None
        )
        if booking is None or ticket is None or ticket.booking_id != booking.id:
            return None
        ticket.label, booking.changed_at = label, now
    return booking


def lapse_due(now: datetime) -> int:
    """Settles all queues in which something is due, one transaction a slot; returns how many slots. Safe to run twice."""
    due = due_slots(now)
    db.session.rollback()
    for slot_id in due:
        with transaction():
            lapse([slot_id], now=now)
    return len(due)
