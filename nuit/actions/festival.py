"""Writing the festival and its programme."""

from datetime import datetime

from sqlalchemy import select

from nuit.db import db, transaction
from nuit.ledger.trail import note, revise
from nuit.ledger.version import claim
from nuit.models import Festival, FestivalItem
from nuit.planning.draft import FestivalDraft, ItemDraft, write
from nuit.planning.spelling import slug_of


def change_festival(edition_id: int, draft: FestivalDraft, *, now: datetime, by: int | None) -> Festival:
    """The festival's own texts; it is made where there is none yet."""
    with transaction():
        festival = _festival(edition_id)
        changed = write(draft, festival)
        if changed:
            note("change", "festival", festival.id, member_id=by, now=now, fields=changed)
            revise(edition_id)
    return festival


def _festival(edition_id: int) -> Festival:
    festival = db.session.scalar(select(Festival).where(Festival.edition_id == edition_id).with_for_update())
    if festival is None:
        festival = Festival(edition_id=edition_id, name={}, summary={}, website="")
        db.session.add(festival)
        db.session.flush()
    return festival


def add_item(edition_id: int, draft: ItemDraft, *, now: datetime, by: int | None) -> FestivalItem:
    """A new item of the festival; its slug comes from its French title."""
    with transaction():
        festival = _festival(edition_id)
        taken = set(db.session.scalars(select(FestivalItem.slug).where(FestivalItem.festival_id == festival.id)))
        item = FestivalItem(festival_id=festival.id, slug=slug_of(draft.title["fr"], taken))
        write(draft, item)
        db.session.add(item)
        db.session.flush()
        note("add", "festival_item", item.id, member_id=by, now=now)
        revise(edition_id)
    return item


def change_item(
    edition_id: int, item_id: int, draft: ItemDraft, *, version: int, now: datetime, by: int | None
) -> FestivalItem | None:
    """The item as typed; None where it is gone. Raises ChangedMeanwhile."""
    with transaction():
        claim(FestivalItem, item_id, version)
        item = db.session.get(FestivalItem, item_id)
        if item is None:
            return None
        changed = write(draft, item)
        if changed:
            note("change", "festival_item", item.id, member_id=by, now=now, fields=changed)
            revise(edition_id)
    return item


def remove_item(edition_id: int, item_id: int, *, version: int, now: datetime, by: int | None) -> None:
    """Takes an item off the programme for good. Raises ChangedMeanwhile."""
    with transaction():
        claim(FestivalItem, item_id, version)
        item = db.session.get(FestivalItem, item_id)
        if item is not None:
            note("remove", "festival_item", item.id, member_id=by, now=now, name=item.title.get("fr", ""))
            db.session.delete(item)
            revise(edition_id)
