"""Taking and freeing places: one conditional UPDATE a slot, in ascending id, so that no two parties share one."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from nuit.db import db
from nuit.models import Booking, Seat, Slot


def take(slot_ids: Iterable[int], seats: int, now: datetime) -> list[int]:
    """Takes `seats` places in every slot; returns the ids that could not give them (the caller rolls back)."""
    refused = []
    for slot_id in sorted(slot_ids):
        won = db.session.scalar(
            update(Slot)
            .where(
                Slot.id == slot_id,
                Slot.status == "open",
                Slot.taken + seats <= Slot.capacity,
                Slot.starts_at > now,
            )
            .values(taken=Slot.taken + seats)
            .returning(Slot.id)
            .execution_options(synchronize_session=False)
        )
        if won is None:
            refused.append(slot_id)
    return refused


def seat(rows: Sequence[dict[str, Any]]) -> None:
    """Writes the seats that `take` has counted."""
    db.session.execute(insert(Seat), list(rows))


def free(seats: Sequence[Seat], status: str, now: datetime) -> None:
    """Gives the places of held or confirmed seats back, in ascending slot id."""
    counted: dict[int, int] = {}
    for one in seats:
        if one.status in ("held", "confirmed"):
            counted[one.slot_id] = counted.get(one.slot_id, 0) + 1
        one.status, one.changed_at = status, now
    for slot_id, count in sorted(counted.items()):
        db.session.execute(
            update(Slot)
            .where(Slot.id == slot_id)
            .values(taken=Slot.taken - count)
            .execution_options(synchronize_session=False)
        )


def recount(edition_id: int) -> None:
    """Sets every slot's `taken` to the seats it really holds: after seats were written in bulk. One statement."""
    held = select(func.count()).where(Seat.slot_id == Slot.id, Seat.status.in_(("held", "confirmed")))
    db.session.execute(
        update(Slot)
        .where(Slot.edition_id == edition_id)
        .values(taken=held.scalar_subquery())
        .execution_options(synchronize_session=False)
    )


def lock_booking(reference: str) -> Booking | None:
    """The booking, locked for this transaction (SQLite has locked everything already)."""
    return db.session.scalar(
        select(Booking)
        .where(Booking.reference == reference)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
