"""A company's pictures."""

from sqlalchemy import select
from sqlalchemy.orm import undefer

from nuit.db import db
from nuit.models import Picture


def pictures_of(company_id: int) -> list[Picture]:
    """Logo first, then photos in the order they came, without their content: one statement."""
    query = select(Picture).where(Picture.company_id == company_id).order_by(Picture.kind, Picture.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def picture_of(company_id: int, picture_id: int) -> Picture | None:
    """A picture of this very company."""
    return db.session.scalar(select(Picture).where(Picture.id == picture_id, Picture.company_id == company_id))


def picture_by_key(key: str) -> Picture | None:
    """A picture with its content, by the key in its address."""
    return db.session.scalar(select(Picture).where(Picture.key == key).options(undefer(Picture.content)))
