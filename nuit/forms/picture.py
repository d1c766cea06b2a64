"""A picture and the words that stand for it."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import RadioField
from wtforms.fields import SelectChoice

from nuit.forms.fields import Sentence, Texts


class AltForm(FlaskForm):
    alt = Texts(_l("Ce que l’on y voit"), most=160, kind=Sentence,
                needed=_l("Dites en quelques mots ce que l’image montre."))  # fmt: skip


class PictureForm(AltForm):
    """One file, a logo or a photo."""

    file = FileField(
        _l("Fichier PNG, JPEG ou WebP, 5 Mo au plus"), validators=[FileRequired(_l("Choisissez un fichier."))]
    )
    kind = RadioField(
        _l("Genre"),
        choices=[SelectChoice("photo", _l("Photo")), SelectChoice("logo", _l("Logo"))],
        default="photo",
        invalid_choice_message=_l("Choisissez une des deux lignes."),
    )

    def content(self) -> bytes:
        """What was sent, up to one byte more than is accepted."""
        sent: Any = self.file.data
        return bytes(sent.stream.read(5 * 2**20 + 1))
