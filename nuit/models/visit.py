"""Visit: what is shown, for whom; Slot: one departure of it, with its places."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base, Texts
from .company import Host


class Visit(Base):
    """`conditions` is a list of {"kind": str, "value": int (optional), "note": Texts (optional)}.

    `is_unconditional`: somebody looked, and there are none; an empty list alone means that nobody has looked yet.
    """

    __tablename__ = "visit"
    __table_args__ = (
        CheckConstraint("minutes between 5 and 240", name="minutes"),
        CheckConstraint("wheelchair in ('yes', 'partly', 'no')", name="wheelchair"),
    )

    host_id: Mapped[int] = mapped_column(ForeignKey("host.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(default=1)
    title: Mapped[Texts] = mapped_column(default=dict)
    summary: Mapped[Texts] = mapped_column(default=dict)
    minutes: Mapped[int]
    languages: Mapped[list[Any]] = mapped_column(default=list)
    wheelchair: Mapped[str] = mapped_column(default="no")
    conditions: Mapped[list[Any]] = mapped_column(default=list)
    is_unconditional: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)

    host: Mapped[Host] = relationship()
    slots: Mapped[list["Slot"]] = relationship(
        back_populates="visit", cascade="all, delete-orphan", order_by="Slot.starts_at", passive_deletes=True
    )


class Slot(Base):
    """`taken` counts held and confirmed seats, and `placed` of the `walked_in` people who came without one.

    `walked_out` of those have left again, `standby` people wait at the door. Only the ledger writes these.
    `later` are places of the second wave, not on sale yet; at `released_at` those who had not come lost their places.
    """

    __tablename__ = "slot"
    __table_args__ = (
        UniqueConstraint("visit_id", "starts_at"),
        CheckConstraint("taken >= 0", name="taken_not_negative"),
        CheckConstraint("taken <= capacity", name="taken_within_capacity"),
        CheckConstraint("capacity >= 0 and capacity <= safety_limit", name="capacity_within_safety_limit"),
        CheckConstraint("later >= 0 and capacity + later <= safety_limit", name="later_within_safety_limit"),
        CheckConstraint("ends_at > starts_at", name="starts_before_it_ends"),
        CheckConstraint("status in ('open', 'closed', 'cancelled')", name="status"),
        CheckConstraint("placed >= 0 and placed <= walked_in and placed <= taken", name="placed"),
        Index("ix_slot_edition_starts", "edition_id", "starts_at"),
    )

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    host_id: Mapped[int] = mapped_column(ForeignKey("host.id", ondelete="CASCADE"), index=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id", ondelete="CASCADE"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    capacity: Mapped[int]
    safety_limit: Mapped[int]
    later: Mapped[int] = mapped_column(default=0, server_default="0")
    released_at: Mapped[datetime | None]
    taken: Mapped[int] = mapped_column(default=0, server_default="0")
    placed: Mapped[int] = mapped_column(default=0, server_default="0")
    walked_in: Mapped[int] = mapped_column(default=0, server_default="0")
    walked_out: Mapped[int] = mapped_column(default=0, server_default="0")
    standby: Mapped[int] = mapped_column(default=0, server_default="0")
    status: Mapped[str] = mapped_column(default="open", server_default="open")
    reason: Mapped[str] = mapped_column(default="", server_default="")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    visit: Mapped[Visit] = relationship(back_populates="slots")
    host: Mapped[Host] = relationship(viewonly=True)

    @property
    def left(self) -> int:
        return self.capacity - self.taken
