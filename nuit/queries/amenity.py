"""Places of use on the way: bike-share stations, racks, sockets, bus stops."""

from sqlalchemy import func, select

from nuit.db import db
from nuit.models import Amenity
from nuit.planning.finding import fold


def amenities(edition_id: int) -> list[Amenity]:
    """All of an edition, by kind and name: one statement."""
    query = select(Amenity).where(Amenity.edition_id == edition_id)
    return sorted(db.session.scalars(query), key=lambda one: (one.kind, fold(one.name), one.ref))


def amenity_counts(edition_id: int) -> dict[str, int]:
    """How many there are of each kind: one statement."""
    rows = db.session.execute(
        select(Amenity.kind, func.count()).where(Amenity.edition_id == edition_id).group_by(Amenity.kind)
    )
    return {kind: int(count) for kind, count in rows}
