"""Every departure of an edition with who has booked, who waits and who came in."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import contains_eager

from nuit.db import db
from nuit.models import Company, Host, Seat, Slot, Visit
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
    if hour is not None:
        asked += [Slot.starts_at >= hour, Slot.starts_at < hour + timedelta(hours=1)]
    return asked


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
    asked = [*_asked(edition_id, company, hour), Slot.status != "cancelled"]
    joined = (Host, Host.id == Slot.host_id), (Company, Company.id == Host.company_id)
    places = select(func.count(), func.sum(Slot.capacity), func.sum(Slot.taken)).select_from(Slot)
    entered = select(func.count()).select_from(Slot).join(Seat, Seat.slot_id == Slot.id)
    for noun, on in joined:
        places, entered = places.join(noun, on), entered.join(noun, on)
    count, capacity, taken = db.session.execute(places.where(*asked)).one()
    inside = db.session.scalar(entered.where(*asked, Seat.entered_at.is_not(None)))
    return int(count), int(capacity or 0), int(taken or 0), inside or 0


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
        .order_by(func.lower(Company.name))
    )
    return [(slug, name) for slug, name in rows]
