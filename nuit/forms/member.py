"""Signing in, and who may."""

from collections.abc import Sequence

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, SelectField, StringField
from wtforms.validators import Email, InputRequired, Length, Regexp, ValidationError

from nuit.forms.choices import offered, values
from nuit.forms.fields import Line
from nuit.i18n import NAMES


def _trim(text: str | None) -> str | None:
    return text.strip() if text else text


class AskForm(FlaskForm):
    email = EmailField(
        _l("Adresse e-mail"),
        filters=[_trim],
        validators=[
            InputRequired(_l("Tapez votre adresse.")),
            Length(max=254),
            Email(_l("Cette adresse n’est pas complète, par exemple « nom@domaine.ch ».")),
        ],
    )


class CodeForm(FlaskForm):
    code = StringField(
        _l("Code à six chiffres"),
        filters=[lambda text: text.replace(" ", "") if text else text],
        validators=[Regexp(r"\A[0-9]{6}\Z", message=_l("Six chiffres, comme dans le message."))],
    )


class MemberForm(FlaskForm):
    """A role for somebody; a company's contact belongs to one, a volunteer may."""

    email = EmailField(
        _l("Adresse e-mail"),
        filters=[_trim],
        validators=[
            InputRequired(_l("Tapez son adresse.")),
            Length(max=254),
            Email(_l("Cette adresse n’est pas complète, par exemple « nom@domaine.ch ».")),
        ],
    )
    name = Line(_l("Nom"), most=80)
    role = SelectField(
        _l("Rôle"),
        choices=offered(
            [
                ("volunteer", _l("Bénévole à la porte")),
                ("host", _l("Contact d’une entreprise")),
                ("organiser", _l("Organisation")),
                ("reader", _l("Lecture seule (presse, canton)")),
            ]
        ),
    )
    company = SelectField(_l("Entreprise"), choices=[], validate_choice=False)
    locale = SelectField(_l("Langue des messages"), choices=offered(NAMES.items()), default="fr")
    invite = BooleanField(_l("Envoyer une invitation"))

    def among(self, companies: Sequence[tuple[int, str]]) -> "MemberForm":
        """The same form with the companies that are known, by id."""
        self.company.choices = offered([("", gettext("aucune")), *((str(key), name) for key, name in companies)])
        return self

    def validate_company(self, field: SelectField) -> None:
        if (field.data or "") not in values(field):
            raise ValidationError(gettext("Choisissez une entreprise de la liste."))
        if self.role.data == "host" and not field.data:
            raise ValidationError(gettext("Choisissez l’entreprise de ce contact."))
        if self.role.data in ("organiser", "reader") and field.data:
            raise ValidationError(gettext("Ce rôle n’appartient à aucune entreprise : laissez cette ligne vide."))

    @property
    def company_id(self) -> int | None:
        return int(self.company.data) if self.company.data else None
