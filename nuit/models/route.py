"""Route: a named e-bike loop and its stops."""

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base, Texts
from .company import Host


class Route(Base):
    """`track` holds the ride as last computed: {"line", "profile", "metres", "climb", "seconds", "legs", "revision"}."""

    __tablename__ = "route"
    __table_args__ = (UniqueConstraint("edition_id", "slug"),)

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    slug: Mapped[str]
    position: Mapped[int] = mapped_column(default=1)
    name: Mapped[Texts] = mapped_column(default=dict)
    summary: Mapped[Texts] = mapped_column(default=dict)
    colour: Mapped[str] = mapped_column(default="#ff6d1f")
    is_closed: Mapped[bool] = mapped_column(default=True)
    is_published: Mapped[bool] = mapped_column(default=False)
    track: Mapped[dict[str, Any]] = mapped_column(default=dict)
    version: Mapped[int] = mapped_column(default=1)

    stops: Mapped[list["Stop"]] = relationship(
        back_populates="route", cascade="all, delete-orphan", order_by="Stop.position"
    )


class Stop(Base):
    """A host, or a place of its own name and position."""

    __tablename__ = "stop"
    __table_args__ = (
        UniqueConstraint("route_id", "position"),
        CheckConstraint("host_id is not null or (lon is not null and lat is not null)", name="somewhere"),
    )

    route_id: Mapped[int] = mapped_column(ForeignKey("route.id", ondelete="CASCADE"))
    position: Mapped[int]
    host_id: Mapped[int | None] = mapped_column(ForeignKey("host.id", ondelete="CASCADE"), index=True)
    name: Mapped[Texts] = mapped_column(default=dict)
    lon: Mapped[float | None]
    lat: Mapped[float | None]

    route: Mapped[Route] = relationship(back_populates="stops")
    host: Mapped[Host | None] = relationship()
