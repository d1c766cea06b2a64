"""Message: a promised mail (the outbox), written in the transaction of what it tells."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base


class Message(Base):
    """`moot`: there was nothing left to tell. `key` is unique per promise: the Message-ID derives from it, so a mail sent twice is recognised as one."""

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint("state in ('due', 'sent', 'bounced', 'failed', 'moot')", name="state"),
        Index("ix_message_state_due", "state", "due_at"),
    )

    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    to: Mapped[str]
    locale: Mapped[str]
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"), index=True)
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(default="due")
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(default="")
