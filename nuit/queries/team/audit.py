"""Who changed what and when: the trail, with the names of what it tells of."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from nuit.clock import local
from nuit.db import db
from nuit.models import (
    AuditLine,
    Booking,
    Company,
    Device,
    Edition,
    Festival,
    FestivalItem,
    Host,
    Member,
    Route,
    Slot,
    Visit,
)
from nuit.queries.team.page import Page, begin, page_of

SIZE = 50
Names = dict[int, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the trail; `who` is a name or address, "" for the house itself; `what` names the noun, if it is there.

    `what` is a word, texts in three languages, or for a departure (company, instant).
    """

    line: AuditLine
    who: str
    what: Any

    @property
    def day(self) -> date:
        """The day of the wall clock."""
        return local(self.line.at).date()


def trail(noun: str = "", *, number: int = 1, size: int = SIZE) -> Page[Entry]:
    """A page of the trail, the latest first, about one kind of noun or all: one statement, and one for each kind shown."""
    query = (
        select(AuditLine, Member.name, Member.email)
        .outerjoin(Member, Member.id == AuditLine.member_id)
        .order_by(AuditLine.at.desc(), AuditLine.id.desc())
        .offset(begin(number, size))
        .limit(size + 1)
    )
    if noun:
        query = query.where(AuditLine.noun == noun)
    page = page_of(list(db.session.execute(query)), number, size)
    names = _names(line for line, _name, _email in page.rows)
    entries = [
        Entry(line, name or email or "", names.get(line.noun, {}).get(line.noun_id)) for line, name, email in page.rows
    ]
    return Page(entries, page.number, page.has_more)


def nouns() -> list[str]:
    """The kinds of things the trail tells of."""
    return list(db.session.scalars(select(AuditLine.noun).distinct().order_by(AuditLine.noun)))


def _names(lines: Iterable[AuditLine]) -> dict[str, Names]:
    ids: dict[str, set[int]] = {}
    for line in lines:
        ids.setdefault(line.noun, set()).add(line.noun_id)
    return {noun: _named(noun, wanted) for noun, wanted in ids.items()}


def _named(noun: str, wanted: set[int]) -> Names:
    if noun not in _NAMES:
        return {}
    key, *said = _NAMES[noun]
    query = select(key, *said).where(key.in_(wanted))
    if noun == "host":
        query = query.join(Host.company)
    if noun == "slot":
        query = query.join(Host, Host.id == Slot.host_id).join(Host.company)
    return {row[0]: row[1] if len(row) == 2 else tuple(row[1:]) for row in db.session.execute(query)}


_NAMES: dict[str, tuple[InstrumentedAttribute[Any], ...]] = {
    "host": (Host.id, Company.name),
    "slot": (Slot.id, Company.name, Slot.starts_at),
    "visit": (Visit.id, Visit.title),
    "device": (Device.id, Device.name),
    "member": (Member.id, Member.email),
    "company": (Company.id, Company.name),
    "booking": (Booking.id, Booking.reference),
    "edition": (Edition.id, Edition.name),
    "route": (Route.id, Route.name),
    "festival": (Festival.id, Festival.name),
    "festival_item": (FestivalItem.id, FestivalItem.title),
}
