"""What a door knows beforehand: the evening's list without a name in it, its counts, and who asks by name."""

import hashlib
import unicodedata
from base64 import urlsafe_b64encode
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import contains_eager

from nuit.db import db, folded
from nuit.models import Booking, Company, Device, Edition, Host, Member, Scan, Seat, Slot, Ticket, Visit
from nuit.queries.door.party import LIVE, gone_since, initial_of


@dataclass(slots=True)
class Listed:
    """One ticket of the list: hashes of its codes, its seats; `whom` (initial, age band, position) at its own doors only."""

    name: str
    code: str
    party: str
    party_code: str
    id: int
    revoked_at: datetime | None
    position: int
    initial: str
    age_band: str
    seats: list[int] = field(default_factory=list)
    gone: list[tuple[int, str, datetime | None]] = field(default_factory=list)
    late: list[tuple[int, datetime]] = field(default_factory=list)
    entries: list[tuple[int, datetime, datetime | None]] = field(default_factory=list)
    here: bool = False


def roster_name(identity: bytes) -> str:
    """How a code is listed: 72 bits of its SHA-256, base64url; enough to find it, useless to forge it."""
    return urlsafe_b64encode(hashlib.sha256(identity).digest()[:9]).decode()


def roster_name_of_code(code: str, salt: str) -> str:
    """How an eight-character code is listed: 24 bits of a SHA-256 salted for one door, base64url.

    A code has 40 bits: a longer hash could be turned back by trying them all, this one leaves 50,000 codes each.
    """
    return urlsafe_b64encode(hashlib.sha256(f"code:{salt}:{code}".encode()).digest()[:3]).decode()


def roster_version(edition_id: int) -> str:
    """Changes whenever the list of this edition may have changed: programme, bookings, scans."""
    scan = select(func.max(Scan.id)).where(Scan.edition_id == edition_id).scalar_subquery()
    booking = select(func.max(Booking.changed_at)).where(Booking.edition_id == edition_id).scalar_subquery()
    revision = select(Edition.revision).where(Edition.id == edition_id).scalar_subquery()
    return "-".join(str(part) for part in db.session.execute(select(scan, booking, revision)).one())


def conditions_of(host_id: int) -> dict[int, list[dict[str, Any]]]:
    """By visit of this host: its conditions, as the model keeps them; one statement."""
    rows = db.session.execute(select(Visit.id, Visit.conditions).where(Visit.host_id == host_id))
    return {row.id: row.conditions for row in rows}


def listed(edition_id: int, host_id: int, salt: str) -> list[Listed]:
    """Every ticket of the edition with its seats, as a door may keep it; two statements."""
    found = {row.id: _ticket(row, salt) for row in db.session.execute(
        select(
            Ticket.id, Ticket.token_id, Ticket.code, Ticket.revoked_at, Ticket.position, Ticket.label, Ticket.age_band,
            Booking.token_id.label("party"), Booking.code.label("party_code"),
        )
        .join(Ticket.booking)
        .where(Booking.edition_id == edition_id)
        .order_by(Ticket.id)
    )}  # fmt: skip
    seats = (
        select(
            Seat.ticket_id, Seat.slot_id, Seat.status, Seat.changed_at, Seat.entered_at, Seat.left_at, Seat.late_until, Slot.host_id,
            Slot.status.label("slot_status"),
        )
        .join(Seat.slot)
        .where(Slot.edition_id == edition_id)
        .order_by(Seat.id)
    )  # fmt: skip
    for row in db.session.execute(seats):
        if row.ticket_id in found:
            _sit(found[row.ticket_id], row, host_id)
    return list(found.values())


def _ticket(row: Row[*tuple[Any, ...]], salt: str) -> Listed:
    return Listed(
        name=roster_name(row.token_id),
        code=roster_name_of_code(row.code, salt),
        party=roster_name(row.party),
        party_code=roster_name_of_code(row.party_code, salt),
        id=row.id,
        revoked_at=row.revoked_at,
        position=row.position,
        initial=initial_of(row.label),
        age_band=row.age_band,
    )


