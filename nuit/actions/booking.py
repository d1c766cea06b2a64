"""Booking a party's whole evening, all or nothing; giving it back."""

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select

from nuit.clock import local
from nuit.db import db, transaction
from nuit.errors import (
    BookingClosed,
    KeyReused,
    NeedsAdult,
    Overlap,
    Refusal,
    SlotClosed,
    SlotFull,
    SlotStarted,
    SlotUnknown,
    TooMany,
    TooYoung,
    Unreachable,
)
from nuit.ledger.outbox import promise
from nuit.ledger.places import free, lock_booking, seat, take
from nuit.ledger.trail import note
from nuit.models import Booking, Edition, Seat, Slot, Ticket
from nuit.planning.evening import Departure, Fault, Person, Ride, condition_value, faults
from nuit.planning.ride import Mode
from nuit.planning.ticketcode import new_code
from nuit.queries.ride import ride_between_hosts
from nuit.queries.visit import slots_by_ids


@dataclass(frozen=True)
class Wanted:
    """What a party asks for; `party` has 1 to `max_party` people, `slots` 1 to `max_stops` ids."""

    name: str
    email: str
    locale: str
    mode: Mode
    party: tuple[Person, ...]
    slots: tuple[int, ...]

    def digest(self) -> str:
        """SHA-256 over the content, hex: tells a retry from another request under the same key."""
        content = asdict(self) | {"slots": sorted(self.slots)}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def book(edition: Edition, wanted: Wanted, *, now: datetime, key: str | None = None, limited: bool = True) -> Booking:
    """Books every slot for the whole party, or nothing. The same key and content give the same booking.

    Raises a Refusal (slot-full, overlap, unreachable, closed, condition, limit, invalid), each naming its slots.
    """
    ride = ride_between_hosts(edition, wanted.mode)
    with transaction():
        earlier = _earlier(key, wanted)
        if earlier is not None:
            return earlier
        slots = _bookable(edition, wanted, now, ride)
        if limited:
            _within_limit(edition, wanted.email)
        if take(wanted.slots, len(wanted.party), now):
            _explain_missing(wanted, slots, now)
        booking = _write(edition, wanted, now, key)
        promise("confirmation", key=f"confirmation:{booking.reference}", to=booking.email, locale=booking.locale,
                due_at=now, booking_id=booking.id)  # fmt: skip
    return booking


def _earlier(key: str | None, wanted: Wanted) -> Booking | None:
    if key is None:
        return None
    earlier = db.session.scalar(select(Booking).where(Booking.idempotency_key == key))
    if earlier is not None and earlier.request_hash != wanted.digest():
        raise KeyReused()
    return earlier


def _bookable(edition: Edition, wanted: Wanted, now: datetime, ride: Ride) -> list[Slot]:
    if not edition.booking_opens_at <= now < edition.booking_closes_at:
        raise BookingClosed()
    slots = slots_by_ids(edition.id, wanted.slots)
    if len(slots) != len(set(wanted.slots)) or not slots:
        raise SlotUnknown(slots=tuple(set(wanted.slots) - {one.id for one in slots}))
    found = faults([departure(one) for one in slots], wanted.party, ride)
    if found:
        raise refusal_of(found[0])
    return slots


def departure(slot: Slot) -> Departure:
    """The slot as the judgement needs it."""
    visit = slot.visit
    return Departure(
        slot=slot.id,
        host=slot.host_id,
        company=visit.host.company.name,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        min_age=condition_value(visit.conditions, "min_age"),
        accompanied_under=condition_value(visit.conditions, "accompanied_under"),
    )


def refusal_of(fault: Fault) -> Refusal:
    """The refusal that says this fault."""
    if fault.kind == "overlap":
        return Overlap(slots=fault.slots, first=fault.first, second=fault.second)
    if fault.kind == "unreachable":
        return Unreachable(slots=fault.slots, first=fault.first, second=fault.second, count=fault.number)
    if fault.kind == "too_young":
        return TooYoung(slots=fault.slots, company=fault.first, age=fault.number, label=fault.label)
    return NeedsAdult(slots=fault.slots, company=fault.first, age=fault.number)


