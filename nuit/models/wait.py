"""Wait: a party in the queue of one slot."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base
from .visit import Slot

STANDING = "status in ('waiting', 'offered')"
IN_LINE = "status = 'waiting'"
OFFERED = "status = 'offered'"


class Wait(Base):
    """Its id is its rank, for good; `size` counts its seats. While it is `offered` they are held until `offered_until`."""

    __tablename__ = "wait"
    __table_args__ = (
        CheckConstraint(
            "status in ('waiting', 'offered', 'accepted', 'declined', 'lapsed', 'left', 'cancelled', 'over')",
            name="status",
        ),
        CheckConstraint("size > 0", name="size"),
        CheckConstraint("status <> 'offered' or offered_until is not null", name="offered_until"),
        Index(
            "uq_wait_standing", "booking_id", "slot_id", unique=True,
            sqlite_where=text(STANDING), postgresql_where=text(STANDING),
        ),
        Index("ix_wait_line", "slot_id", "id", sqlite_where=text(IN_LINE), postgresql_where=text(IN_LINE)),
        Index("ix_wait_due", "offered_until", sqlite_where=text(OFFERED), postgresql_where=text(OFFERED)),
    )  # fmt: skip

    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"), index=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"))
    size: Mapped[int]
    status: Mapped[str] = mapped_column(default="waiting")
    asked_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    offered_until: Mapped[datetime | None]

    slot: Mapped[Slot] = relationship()
