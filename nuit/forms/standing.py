"""Where something stands: at a known place, or at a position in degrees."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField

from nuit.forms.choices import offered
from nuit.forms.fields import Degrees

Places = dict[str, tuple[float, float]]
ABROAD = _l("Cette position est hors de Suisse : vérifiez les deux nombres.")


class StandingForm(FlaskForm):
    """`near` names a known place, whose position is then taken instead of the typed one."""

    near = SelectField(_l("Lieu connu"), choices=[], validate_choice=False)
    lon = Degrees(_l("Longitude"), least=5.9, most=10.6, words=ABROAD)
    lat = Degrees(_l("Latitude"), least=45.8, most=47.9, words=ABROAD)

    def among(self, places: Places) -> None:
        """Offers these places, and takes the position of the one that was chosen."""
        pairs = [("", gettext("La position ci-dessous")), *((name, name) for name in places)]
        self.near.choices = offered(pairs)
        if self.near.data in places:
            for field, value in zip((self.lon, self.lat), places[self.near.data], strict=True):
                field.data, field.raw_data, field.process_errors = value, [f"{value}"], []
