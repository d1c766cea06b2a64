"""Booking: a party's whole evening; Ticket: one person; Seat: one ticket in one slot."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base
from .visit import Slot

HELD = "state = 'held'"
ENTERED = "entered_at is not null"
LIVE = "status in ('waiting', 'held', 'confirmed')"


class Booking(Base):
    """`held_until`: nobody has confirmed its address by then, and its places are gone; None once somebody has."""

    __tablename__ = "booking"
    __table_args__ = (
        CheckConstraint("mode in ('ebike25', 'ebike45', 'bike', 'foot')", name="mode"),
        CheckConstraint("state in ('held', 'confirmed', 'given_back', 'lapsed')", name="state"),
        CheckConstraint(
            "(state <> 'confirmed' or held_until is null)"
            " and (state not in ('held', 'lapsed') or held_until is not null)",
            name="held_until",
        ),
        Index("ix_booking_held", "held_until", sqlite_where=text(HELD), postgresql_where=text(HELD)),
        Index("ix_booking_edition_email", "edition_id", "email"),
        Index("ix_booking_edition_created", "edition_id", "created_at"),
    )

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    reference: Mapped[str] = mapped_column(unique=True)
    code: Mapped[str] = mapped_column(unique=True)
    token_id: Mapped[bytes] = mapped_column(LargeBinary(16), unique=True)
    name: Mapped[str]
    email: Mapped[str]
    locale: Mapped[str]
    mode: Mapped[str]
    state: Mapped[str] = mapped_column(default="confirmed")
    held_until: Mapped[datetime | None]
    epoch: Mapped[int] = mapped_column(default=1)
    sequence: Mapped[int] = mapped_column(default=0)
    idempotency_key: Mapped[str | None] = mapped_column(unique=True)
    request_hash: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    tickets: Mapped[list["Ticket"]] = relationship(
        back_populates="booking", order_by="Ticket.position", passive_deletes=True
    )


class Ticket(Base):
    __tablename__ = "ticket"
    __table_args__ = (
        UniqueConstraint("booking_id", "position"),
        Index("ix_ticket_label", "label", "booking_id"),
        CheckConstraint("age_band in ('18+', '16-17', '14-15', '12-13', '0-11')", name="age_band"),
    )

    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"))
    position: Mapped[int]
    label: Mapped[str]
    age_band: Mapped[str]
    code: Mapped[str] = mapped_column(unique=True)
    token_id: Mapped[bytes] = mapped_column(LargeBinary(16), unique=True)
    revoked_at: Mapped[datetime | None]

    booking: Mapped[Booking] = relationship(back_populates="tickets")
    seats: Mapped[list["Seat"]] = relationship(back_populates="ticket", order_by="Seat.id", passive_deletes=True)


class Seat(Base):
    """`late_until`: the party has said that it comes later, and keeps the place until then. `wait_id`: the queue it stands in or has left; cleared when the party accepts the place."""

    __tablename__ = "seat"
    __table_args__ = (
        CheckConstraint(
            "status in ('waiting', 'held', 'confirmed', 'given_back', 'lapsed', 'cancelled', 'released')", name="status"
        ),
        Index(
            "uq_seat_live", "ticket_id", "slot_id", unique=True, sqlite_where=text(LIVE), postgresql_where=text(LIVE)
        ),
        Index("ix_seat_slot_status", "slot_id", "status"),
        Index("ix_seat_entered", "slot_id", sqlite_where=text(ENTERED), postgresql_where=text(ENTERED)),
    )

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"), index=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"))
    wait_id: Mapped[int | None] = mapped_column(ForeignKey("wait.id", ondelete="SET NULL"), index=True)
    status: Mapped[str]
    changed_at: Mapped[datetime]
    entered_at: Mapped[datetime | None]
    late_until: Mapped[datetime | None]
    left_at: Mapped[datetime | None]

    ticket: Mapped[Ticket] = relationship(back_populates="seats")
    slot: Mapped[Slot] = relationship()

    @property
    def is_coming(self) -> bool:
        """Whether it is a stop of the evening."""
        return self.status == "confirmed" or (self.status == "held" and self.wait_id is None)

    @property
    def was_coming(self) -> bool:
        """Whether it is gone, and the party was told that it would be; a place that was only waited for is not."""
        return not self.is_coming and (self.wait_id is None or self.status == "cancelled")
