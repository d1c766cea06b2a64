"""What the door asks before it judges: whose code was read, that party's people and seats, and its scans so far."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, null, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from nuit.db import db
from nuit.models import Booking, Company, Device, Edition, Host, Scan, Seat, Slot, Ticket
from nuit.planning import door as rule
from nuit.planning.ride import Mode

LIVE = ("held", "confirmed")


@dataclass(frozen=True, slots=True)
class Whose:
    """Behind a code stands one ticket, or with `ticket` None a whole party."""

    booking: int
    ticket: int | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when a seat is; `entered_at` is what the database holds now."""

    slot: int
    visit: int
    host: int
    company: str
    starts_at: datetime
    entered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a ticket is for, as far as the door may know: no name, only its initial."""

    position: int
    initial: str
    age_band: str


@dataclass(frozen=True, slots=True)
class People:
    """A party for the rule, and beside it what the answer tells: how it rides, who they are, where their seats are."""

    party: rule.Party
    mode: Mode
    persons: Mapping[int, Person]
    places: Mapping[int, Place]

    def granted(self, scan: rule.Scan) -> dict[int, int]:
        """The seats that this stored scan has given, by ticket."""
        return {
            seat.ticket: seat.id
            for seat in self.party.seats
            if scan.ticket in (None, seat.ticket)
            and seat.door == scan.door
            and self.places[seat.id].entered_at == scan.at
        }


@dataclass(frozen=True, slots=True)
class Kept:
    """A scan for the rule, and as it was given; `id` is None while it is not stored yet, `device` the phone's name."""

    scan: rule.Scan
    booking: int | None
    given: str
    id: int | None = None
    device: str = ""


def night_of(edition_id: int) -> Edition | None:
    """The edition of a paired phone, on show or not."""
    return db.session.get(Edition, edition_id)


def tolerance_of(edition: Edition) -> rule.Tolerance:
    """How early and how late this edition's doors let in."""
    return rule.Tolerance(timedelta(minutes=edition.door_early_minutes), timedelta(minutes=edition.door_late_minutes))


def whose_tokens(edition_id: int, token_ids: Collection[bytes]) -> dict[bytes, Whose]:
    """By a token's identity: the ticket or party of this edition that carries it; at most two statements."""
    return _whose(edition_id, token_ids, Ticket.token_id, Booking.token_id)


def whose_codes(edition_id: int, codes: Collection[str]) -> dict[str, Whose]:
    """By a typed code: the ticket or party of this edition that carries it; at most two statements."""
    return _whose(edition_id, codes, Ticket.code, Booking.code)


def _whose(
    edition_id: int,
    wanted: Collection[Any],
    of_ticket: InstrumentedAttribute[Any],
    of_party: InstrumentedAttribute[Any],
) -> dict[Any, Whose]:
    tickets = select(of_ticket, Booking.id, Ticket.id).join(Ticket.booking).where(Booking.edition_id == edition_id)
    parties = select(of_party, Booking.id, null()).where(Booking.edition_id == edition_id)
    found: dict[Any, Whose] = {}
    for query, column in ((tickets, of_ticket), (parties, of_party)):
        missing = [one for one in wanted if one not in found]
        if missing:
            rows = db.session.execute(query.where(column.in_(missing)))
            found.update({key: Whose(booking, ticket) for key, booking, ticket in rows})
    return found


def people_of(bookings: Collection[int]) -> dict[int, People]:
    """By booking id: everybody of the party, with every seat they have or had; one statement."""
    rows: dict[int, list[Row[*tuple[Any, ...]]]] = {}
    for row in db.session.execute(
        select(
            Booking.id.label("booking"), Booking.mode, Ticket.id.label("ticket"), Ticket.position, Ticket.label,
            Ticket.age_band, Ticket.revoked_at, Seat.id.label("seat"), Seat.status, Seat.changed_at, Seat.entered_at,
            Slot.id.label("slot"), Slot.visit_id, Slot.host_id, Slot.starts_at, Slot.ends_at,
            Slot.status.label("slot_status"), Company.name,
        )
        .join(Ticket, Ticket.booking_id == Booking.id)
        .outerjoin(Seat, Seat.ticket_id == Ticket.id)
        .outerjoin(Slot, Slot.id == Seat.slot_id)
        .outerjoin(Host, Host.id == Slot.host_id)
        .outerjoin(Company, Company.id == Host.company_id)
        .where(Booking.id.in_(bookings))
        .order_by(Booking.id, Ticket.position, Seat.id)
    ):  # fmt: skip
        rows.setdefault(row.booking, []).append(row)
    return {booking: _people(found) for booking, found in rows.items()}


def _people(rows: list[Row[*tuple[Any, ...]]]) -> People:
    tickets = {row.ticket: rule.Ticket(row.ticket, row.revoked_at) for row in rows}
    seated = [row for row in rows if row.seat is not None]
    return People(
        party=rule.Party(tuple(tickets.values()), tuple(_seat(row) for row in seated)),
        mode=rows[0].mode,
        persons={row.ticket: Person(row.position, initial_of(row.label), row.age_band) for row in rows},
        places={
            row.seat: Place(row.slot, row.visit_id, row.host_id, row.name, row.starts_at, row.entered_at)
            for row in seated
        },
    )


def _seat(row: Row[*tuple[Any, ...]]) -> rule.Seat:
    gone, since = gone_since(row.status, row.slot_status, row.changed_at)
    return rule.Seat(row.seat, row.ticket, row.host_id, row.starts_at, row.ends_at, gone, since)


def gone_since(status: str, slot_status: str, changed_at: datetime) -> tuple[str, datetime | None]:
    """Why a seat no longer counts ("" = it does), and since when (None = it never did, or nobody knows)."""
    if status in LIVE:
        return ("cancelled", None) if slot_status == "cancelled" else ("", None)
    return status, None if status == "waiting" else changed_at


def initial_of(label: str) -> str:
    """All that a door's screen keeps of a name."""
    return next((character.upper() for character in label if character.isalpha()), "")


def scans_of(bookings: Collection[int], nonces: Collection[str]) -> list[Kept]:
    """Every scan of these parties, and those of these nonces, whosever they are; one statement."""
    rows = db.session.execute(
        select(
            Scan.id, Scan.booking_id, Scan.ticket_id, Scan.nonce, Scan.corrected_at, Scan.host_id, Scan.admit,
            Scan.who, Scan.reason, Scan.verdict, Scan.given, Device.name,
        )
        .outerjoin(Device, Device.id == Scan.device_id)
        .where(or_(Scan.booking_id.in_(bookings), Scan.nonce.in_(nonces)))
    )  # fmt: skip
    return [Kept(_scan(row), row.booking_id, row.given, row.id, row.name or "") for row in rows]


def _scan(row: Row[*tuple[Any, ...]]) -> rule.Scan:
    return rule.Scan(
        nonce=row.nonce,
        at=row.corrected_at,
        door=row.host_id,
        ticket=row.ticket_id,
        admit=row.admit,
        who=None if row.who is None else frozenset(row.who),
        override=bool(row.reason),
        settled=row.verdict,
    )
