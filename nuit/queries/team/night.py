"""What the night board asks: one number that tells whether anything has moved, then houses, conflicts and phones."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select

from nuit.db import db, folded
from nuit.models import Booking, Company, Device, Edition, Host, Scan
from nuit.planning.board import House
from nuit.planning.door import ADMITTED, ALREADY_IN

_VERSION = select(
    select(func.max(Scan.id)).where(Scan.edition_id == Edition.id).correlate(Edition).scalar_subquery(),
    select(func.max(Booking.changed_at)).where(Booking.edition_id == Edition.id).correlate(Edition).scalar_subquery(),
    select(func.max(Device.last_seen_at)).where(Device.edition_id == Edition.id).correlate(Edition).scalar_subquery(),
    select(func.count(Device.revoked_at)).where(Device.edition_id == Edition.id).correlate(Edition).scalar_subquery(),
    Edition.revision,
)
_CONFLICT = and_(Scan.given == ADMITTED, Scan.verdict == ALREADY_IN)


def night_version(edition_id: int) -> str:
    """Changes whenever the board may have changed, but for the time itself: scans, bookings, phones, programme; one
    statement."""
    return "-".join(str(part) for part in db.session.execute(_VERSION.where(Edition.id == edition_id)).one())


def houses(edition_id: int) -> list[House]:
    """The hosts on show by name; one statement."""
    rows = db.session.execute(
        select(Host.id, Company.slug, Company.name, Host.counts_exits)
        .join(Host.company)
        .where(Host.edition_id == edition_id, Host.state == "published")
        .order_by(folded(Company.name), Host.id)
    )
    return [House(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody a phone let in who, as is known now, had come in before."""

    host: int
    company: str
    phone: str
    at: datetime
    reference: str | None


def conflicts(edition_id: int) -> list[Conflict]:
    """The newest first; one statement."""
    rows: Iterable[Any] = db.session.execute(
        select(Scan.host_id, Company.name, func.coalesce(Device.name, ""), Scan.corrected_at, Booking.reference)
        .join(Host, Host.id == Scan.host_id)
        .join(Company, Company.id == Host.company_id)
        .outerjoin(Device, Device.id == Scan.device_id)
        .outerjoin(Booking, Booking.id == Scan.booking_id)
        .where(Scan.edition_id == edition_id, _CONFLICT)
        .order_by(Scan.corrected_at.desc(), Scan.id)
    )
    return [Conflict(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Phone:
    """A paired phone: when it last spoke, its battery in percent, and how many scans waited in it."""

    name: str
    company: str
    seen_at: datetime | None
    battery: int | None
    queue: int | None


def phones(edition_id: int) -> list[Phone]:
    """Every phone that is paired and not cut off, who was silent longest first; one statement."""
    rows: Iterable[Any] = db.session.execute(
        select(Device.name, Company.name, Device.last_seen_at, Device.battery, Device.queue)
        .join(Host, Host.id == Device.host_id)
        .join(Company, Company.id == Host.company_id)
        .where(Device.edition_id == edition_id, Device.revoked_at.is_(None), Device.token_hash.is_not(None))
        .order_by(Device.last_seen_at, Device.id)
    )
    return [Phone(*row) for row in rows]
