"""The Festival de la transition beside an edition."""

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from nuit.db import db
from nuit.models import Festival, FestivalItem


def festival_of(edition_id: int) -> Festival | None:
    """The festival with its items by hour: two statements; None while there is none."""
    return db.session.scalar(
        select(Festival).where(Festival.edition_id == edition_id).options(selectinload(Festival.items))
    )


def festival_item(edition_id: int, slug: str) -> FestivalItem | None:
    """One item of the edition's festival, by its slug."""
    return db.session.scalar(
        select(FestivalItem)
        .join(FestivalItem.festival)
        .where(Festival.edition_id == edition_id, FestivalItem.slug == slug)
    )
