"""Whom a message concerns, what was written before, and what parties have said of their visits."""

from dataclasses import dataclass, field

from sqlalchemy import Select, func, select

from nuit.db import db, folded
from nuit.models import Booking, Circular, Company, Host, Opinion, Seat, Slot

HELD = ("held", "confirmed")


@dataclass(frozen=True)
class Audience:
    """Everyone of an edition, or of one host, or of one slot (the narrowest that is named)."""

    edition: int
    host: int | None = None
    slot: int | None = None


@dataclass(frozen=True)
class Reader:
    """One booking that a message concerns."""

    booking: int
    reference: str
    email: str
    locale: str


def readers(audience: Audience) -> list[Reader]:
    """The standing bookings with a place there, each once, in the order they were made: one statement."""
    rows = db.session.execute(
        _concerned(audience)
        .with_only_columns(Booking.id, Booking.reference, Booking.email, Booking.locale)
        .order_by(Booking.id)
    )
    return [Reader(*row) for row in rows]


def _concerned(audience: Audience) -> Select[Booking]:
    there = select(Seat.id).join(Slot, Slot.id == Seat.slot_id).where(
        Seat.booking_id == Booking.id, Seat.status.in_(HELD)
    )  # fmt: skip
    if audience.slot is not None:
        there = there.where(Slot.id == audience.slot)
    elif audience.host is not None:
        there = there.where(Slot.host_id == audience.host)
    return select(Booking).where(
        Booking.edition_id == audience.edition, Booking.state == "confirmed", Booking.email != "",
        there.correlate(Booking).exists(),
    )  # fmt: skip


def circular_by_id(circular_id: int) -> Circular | None:
    """What somebody has written to those concerned."""
    return db.session.get(Circular, circular_id)


def circulars(edition_id: int, by_host: int | None) -> list[Circular]:
    """What the organisers (or one company) have written, the latest first."""
    return list(
        db.session.scalars(
            select(Circular)
            .where(
                Circular.edition_id == edition_id,
                Circular.by_host_id == by_host if by_host else Circular.by_host_id.is_(None),
            )
            .order_by(Circular.send_at.desc(), Circular.id.desc())
            .limit(50)
        )
    )


def host_name(host_id: int) -> str:
    """How a host's company is called."""
    return (
        db.session.scalar(select(Company.name).join(Host, Host.company_id == Company.id).where(Host.id == host_id))
        or ""
    )


@dataclass
class Echo:
    """What parties have said of one company, counted; `welcome` and `clear` by mark (4 is best)."""

    host: int
    company: str
    slug: str
    parties: int = 0
    welcome: dict[int, int] = field(default_factory=lambda: dict.fromkeys((4, 3, 2, 1), 0))
    clear: dict[int, int] = field(default_factory=lambda: dict.fromkeys((4, 3, 2, 1), 0))
    on_time: int = 0
    late: int = 0
    trade: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("yes", "maybe", "no"), 0))
    words: list[str] = field(default_factory=list)


def echoes(edition_id: int, host_id: int | None = None) -> list[Echo]:
    """What was said of each company (or of one), by name; their words in folded order, which tells nothing of who
    wrote when: one statement."""
    query = (
        select(Host.id, Company.name, Company.slug, Opinion)
        .join(Company, Company.id == Host.company_id)
        .outerjoin(Opinion, Opinion.host_id == Host.id)
        .where(Host.edition_id == edition_id, Host.state == "published")
        .order_by(folded(Company.name), Host.id, Opinion.words)
    )
    if host_id is not None:
        query = query.where(Host.id == host_id)
    found: dict[int, Echo] = {}
    for host, name, slug, opinion in db.session.execute(query):
        echo = found.setdefault(host, Echo(host, name, slug))
        if opinion is not None:
            _count(echo, opinion)
    return list(found.values())


def _count(echo: Echo, opinion: Opinion) -> None:
    echo.parties += 1
    if opinion.welcome:
        echo.welcome[opinion.welcome] += 1
    if opinion.clear:
        echo.clear[opinion.clear] += 1
    echo.on_time += opinion.on_time is True
    echo.late += opinion.on_time is False
    if opinion.trade:
        echo.trade[opinion.trade] += 1
    if opinion.words:
        echo.words.append(opinion.words)


def visited(booking: Booking) -> list[Host]:
    """The companies a party has been to, by hour: where somebody entered, or all of them in a night without any scan."""
    seats = [seat for ticket in booking.tickets for seat in ticket.seats]
    been = [seat for seat in seats if seat.entered_at] or (
        [] if has_entries(booking.edition_id) else [seat for seat in seats if seat.status in HELD]
    )
    hosts = {seat.slot.host_id: seat.slot.visit.host for seat in sorted(been, key=lambda one: one.slot.starts_at)}
    return list(hosts.values())


def has_entries(edition_id: int) -> bool:
    """Whether any door of this night has let anyone in."""
    entered = select(Seat.id).join(Slot, Slot.id == Seat.slot_id)
    return db.session.scalar(
        entered.where(Seat.entered_at.is_not(None), Slot.edition_id == edition_id).limit(1)
    ) is not None  # fmt: skip


def answered(booking_id: int) -> int:
    """How many companies a party has said something of."""
    return int(db.session.scalar(select(func.count(Opinion.id)).where(Opinion.booking_id == booking_id)) or 0)
