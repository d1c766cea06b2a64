"""Booking a party's whole evening, all or nothing; giving it back."""

import hashlib
import json
import secrets
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from nuit.clock import local
from nuit.db import connection, db, table, transaction, written
from nuit.errors import (
    BookingClosed,
    EveningTooLong,
    KeyReused,
    PartyTooLarge,
    Refusal,
    SlotClosed,
    SlotFull,
    SlotStarted,
    SlotUnknown,
    refusal_of,
)
from nuit.ledger.evening import STANDING, give_up, is_ahead, own_seats
from nuit.ledger.hold import ask_to_confirm, lapse_hold, overdue
from nuit.ledger.outbox import promise
from nuit.ledger.places import lock_booking, lock_slots, seat, take_all
from nuit.ledger.queue import due_slots, join, lapse
from nuit.ledger.quota import one_more_booking
from nuit.ledger.trail import note
from nuit.ledger.turn import take_turn
from nuit.models import Booking, Edition, Slot, Ticket
from nuit.planning.evening import Departure, Person, faults
from nuit.planning.queue import confirmed_until
from nuit.planning.ride import Mode
from nuit.planning.ticketcode import new_code
from nuit.queries.edition import revision_of
from nuit.queries.party import Held, party_of
from nuit.queries.party import Person as Someone
from nuit.queries.ride import ride_between_hosts
from nuit.queries.visit import departure, slots_by_ids, visits_shown

Booked = tuple[Booking, list[Someone]]
_BOOKING = insert(table(Booking)).returning(table(Booking).c.id)
_TICKETS = insert(table(Ticket)).returning(table(Ticket).c.id, sort_by_parameter_order=True)


@dataclass(frozen=True)
class Wanted:
    """What a party asks for; `party` has 1 to `max_party` people, `slots` 1 to `max_stops` ids.

    `waits` are slots in whose queues the whole party stands; with them `slots` may be empty.
    """

    name: str
    email: str
    locale: str
    mode: Mode
    party: tuple[Person, ...]
    slots: tuple[int, ...]
    waits: tuple[int, ...] = ()

    def digest(self) -> str:
        """SHA-256 over the content, hex: tells a retry from another request under the same key."""
        content = asdict(self) | {"slots": sorted(set(self.slots)), "waits": sorted(set(self.waits))}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def book(edition: Edition, wanted: Wanted, *, now: datetime, key: str | None = None, limited: bool = True) -> Booking:
    """Books every slot for the whole party, or nothing. The same key and content give the same booking.

    Places are taken first and the evening is judged after, on rows that are locked: what was judged is what is booked.
    Where it waits for a slot, it has a rank there in the same transaction; what is due in the queues of its slots is
    settled before a place is found missing.
    Raises a Refusal (slot-full, overlap, unreachable, closed, condition, limit, invalid), each naming its slots.
    """
    return book_party(edition, wanted, now=now, key=key, limited=limited)[0]


def book_party(
    edition: Edition, wanted: Wanted, *, now: datetime, key: str | None = None, limited: bool = True
) -> Booked:
    """The same, with the party's tickets and seats as values."""
    has_settled = False
    while True:
        try:
            return _attempt(edition, wanted, now, key, limited)
        except _ProgrammeMoved:
            edition = db.session.get_one(Edition, edition.id, populate_existing=True)
        except SlotFull as full:
            if has_settled or not _settled(edition, full.slots, now):
                raise
            has_settled = True


def _settled(edition: Edition, slot_ids: Collection[int], now: datetime) -> bool:
    """Whether something was due in these slots: holds that nobody has confirmed, offers that nobody has
    answered; or somebody else has just settled it, and there are places now.
    """
    late = overdue(now, among=slot_ids)  # also where the edition asks no more: it may have asked a moment ago
    for reference in late:
        with transaction():
            held = lock_booking(reference)
            if held is not None:
                lapse_hold(held, now)
    due = due_slots(now, among=slot_ids)
    if due:
        with transaction():
            lapse(due, now=now)
    return bool(late or due) or (
        edition.asks_confirmation and any(one.left for one in slots_by_ids(edition.id, slot_ids))
    )


class _ProgrammeMoved(Exception):
    """The edition was changed between reading it and taking its places: what is known of it may no longer hold."""


