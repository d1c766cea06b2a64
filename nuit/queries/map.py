"""What the big map shows: companies where they are, with what is left to book there."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from nuit.db import db
from nuit.models import Company, Host, Slot
from nuit.planning.finding import fold

FEW = 6
"""Places left in all at a company from which on the map says that they are few."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A company on the map: where it is, when one can next go in, and how many places are left tonight."""

    id: int
    slug: str
    name: str
    district: str
    address: str
    lon: float
    lat: float
    left: int
    departures: int
    next_at: datetime | None
    next_left: int

    @property
    def state(self) -> str:
        """many, few, full; over when nothing leaves any more."""
        if not self.departures:
            return "over"
        return "full" if self.left <= 0 else "few" if self.left <= FEW else "many"


def spots(edition_id: int, now: datetime, ids: Iterable[int] | None = None) -> list[Spot]:
    """The published hosts (or those among `ids`) by name, with their open departures to come: two statements."""
    query = (
        select(Host.id, Company.slug, Company.name, Host.district, Host.address, Host.lon, Host.lat)
        .join(Host.company)
        .where(Host.edition_id == edition_id, Host.state == "published")
    )
    if ids is not None:
        query = query.where(Host.id.in_(sorted(ids)))
    rows = sorted(db.session.execute(query).all(), key=lambda row: (fold(row.name), row.id))
    leaving = _leaving(edition_id, now)
    return [Spot(*row, *_left(leaving.get(row.id, []))) for row in rows]


def _leaving(edition_id: int, now: datetime) -> dict[int, list[tuple[datetime, int]]]:
    """(hour, places left) of every open departure to come, by host."""
    found: dict[int, list[tuple[datetime, int]]] = {}
    for host_id, starts_at, left in db.session.execute(
        select(Slot.host_id, Slot.starts_at, Slot.capacity - Slot.taken)
        .where(Slot.edition_id == edition_id, Slot.status == "open", Slot.starts_at > now)
        .order_by(Slot.starts_at, Slot.id)
    ):
        found.setdefault(host_id, []).append((starts_at, max(0, left)))
    return found


def _left(leaving: list[tuple[datetime, int]]) -> tuple[int, int, datetime | None, int]:
    """Places left in all, departures, and the first one that has places: its hour and how many."""
    at, left = next(((at, left) for at, left in leaving if left > 0), (None, 0))
    return sum(left for _, left in leaving), len(leaving), at, left
