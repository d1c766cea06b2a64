"""Edition: one year's night in one region."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, Texts


class Edition(Base):
    __tablename__ = "edition"
    __table_args__ = (
        CheckConstraint("closes_at > opens_at", name="opens_before_it_closes"),
        CheckConstraint("booking_closes_at > booking_opens_at", name="booking_opens_before_it_closes"),
        CheckConstraint("ride_factor >= 1", name="ride_factor"),
        CheckConstraint("first_wave_percent between 1 and 100", name="first_wave_percent"),
        CheckConstraint("release_minutes between 0 and 60", name="release_minutes"),
        CheckConstraint("ride_margin_minutes >= 0", name="ride_margin"),
        CheckConstraint("confirm_minutes between 5 and 120", name="confirm_minutes"),
        CheckConstraint("offer_minutes between 5 and 1440", name="offer_minutes"),
        CheckConstraint("offer_minutes_tonight between 5 and 120", name="offer_minutes_tonight"),
    )

    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    region: Mapped[str]
    night: Mapped[date]
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    booking_opens_at: Mapped[datetime]
    booking_closes_at: Mapped[datetime]
    summary: Mapped[Texts] = mapped_column(default=dict)
    contact_email: Mapped[str] = mapped_column(default="")
    contact_phone: Mapped[str] = mapped_column(default="")
    start_lon: Mapped[float] = mapped_column(default=7.3590)
    start_lat: Mapped[float] = mapped_column(default=46.2275)
    start_name: Mapped[Texts] = mapped_column(default=dict)
    ride_factor: Mapped[float] = mapped_column(default=1.25)
    ride_margin_minutes: Mapped[int] = mapped_column(default=4)
    door_early_minutes: Mapped[int] = mapped_column(default=20)
    door_late_minutes: Mapped[int] = mapped_column(default=10)
    release_minutes: Mapped[int] = mapped_column(default=5)
    asks_confirmation: Mapped[bool] = mapped_column(default=False)
    confirm_minutes: Mapped[int] = mapped_column(default=15)
    offer_minutes: Mapped[int] = mapped_column(default=30)
    offer_minutes_tonight: Mapped[int] = mapped_column(default=10)
    second_wave_at: Mapped[datetime | None]
    first_wave_percent: Mapped[int] = mapped_column(default=100)
    attempts_per_network: Mapped[int] = mapped_column(default=600)
    version: Mapped[int] = mapped_column(default=1)
    max_party: Mapped[int] = mapped_column(default=6)
    max_stops: Mapped[int] = mapped_column(default=8)
    max_bookings_per_email: Mapped[int] = mapped_column(default=2)
    is_example: Mapped[bool] = mapped_column(default=False)
    is_current: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column(default=1)
