"""A company's visits: added, changed, removed while nobody has booked."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from nuit.db import db, transaction
from nuit.errors import HasBookings
from nuit.ledger.trail import note, revise
from nuit.ledger.version import claim
from nuit.models import Host, Seat, Slot, Visit
from nuit.planning.offer import VisitOffer, differences
from nuit.queries.desk import offer_of


def add_visit(host_id: int, offer: VisitOffer, *, now: datetime, by: int | None) -> Visit:
    """A new visit, last in the host's order."""
    with transaction():
        host = db.session.get_one(Host, host_id)
        last = db.session.scalar(select(func.max(Visit.position)).where(Visit.host_id == host_id)) or 0
        visit = Visit(host_id=host_id, position=last + 1)
        _write(visit, offer)
        db.session.add(visit)
        db.session.flush()
        note("add", "visit", visit.id, member_id=by, now=now)
        revise(host.edition_id)
    return visit


def change_visit(visit_id: int, offer: VisitOffer, *, version: int, now: datetime, by: int | None) -> Visit:
    """Writes a visit anew; a new duration holds for departures that nobody has booked. Raises ChangedMeanwhile."""
    with transaction():
        claim(Visit, visit_id, version)
        visit = db.session.get_one(Visit, visit_id, populate_existing=True)
        changed = differences(offer_of(visit), offer)
        _write(visit, offer)
        if "minutes" in changed:
            _last(visit)
        if changed:
            note("change", "visit", visit_id, member_id=by, now=now, fields=list(changed))
            revise(visit.host.edition_id)
    return visit


def _write(visit: Visit, offer: VisitOffer) -> None:
    visit.title, visit.summary = offer.title, offer.summary
    visit.minutes, visit.languages, visit.wheelchair = offer.minutes, list(offer.languages), offer.wheelchair
    visit.conditions, visit.is_unconditional = list(offer.conditions), offer.is_unconditional


def _last(visit: Visit) -> None:
    free = select(Slot).where(Slot.visit_id == visit.id, Slot.taken == 0).order_by(Slot.id).with_for_update()
    for slot in db.session.scalars(free):
        slot.ends_at = slot.starts_at + timedelta(minutes=visit.minutes)


def remove_visit(visit_id: int, *, now: datetime, by: int | None) -> None:
    """Removes a visit with its departures. Raises HasBookings where anybody has ever booked one."""
    with transaction():
        visit = db.session.get_one(Visit, visit_id)
        edition_id = visit.host.edition_id
        db.session.execute(select(Slot.id).where(Slot.visit_id == visit_id).order_by(Slot.id).with_for_update())
        booked = db.session.scalar(
            select(func.count(func.distinct(Seat.ticket_id))).join(Slot).where(Slot.visit_id == visit_id)
        )
        if booked:
            raise HasBookings(count=booked)
        db.session.execute(delete(Slot).where(Slot.visit_id == visit_id))
        db.session.execute(delete(Visit).where(Visit.id == visit_id))
        note("remove", "visit", visit_id, member_id=by, now=now)
        revise(edition_id)
