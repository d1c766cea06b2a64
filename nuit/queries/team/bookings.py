"""Finding anyone: bookings by name, address, reference or code, with their mails and scans."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, func, or_, select

from nuit.db import db, folded
from nuit.models import Booking, Company, Device, Host, Message, Scan, Seat, Slot, Ticket, Visit
from nuit.planning.finding import fold
from nuit.planning.spelling import glob_of
from nuit.planning.ticketcode import CODE_LENGTH
from nuit.queries.team.page import Page, begin, page_of

SIZE = 50
SHORTEST = 2
"""Letters from which a search begins; below, the latest bookings are shown."""
SHORTEST_REFERENCE, SHORTEST_CODE = 3, 6
"""Of references and codes, which are letters by chance: fewer would find anyone."""
LIVE = ("held", "confirmed")


@dataclass(frozen=True, slots=True)
class Line:
    """One booking of a list: its people, and the stops that stand."""

    booking: Booking
    people: int
    stops: int


@dataclass(frozen=True, slots=True)
class Reading:
    """One scan of a booking: where, when, by which phone, for whom (nobody in particular for a party's code)."""

    scan: Scan
    company: str
    device: str


@dataclass(frozen=True, slots=True)
class Row:
    """One place of one person, as the export tells it."""

    reference: str
    name: str
    email: str
    locale: str
    mode: str
    state: str
    created_at: datetime
    label: str
    age_band: str
    company: str | None
    visit: int | None
    starts_at: datetime | None
    status: str | None
    entered_at: datetime | None


def found_bookings(edition_id: int, text: str = "", *, number: int = 1, size: int = SIZE) -> Page[Line]:
    """A page of the bookings that answer a search, the latest first; all of them for less than two letters.

    Names (also those of the party) without case and accents, addresses, references; codes from six characters on.
    One statement.
    """
    asked = select(Booking.id).where(Booking.edition_id == edition_id)
    wanted = " ".join(text.split())
    if len(wanted) >= SHORTEST:
        asked = asked.where(or_(*_answers(wanted)))
    order = (Booking.created_at.desc(), Booking.id.desc())
    shown = asked.order_by(*order).offset(begin(number, size)).limit(size + 1).subquery()
    people = select(func.count()).where(Ticket.booking_id == Booking.id).correlate(Booking).scalar_subquery()
    stops = (
        select(func.count(func.distinct(Seat.slot_id)))
        .where(Seat.booking_id == Booking.id, Seat.status.in_(LIVE))
        .correlate(Booking)
        .scalar_subquery()
    )
    query = select(Booking, people, stops).join(shown, shown.c.id == Booking.id).order_by(*order)
    return page_of([Line(*row) for row in db.session.execute(query)], number, size)


def _answers(wanted: str) -> Iterator[ColumnElement[bool]]:
    plain = fold(wanted)
    yield _holds(Booking.name, plain)
    yield func.lower(Booking.email).contains(wanted.lower(), autoescape=True)
    yield _ticket(_holds(Ticket.label, plain))
    code = wanted.upper().replace(" ", "").replace("-", "")
    if not code.isascii() or not code.isalnum():
        return
    if len(code) >= SHORTEST_REFERENCE:
        yield func.replace(Booking.reference, "-", "").contains(code, autoescape=True)
    if SHORTEST_CODE <= len(code) <= CODE_LENGTH:
        yield Booking.code.startswith(code, autoescape=True)
        yield _ticket(Ticket.code.startswith(code, autoescape=True))


def _holds(column: Any, plain: str) -> ColumnElement[bool]:
    """Whether the column, spelt as `fold` spells it letter by letter, holds these letters.

    SQLite has no translate(); asking Python for each of 100,000 rows costs four times what its own GLOB takes.
    """
    if db.engine.dialect.name == "sqlite":
        return cast(ColumnElement[bool], column.op("GLOB", is_comparison=True)(glob_of(plain)))
    return folded(column).contains(plain, autoescape=True)


def _ticket(answer: ColumnElement[bool]) -> ColumnElement[bool]:
    """The tickets are read once, in their index, not once for each booking."""
    return Booking.id.in_(select(Ticket.booking_id).where(answer))


def messages_of(booking_id: int) -> list[Message]:
    """The mails of a booking, the latest first."""
    return list(
        db.session.scalars(
            select(Message).where(Message.booking_id == booking_id).order_by(Message.due_at.desc(), Message.id.desc())
        )
    )


def troubled_messages(limit: int = 100) -> list[tuple[Message, Booking | None]]:
    """Mails that came back or could not be sent, the latest first, each with its booking where it has one."""
    rows = db.session.execute(
        select(Message, Booking)
        .outerjoin(Booking, Booking.id == Message.booking_id)
        .where(Message.state.in_(("bounced", "failed")))
        .order_by(Message.due_at.desc(), Message.id.desc())
        .limit(limit)
    )
    return [(message, booking) for message, booking in rows]


def readings_of(booking_id: int) -> list[Reading]:
    """Every scan of a booking by the house's time."""
    rows = db.session.execute(
        select(Scan, Company.name, Device.name)
        .join(Host, Host.id == Scan.host_id)
        .join(Company, Company.id == Host.company_id)
        .outerjoin(Device, Device.id == Scan.device_id)
        .where(Scan.booking_id == booking_id)
        .order_by(Scan.corrected_at, Scan.nonce)
    )
    return [Reading(scan, company, device or "") for scan, company, device in rows]


def titles(edition_id: int) -> dict[int, dict[str, str]]:
    """What is shown at each visit of the edition, by id: one statement."""
    rows = db.session.execute(
        select(Visit.id, Visit.title).join(Host, Host.id == Visit.host_id).where(Host.edition_id == edition_id)
    )
    return {row[0]: row[1] for row in rows}


def export_rows(edition_id: int) -> Iterator[Row]:
    """Every place of every person of the edition, given back ones too, by booking; one row for a party without any.

    Read as it is used, a thousand rows at a time; `visit` is an id.
    """
    rows = db.session.execute(
        select(
            Booking.reference, Booking.name, Booking.email, Booking.locale, Booking.mode, Booking.state,
            Booking.created_at, Ticket.label, Ticket.age_band, Company.name, Slot.visit_id, Slot.starts_at, Seat.status,
            Seat.entered_at,
        )
        .join(Ticket, Ticket.booking_id == Booking.id)
        .outerjoin(Seat, Seat.ticket_id == Ticket.id)
        .outerjoin(Slot, Slot.id == Seat.slot_id)
        .outerjoin(Host, Host.id == Slot.host_id)
        .outerjoin(Company, Company.id == Host.company_id)
        .where(Booking.edition_id == edition_id)
        .order_by(Booking.created_at, Booking.id, Ticket.position, Slot.starts_at, Seat.id)
        .execution_options(yield_per=1000)
    )  # fmt: skip
    return (Row(*tuple(row)) for row in rows)
