"""A file of places of use on the way."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField
from wtforms.fields import SelectChoice

from nuit.planning.amenity import MOST_BYTES


class AmenityForm(FlaskForm):
    file = FileField(
        _l("Fichier GBFS, GeoJSON ou réponse d’Overpass, 5 Mo au plus"),
        validators=[FileRequired(_l("Choisissez un fichier."))],
    )
    kind = SelectField(
        _l("Ce qu’il contient"),
        choices=[
            SelectChoice("", _l("Le fichier le dit")),
            SelectChoice("share", _l("Stations de vélos en libre-service")),
            SelectChoice("rack", _l("Places pour vélos")),
            SelectChoice("charger", _l("Bornes de recharge")),
            SelectChoice("bus", _l("Arrêts de bus")),
        ],
        default="",
    )

    def content(self) -> bytes:
        """What was sent, up to one byte more than is accepted."""
        sent: Any = self.file.data
        return bytes(sent.stream.read(MOST_BYTES + 1))
