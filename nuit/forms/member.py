"""Signing in."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, StringField
from wtforms.validators import Email, InputRequired, Length, Regexp


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
