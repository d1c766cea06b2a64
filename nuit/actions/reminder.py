"""Reminders: promised by the worker the day before and two hours before a party's first stop, each exactly once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, String, cast, func, literal, select

from nuit.db import db, transaction
from nuit.ledger.outbox import promise_once
from nuit.models import Booking, Edition, Message, Seat, Slot

HELD = ("held", "confirmed")
MOST = 500
"""Promised in one transaction: writers queue."""


@dataclass(frozen=True)
class Kind:
    """`lead` before the first stop it is due; from `latest` before it on it would come too late to be of use."""

    name: str
    lead: timedelta
    latest: timedelta


DAY = Kind("reminder_day", timedelta(hours=24), timedelta(hours=4))
HOURS = Kind("reminder_hours", timedelta(hours=2), timedelta(minutes=20))


def promise_reminders(now: datetime) -> int:
    """Promises what has fallen due, to bookings that were there before it did; returns how many messages were new.

    Who gives the first stop back and has another one two hours later is reminded of that one too.
    """
    made = 0
    for edition_id in db.session.scalars(_soon(now)).all():
        for kind in (DAY, HOURS):
            rows = [_row(kind, *row) for row in db.session.execute(_due(edition_id, kind, now)) if _early(kind, row)]
            if rows:
                with transaction():
                    made += promise_once(rows)
    db.session.rollback()
    return made


def _soon(now: datetime) -> Select[int]:
    return select(Edition.id).where(Edition.opens_at <= now + DAY.lead + timedelta(hours=6), Edition.closes_at > now)


def _due(edition_id: int, kind: Kind, now: datetime) -> Select[int, str, str, str, datetime, datetime, int]:
    """Bookings whose first stop is near and that nobody has reminded yet."""
    first = (
        select(Seat.booking_id, func.min(Slot.starts_at).label("at"))
        .join(Slot, Slot.id == Seat.slot_id)
        .where(Slot.edition_id == edition_id, Seat.status.in_(HELD))
        .group_by(Seat.booking_id)
        .subquery()
    )
    slot = (
        select(func.min(Slot.id))
        .join(Seat, Seat.slot_id == Slot.id)
        .where(Seat.booking_id == Booking.id, Seat.status.in_(HELD), Slot.starts_at == first.c.at)
        .correlate(Booking, first)
        .scalar_subquery()
    )
    key: Any = literal(f"{kind.name}:") + Booking.reference
    if kind is HOURS:
        key = key + literal(":") + cast(slot, String)
    return (
        select(
            Booking.id, Booking.reference, Booking.email, Booking.locale, Booking.created_at, first.c.at,
            slot.label("slot"),
        )
        .join(first, first.c.booking_id == Booking.id)
        .where(
            Booking.state == "confirmed", Booking.email != "",
            first.c.at <= now + kind.lead, first.c.at > now + kind.latest,
            ~select(Message.id).where(Message.key == key).correlate(Booking, first).exists(),
        )
        .order_by(Booking.id)
        .limit(MOST)
    )  # fmt: skip


def _early(kind: Kind, row: Any) -> bool:
    """Whoever has booked since has the confirmation, which says the same."""
    return bool(row.created_at <= row.at - kind.lead)


def _row(
    kind: Kind, booking_id: int, reference: str, email: str, locale: str, _created: datetime, at: datetime, slot: int
) -> dict[str, Any]:
    key = f"{kind.name}:{reference}" + (f":{slot}" if kind is HOURS else "")
    return {
        "key": key, "kind": kind.name, "to": email, "locale": locale, "booking_id": booking_id,
        "due_at": at - kind.lead, "payload": {"slot": slot},
    }  # fmt: skip
