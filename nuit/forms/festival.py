"""The festival and its items, as they are typed."""

from datetime import date, timedelta

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, URLField
from wtforms.validators import Length, Optional, Regexp, ValidationError

from nuit.forms.choices import offered
from nuit.forms.fields import Hour, Paragraphs, Sentence, Texts, one_line
from nuit.forms.instants import Day, evening
from nuit.forms.standing import StandingForm
from nuit.planning.draft import FestivalDraft, ItemDraft

KINDS = {
    "workshop": _l("Atelier"),
    "market": _l("Marché"),
    "food": _l("Table"),
    "show": _l("Spectacle"),
    "talk": _l("Parole"),
    "music": _l("Musique"),
}
AROUND = timedelta(days=30)


class FestivalForm(FlaskForm):
    name = Texts(_l("Nom du festival"), most=80, needed=_l("Donnez un nom au festival, en français."))
    summary = Texts(_l("En une phrase"), most=400, kind=Sentence)
    website = URLField(
        _l("Site internet"),
        filters=[lambda text: one_line(text) or ""],
        validators=[
            Optional(),
            Length(max=200),
            Regexp(
                r"\Ahttps?://[^\s/]+\.[^\s]+\Z",
                message=_l("Une adresse complète, par exemple « https://www.exemple.ch »."),
            ),
        ],
    )

    def wanted(self) -> FestivalDraft:
        """What was typed, as a value."""
        return FestivalDraft(self.name.data, self.summary.data, self.website.data or "")


class ItemForm(StandingForm):
    """`version` is the one that was read before typing; hours before 06:00 fall after midnight of `day`."""

    version = HiddenField(default="0", validators=[Regexp(r"\A[0-9]{1,9}\Z")])
    title = Texts(_l("Titre"), most=100, needed=_l("Donnez un titre, en français."))
    kind = SelectField(_l("Genre"), choices=offered(KINDS.items()))
    summary = Texts(_l("En quelques phrases"), most=600, kind=Paragraphs)
    place = Texts(_l("Lieu"), most=100, needed=_l("Nommez le lieu, en français."))
    day = Day(_l("Le soir du"))
    starts = Hour(_l("De"))
    ends = Hour(_l("À"), needed=False)

    def during(self, night: date) -> "ItemForm":
        """The same form, knowing its night."""
        self.night = night
        return self

    def validate_day(self, field: Day) -> None:
        if not self.night - AROUND <= field.data <= self.night + AROUND:
            raise ValidationError(gettext("Le festival entoure la nuit : cette date en est à plus d’un mois."))

    def validate_starts(self, field: Hour) -> None:
        if not self.day.errors:
            evening(self.day.data, field.data)

    def validate_ends(self, field: Hour) -> None:
        if self.day.errors or self.starts.errors or not field.data:
            return
        if evening(self.day.data, field.data) <= evening(self.day.data, self.starts.data):
            raise ValidationError(gettext("Ce rendez-vous finirait avant de commencer."))

    def wanted(self) -> ItemDraft:
        """What was typed, as a value."""
        return ItemDraft(
            title=self.title.data,
            summary=self.summary.data,
            place=self.place.data,
            kind=self.kind.data,
            lon=float(self.lon.data),
            lat=float(self.lat.data),
            starts_at=evening(self.day.data, self.starts.data),
            ends_at=evening(self.day.data, self.ends.data) if self.ends.data else None,
        )
