"""What a night looks like in numbers: one statement for each thing, nothing that names a visitor."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, select

from nuit.db import db
from nuit.models import Booking, Company, Edition, Host, Opinion, Seat, Slot, Ticket, Trade, Visit
from nuit.models.company import company_trade
from nuit.planning.numbers import Count, Departure

HELD = ("held", "confirmed")


def departures(edition: Edition, now: datetime) -> list[Departure]:
    """Every departure of a published company that was not cancelled, by hour: two statements.

    Who had a place and was not read at any door is missed once the visit is over, in a night with scans.
    """
    people = _people(edition.id)
    has_entries = any(one.came for one in people.values())
    rows = db.session.execute(
        select(
            Slot.id, Company.name, Company.slug, Host.district, Visit.title, Visit.languages, Slot.starts_at,
            Slot.ends_at, Slot.capacity, Slot.taken, Slot.walked_in,
        )
        .join(Visit, Visit.id == Slot.visit_id)
        .join(Host, Host.id == Slot.host_id)
        .join(Company, Company.id == Host.company_id)
        .where(Slot.edition_id == edition.id, Slot.status != "cancelled", Host.state == "published")
        .order_by(Slot.starts_at, Company.name, Slot.id)
    )  # fmt: skip
    found = []
    for key, name, slug, district, title, languages, starts_at, ends_at, capacity, taken, walked_in in rows:
        seen = people.get(key, _People())
        missed = seen.released + (seen.absent if has_entries and ends_at <= now else 0)
        count = Count(1, capacity, taken + seen.released, seen.came + walked_in, missed, seen.waiting)
        found.append(Departure(key, name, slug, district, title, tuple(languages), starts_at, count))
    return found


@dataclass(frozen=True, slots=True)
class _People:
    came: int = 0
    released: int = 0
    absent: int = 0
    waiting: int = 0


def _people(edition_id: int) -> dict[int, _People]:
    """By slot: entered, place given to others, with a place but not entered, waiting. One statement."""
    entered = Seat.entered_at.is_not(None)
    rows = db.session.execute(
        select(
            Seat.slot_id,
            _sum(entered),
            _sum((Seat.status == "released") & ~entered),
            _sum((Seat.status == "confirmed") & ~entered),
            _sum(Seat.status == "waiting"),
        )
        .join(Slot, Slot.id == Seat.slot_id)
        .where(Slot.edition_id == edition_id)
        .group_by(Seat.slot_id)
    )
    return {key: _People(*(int(figure) for figure in figures)) for key, *figures in rows}


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def booked_by_hour(edition_id: int) -> list[tuple[datetime, int]]:
    """(hour, people of bookings that stand and were made in it), in order: one statement."""
    hour = _hour(Booking.created_at)
    rows = db.session.execute(
        select(hour, func.count(Ticket.id))
        .join(Ticket, Ticket.booking_id == Booking.id)
        .where(Booking.edition_id == edition_id, Booking.state == "confirmed")
        .group_by(hour)
        .order_by(hour)
    )
    return [(datetime.strptime(at, "%Y-%m-%d %H").replace(tzinfo=UTC), count) for at, count in rows]


def _hour(column: Any) -> ColumnElement[str]:
    """The UTC hour of an instant, as both databases can say it."""
    if db.engine.dialect.name == "sqlite":
        return func.strftime("%Y-%m-%d %H", column)
    return func.to_char(func.timezone("UTC", column), "YYYY-MM-DD HH24")


@dataclass(frozen=True, slots=True)
class Visitors:
    """People of bookings that stand, by language, by age and by way of riding."""

    languages: dict[str, int]
    ages: dict[str, int]
    modes: dict[str, int]

    @property
    def people(self) -> int:
        return sum(self.languages.values())


def visitors(edition_id: int) -> Visitors:
    """Who booked, counted: one statement."""
    found = Visitors({}, {}, {})
    for locale, age, mode, count in db.session.execute(
        select(Booking.locale, Ticket.age_band, Booking.mode, func.count(Ticket.id))
        .join(Ticket, Ticket.booking_id == Booking.id)
        .where(Booking.edition_id == edition_id, Booking.state == "confirmed")
        .group_by(Booking.locale, Ticket.age_band, Booking.mode)
        .order_by(Booking.locale, Ticket.age_band, Booking.mode)
    ):
        for counts, name in ((found.languages, locale), (found.ages, age), (found.modes, mode)):
            counts[name] = counts.get(name, 0) + count
    return found


@dataclass(frozen=True, slots=True)
class Interest:
    """What the parties that were at companies of a trade say of it."""

    trade: dict[str, str]
    yes: int
    maybe: int
    answers: int


def interests(edition_id: int) -> list[Interest]:
    """Trades by how many would like them, the most liked first: one statement."""
    yes, maybe = _sum(Opinion.trade == "yes"), _sum(Opinion.trade == "maybe")
    rows = db.session.execute(
        select(Trade.name, yes, maybe, func.count(Opinion.id))
        .join(company_trade, company_trade.c.trade_id == Trade.id)
        .join(Host, Host.company_id == company_trade.c.company_id)
        .join(Opinion, Opinion.host_id == Host.id)
        .where(Host.edition_id == edition_id, Opinion.trade != "")
        .group_by(Trade.id)
        .order_by(yes.desc(), maybe.desc(), Trade.id)
    )
    return [Interest(name, int(yes), int(maybe), count) for name, yes, maybe, count in rows]


def earlier_edition(edition: Edition) -> Edition | None:
    """The night before this one in the same region, if there was one."""
    return db.session.scalar(
        select(Edition)
        .where(Edition.region == edition.region, Edition.night < edition.night)
        .order_by(Edition.night.desc())
        .limit(1)
    )
