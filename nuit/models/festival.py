"""Festival: the Festival de la transition beside an edition, and its items."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base, Texts


class Festival(Base):
    __tablename__ = "festival"

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"), unique=True)
    name: Mapped[Texts] = mapped_column(default=dict)
    summary: Mapped[Texts] = mapped_column(default=dict)
    website: Mapped[str] = mapped_column(default="")

    items: Mapped[list["FestivalItem"]] = relationship(
        back_populates="festival", cascade="all, delete-orphan", order_by="FestivalItem.starts_at"
    )


class FestivalItem(Base):
    __tablename__ = "festival_item"
    __table_args__ = (UniqueConstraint("festival_id", "slug"),)

    festival_id: Mapped[int] = mapped_column(ForeignKey("festival.id", ondelete="CASCADE"))
    slug: Mapped[str]
    kind: Mapped[str] = mapped_column(default="show")
    title: Mapped[Texts] = mapped_column(default=dict)
    summary: Mapped[Texts] = mapped_column(default=dict)
    place: Mapped[Texts] = mapped_column(default=dict)
    lon: Mapped[float]
    lat: Mapped[float]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    festival: Mapped[Festival] = relationship(back_populates="items")