def _attempt(edition: Edition, wanted: Wanted, now: datetime, key: str | None, limited: bool) -> Booked:
    ride = ride_between_hosts(edition, wanted.mode)
    with transaction():
        earlier = _earlier(key, wanted)
        if earlier is not None:
            return earlier, party_of(earlier.id)
        _open(edition, wanted, now)
        if limited:
            one_more_booking(edition, wanted.email, now)
        if wanted.waits:
            lock_slots({*wanted.slots, *wanted.waits})
        evening = _evening(edition, wanted, now)
        found = faults(evening, wanted.party, ride)
        if found:
            raise refusal_of(found[0])
        booking, party = _write(edition, wanted, now, key, _held_until(edition, evening, now))
        if wanted.waits:
            party = _stand_in_line(edition, booking, wanted, now)
        if booking.held_until is None:
            promise("confirmation", key=f"confirmation:{booking.reference}", to=booking.email, locale=booking.locale,
                    due_at=now, booking_id=booking.id)  # fmt: skip
        else:
            ask_to_confirm(booking, now)
    return booking, party


def _held_until(edition: Edition, evening: Sequence[Departure], now: datetime) -> datetime | None:
    """Until when the address must be confirmed; None where the edition does not ask for it."""
    if not edition.asks_confirmation:
        return None
    return confirmed_until(now, timedelta(minutes=edition.confirm_minutes), [one.starts_at for one in evening])


def _evening(edition: Edition, wanted: Wanted, now: datetime) -> list[Departure]:
    """The departures, once every place is taken: locked, and as they stand at the revision that `edition` tells."""
    ids = sorted(set(wanted.slots))
    late = timedelta(minutes=edition.door_late_minutes)
    taken = take_all(ids, len(wanted.party), now, edition=edition.id, revision=edition.revision, late=late)
    if len(taken) == len(ids):
        shown = visits_shown(edition.id, edition.revision)
        if all(one.visit in shown for one in taken):
            return [Departure(one.slot, one.host, shown[one.visit].company, one.starts_at, one.ends_at,
                              shown[one.visit].min_age, shown[one.visit].accompanied_under) for one in taken]  # fmt: skip
    if revision_of(edition.id) != edition.revision:
        raise _ProgrammeMoved()
    slots = slots_by_ids(edition.id, ids)
    if len(slots) != len(ids):
        raise SlotUnknown(slots=tuple(sorted(set(ids) - {one.id for one in slots})))
    had = {one.slot for one in taken}
    raise _missing(edition, [one for one in slots if one.id not in had], now)


def _stand_in_line(edition: Edition, booking: Booking, wanted: Wanted, now: datetime) -> list[Someone]:
    """The party waits for every slot it asked to wait for; what it has booked already is no fault."""
    ids = set(wanted.waits) - set(wanted.slots)
    slots = slots_by_ids(edition.id, ids)
    if len(slots) != len(ids):
        raise SlotUnknown(slots=tuple(sorted(ids - {one.id for one in slots})))
    for slot in slots:
        join(booking, wanted.party, slot, departure(slot), now=now)
    return party_of(booking.id)


def _earlier(key: str | None, wanted: Wanted) -> Booking | None:
    if key is None:
        return None
    take_turn(f"key:{key}")
    earlier = db.session.scalar(select(Booking).where(Booking.idempotency_key == key))
    if earlier is not None and earlier.request_hash != wanted.digest():
        raise KeyReused()
    return earlier


def _open(edition: Edition, wanted: Wanted, now: datetime) -> None:
    if not edition.booking_opens_at <= now < edition.booking_closes_at:
        raise BookingClosed()
    if not (wanted.slots or wanted.waits) or not wanted.party:
        raise SlotUnknown()
    if len(wanted.party) > edition.max_party:
        raise PartyTooLarge(count=edition.max_party)
    if max(len(set(wanted.slots)), len(set(wanted.waits))) > edition.max_stops:
        raise EveningTooLong(count=edition.max_stops)


def _missing(edition: Edition, short: Sequence[Slot], now: datetime) -> Refusal:
    """Names every slot that could not be had; the sentence tells of the first."""
    first, ids = short[0], tuple(one.id for one in short)
    says: dict[str, Any] = {"company": first.visit.host.company.name, "hour": local(first.starts_at).strftime("%H:%M")}
    if first.status != "open":
        return SlotClosed(slots=ids, **says)
    if first.starts_at <= now and not _gives_standby(first, edition, now):
        return SlotStarted(slots=ids, **says)
    return SlotFull(slots=ids, count=first.left, **says)


