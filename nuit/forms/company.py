"""What a company says of itself; for its contacts and for organisers alike."""

from collections.abc import Sequence
from dataclasses import fields
from decimal import Decimal
from math import cos, radians
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, FieldList, Form, FormField, HiddenField, SelectField, TelField, URLField
from wtforms.fields import SelectChoice
from wtforms.validators import Email, Length, Optional, Regexp

from nuit.forms.fields import Degrees, Filled, Line, Paragraphs, Sentence, Texts, Ticks, Whole, chosen, one_line
from nuit.forms.standing import ABROAD, Places
from nuit.models import Trade
from nuit.planning.offer import PRACTICES, Engagement, Presentation

KINDS = {
    "reuse": _l("Réemploi"),
    "repair": _l("Réparation"),
    "recycling": _l("Recyclage"),
    "heat": _l("Chaleur rendue"),
    "energy": _l("Énergie"),
    "water": _l("Eau"),
    "local": _l("Proximité"),
    "transport": _l("Transport"),
}
MOST_PRACTICES = 8
PICTURE = (320, 240)
"""Pixels of the picture on which one touches the place of the door; it shows SPAN metres from left to right."""
SPAN = 1600
METRES_A_DEGREE = 111_195


class PracticeForm(Form):
    kind = SelectField(
        _l("Domaine"),
        choices=[SelectChoice(kind, KINDS[kind]) for kind in PRACTICES],
        invalid_choice_message=_l("Choisissez un domaine de la liste."),
    )
    text = Texts(_l("Ce que vous faites"), most=200, kind=Sentence)


class WordsForm(FlaskForm):
    """Who the company is, in a few words; `version` is the one that was read before typing."""

    version = HiddenField(validators=[Regexp(r"\A[0-9]{1,9}\Z")])
    summary = Texts(
        _l("En une phrase"),
        most=200,
        kind=Sentence,
        needed=_l("Dites en une phrase ce que les visiteurs verront."),
    )
    fact = Texts(_l("« Tu savais ça ? »"), most=240, kind=Sentence)
    website = URLField(
        _l("Site internet"),
        filters=[one_line],
        validators=[
            Optional(),
            Length(max=200),
            Regexp(
                r"\Ahttps?://[^\s/]+\.[^\s]+\Z",
                message=_l("Une adresse complète, par exemple « https://www.exemple.ch »."),
            ),
        ],
    )


class ContactForm(FlaskForm):
    """Whom the organisers reach."""

    contact_name = Line(_l("Personne de contact"))
    contact_email = EmailField(
        _l("Son adresse e-mail"),
        filters=[one_line],
        validators=[
            Optional(),
            Length(max=254),
            Email(_l("Cette adresse n’est pas complète, par exemple « nom@domaine.ch ».")),
        ],
    )
    contact_phone = TelField(
        _l("Son téléphone, joignable le soir"),
        filters=[one_line],
        validators=[
            Optional(),
            Regexp(r"\A[0-9+ ()/.-]{5,30}\Z", message=_l("Des chiffres, par exemple « 027 000 00 00 ».")),
        ],
    )


