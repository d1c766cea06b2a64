"""Picture: a company's logo or photo, as we have re-encoded it; what was sent is never kept."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, Texts


class Picture(Base):
    """`key` is random and names it in addresses; `content` is WebP, at most 1600 pixels wide or high."""

    __tablename__ = "picture"
    __table_args__ = (CheckConstraint("kind in ('logo', 'photo')", name="kind"),)

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)
    alt: Mapped[Texts] = mapped_column(default=dict)
    width: Mapped[int]
    height: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    added_at: Mapped[datetime]
