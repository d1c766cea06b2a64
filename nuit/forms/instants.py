"""Days and instants as they are typed, on the wall clock of Sion."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask_babel import gettext
from wtforms import DateField, DateTimeLocalField, Form
from wtforms.validators import StopValidation, ValidationError

from nuit.clock import ZURICH, local

EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)
"""Beyond these a typed date is a slip."""


def once(wall: datetime) -> datetime:
    """The UTC instant of a wall-clock time. Raises ValidationError for one that the change of time skips or repeats."""
    first, second = wall.replace(tzinfo=ZURICH, fold=0), wall.replace(tzinfo=ZURICH, fold=1)
    if first.utcoffset() != second.utcoffset():
        raise ValidationError(gettext("Cette nuit-là, l’heure change : cette heure n’existe pas une seule fois."))
    return first.astimezone(UTC)


def evening(day: date, hour: str) -> datetime:
    """The instant of HH:MM on the evening that begins on `day`; hours before 06:00 fall after midnight."""
    wall = datetime.combine(day, time.fromisoformat(hour))
    return once(wall + timedelta(days=1) if wall.hour < 6 else wall)


class Day(DateField):
    """A day, with one sentence for everything that is none."""

    data: Any

    def pre_validate(self, form: Form) -> None:
        self.errors = list[str]()
        if self.data is None:
            raise StopValidation(gettext("Choisissez une date."))
        if not EARLIEST <= self.data <= LATEST:
            raise StopValidation(gettext("Cette date est trop loin."))


class Instant(DateTimeLocalField):
    """A day and an hour; `instant` once it is found to be sound."""

    data: Any

    def __init__(self, label: Any, **more: Any) -> None:
        super().__init__(label, format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], **more)

    def process_data(self, value: datetime | None) -> None:
        self.data = local(value).replace(tzinfo=None) if value is not None else None

    def pre_validate(self, form: Form) -> None:
        self.errors = list[str]()
        if self.data is None:
            raise StopValidation(gettext("Tapez un jour et une heure."))
        if not EARLIEST <= self.data.date() <= LATEST:
            raise StopValidation(gettext("Cette date est trop loin."))
        try:
            once(self.data)
        except ValidationError as skipped:
            raise StopValidation(str(skipped)) from None

    @property
    def instant(self) -> datetime:
        return once(self.data)


class MaybeInstant(Instant):
    """The same, or nothing at all."""

    def pre_validate(self, form: Form) -> None:
        if self.data is None and not any(self.raw_data or ()):
            self.errors = list[str]()
            raise StopValidation
        super().pre_validate(form)

    @property
    def maybe(self) -> datetime | None:
        """The instant, None where nothing was typed."""
        return self.instant if self.data is not None else None
