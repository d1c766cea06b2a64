"""Trade: what people do there, and how one learns it."""

from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, Texts


class Trade(Base):
    __tablename__ = "trade"

    slug: Mapped[str] = mapped_column(unique=True)
    disc: Mapped[str] = mapped_column(default="gear")
    name: Mapped[Texts] = mapped_column(default=dict)
    training: Mapped[Texts] = mapped_column(default=dict)
    gesture: Mapped[Texts] = mapped_column(default=dict)
