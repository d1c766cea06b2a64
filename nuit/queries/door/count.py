"""How many: expected, in, out again, waiting, by departure; and who is inside a house right now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select

from nuit.db import db, folded
from nuit.models import Booking, Host, Scan, Seat, Slot, Ticket
from nuit.planning.board import Departure
from nuit.planning.presence import STANDBY, UNDO, WALK_IN
from nuit.queries.door.party import LIVE


def departures(edition_id: int, host_id: int | None = None) -> list[Departure]:
    """The slots of an edition (or of one door) by hour, with who is expected and who is in; one statement."""
    chosen = [Slot.edition_id == edition_id, *([Slot.host_id == host_id] if host_id is not None else [])]
    rows: Iterable[Any] = db.session.execute(
        select(
            Slot.id, Slot.host_id, Slot.visit_id, Slot.starts_at, Slot.ends_at, Slot.status, Slot.capacity,
            (Slot.taken - Slot.placed).label("expected"), func.count(Seat.entered_at), func.count(Seat.left_at),
            func.count(case((_late(), 1))), Slot.walked_in, Slot.walked_out, Slot.standby,
        )
        .outerjoin(Seat, and_(Seat.slot_id == Slot.id, Seat.entered_at.is_not(None)))
        .where(*chosen)
        .group_by(Slot.id)
        .order_by(Slot.starts_at, Slot.id)
    )  # fmt: skip
    return [Departure(*row) for row in rows]


def _late() -> ColumnElement[bool]:
    return and_(Seat.entered_at.is_not(None), Seat.status.not_in(LIVE))


@dataclass(frozen=True, slots=True)
class Waiting:
    """People who wait at a door for a departure; `nonce` is the scan that said so."""

    nonce: str
    slot: int
    persons: int
    at: datetime


def standby(host_id: int) -> list[Waiting]:
    """Who waits at this door, first come first; one statement."""
    ends = select(Scan.target).where(
        Scan.host_id == host_id,
        (Scan.kind == UNDO) | ((Scan.kind == WALK_IN) & (Scan.verdict == "admitted")),
        Scan.target.is_not(None),
    )
    rows: Iterable[Any] = db.session.execute(
        select(Scan.nonce, Scan.slot_id, Scan.persons, Scan.corrected_at)
        .where(Scan.host_id == host_id, Scan.kind == STANDBY, Scan.verdict == "standby", Scan.nonce.not_in(ends))
        .order_by(Scan.corrected_at, Scan.nonce)
    )
    return [Waiting(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Inside:
    """Somebody with a ticket who is inside: for those who lead an evacuation, never kept on a phone."""

    name: str
    party: str
    age_band: str
    slot: int
    entered_at: datetime


def people_inside(slot_ids: Sequence[int]) -> list[Inside]:
    """By name, everybody with a seat in these departures who came in and was not scanned out; one statement."""
    rows: Iterable[Any] = db.session.execute(
        select(Ticket.label, Booking.name, Ticket.age_band, Seat.slot_id, Seat.entered_at)
        .join_from(Seat, Ticket, Ticket.id == Seat.ticket_id)
        .join(Booking, Booking.id == Seat.booking_id)
        .where(Seat.slot_id.in_(slot_ids), Seat.entered_at.is_not(None), Seat.left_at.is_(None))
        .order_by(folded(Booking.name), Booking.id, Ticket.position)
    )
    return [Inside(*row) for row in rows]


def counts_exits(host_id: int) -> bool:
    """Whether this host's doors also scan people out; one statement."""
    return bool(db.session.scalar(select(Host.counts_exits).where(Host.id == host_id)))
