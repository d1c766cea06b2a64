"""Every departure of an edition with who has booked, who waits and who came in."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import contains_eager

from nuit.db import db, folded
from nuit.models import Company, Host, Seat, Slot, Visit, Wait
from nuit.planning.frieze import Mark
from nuit.queries.team.page import Page, begin, page_of

SIZE = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One departure; `inside` counts the people whose entry a door has read, `waiting` those in its queue, `lines` their
    parties."""

    slot: Slot
    inside: int
    waiting: int
    lines: int


def slot_lines(
    edition_id: int, *, company: str = "", hour: datetime | None = None, number: int = 1, size: int = SIZE
) -> Page[Line]:
    """A page of the departures of all companies but withdrawn ones, by hour; of one company, of one hour: two statements."""
    order = (Slot.starts_at, func.lower(Company.name), Slot.id)
    shown = (
        select(Slot.id)
        .join(Host, Host.id == Slot.host_id)
        .join(Host.company)
        .where(*_asked(edition_id, company, hour))
        .order_by(*order)
        .offset(begin(number, size))
        .limit(size + 1)
        .subquery()
    )
    query = (
        select(Slot)
        .join(shown, shown.c.id == Slot.id)
        .join(Slot.visit)
        .join(Visit.host)
        .join(Host.company)
        .options(contains_eager(Slot.visit).contains_eager(Visit.host).contains_eager(Host.company))
        .order_by(*order)
    )
    page = page_of(list(db.session.scalars(query)), number, size)
    counts = _counts([slot.id for slot in page.rows])
    return Page([Line(slot, *counts.get(slot.id, (0, 0, 0))) for slot in page.rows], page.number, page.has_more)


def _asked(edition_id: int, company: str, hour: datetime | None) -> list[ColumnElement[bool]]:
    asked = [Slot.edition_id == edition_id, Host.state != "withdrawn"]
    if company:
        asked.append(Company.slug == company)
    return [*asked, *_within(hour)]


def _within(hour: datetime | None) -> list[ColumnElement[bool]]:
    return [] if hour is None else [Slot.starts_at >= hour, Slot.starts_at < hour + timedelta(hours=1)]


def _counts(slot_ids: list[int]) -> dict[int, tuple[int, int, int]]:
    """(entered, people waiting, parties waiting) by slot id."""
    if not slot_ids:
        return {}
    rows = db.session.execute(
        select(
            Seat.slot_id,
            func.sum(case((Seat.entered_at.is_not(None), 1), else_=0)),
            func.sum(case((Seat.status == "waiting", 1), else_=0)),
            func.count(case((Seat.status == "waiting", Seat.booking_id)).distinct()),
        )
        .where(Seat.slot_id.in_(slot_ids))
        .group_by(Seat.slot_id)
    )
    return {slot_id: (int(inside), int(waiting), int(lines)) for slot_id, inside, waiting, lines in rows}


def totals(edition_id: int, company: str = "", hour: datetime | None = None) -> tuple[int, int, int, int]:
    """(departures, places, booked, entered) of what `slot_lines` would list, cancelled ones left out: two statements."""
    hosts = select(Host.id).where(Host.edition_id == edition_id, Host.state != "withdrawn")
    if company:
        hosts = hosts.join(Host.company).where(Company.slug == company)
    asked = [Slot.edition_id == edition_id, Slot.status != "cancelled", Slot.host_id.in_(hosts), *_within(hour)]
    places = select(func.count(), func.sum(Slot.capacity), func.sum(Slot.taken)).where(*asked)
    entered = select(func.count(Seat.id)).where(
        Seat.entered_at.is_not(None), Seat.slot_id.in_(select(Slot.id).where(*asked))
    )
    count, capacity, taken = db.session.execute(places).one()
    return int(count), int(capacity or 0), int(taken or 0), db.session.scalar(entered) or 0


def starts(edition_id: int) -> list[datetime]:
    """The hours of the wall clock in which something departs: one statement."""
    found = db.session.scalars(
        select(Slot.starts_at).where(Slot.edition_id == edition_id).distinct().order_by(Slot.starts_at)
    )
    return list(dict.fromkeys(at.replace(minute=0, second=0, microsecond=0) for at in found))


def companies_with_slots(edition_id: int) -> list[tuple[str, str]]:
    """(slug, name) of the companies that one can filter by: one statement."""
    rows = db.session.execute(
        select(Company.slug, Company.name)
        .join(Host, Host.company_id == Company.id)
        .where(Host.edition_id == edition_id, Host.state != "withdrawn")
        .order_by(folded(Company.name))
    )
    return [(slug, name) for slug, name in rows]


def marks(edition_id: int) -> list[Mark]:
    """Every departure of all companies but withdrawn ones, by company and hour, as plain values: two statements."""
    waiting = _waiting(edition_id)
    rows = db.session.execute(
        select(Slot.id, Company.name, Company.slug, Slot.starts_at, Slot.capacity, Slot.taken, Slot.status)
        .join(Host, Host.id == Slot.host_id)
        .join(Company, Company.id == Host.company_id)
        .where(*_asked(edition_id, "", None))
        .order_by(folded(Company.name), Slot.starts_at, Slot.id)
    )
    return [Mark(*row, waiting.get(row.id, 0)) for row in rows]


def _waiting(edition_id: int) -> dict[int, int]:
    """People in the queue of each slot that has one."""
    rows = db.session.execute(
        select(Wait.slot_id, func.sum(Wait.size))
        .join(Slot, Slot.id == Wait.slot_id)
        .where(Slot.edition_id == edition_id, Wait.status == "waiting")
        .group_by(Wait.slot_id)
    )
    return {key: int(people) for key, people in rows}
