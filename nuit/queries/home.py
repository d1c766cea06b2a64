"""What the first page shows of everything: the loops and the festival's next items, in short."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager

from nuit.db import db
from nuit.models import Festival, FestivalItem, Route, Texts


@dataclass(frozen=True)
class Loop:
    """A published loop as last ridden: metres in all, metres climbed."""

    slug: str
    name: Texts
    metres: float
    climb: float


def loops(edition_id: int) -> list[Loop]:
    """The published loops that have a track, in their order, without the tracks themselves: one statement."""
    metres, climb = Route.track["metres"].as_float(), Route.track["climb"].as_float()
    rows = db.session.execute(
        select(Route.slug, Route.name, metres, climb)
        .where(Route.edition_id == edition_id, Route.is_published, metres > 0)
        .order_by(Route.position, Route.id)
    )
    return [Loop(slug, name, float(length), float(rise or 0)) for slug, name, length, rise in rows]


def next_items(edition_id: int, now: datetime, *, limit: int) -> list[FestivalItem]:
    """The festival's items that are not over yet, by hour, with their festival: one statement."""
    over_at = func.coalesce(FestivalItem.ends_at, FestivalItem.starts_at)
    return list(
        db.session.scalars(
            select(FestivalItem)
            .join(FestivalItem.festival)
            .where(Festival.edition_id == edition_id, over_at > now)
            .options(contains_eager(FestivalItem.festival))
            .order_by(FestivalItem.starts_at, FestivalItem.id)
            .limit(limit)
        )
    )
