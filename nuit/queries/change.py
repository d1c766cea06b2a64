"""Changes on their way, and who is touched by one before it is made."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import case, func, select

from nuit.db import db
from nuit.models import Booking, Change, Seat, Slot, Ticket
from nuit.planning.effect import Touched
from nuit.planning.evening import Departure

COMING = ("held", "confirmed")
CHILD = ("0-11", "12-13")


def touched_by(slot_ids: Collection[int]) -> list[Touched]:
    """The parties that have a place in these departures, each with its whole evening: one statement."""
    inside = select(Seat.booking_id).where(Seat.slot_id.in_(slot_ids), Seat.status.in_(COMING))
    rows = db.session.execute(
        select(
            Booking.id, Booking.name, Booking.locale, Booking.mode, Slot.id, Slot.host_id, Slot.starts_at,
            Slot.ends_at, func.count(Seat.id), func.sum(case((Ticket.age_band.in_(CHILD), 1), else_=0)),
        )
        .join(Seat, Seat.booking_id == Booking.id)
        .join(Slot, Slot.id == Seat.slot_id)
        .join(Ticket, Ticket.id == Seat.ticket_id)
        .where(Booking.id.in_(inside), Seat.status.in_(COMING))
        .group_by(Booking.id, Booking.name, Booking.locale, Booking.mode, Slot.id, Slot.host_id, Slot.starts_at,
                  Slot.ends_at)
        .order_by(Booking.id, Slot.starts_at, Slot.id)
    ).all()  # fmt: skip
    parties: dict[int, list[tuple[Departure, int, int]]] = {}
    heads = {}
    for booking, name, locale, mode, slot, host, starts_at, ends_at, people, children in rows:
        heads[booking] = (name, locale, mode)
        parties.setdefault(booking, []).append((Departure(slot, host, "", starts_at, ends_at), people, children))
    return [_touched(booking, heads[booking], stops, slot_ids) for booking, stops in parties.items()]


def _touched(
    booking: int, head: tuple[str, str, str], stops: list[tuple[Departure, int, int]], slot_ids: Collection[int]
) -> Touched:
    name, locale, mode = head
    return Touched(
        booking=booking, name=name, locale=locale, mode=mode,
        children=sum(children for one, _people, children in stops if one.slot in slot_ids),
        people={one.slot: people for one, people, _children in stops},
        evening=tuple(one for one, _people, _children in stops),
    )  # fmt: skip


def pending_changes(host_id: int, now: datetime) -> list[Change]:
    """What this company has decided and can still take back, the next first."""
    return list(
        db.session.scalars(
            select(Change)
            .where(Change.host_id == host_id, Change.state == "due", Change.due_at > now)
            .order_by(Change.due_at, Change.id)
            .execution_options(populate_existing=True)
        )
    )


def change_of(host_id: int, change_id: int) -> Change | None:
    """A change of this very company."""
    return db.session.scalar(select(Change).where(Change.id == change_id, Change.host_id == host_id))


def due_changes(now: datetime) -> list[int]:
    """Ids of the changes whose five minutes are over, the oldest first."""
    return list(
        db.session.scalars(
            select(Change.id).where(Change.state == "due", Change.due_at <= now).order_by(Change.due_at, Change.id)
        )
    )


def following(slot: Slot) -> list[Slot]:
    """A departure and those of the same visit that come after it, without what is called off."""
    return list(
        db.session.scalars(
            select(Slot)
            .where(Slot.visit_id == slot.visit_id, Slot.starts_at >= slot.starts_at, Slot.status != "cancelled")
            .order_by(Slot.starts_at, Slot.id)
        )
    )
