"""People without a ticket, as scans tell: the gestures at a departure, and which departure is going on."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, or_, select

from nuit.db import db
from nuit.models import Scan, Slot
from nuit.planning.door import ADMITTED
from nuit.planning.presence import IN, UNDO, WALK_IN
from nuit.planning.walked import Walk


def lock_slots(slot_ids: Collection[int]) -> None:
    """Locks departures in ascending id until the commit (SQLite has locked everything already)."""
    if slot_ids and db.engine.dialect.name != "sqlite":
        db.session.execute(select(Slot.id).where(Slot.id.in_(slot_ids)).order_by(Slot.id).with_for_update())


def walks_at(slot_id: int) -> list[Walk]:
    """All gestures without a ticket at one departure, and what takes them back; one statement."""
    here = select(Scan.nonce).where(Scan.slot_id == slot_id, Scan.persons.is_not(None), Scan.kind != IN)
    rows = db.session.scalars(
        select(Scan).where(
            or_(
                (Scan.slot_id == slot_id) & Scan.persons.is_not(None) & (Scan.kind != IN),
                (Scan.kind == UNDO) & Scan.target.in_(here),
            )
        )
    )
    return [
        Walk(
            one.nonce, one.corrected_at, one.kind, one.persons or 0, one.host_id,
            one.kind == WALK_IN and one.verdict == ADMITTED, one.target or "",
        )
        for one in rows
    ]  # fmt: skip


def guests_at(slot_id: int) -> tuple[int, int]:
    """People with a ticket but no seat who were let in at one departure: (came, of whom left); one statement."""
    came, gone = db.session.execute(
        select(func.sum(Scan.persons), func.sum(Scan.gone)).where(Scan.slot_id == slot_id, Scan.kind == IN)
    ).one()
    return came or 0, gone or 0


def places_left(host_id: int, slot_ids: Collection[int]) -> dict[int, int]:
    """By departure of this host: places left; ids that are not its own are missing. One statement."""
    rows = db.session.execute(
        select(Slot.id, (Slot.capacity - Slot.taken).label("left")).where(
            Slot.host_id == host_id, Slot.id.in_(slot_ids)
        )
    )
    return {row.id: row.left for row in rows}


def departure_around(host_id: int, at: datetime) -> int | None:
    """The departure of this host whose hour is nearest to an instant; one statement."""
    rows = db.session.execute(select(Slot.id, Slot.starts_at).where(Slot.host_id == host_id)).all()
    return min(rows, key=lambda row: (abs(row.starts_at - at), row.id)).id if rows else None
