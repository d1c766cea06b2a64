"""Company, for good, and Host: the same firm in one edition, with its door, place and contact."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base, Texts
from .edition import Edition
from .trade import Trade

company_trade = Table(
    "company_trade",
    Base.metadata,
    Column("company_id", ForeignKey("company.id", ondelete="CASCADE"), primary_key=True),
    Column("trade_id", ForeignKey("trade.id", ondelete="CASCADE"), primary_key=True),
)


class Company(Base):
    __tablename__ = "company"

    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    disc: Mapped[str] = mapped_column(default="gear")
    website: Mapped[str] = mapped_column(default="")
    summary: Mapped[Texts] = mapped_column(default=dict)
    about: Mapped[Texts] = mapped_column(default=dict)
    fact: Mapped[Texts] = mapped_column(default=dict)
    training_places: Mapped[int] = mapped_column(default=0)
    training_contact: Mapped[str] = mapped_column(default="")
    is_example: Mapped[bool] = mapped_column(default=False)

    trades: Mapped[list[Trade]] = relationship(secondary=company_trade, order_by=Trade.slug)
    practices: Mapped[list["Practice"]] = relationship(cascade="all, delete-orphan", order_by="Practice.id")


class Practice(Base):
    """What a company does for the circular economy."""

    __tablename__ = "practice"

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    text: Mapped[Texts] = mapped_column(default=dict)


class Host(Base):
    """A draft with `proposed_at` waits for the organisers; without a door of its own it stands at the edition's start.

    `locale` is the language in which one writes to the company; `invited_at` when its contact was last invited.
    `counts_exits`: its doors also scan people out, so that it is known who is inside.
    """

    __tablename__ = "host"
    __table_args__ = (
        UniqueConstraint("edition_id", "company_id"),
        CheckConstraint("state in ('draft', 'published', 'withdrawn')", name="state"),
        CheckConstraint("safety_limit >= 1", name="safety_limit"),
        CheckConstraint("locale in ('fr', 'de', 'en')", name="locale"),
        CheckConstraint("lon between -180 and 180 and lat between -90 and 90", name="place"),
    )

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"), index=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(default="draft")
    address: Mapped[str] = mapped_column(default="")
    postcode: Mapped[str] = mapped_column(default="")
    town: Mapped[str] = mapped_column(default="")
    district: Mapped[str] = mapped_column(default="")
    lon: Mapped[float]
    lat: Mapped[float]
    access: Mapped[Texts] = mapped_column(default=dict)
    bike_parking: Mapped[int] = mapped_column(default=0)
    charging: Mapped[int] = mapped_column(default=0)
    safety_limit: Mapped[int] = mapped_column(default=20)
    counts_exits: Mapped[bool] = mapped_column(default=False)
    contact_name: Mapped[str] = mapped_column(default="")
    contact_email: Mapped[str] = mapped_column(default="")
    contact_phone: Mapped[str] = mapped_column(default="")
    locale: Mapped[str] = mapped_column(default="fr")
    invited_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    proposed_at: Mapped[datetime | None]
    changed_at: Mapped[datetime | None]

    company: Mapped[Company] = relationship(lazy="joined", innerjoin=True)
    edition: Mapped[Edition] = relationship()