def _gives_standby(slot: Slot, edition: Edition, now: datetime) -> bool:
    """Whether places that were set free after the start are still given."""
    return slot.released_at is not None and slot.starts_at > now - timedelta(minutes=edition.door_late_minutes)


def _write(
    edition: Edition, wanted: Wanted, now: datetime, key: str | None, until: datetime | None
) -> Booked:  # fmt: skip
    row: dict[str, Any] = {
        "edition_id": edition.id, "reference": f"N-{new_code(secrets.randbelow)}", "code": new_code(secrets.randbelow),
        "token_id": secrets.token_bytes(16), "name": wanted.name, "email": wanted.email, "locale": wanted.locale,
        "mode": wanted.mode, "idempotency_key": key, "request_hash": wanted.digest(), "created_at": now,
        "changed_at": now, "state": "held" if until else "confirmed", "held_until": until, "epoch": 1, "sequence": 0,
    }  # fmt: skip
    number = connection().execute(_BOOKING, row).scalar_one()
    return written(Booking(id=number, **row)), _tickets(number, wanted, now, "held" if until else "confirmed")


def _tickets(booking_id: int, wanted: Wanted, now: datetime, status: str) -> list[Someone]:
    """One ticket a person, one seat a person and slot; as values, in the order they were made."""
    tickets: list[dict[str, Any]] = [
        {"booking_id": booking_id, "position": position, "label": person.label, "age_band": person.age_band,
         "code": new_code(secrets.randbelow), "token_id": secrets.token_bytes(16)}
        for position, person in enumerate(wanted.party, start=1)
    ]  # fmt: skip
    ids = connection().execute(_TICKETS, tickets).scalars().all()
    seats: list[dict[str, Any]] = [
        {"ticket_id": ticket_id, "booking_id": booking_id, "slot_id": slot_id, "status": status, "changed_at": now}
        for ticket_id in ids
        for slot_id in sorted(set(wanted.slots))
    ]
    held: dict[int, list[Held]] = {ticket_id: [] for ticket_id in ids}
    for number, one in zip(seat(seats) if seats else [], seats, strict=True):
        held[one["ticket_id"]].append(Held(number, one["slot_id"], one["status"]))
    return [
        Someone(ticket_id, one["label"], one["age_band"], one["code"], one["token_id"], tuple(held[ticket_id]))
        for ticket_id, one in zip(ids, tickets, strict=True)
    ]


def give_back(reference: str, *, now: datetime, by: int | None = None) -> Booking | None:
    """Gives the whole evening back: every place at a visit that has not begun is free again at once, no queue is kept.

    Twice is as good as once. None for an unknown booking. `by` is the member who does it in the party's stead; the
    trail tells.
    """
    with transaction():
        booking = lock_booking(reference)
        if booking is not None and booking.state in ("held", "confirmed"):
            standing = [one for one in own_seats(booking) if one.status in STANDING]
            seats = [one for one in standing if one.wait_id is not None or is_ahead(one, now)]
            give_up(booking, seats, now, is_over=True)
            if by is not None:
                count = sum(one.wait_id is None for one in seats)
                note("give_back", "booking", booking.id, member_id=by, now=now, seats=count)
    return booking


def give_back_stop(reference: str, slot_id: int, *, now: datetime) -> Booking | None:
    """Gives one visit back for the whole party, or leaves its queue; None where the booking has nothing there.

    Raises SlotStarted.
    """
    with transaction():
        booking = lock_booking(reference)
        here = [one for one in own_seats(booking) if one.slot_id == slot_id] if booking else []
        if booking is None or not here:
            return None
        give_up(booking, here, now)
    return booking


def give_back_seat(reference: str, seat_id: int, *, now: datetime) -> Booking | None:
    """Gives one person's place at one visit back; of a place waited for, the party waits for one less.

    None where the booking has no such place. Raises SlotStarted.
    """
    with transaction():
        booking = lock_booking(reference)
        here = [one for one in own_seats(booking) if one.id == seat_id] if booking else []
        if booking is None or not here:
            return None
        give_up(booking, here, now)
    return booking
