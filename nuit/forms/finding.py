"""Looking for a company: what may be asked in the address, in plain words; what makes no sense asks nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from math import isfinite
from typing import Any

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Form, HiddenField, SearchField, SelectField, StringField
from wtforms.validators import Length, Regexp
from wtforms.validators import Optional as Unasked

from nuit.forms.fields import one_line
from nuit.i18n import tongues
from nuit.planning.finding import Question

Point = tuple[float, float]
HERE = "ici"
PARAMETERS = {
    "words": "q",
    "seats": "places",
    "language": "langue",
    "wheelchair": "fauteuil",
    "age": "age",
    "trade": "metier",
    "near": "pres",
}
"""The address's word for each field of the question."""
ORDERS = {"depart": "departure", "nom": "name", "distance": "distance"}


class FindForm(Form):
    q = SearchField(
        _l("Nom, quartier ou métier"),
        filters=[one_line],
        validators=[Length(max=80, message=_l("80 caractères au plus."))],
    )
    places = SelectField(_l("Places libres"), validate_choice=False)
    langue = SelectField(_l("Langue de la visite"), validate_choice=False)
    metier = SelectField(_l("Métier"), validate_choice=False)
    age = StringField(
        _l("Âge du plus jeune"),
        filters=[one_line],
        validators=[Unasked(), Regexp(r"\A[0-9]{1,2}\Z", message=_l("Un âge en années, par exemple « 9 »."))],
    )
    fauteuil = BooleanField(_l("Accessible en fauteuil roulant"))
    pres = SelectField(_l("Près de"), validate_choice=False)
    lon = HiddenField()
    lat = HiddenField()
    tri = SelectField(_l("Dans l’ordre"), validate_choice=False)

    def __init__(
        self,
        asked: MultiDict[str, str],
        *,
        most_seats: int,
        languages: Iterable[str],
        trades: Mapping[str, str],
        near: Mapping[str, Point],
    ) -> None:
        """`trades` are names by slug; `near` are points by the name a visitor knows them by."""
        super().__init__(asked)
        self.points = dict(near)
        here = _point(self.lon.data, self.lat.data)
        if here is not None:
            self.points[HERE] = here
        self.places.choices = [
            ("", gettext("Peu importe")),
            *((str(n), seats_words(n)) for n in range(1, most_seats + 1)),
        ]
        self.langue.choices = [("", gettext("Toutes")), *((code, _first_up(tongues([code]))) for code in languages)]
        self.metier.choices = [("", gettext("Tous")), *sorted(trades.items(), key=lambda pair: pair[1].casefold())]
        own = [(HERE, gettext("Ma position"))] if here is not None else []
        self.pres.choices = [("", gettext("Peu importe")), *own, *((name, name) for name in near)]
        self.tri.choices = [
            ("depart", gettext("Prochain départ")),
            ("nom", gettext("Nom")),
            ("distance", gettext("Distance")),
        ]
        self._forget_nonsense()
        self.validate()

    def _forget_nonsense(self) -> None:
        """What is no choice of ours is not asked; without a point there is no distance."""
        for field in self:
            if isinstance(field, SelectField) and field.data not in dict(field.choices):
                field.data = field.choices[0][0]
        if self.pres.data and not self.tri.raw_data:
            self.tri.data = "distance"
        if not self.pres.data and self.tri.data == "distance":
            self.tri.data = "depart"

    def question(self) -> Question:
        """The question as far as it could be understood."""
        return Question(
            words="" if self.q.errors else self.q.data or "",
            seats=int(self.places.data or 0),
            language=self.langue.data,
            wheelchair=self.fauteuil.data,
            age=int(self.age.data) if self.age.data and not self.age.errors else None,
            trade=self.metier.data,
            near=self.points.get(self.pres.data),
            order=ORDERS[self.tri.data],
        )

    def asked(self) -> dict[str, str]:
        """The shortest address of this question, by parameter."""
        question, neutral = self.question(), Question()
        found = {
            PARAMETERS[field.name]: getattr(self, PARAMETERS[field.name]).data
            for field in fields(Question)
            if field.name in PARAMETERS and getattr(question, field.name) != getattr(neutral, field.name)
        }
        if self.pres.data == HERE:
            found |= {"lon": self.lon.data, "lat": self.lat.data}
        if self.tri.data != ("distance" if self.pres.data else "depart"):
            found["tri"] = self.tri.data
        return {key: "1" if value is True else str(value) for key, value in found.items()}

    def said(self, field: str, value: Any = None) -> str:
        """One part of the question in words, as it is asked or at another `value`."""
        if field == "words":
            return f"«\u00a0{self.q.data}\u00a0»"
        if field == "seats":
            return seats_words(int(value or self.places.data))
        if field == "wheelchair":
            return str(self.fauteuil.label.text)
        if field == "age":
            return str(gettext("Avec un enfant de %(age)s ans", age=self.age.data))
        chosen = getattr(self, PARAMETERS[field])
        label = str(dict(chosen.choices)[chosen.data])
        return str(gettext("Près de : %(place)s", place=label)) if field == "near" else label


def seats_words(count: int) -> str:
    """Places asked for, as the choice says it."""
    return str(ngettext("pour %(num)s personne", "pour %(num)s personnes", count))


def _first_up(text: str) -> str:
    return text[:1].upper() + text[1:]


def _point(lon: str | None, lat: str | None) -> Point | None:
    """(lon, lat) in degrees, None for anything that is no place on this earth."""
    try:
        found = (float(lon or ""), float(lat or ""))
    except ValueError:
        return None
    if not all(isfinite(one) for one in found) or abs(found[0]) > 180 or abs(found[1]) > 90:
        return None
    return found
