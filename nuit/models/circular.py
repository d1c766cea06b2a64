"""Circular: what an organiser or a company writes to those concerned; Opinion: what a party says of a visit."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, Texts


class Circular(Base):
    """To everyone of an edition, of a host or of a slot; `key` is the form's, so that a second click sends nothing.

    `send_at` is the hour asked for, `expanded_at` when each recipient was promised a letter.
    """

    __tablename__ = "circular"

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"), index=True)
    host_id: Mapped[int | None] = mapped_column(ForeignKey("host.id", ondelete="CASCADE"), index=True)
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("slot.id", ondelete="CASCADE"))
    by_host_id: Mapped[int | None] = mapped_column(ForeignKey("host.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(unique=True)
    subject: Mapped[Texts] = mapped_column(default=dict)
    body: Mapped[Texts] = mapped_column(default=dict)
    send_at: Mapped[datetime]
    expanded_at: Mapped[datetime | None]
    recipients: Mapped[int] = mapped_column(default=0)


class Opinion(Base):
    """Without a name for whoever reads it; `booking_id` only keeps a party from answering twice."""

    __tablename__ = "opinion"
    __table_args__ = (
        UniqueConstraint("booking_id", "host_id"),
        CheckConstraint("welcome between 1 and 4", name="welcome"),
        CheckConstraint("clear between 1 and 4", name="clear"),
        CheckConstraint("trade in ('yes', 'maybe', 'no', '')", name="trade"),
    )

    host_id: Mapped[int] = mapped_column(ForeignKey("host.id", ondelete="CASCADE"), index=True)
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id", ondelete="SET NULL"), index=True)
    welcome: Mapped[int | None]
    clear: Mapped[int | None]
    on_time: Mapped[bool | None]
    trade: Mapped[str] = mapped_column(default="")
    words: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime]
