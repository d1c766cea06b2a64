"""A programme sheet: sent to be looked at, then written as it was shown."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, HiddenField

from nuit.planning.sheet import pack, unpack


class SheetForm(FlaskForm):
    """One file."""

    file = FileField(_l("Fichier XLSX ou CSV"), validators=[FileRequired(_l("Choisissez un fichier."))])

    def content(self) -> bytes:
        sent: Any = self.file.data
        return bytes(sent.stream.read())


class WriteForm(FlaskForm):
    """The same file on its way back, and what to do with it."""

    sheet = HiddenField()
    skip_bad = BooleanField(_l("Laisser de côté les lignes à revoir, écrire les autres"))
    invite = BooleanField(_l("Inviter tout de suite les contacts des entreprises nouvelles"))

    @classmethod
    def holding(cls, content: bytes) -> "WriteForm":
        """An empty form with this file. Raises BadSheet where it is too large."""
        return cls(formdata=None, sheet=pack(content))

    def content(self) -> bytes:
        """The file. Raises BadSheet."""
        return unpack(self.sheet.data or "")
