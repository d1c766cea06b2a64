"""Departures as they are typed: one, or a row of them; changed, cancelled."""

from collections.abc import Callable, Container, Sequence
from datetime import datetime, timedelta

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField
from wtforms.fields import SelectChoice
from wtforms.validators import AnyOf, Optional, Regexp, StopValidation

from nuit.clock import local
from nuit.forms.fields import Hour, Line, Ticks, Whole
from nuit.planning.offer import LONGEST_SERIES, departures

AROUND = timedelta(hours=4)
At = Callable[[str], datetime]
"""The instant of a typed hour on the evening in question."""


def hours_of(instants: Sequence[datetime]) -> list[str]:
    return [local(one).strftime("%H:%M") for one in instants]


class SlotForm(FlaskForm):
    """One departure that is there already; `opens` and `closes` bound the night."""

    version = HiddenField(validators=[Regexp(r"\A[0-9]{1,9}\Z")])
    start = Hour(_l("Départ"))
    capacity = Whole(_l("Places"), least=0, most=500)

    def during(self, at: At, opens: datetime, closes: datetime) -> "SlotForm":
        """The same form, knowing its evening."""
        self.at, self.opens, self.closes = at, opens, closes
        return self

    def validate_start(self, field: Hour) -> None:
        _within(self.at(field.data), self.opens, self.closes)

    def starts_at(self) -> datetime:
        return self.at(self.start.data)


def _within(instant: datetime, opens: datetime, closes: datetime) -> None:
    if not opens - AROUND <= instant < closes + AROUND:
        night = {"first": local(opens).strftime("%H:%M"), "last": local(closes).strftime("%H:%M")}
        raise StopValidation(gettext("La nuit va de %(first)s à %(last)s : cette heure en est trop loin.", **night))


class SeriesForm(FlaskForm):
    """New departures: one at `first`, or a row to `last`; `only` are the hours kept from the preview."""

    first = Hour(_l("Premier départ"))
    last = Hour(_l("Dernier départ"), needed=False)
    every = Whole(_l("Intervalle en minutes"), least=5, most=240, needed=False)
    capacity = Whole(_l("Places par départ"), least=1, most=500)
    previewed = HiddenField()
    only = Ticks(_l("Heures"), validate_choice=False)

    def during(self, at: At, opens: datetime, closes: datetime) -> "SeriesForm":
        """The same form, knowing its evening."""
        self.at, self.opens, self.closes = at, opens, closes
        return self

    def validate_first(self, field: Hour) -> None:
        _within(self.at(field.data), self.opens, self.closes)

    def validate_last(self, field: Hour) -> None:
        if field.data:
            last = self.at(field.data)
            _within(last, self.opens, self.closes)
            if self.first.data and last < self.at(self.first.data):
                raise StopValidation(gettext("Le dernier départ précède le premier."))

    def validate_every(self, field: Whole) -> None:
        if self.last.data and not field.data:
            raise StopValidation(gettext("Tapez l’intervalle en minutes, par exemple 30."))
        if len(self._row()) > LONGEST_SERIES:
            raise StopValidation(gettext("Cela fait plus de 60 départs : espacez-les."))

    def _row(self) -> tuple[datetime, ...]:
        try:
            first = self.at(self.first.data)
            last = self.at(self.last.data) if self.last.data else first
            return departures(first, last, timedelta(minutes=self.every.data or 1))
        except (TypeError, ValueError, AttributeError):
            return ()

    def row(self) -> tuple[datetime, ...]:
        """Every departure the row would have."""
        return self._row()

    def asks_to_look(self, act: str) -> bool:
        """Whether the hours are to be shown before anything is added."""
        return act == "preview" or not self.starts()

    def preview(self, there: Container[datetime]) -> None:
        """Offers the hours of the row to tick; those that are there already are left out."""
        hours = hours_of([one for one in self._row() if one not in there])
        self.only.choices, self.only.data = [SelectChoice(hour) for hour in hours], hours
        self.previewed.data = "1"

    def starts(self) -> tuple[datetime, ...]:
        """The departures to add: the whole row, or what was left ticked of it."""
        if not self.previewed.data:
            return self._row()
        kept = set(self.only.data or ())
        return tuple(one for one in self._row() if local(one).strftime("%H:%M") in kept)


class ChangeForm(FlaskForm):
    """What is to happen to a departure that people have booked; `people` is the number that was shown."""

    kind = HiddenField(validators=[AnyOf(("late", "move", "cancel"))])
    minutes = Whole(_l("De combien de minutes"), least=5, most=120, needed=False)
    start = Hour(_l("Nouvelle heure"), needed=False)
    following = BooleanField(_l("Les départs suivants de cette visite aussi"))
    people = HiddenField(validators=[Optional(), Regexp(r"\A[0-9]{1,9}\Z")])
    reason = Line(_l("Pourquoi, en une phrase pour vos visiteurs"), most=200)

    def during(self, at: At, opens: datetime, closes: datetime) -> "ChangeForm":
        """The same form, knowing its evening."""
        self.at, self.opens, self.closes = at, opens, closes
        return self

    def validate_minutes(self, field: Whole) -> None:
        if self.kind.data == "late" and field.data is None:
            raise StopValidation(gettext("Tapez le retard en minutes, par exemple 15."))

    def validate_start(self, field: Hour) -> None:
        if self.kind.data == "move":
            if not field.data:
                raise StopValidation(gettext("Tapez une heure, par exemple 17:30."))
            _within(self.at(field.data), self.opens, self.closes)

    @property
    def is_row(self) -> bool:
        """Whether the departures behind it change too."""
        return self.kind.data == "late" and bool(self.following.data)

    def target(self, starts_at: datetime) -> datetime | None:
        """Where a departure of this hour goes; None where it is called off."""
        if self.kind.data == "cancel":
            return None
        return (
            starts_at + timedelta(minutes=self.minutes.data) if self.kind.data == "late" else self.at(self.start.data)
        )
