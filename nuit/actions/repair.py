"""When a company cancels: each party's evening is mended around what it keeps, and the new places are held for a while.

The hold is an offer, as a queue makes it: it is shown at ma soirée and told by mail, accepted or declined by the party,
and lapses by itself.
"""

from collections.abc import Callable
from datetime import datetime
from typing import cast

from sqlalchemy import exists, select

from nuit.db import db, transaction
from nuit.errors import Refusal
from nuit.ledger.places import lock_booking, lock_slots
from nuit.ledger.queue import join
from nuit.ledger.trail import note
from nuit.models import AuditLine, Booking, Edition, Seat, Slot, Ticket
from nuit.planning.evening import Person
from nuit.planning.night import NightError
from nuit.planning.plan import mend
from nuit.planning.posing import places_of, pose
from nuit.planning.ride import Mode
from nuit.planning.wish import ANY, LIKED, Wish
from nuit.queries.proposing import departing, stage_of
from nuit.queries.ride import ride_minutes
from nuit.queries.visit import departure, slots_by_ids

MOST = 20
"""Parties mended in one round of the worker."""
COMING = ("held", "confirmed")


def mend_due(*, now: datetime, stop: Callable[[], Callable[[], bool]]) -> int:
    """Mends the evenings of parties whose visits were cancelled and who have not been helped since; how many there were.

    `stop()` makes a limit for one evening. One transaction a party; safe to run twice.
    """
    parties = _hurt(now)
    db.session.rollback()
    for reference in parties:
        _mend(reference, now, stop())
    return len(parties)


def _hurt(now: datetime) -> list[str]:
    """Bookings with a seat in a cancelled departure to come, and no line of the trail about mending since."""
    helped = exists().where(
        AuditLine.noun == "booking", AuditLine.noun_id == Booking.id, AuditLine.verb == "mend",
        AuditLine.at >= Seat.changed_at,
    )  # fmt: skip
    return list(
        db.session.scalars(
            select(Booking.reference)
            .join(Seat, Seat.booking_id == Booking.id)
            .join(Slot, Slot.id == Seat.slot_id)
            .where(Seat.status == "cancelled", Slot.status == "cancelled", Slot.starts_at > now, ~helped)
            .distinct()
            .order_by(Booking.reference)
            .limit(MOST)
        )
    )


def _mend(reference: str, now: datetime, stop: Callable[[], bool]) -> None:
    booking = db.session.scalars(select(Booking).where(Booking.reference == reference)).one()
    edition = db.session.get_one(Edition, booking.edition_id)
    found = _instead(edition, booking, now, stop)
    db.session.rollback()
    with transaction():
        held = lock_booking(reference)
        if held is not None:
            offered = [slot for slot in sorted(found) if _hold(edition, held, slot, now)]
            note("mend", "booking", held.id, member_id=None, now=now, slots=offered)


def _instead(edition: Edition, booking: Booking, now: datetime, stop: Callable[[], bool]) -> list[int]:
    """The slots that come in for the cancelled ones: no more than were lost, what the party keeps is not touched."""
    rows = db.session.execute(
        select(Seat.slot_id, Seat.status, Slot.status, Slot.starts_at, Slot.host_id)
        .join(Slot, Slot.id == Seat.slot_id)
        .where(Seat.booking_id == booking.id)
    ).all()
    kept = {slot for slot, seat, _, starts_at, _ in rows if seat in COMING and starts_at > now}
    lost = {slot: (at, host) for slot, seat, state, at, host in rows if seat == state == "cancelled" and at > now}
    is_open = edition.is_current and edition.booking_opens_at <= now < edition.booking_closes_at
    if not lost or not is_open or booking.state != "confirmed":
        return []
    try:
        new = _planned(edition, booking, kept, {host for _, host in lost.values()}, now, stop)
    except NightError:
        return []
    hosts = {host for _, host in lost.values()}
    near = sorted(new, key=lambda one: (one[2] not in hosts, min(abs(one[1] - at) for at, _ in lost.values()), one[0]))
    return [slot for slot, _, _ in near[: len(lost)]]


def _planned(
    edition: Edition, booking: Booking, kept: set[int], hosts: set[int], now: datetime, stop: Callable[[], bool]
) -> list[tuple[int, datetime, int]]:
    """(slot, start, host) of what a mended evening would add; the companies that have cancelled count most."""
    stage, party = stage_of(edition), _party(booking)
    start = (edition.start_lon, edition.start_lat)
    slugs = {one.slug: LIKED for one in stage.firms if one.host in hosts}
    begin = max(edition.opens_at, now.replace(second=0, microsecond=0))
    wish = Wish(begin, max(begin, edition.closes_at), start, start, cast(Mode, booking.mode), party, slugs, others=ANY,
                locked=frozenset(kept))  # fmt: skip
    seats = len(party)
    rows = [one._replace(left=max(one.left, seats)) if one.slot in kept else one for one in departing(edition)]
    places = places_of(start, stage, wish)
    posed = pose(wish, stage, rows, places, ride_minutes(edition, places, wish.mode), edition.opens_at)
    found = mend(posed.night, sorted(kept), stop=stop)
    return [
        (one.slot, posed.at(one.start), one.company) for one in found.stops if one.slot > 0 and one.slot not in kept
    ]


def _party(booking: Booking) -> tuple[Person, ...]:
    people = select(Ticket.label, Ticket.age_band).where(Ticket.booking_id == booking.id).order_by(Ticket.position)
    return tuple(Person(label, band) for label, band in db.session.execute(people))


def _hold(edition: Edition, booking: Booking, slot_id: int, now: datetime) -> int | None:
    """Offers the places of a slot to the party for a while; None where that cannot be."""
    lock_slots([slot_id])
    slot = next(iter(slots_by_ids(edition.id, [slot_id])), None)
    if slot is None or slot.left < len(booking.tickets):
        return None
    try:
        join(booking, _party(booking), slot, departure(slot), now=now)
    except Refusal:
        return None
    booking.state = "confirmed"
    return slot_id