def _within_limit(edition: Edition, email: str) -> None:
    count = db.session.scalar(
        select(func.count()).where(
            Booking.edition_id == edition.id, Booking.email == email, Booking.state == "confirmed"
        )
    )
    if count is not None and count >= edition.max_bookings_per_email:
        raise TooMany(count=count)


def _explain_missing(wanted: Wanted, slots: Sequence[Slot], now: datetime) -> None:
    """Names every slot that could not be had; the sentence tells of the first."""
    db.session.expire_all()
    seats = len(wanted.party)
    short = [s for s in slots if s.status != "open" or s.starts_at <= now or s.left < seats]
    first = short[0]
    ids = tuple(one.id for one in short)
    says: dict[str, Any] = {"company": first.visit.host.company.name, "hour": local(first.starts_at).strftime("%H:%M")}
    if first.status != "open":
        raise SlotClosed(slots=ids, **says)
    if first.starts_at <= now:
        raise SlotStarted(slots=ids, **says)
    raise SlotFull(slots=ids, count=first.left, **says)


def _write(edition: Edition, wanted: Wanted, now: datetime, key: str | None) -> Booking:
    booking = Booking(
        edition_id=edition.id, reference=f"N-{new_code(secrets.randbelow)}", code=new_code(secrets.randbelow),
        token_id=secrets.token_bytes(16), name=wanted.name, email=wanted.email, locale=wanted.locale, mode=wanted.mode,
        idempotency_key=key, request_hash=wanted.digest(), created_at=now, changed_at=now, state="confirmed",
    )  # fmt: skip
    db.session.add(booking)
    db.session.flush()
    tickets = [
        {"booking_id": booking.id, "position": position, "label": person.label, "age_band": person.age_band,
         "code": new_code(secrets.randbelow), "token_id": secrets.token_bytes(16)}
        for position, person in enumerate(wanted.party, start=1)
    ]  # fmt: skip
    ids = db.session.scalars(insert(Ticket).returning(Ticket.id, sort_by_parameter_order=True), tickets).all()
    seat([
        {"ticket_id": ticket_id, "booking_id": booking.id, "slot_id": slot_id, "status": "confirmed", "changed_at": now}
        for ticket_id in ids
        for slot_id in sorted(set(wanted.slots))
    ])  # fmt: skip
    return booking


def give_back(reference: str, *, now: datetime, by: int | None = None) -> Booking | None:
    """Gives the whole evening back: every live seat is free again at once. Twice is as good as once.

    `by` is the member who does it in the party's stead; the trail tells.
    """
    with transaction():
        booking = lock_booking(reference)
        if booking is None:
            return None
        seats = db.session.scalars(
            select(Seat)
            .join(Slot, Slot.id == Seat.slot_id)
            .where(Seat.booking_id == booking.id, Seat.status.in_(("held", "confirmed")), Slot.ends_at > now)
        ).all()
        if booking.state == "confirmed":
            free(seats, "given_back", now)
            booking.state, booking.changed_at, booking.sequence = "given_back", now, booking.sequence + 1
            promise("given_back", key=f"given_back:{reference}", to=booking.email, locale=booking.locale, due_at=now,
                    booking_id=booking.id)  # fmt: skip
            if by is not None:
                note("give_back", "booking", booking.id, member_id=by, now=now, seats=len(seats))
    return booking


def give_back_seat(reference: str, seat_id: int, *, now: datetime) -> Booking | None:
    """Gives one person's place at one stop back; None where the booking has no such live seat before its start."""
    with transaction():
        booking = lock_booking(reference)
        one = db.session.get(Seat, seat_id)
        if booking is None or one is None or one.booking_id != booking.id:
            return None
        if one.status in ("held", "confirmed"):
            if one.slot.starts_at <= now:
                raise SlotStarted(
                    slots=(one.slot_id,),
                    company=one.slot.host.company.name,
                    hour=local(one.slot.starts_at).strftime("%H:%M"),
                )
            free([one], "given_back", now)
            booking.changed_at, booking.sequence = now, booking.sequence + 1
    return booking
