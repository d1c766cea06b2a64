"""Setting the frame of a night."""

from dataclasses import asdict, fields
from datetime import datetime

from sqlalchemy import or_, select, update

from nuit.db import db, transaction
from nuit.errors import AlreadyThere, ChangedMeanwhile, DeparturesOutside
from nuit.ledger.places import hold_back
from nuit.ledger.trail import note, revise
from nuit.models import Company, Edition, Host, Slot
from nuit.planning.draft import EditionDraft, write


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