class DoorForm(FlaskForm):
    """Where one enters; `near` moves the door to a known place when asked to."""

    version = HiddenField(validators=[Regexp(r"\A[0-9]{1,9}\Z")])
    address = Line(_l("Rue et numéro"), [Filled(_l("Tapez la rue de la porte où l’on entre."))])
    postcode = Line(
        _l("NPA"), [Optional(), Regexp(r"\A[0-9]{4}\Z", message=_l("Quatre chiffres, par exemple 1950."))], most=4
    )
    town = Line(_l("Localité"), [Filled(_l("Tapez la localité."))])
    district = Line(_l("Quartier"))
    lon = Degrees(_l("Longitude"), least=5.9, most=10.6, words=ABROAD)
    lat = Degrees(_l("Latitude"), least=45.8, most=47.9, words=ABROAD)
    near = SelectField(_l("Près de"), choices=[], validate_choice=False)
    access = Texts(_l("Comment trouver la porte"), most=400, kind=Sentence)
    bike_parking = Whole(_l("Places pour vélos"), least=0, most=500)
    charging = Whole(_l("Prises pour recharger"), least=0, most=200)
    safety_limit = Whole(_l("Limite de sécurité d’une visite, en personnes"), least=1, most=500)

    def among(self, places: Places) -> None:
        """Offers the places that are known."""
        self.near.choices = [SelectChoice("", gettext("choisissez")), *(SelectChoice(name) for name in places)]

    def moved(self, act: str, touched: Sequence[int | None], places: Places) -> bool:
        """Whether the door was asked to move: touched on the picture (`touched` is x and y), or to a known place."""
        x, y = touched
        if x is not None and y is not None:
            self.stand_at(x, y)
        elif act == "near":
            self.stand_near(places)
        else:
            return False
        return True

    def stand_near(self, places: Places) -> None:
        """Takes the position of the place that was chosen."""
        if self.near.data in places:
            for field, value in zip((self.lon, self.lat), places[self.near.data], strict=True):
                field.data, field.raw_data = value, None

    def stand_at(self, x: int, y: int) -> None:
        """Takes the position that was touched on the picture around the door; x and y in pixels from its top left."""
        if self.lon.data is None or self.lat.data is None:
            return
        east = (x / PICTURE[0] - 0.5) * SPAN
        north = (0.5 - y / PICTURE[1]) * SPAN * PICTURE[1] / PICTURE[0]
        lon = float(self.lon.data) + east / (METRES_A_DEGREE * cos(radians(float(self.lat.data))))
        lat = float(self.lat.data) + north / METRES_A_DEGREE
        for field, value in ((self.lon, lon), (self.lat, lat)):
            field.data, field.raw_data = round(value, 5), None


class WhoForm(WordsForm, ContactForm):
    """The guide's first step: who the company is."""


class CompanyForm(WordsForm, DoorForm, ContactForm):
    """Everything a company says of itself, saved as a whole."""

    about = Texts(_l("En quelques paragraphes"), most=3000, kind=Paragraphs)
    trades = Ticks(_l("Métiers que l’on voit chez vous"))
    training_places = Whole(_l("Places d’apprentissage à repourvoir"), least=0, most=99, needed=False)
    training_contact = Line(_l("À qui l’on écrit pour un stage ou un apprentissage"), most=160)
    practices = FieldList(FormField(PracticeForm), _l("Vos engagements"), max_entries=MOST_PRACTICES)

    def offering(self, trades: list[Trade], places: Places, words: Any) -> "CompanyForm":
        """The same form with its choices; `words` says a text in the spoken language."""
        self.trades.choices = [SelectChoice(trade.slug, words(trade.name)) for trade in trades]
        self.among(places)
        return self

    def edit_rows(self, act: str) -> bool:
        """Adds a row of practices (`more`) or drops one (`drop-2`); whether that was asked."""
        if act == "more" and len(self.practices) < MOST_PRACTICES:
            self.practices.append_entry()
        elif act.startswith("drop-") and act[5:].isdecimal() and int(act[5:]) < len(self.practices):
            del self.practices.entries[int(act[5:])]
        else:
            return act == "more"
        return True

    def wanted(self) -> Presentation:
        """What was typed, as a value."""
        return Presentation(
            **(said(self) | {"training_places": self.training_places.data or 0}), about=self.about.data, trades=chosen(self.trades.data),
            practices=tuple(Engagement(one.kind.data, one.text.data) for one in self.practices if one.text.data),
        )  # fmt: skip


def said(form: FlaskForm) -> dict[str, Any]:
    """What was typed of a company, by the fields of a Presentation; only those the form asks for."""
    names = [one.name for one in fields(Presentation) if one.name in form and one.name not in APART]
    return {name: _plain(form[name].data) for name in names}


APART = ("about", "trades", "practices")


def _plain(value: Any) -> Any:
    """A coordinate as a number, a text that was left out as an empty one."""
    if isinstance(value, Decimal):
        return float(value)
    return "" if value is None else value
