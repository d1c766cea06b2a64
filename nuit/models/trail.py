"""Trail: who changed what and when; Quota: how often something was asked lately."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base


class AuditLine(Base):
    __tablename__ = "audit_line"
    __table_args__ = (Index("ix_audit_line_noun", "noun", "noun_id"),)

    at: Mapped[datetime]
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"))
    verb: Mapped[str]
    noun: Mapped[str]
    noun_id: Mapped[int]
    change: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Quota(Base):
    """A counter per key and window, raised by one upsert; the key is a hash, never an address."""

    __tablename__ = "quota"
    __table_args__ = (UniqueConstraint("key", "window_at"),)

    key: Mapped[str]
    window_at: Mapped[datetime] = mapped_column(index=True)
    hits: Mapped[int] = mapped_column(default=0)
