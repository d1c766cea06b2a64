"""Places of use on the way: those of a file take the place of the ones of their kind."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert

from nuit.db import db, transaction
from nuit.ledger.trail import note, revise
from nuit.models import Amenity
from nuit.planning.amenity import AmenityDraft


def put_amenities(
    edition_id: int, found: Sequence[AmenityDraft], *, now: datetime, by: int | None
) -> dict[str, int]:  # fmt: skip
    """Keeps these places; of their kinds nothing else remains. How many there are now of each of these kinds."""
    counts: dict[str, int] = {}
    for one in found:
        counts[one.kind] = counts.get(one.kind, 0) + 1
    if not counts:
        return counts
    with transaction():
        db.session.execute(delete(Amenity).where(Amenity.edition_id == edition_id, Amenity.kind.in_(sorted(counts))))
        rows = [{"edition_id": edition_id, **{name: getattr(one, name) for name in NAMES}} for one in found]
        db.session.execute(insert(Amenity), rows)
        note("change", "amenity", edition_id, member_id=by, now=now, **counts)
        revise(edition_id)
    return counts


NAMES = ("kind", "ref", "name", "lon", "lat", "capacity")


def remove_amenities(edition_id: int, kind: str, *, now: datetime, by: int | None) -> None:
    """Takes all places of a kind off the map. Twice is as good as once."""
    with transaction():
        db.session.execute(delete(Amenity).where(Amenity.edition_id == edition_id, Amenity.kind == kind))
        note("remove", "amenity", edition_id, member_id=by, now=now, kind=kind)
        revise(edition_id)
