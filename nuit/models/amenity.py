"""Amenity: something of use on the way: a bike-share station, a rack, a socket, a bus stop."""

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base


class Amenity(Base):
    """`ref` is its number in the file it came from; `capacity` bicycles or sockets, None where nobody says."""

    __tablename__ = "amenity"
    __table_args__ = (
        UniqueConstraint("edition_id", "kind", "ref"),
        CheckConstraint("kind in ('share', 'rack', 'charger', 'bus')", name="kind"),
        CheckConstraint("capacity is null or capacity >= 0", name="capacity"),
    )

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    kind: Mapped[str]
    ref: Mapped[str]
    name: Mapped[str]
    lon: Mapped[float]
    lat: Mapped[float]
    capacity: Mapped[int | None]
