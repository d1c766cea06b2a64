"""A company's logo and photos: added, described, removed."""

import secrets
from datetime import datetime

from sqlalchemy import delete, func, select, update

from nuit.db import db, transaction
from nuit.errors import EnoughPictures
from nuit.ledger.trail import note, revise
from nuit.models import Host, Picture
from nuit.models.base import Texts

MOST_PHOTOS = 6


def add_picture(
    host_id: int, kind: str, content: bytes, *, size: tuple[int, int], alt: Texts, now: datetime, by: int | None
) -> Picture:  # fmt: skip
    """Adds a photo, or a logo in the place of the one that was there; `content` is WebP. Raises EnoughPictures."""
    with transaction():
        host = db.session.scalars(select(Host).where(Host.id == host_id).with_for_update(of=Host)).one()
        there = select(func.count()).where(Picture.company_id == host.company_id, Picture.kind == kind)
        if kind == "logo":
            db.session.execute(delete(Picture).where(Picture.company_id == host.company_id, Picture.kind == kind))
        elif (db.session.scalar(there) or 0) >= MOST_PHOTOS:
            raise EnoughPictures(count=MOST_PHOTOS)
        picture = Picture(company_id=host.company_id, kind=kind, key=secrets.token_hex(16), alt=alt, width=size[0],
                          height=size[1], content=content, added_at=now)  # fmt: skip
        db.session.add(picture)
        note("picture", "host", host.id, member_id=by, now=now)
        revise(host.edition_id)
    return picture


def describe_picture(host: Host, picture_id: int, alt: Texts, *, now: datetime, by: int | None) -> None:
    """Says in words what a picture shows."""
    edition_id, host_id, company_id = host.edition_id, host.id, host.company_id
    with transaction():
        db.session.execute(
            update(Picture).where(Picture.id == picture_id, Picture.company_id == company_id).values(alt=alt)
        )
        note("picture", "host", host_id, member_id=by, now=now)
        revise(edition_id)


def remove_picture(host: Host, picture_id: int, *, now: datetime, by: int | None) -> None:
    """Removes a picture for good; its address answers no more. Twice is as good as once."""
    edition_id, host_id, company_id = host.edition_id, host.id, host.company_id
    with transaction():
        db.session.execute(delete(Picture).where(Picture.id == picture_id, Picture.company_id == company_id))
        note("picture", "host", host_id, member_id=by, now=now)
        revise(edition_id)
