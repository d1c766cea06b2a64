"""A visit's departures: added one by one or in a row, opened and closed, changed while nobody has booked."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import case, delete, func, select, update

from nuit.clock import local
from nuit.db import db, transaction
from nuit.errors import (
    AboveSafetyLimit,
    BelowTaken,
    ChangedMeanwhile,
    HasBookings,
    MoveBooked,
    SlotCancelled,
    SlotExists,
)
from nuit.ledger.places import hold_back
from nuit.ledger.queue import pass_on
from nuit.ledger.trail import note, revise
from nuit.models import Edition, Host, Seat, Slot, Visit


def add_slots(
    visit_id: int, starts: Sequence[datetime], *, capacity: int, now: datetime, by: int | None
) -> list[Slot]:  # fmt: skip
    """Adds departures; hours at which the visit leaves already are skipped, a cancelled one is open and empty again.

    Raises SlotExists when the visit leaves at all of them, AboveSafetyLimit when the host may not hold `capacity`.
    """
    with transaction():
        visit = db.session.get_one(Visit, visit_id)
        host = db.session.scalars(select(Host).where(Host.id == visit.host_id).with_for_update()).one()
        if capacity > host.safety_limit:
            raise AboveSafetyLimit(limit=host.safety_limit)
        standing = select(Slot).where(Slot.visit_id == visit_id).execution_options(populate_existing=True)
        there = {one.starts_at: one for one in db.session.scalars(standing)}
        slots = [
            _departure(visit, host, at, there.get(at))
            for at in sorted(set(starts))
            if at not in there or there[at].status == "cancelled"
        ]
        if not slots:
            raise SlotExists(hour=local(min(starts)).strftime("%H:%M"))
        for slot in slots:
            slot.status, slot.reason, slot.capacity, slot.safety_limit = "open", "", capacity, host.safety_limit
            slot.later, slot.released_at = 0, None
        db.session.add_all(slots)
        db.session.flush()
        hold_back(db.session.get_one(Edition, host.edition_id), now, [one.id for one in slots])
        for slot in slots:
            note("add", "slot", slot.id, member_id=by, now=now, starts_at=slot.starts_at.isoformat(), capacity=capacity)
        revise(host.edition_id)
    return slots


def _departure(visit: Visit, host: Host, at: datetime, cancelled: Slot | None) -> Slot:
    slot = cancelled or Slot(edition_id=host.edition_id, host_id=host.id, visit_id=visit.id, starts_at=at, version=0)
    slot.ends_at, slot.version = at + timedelta(minutes=visit.minutes), slot.version + 1
    return slot


def change_slot(
    slot_id: int, starts_at: datetime, capacity: int, *, version: int, now: datetime, by: int | None
) -> Slot:  # fmt: skip
    """Sets hour and capacity in one guarded UPDATE: never below what is taken, never above the safety limit,
    and the hour only while nobody has booked.

    Raises SlotCancelled, ChangedMeanwhile, BelowTaken, AboveSafetyLimit, MoveBooked or SlotExists.
    """
    with transaction():
        slot = db.session.get_one(Slot, slot_id, populate_existing=True)
        before = {"starts_at": slot.starts_at.isoformat(), "capacity": slot.capacity}
        if starts_at != slot.starts_at:
            _unused_hour(slot, starts_at)
        won = db.session.scalar(
            update(Slot)
            .where(
                Slot.id == slot_id, Slot.version == version, Slot.status != "cancelled", Slot.taken <= capacity,
                Slot.safety_limit >= capacity, (Slot.starts_at == starts_at) | (Slot.taken == 0),
            )
            .values(starts_at=starts_at, ends_at=starts_at + (slot.ends_at - slot.starts_at), capacity=capacity,
                    later=case((Slot.later + capacity <= Slot.safety_limit, Slot.later),
                               else_=Slot.safety_limit - capacity), version=Slot.version + 1)
            .returning(Slot.id)
            .execution_options(synchronize_session=False)
        )  # fmt: skip
        db.session.refresh(slot)
        if won is None:
            _explain(slot, starts_at, capacity, version)
        note("change", "slot", slot_id, member_id=by, now=now, before=before, capacity=capacity,
             starts_at=starts_at.isoformat())  # fmt: skip
        pass_on([slot_id], now=now)
        revise(slot.edition_id)
    return slot


def _unused_hour(slot: Slot, starts_at: datetime) -> None:
    db.session.execute(select(Host.id).where(Host.id == slot.host_id).with_for_update())
    if db.session.scalar(select(Slot.id).where(Slot.visit_id == slot.visit_id, Slot.starts_at == starts_at)):
        raise SlotExists(slots=(slot.id,), hour=local(starts_at).strftime("%H:%M"))


def _explain(slot: Slot, starts_at: datetime, capacity: int, version: int) -> None:
    """Why the guarded UPDATE found nothing, most telling reason first."""
    at = (slot.id,)
    if slot.status == "cancelled":
        raise SlotCancelled(slots=at)
    if capacity > slot.safety_limit:
        raise AboveSafetyLimit(slots=at, limit=slot.safety_limit)
    if capacity < slot.capacity - slot.left:
        raise BelowTaken(slots=at, count=slot.taken)
    if starts_at != slot.starts_at and slot.taken:
        raise MoveBooked(slots=at, count=slot.taken)
    raise ChangedMeanwhile(slots=at)


def open_slot(slot_id: int, *, is_open: bool, now: datetime, by: int | None) -> None:
    """Opens a departure for booking, or closes it; who has booked keeps the place. Raises SlotCancelled."""
    status = "open" if is_open else "closed"
    with transaction():
        row = db.session.execute(
            update(Slot)
            .where(Slot.id == slot_id, Slot.status != "cancelled")
            .values(status=status, version=Slot.version + 1)
            .returning(Slot.edition_id)
            .execution_options(synchronize_session=False)
        ).first()
        if row is None:
            raise SlotCancelled(slots=(slot_id,))
        note(status, "slot", slot_id, member_id=by, now=now)
        pass_on([slot_id], now=now)
        revise(row[0])


def remove_slot(slot_id: int, *, now: datetime, by: int | None) -> None:
    """Removes a departure that nobody has ever booked. Raises HasBookings."""
    with transaction():
        row = db.session.execute(
            delete(Slot)
            .where(Slot.id == slot_id, Slot.taken == 0, ~select(Seat.id).where(Seat.slot_id == slot_id).exists())
            .returning(Slot.edition_id)
            .execution_options(synchronize_session=False)
        ).first()
        if row is None:
            count = db.session.scalar(select(func.count(func.distinct(Seat.ticket_id))).where(Seat.slot_id == slot_id))
            if not count:
                return
            raise HasBookings(slots=(slot_id,), count=count)
        note("remove", "slot", slot_id, member_id=by, now=now)
        revise(row[0])
