"""Last-minute places: what was set free after the start, for those who can still be there in time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from nuit.db import db, folded
from nuit.models import Company, Edition, Host, Slot, Visit


@dataclass(frozen=True)
class Standby:
    """A visit that has begun and has places; `until` the door lets in, `ride` are minutes from where one is, if known."""

    slot: Slot
    until: datetime
    ride: int | None


def standby(edition: Edition, now: datetime, *, rides: dict[int, float] | None = None, seats: int = 1) -> list[Standby]:
    """Standby places by company, the nearest first where `rides` (minutes by host id) are known; one statement.

    What cannot be reached before the door shuts is left out.
    """
    late = timedelta(minutes=edition.door_late_minutes)
    slots = db.session.scalars(
        select(Slot)
        .join(Slot.visit)
        .join(Visit.host)
        .join(Host.company)
        .where(
            Slot.edition_id == edition.id, Slot.status == "open", Slot.released_at.is_not(None), Slot.starts_at <= now,
            Slot.starts_at > now - late, Slot.taken + seats <= Slot.capacity, Host.state == "published",
        )
        .options(contains_eager(Slot.visit).contains_eager(Visit.host).contains_eager(Host.company))
        .order_by(folded(Company.name), Slot.id)
    ).all()  # fmt: skip
    found = [
        Standby(slot, slot.starts_at + late, None if rides is None else round(rides.get(slot.host_id, 0)))
        for slot in slots
    ]
    in_time = [one for one in found if now + timedelta(minutes=one.ride or 0) <= one.until]
    return sorted(in_time, key=lambda one: one.ride or 0)
