"""Setting the frame of a night."""

from dataclasses import asdict, fields
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import or_, select, update

from nuit.clock import ZURICH, local
from nuit.db import db, transaction
from nuit.errors import AlreadyThere, ChangedMeanwhile, DeparturesOutside
from nuit.ledger.places import hold_back
from nuit.ledger.trail import note, revise
from nuit.models import Company, Edition, Host, Slot, Visit
from nuit.planning.draft import EditionDraft, write

MOVING = ("opens_at", "closes_at", "booking_opens_at", "booking_closes_at", "second_wave_at")


def create_edition(
    draft: EditionDraft, *, slug: str, is_current: bool, now: datetime, by: int | None = None
) -> Edition:
    """A new, empty edition; with `is_current` it is the one on show from now on. Raises AlreadyThere."""
    with transaction():
        if db.session.scalar(select(Edition.id).where(Edition.slug == slug)) is not None:
            raise AlreadyThere(name=slug)
        if is_current:
            db.session.execute(update(Edition).values(is_current=False).execution_options(synchronize_session=False))
        edition = Edition(slug=slug, is_current=is_current, **asdict(draft))
        db.session.add(edition)
        db.session.flush()
        note("add", "edition", edition.id, member_id=by, now=now, name=edition.name)
    return edition


def copy_edition(
    edition: Edition, *, slug: str, name: str, night: date, now: datetime, by: int | None = None
) -> Edition:
    """The next edition: its frame moved to another night, its companies as drafts to be invited again.

    Texts, doors, visits and conditions are kept; departures, bookings, people, loops and phones are not. It is not on
    show until somebody says so. Raises AlreadyThere.
    """
    with transaction():
        if db.session.scalar(select(Edition.id).where(Edition.slug == slug)) is not None:
            raise AlreadyThere(name=slug)
        before = db.session.get_one(Edition, edition.id)
        fresh = Edition(**_kept(before, EDITION_ANEW), slug=slug, name=name, night=night, **_moved(before, night),
                        is_current=False)  # fmt: skip
        db.session.add(fresh)
        db.session.flush()
        hosts = select(Host).where(Host.edition_id == before.id, Host.state != "withdrawn").order_by(Host.id)
        copies = {host.id: Host(**_kept(host, HOST_ANEW), edition_id=fresh.id) for host in db.session.scalars(hosts)}
        db.session.add_all(copies.values())
        db.session.flush()
        visits = select(Visit).where(Visit.host_id.in_(copies)).order_by(Visit.id)
        db.session.add_all(
            Visit(**_kept(visit, VISIT_ANEW), host_id=copies[visit.host_id].id) for visit in db.session.scalars(visits)
        )
        note("copy", "edition", fresh.id, member_id=by, now=now, name=name, companies=len(copies))
    return fresh


EDITION_ANEW = {"id", "slug", "name", "night", "is_current", "revision", "version", *MOVING}
HOST_ANEW = {"id", "edition_id", "state", "version", "proposed_at", "changed_at", "invited_at"}
VISIT_ANEW = {"id", "host_id", "version"}


def _kept(noun: Edition | Host | Visit, anew: set[str]) -> dict[str, Any]:
    """Every column of a row but those that begin anew."""
    return {column.key: getattr(noun, column.key) for column in noun.__table__.columns if column.key not in anew}


def _moved(before: Edition, night: date) -> dict[str, datetime]:
    """The same hours on the wall clock, so many days later."""
    days = night - before.night
    found = {}
    for name in MOVING:
        if getattr(before, name) is None:
            continue
        wall = local(getattr(before, name)).replace(tzinfo=None) + days
        found[name] = wall.replace(tzinfo=ZURICH).astimezone(UTC)
    return found


def change_edition(
    edition_id: int, draft: EditionDraft, *, version: int, now: datetime, by: int | None
) -> Edition | None:
    """The edition as typed; None where there is no such edition. Raises ChangedMeanwhile or DeparturesOutside.

    `version` is the one that was read before typing.

    What contradicts itself has been refused by the form.
    """
    with transaction():
        edition = db.session.get(Edition, edition_id, with_for_update=True)
        if edition is None:
            return None
        if edition.version != version:
            raise ChangedMeanwhile()
        changed = write(draft, edition)
        if {"opens_at", "closes_at"} & set(changed):
            _holds_departures(edition)
        if {"second_wave_at", "first_wave_percent"} & set(changed):
            db.session.flush()
            hold_back(edition, now)
        if changed:
            edition.version += 1
            note("change", "edition", edition.id, member_id=by, now=now, fields=changed)
            revise(edition.id)
    return edition


def draft_of(edition: Edition) -> EditionDraft:
    """An edition as it stands, as a value to compare with what was typed."""
    return EditionDraft(**{one.name: getattr(edition, one.name) for one in fields(EditionDraft)})


def _holds_departures(edition: Edition) -> None:
    """Every departure that is not cancelled begins within the night."""
    outside = (
        select(Company.name)
        .join(Host, Host.company_id == Company.id)
        .join(Slot, Slot.host_id == Host.id)
        .where(
            Slot.edition_id == edition.id,
            Slot.status != "cancelled",
            or_(Slot.starts_at < edition.opens_at, Slot.starts_at >= edition.closes_at),
        )
        .order_by(Slot.starts_at, Slot.id)
    )
    with db.session.no_autoflush:
        names = db.session.scalars(outside).all()
    if names:
        raise DeparturesOutside(count=len(names), company=names[0])