def _sit(ticket: Listed, row: Row[*tuple[Any, ...]], host_id: int) -> None:
    gone, since = gone_since(row.status, row.slot_status, row.changed_at)
    if gone:
        ticket.gone.append((row.slot_id, gone, since))
    else:
        ticket.seats.append(row.slot_id)
        if row.late_until is not None:
            ticket.late.append((row.slot_id, row.late_until))
    if row.entered_at is not None:
        ticket.entries.append((row.slot_id, row.entered_at, row.left_at))
    ticket.here = ticket.here or row.host_id == host_id


@dataclass(frozen=True, slots=True)
class Door:
    """A host as the doors know it."""

    id: int
    slug: str
    company: str


def doors(edition_id: int) -> list[Door]:
    """Every door of the edition that is on show, by name; one statement."""
    rows = db.session.execute(
        select(Host.id, Company.slug, Company.name)
        .join(Host.company)
        .where(Host.edition_id == edition_id, Host.state == "published")
        .order_by(folded(Company.name), Host.id)
    )
    return [Door(*row) for row in rows]


def doors_of(member: Member, edition_id: int) -> list[Door]:
    """The doors a member may stand at: an organiser and a free volunteer at all, others at their own company's."""
    own = {one.company_id for one in member.memberships}
    if any(
        one.role == "organiser" or (one.role == "volunteer" and one.company_id is None) for one in member.memberships
    ):
        return doors(edition_id)
    slugs = set(db.session.scalars(select(Company.slug).where(Company.id.in_(own))))
    return [door for door in doors(edition_id) if door.slug in slugs]


@dataclass(frozen=True, slots=True)
class Found:
    """A party found by name: shown to the volunteer, never kept on the phone; `hours` are its departures at this door."""

    name: str
    code: str
    people: int
    hours: tuple[datetime, ...]


def parties_by_name(edition_id: int, host_id: int, words: str, *, limit: int = 12) -> list[Found]:
    """Parties whose name, or a person's, holds all the words (accents and case apart); those expected here first."""
    wanted = _plain(words).split()
    if not wanted or len("".join(wanted)) < 2:
        return []
    named = select(Booking.id, Booking.name, Booking.code, Ticket.id, Ticket.label).join(Booking.tickets)
    parties: dict[int, list[Any]] = {}
    for row in db.session.execute(named.where(Booking.edition_id == edition_id).order_by(Booking.id, Ticket.position)):
        parties.setdefault(row[0], []).append(row)
    matching = {key: rows for key, rows in parties.items() if _holds(rows, wanted)}
    hours = _hours(host_id, matching)
    order = sorted(matching, key=lambda key: (key not in hours, _plain(matching[key][0].name), key))
    return [
        Found(matching[key][0].name, matching[key][0].code, len(matching[key]), tuple(hours.get(key, ())))
        for key in order[:limit]
    ]


def _holds(rows: list[Any], wanted: list[str]) -> bool:
    text = _plain(" ".join([rows[0].name, *(row.label for row in rows)]))
    return all(word in text for word in wanted)


def _plain(text: str) -> str:
    """Without accents and case: « Zoé » is found as « zoe »."""
    spread = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in spread if not unicodedata.combining(character))


def _hours(host_id: int, bookings: Collection[int]) -> Mapping[int, list[datetime]]:
    found: dict[int, list[datetime]] = {}
    rows = db.session.execute(
        select(Seat.booking_id, Slot.starts_at)
        .distinct()
        .join(Seat.slot)
        .where(Slot.host_id == host_id, Seat.status.in_(LIVE), Seat.booking_id.in_(bookings))
        .order_by(Slot.starts_at)
    )
    for booking, starts_at in rows:
        found.setdefault(booking, []).append(starts_at)
    return found


def devices(edition_id: int) -> list[Device]:
    """The phones paired at the doors of an edition, by door, newest first, with their hosts; one statement."""
    return list(
        db.session.scalars(
            select(Device)
            .join(Device.host)
            .join(Host.company)
            .where(Device.edition_id == edition_id, Device.revoked_at.is_(None), Device.token_hash.is_not(None))
            .options(contains_eager(Device.host).contains_eager(Host.company))
            .order_by(folded(Company.name), Device.id.desc())
        )
    )
