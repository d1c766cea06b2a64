"""Change: something a company does to departures that people have booked; it waits five minutes before it holds."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base
from .company import Host


class Change(Base):
    """`slots` is a list of {"slot": id, "was": instant, "to": instant or None}; None cancels it.

    `reopen` are the ids that were open to be booked before; until it holds, nobody books what is about to change.
    """

    __tablename__ = "change"
    __table_args__ = (
        CheckConstraint("kind in ('late', 'move', 'cancel')", name="kind"),
        CheckConstraint("state in ('due', 'done', 'undone')", name="state"),
        Index("ix_change_state_due", "state", "due_at"),
    )

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    host_id: Mapped[int] = mapped_column(ForeignKey("host.id", ondelete="CASCADE"), index=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"))
    kind: Mapped[str]
    slots: Mapped[list[Any]] = mapped_column(default=list)
    reopen: Mapped[list[Any]] = mapped_column(default=list)
    reason: Mapped[str] = mapped_column(default="")
    people: Mapped[int]
    state: Mapped[str] = mapped_column(default="due")
    made_at: Mapped[datetime]
    due_at: Mapped[datetime]

    host: Mapped[Host] = relationship(viewonly=True)
