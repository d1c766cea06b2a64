"""Everything that is kept about one party, for the party itself."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from nuit.db import db, folded
from nuit.models import AuditLine, Booking, Company, Edition, Host, Message, Opinion, Scan, Seat, Slot, Wait

Document = dict[str, Any]


def kept_about(booking: Booking, edition: Edition) -> Document:
    """The whole of it, as one document of plain values; instants are aware. Six statements beside the booking.

    Left out are only secrets of the house: the keys by which a door tells a real ticket from a forged one.
    """
    return {
        "edition": {"slug": edition.slug, "name": edition.name, "night": edition.night},
        "booking": _fields(
            booking, "reference", "code", "name", "email", "locale", "mode", "state", "created_at", "changed_at"
        ),
        "people": [
            _fields(one, "label", "age_band", "code", "revoked_at") | {"places": [_place(seat) for seat in one.seats]}
            for one in booking.tickets
        ],
        "waits": _waits(booking),
        "messages": _messages(booking),
        "readings": _readings(booking),
        "opinions": _opinions(booking),
        "trail": _trail(booking),
    }


def _fields(row: object, *names: str) -> Document:
    return {name: getattr(row, name) for name in names}


def _place(seat: Seat) -> Document:
    slot = seat.slot
    told = {"company": slot.visit.host.company.name, "visit": slot.visit.title, "starts_at": slot.starts_at}
    return told | _fields(seat, "status", "changed_at", "entered_at", "left_at", "late_until")


def _rows(found: Iterable[Any], *names: str) -> list[Document]:
    """Rows of (company, noun) as documents."""
    return [{"company": company} | _fields(noun, *names) for company, noun in found]


def _waits(booking: Booking) -> list[Document]:
    query = (
        select(Company.name, Wait, Slot.starts_at)
        .join(Slot, Slot.id == Wait.slot_id)
        .join(Host, Host.id == Slot.host_id)
        .join(Company, Company.id == Host.company_id)
        .where(Wait.booking_id == booking.id)
        .order_by(Wait.id)
    )
    return [
        {"company": name, "starts_at": at} | _fields(wait, "size", "status", "asked_at", "changed_at", "offered_until")
        for name, wait, at in db.session.execute(query)
    ]


def _messages(booking: Booking) -> list[Document]:
    """Also those that list all evenings of the address."""
    mine = (Message.booking_id == booking.id) | ((Message.kind == "resend") & (Message.to == booking.email))
    found = db.session.scalars(select(Message).where(mine).order_by(Message.due_at, Message.id))
    return [_fields(one, "kind", "to", "locale", "state", "due_at", "sent_at", "error") for one in found]


def _readings(booking: Booking) -> list[Document]:
    query = (
        select(Company.name, Scan)
        .join(Host, Host.id == Scan.host_id)
        .join(Company, Company.id == Host.company_id)
        .where(Scan.booking_id == booking.id)
        .order_by(Scan.corrected_at, Scan.nonce)
    )
    labels = {one.id: one.label for one in booking.tickets}
    return [
        {"company": company, "who": labels.get(scan.ticket_id or 0, "")}
        | _fields(scan, "kind", "corrected_at", "received_at", "verdict", "given", "reason")
        for company, scan in db.session.execute(query)
    ]


def _opinions(booking: Booking) -> list[Document]:
    query = (
        select(Company.name, Opinion)
        .join(Host, Host.id == Opinion.host_id)
        .join(Company, Company.id == Host.company_id)
        .where(Opinion.booking_id == booking.id)
        .order_by(folded(Company.name), Opinion.id)
    )
    return _rows(db.session.execute(query), "answered_at", "welcome", "clear", "on_time", "trade", "words")


def _trail(booking: Booking) -> list[Document]:
    lines = select(AuditLine).where(AuditLine.noun == "booking", AuditLine.noun_id == booking.id)
    return [_fields(one, "at", "verb", "change") for one in db.session.scalars(lines.order_by(AuditLine.id))]
