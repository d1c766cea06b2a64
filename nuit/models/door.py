"""Device: a paired phone at a host's door; Scan: one reading, whatever the verdict."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base
from .company import Host


class Device(Base):
    """A phone bound to one host; its pairing code works once, its token is kept as a hash."""

    __tablename__ = "device"

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    host_id: Mapped[int] = mapped_column(ForeignKey("host.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(default="")
    pairing_hash: Mapped[str | None] = mapped_column(unique=True)
    pairing_expires_at: Mapped[datetime | None]
    token_hash: Mapped[str | None] = mapped_column(unique=True)
    paired_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]
    battery: Mapped[int | None]
    queue: Mapped[int | None]

    host: Mapped[Host] = relationship()


class Scan(Base):
    """`at` is the phone's time, `corrected_at` the same by the server's clock; `given` is what the door showed.

    A party's code carries no ticket: `admit` says how many of its people enter, `who` names their tickets; `granted`
    are the seats that were given when it arrived. `persons` came in, left or wait without a seat, `gone` of them are
    out again. `target` is the nonce of the scan that is taken back, or whose wait ends.
    """

    __tablename__ = "scan"
    __table_args__ = (
        CheckConstraint("kind in ('in', 'out', 'move', 'undo', 'walk_in', 'standby')", name="kind"),
        CheckConstraint("persons >= 0", name="persons"),
        Index("ix_scan_ticket", "ticket_id", "corrected_at", "nonce"),
    )

    nonce: Mapped[str] = mapped_column(unique=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    host_id: Mapped[int] = mapped_column(ForeignKey("host.id", ondelete="CASCADE"), index=True)
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id", ondelete="SET NULL"))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"), index=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("slot.id", ondelete="SET NULL"), index=True)
    at: Mapped[datetime]
    corrected_at: Mapped[datetime]
    received_at: Mapped[datetime]
    verdict: Mapped[str]
    given: Mapped[str] = mapped_column(default="")
    admit: Mapped[int | None]
    who: Mapped[list[Any] | None]
    reason: Mapped[str] = mapped_column(default="")
    kind: Mapped[str] = mapped_column(default="in", server_default="in")
    target: Mapped[str | None] = mapped_column(index=True)
    granted: Mapped[list[Any] | None]
    persons: Mapped[int | None]
    gone: Mapped[int | None]
