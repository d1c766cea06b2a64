"""A company that will open its door: its name, where it stands, whom to write to; and what its door counts."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, SelectField
from wtforms.fields import SelectChoice
from wtforms.validators import Email, Length, Optional, ValidationError

from nuit.forms.choices import offered
from nuit.forms.fields import Filled, Line, one_line
from nuit.forms.standing import Places
from nuit.i18n import NAMES


class OpenForm(FlaskForm):
    name = Line(_l("Nom de l’entreprise"), [Filled(_l("Tapez le nom de l’entreprise."))], most=120)
    near = SelectField(_l("Où, à peu près"), choices=[], validate_choice=False)
    contact = EmailField(
        _l("Adresse e-mail de son contact"),
        filters=[one_line],
        validators=[
            Optional(),
            Length(max=254),
            Email(_l("Cette adresse n’est pas complète, par exemple « nom@domaine.ch ».")),
        ],
    )
    locale = SelectField(
        _l("Dans quelle langue lui écrire"),
        choices=[SelectChoice(code, name) for code, name in NAMES.items()],
        default="fr",
        invalid_choice_message=_l("Choisissez une langue de la liste."),
    )
    invite = BooleanField(_l("L’inviter tout de suite à remplir sa page"))

    def among(self, places: Places) -> "OpenForm":
        """The same form with the places that are known."""
        self.places = places
        self.near.choices = offered([("", gettext("On ne sait pas encore")), *((name, name) for name in places)])
        return self

    def validate_invite(self, field: BooleanField) -> None:
        if field.data and not self.contact.data:
            raise ValidationError(gettext("Pour inviter, il faut une adresse."))

    @property
    def place(self) -> tuple[float, float] | None:
        """Longitude and latitude of the place that was chosen."""
        return self.places.get(self.near.data or "")


class ExitsForm(FlaskForm):
    counts_exits = BooleanField(_l("Compter aussi les sorties"))
