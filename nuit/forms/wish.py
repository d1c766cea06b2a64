"""What a party wishes for, as the address says it: plain words, and what makes no sense asks nothing."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from math import isfinite
from typing import Any, cast

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Form, HiddenField, SelectField, SelectMultipleField, StringField

from nuit.clock import at_wall, local
from nuit.forms.booking import mode_choices
from nuit.i18n import hour, texts
from nuit.models import Edition
from nuit.planning.evening import Person
from nuit.planning.posing import Stage
from nuit.planning.ride import MODES, Mode
from nuit.planning.wish import NAMED, Break, Place, Wish

HERE, FESTIVAL = "ici", "festival"
AGES = {"adultes": "18+", "ados": "16-17", "jeunes": "14-15", "enfants": "12-13", "petits": "0-11"}
"""The address's word for each age band."""
PAUSES = {"repas": 45, "pause": 20}
MEAL = timedelta(hours=1)
PLATFORM = timedelta(minutes=5)
"""How long before the train leaves one stands on the platform."""
SHORTEST, MOST_NAMES = timedelta(minutes=30), 40
_HOUR = re.compile(r"([01]?[0-9]|2[0-3])[:hH.]([0-5][0-9])", re.ASCII)
_ID = re.compile(r"-?[0-9]{1,18}", re.ASCII)


class WishForm(Form):
    """GET: all of a wish in the address; `said` are the sentences about what could not be understood, by field."""

    de = StringField(_l("De"))
    a = StringField(_l("Jusqu’à"))
    depart = SelectField(_l("Je pars de"), validate_choice=False)
    retour = SelectField(_l("Je rentre à"), validate_choice=False)
    train = StringField(_l("Mon train ou mon bus part à"))
    lon = HiddenField()
    lat = HiddenField()
    adultes = SelectField(_l("18 ans et plus"), validate_choice=False)
    ados = SelectField(_l("16–17 ans"), validate_choice=False)
    jeunes = SelectField(_l("14–15 ans"), validate_choice=False)
    enfants = SelectField(_l("12–13 ans"), validate_choice=False)
    petits = SelectField(_l("Moins de 12 ans"), validate_choice=False)
    mode = SelectField(_l("En chemin"), validate_choice=False)
    envie = SelectMultipleField(_l("Ces entreprises"), validate_choice=False)
    metier = SelectMultipleField(_l("Ces métiers"), validate_choice=False)
    rdv = SelectMultipleField(_l("Ces rendez-vous"), validate_choice=False)
    festival = BooleanField(_l("Passer par le festival"))
    calme = BooleanField(_l("Prendre son temps"))
    pause = SelectField(_l("Une pause"), validate_choice=False)

    def __init__(self, asked: MultiDict[str, str], edition: Edition, stage: Stage, now: datetime) -> None:
        super().__init__(asked)
        self.edition, self.stage, self.now = edition, stage, now
        self.said: dict[str, str] = {}
        self._choices()
        for field in self:
            if isinstance(field, SelectMultipleField):
                field.data = [one for one in dict.fromkeys(field.data or []) if one in dict(field.choices)][:MOST_NAMES]
            elif isinstance(field, SelectField) and field.data not in dict(field.choices):
                field.data = field.choices[0][0]
        if not self._people():
            self.adultes.data = "2"
        self.locked, self.refused = _ids(asked.getlist("garder")), _ids(asked.getlist("autre"))
        slugs = {one.slug for one in stage.everyone}
        self.dropped = [one for one in dict.fromkeys(asked.getlist("sans")) if one in slugs][:MOST_NAMES]
        self.required = [one for one in dict.fromkeys(asked.getlist("avec")) if one in slugs][:MOST_NAMES]
        self.begin, self.until = self._hours()
        self._fast_children()

    def _choices(self) -> None:
        most = self.edition.max_party
        for name in AGES:
            self[name].choices = [(str(number), str(number)) for number in range(most + 1)]
        self.mode.choices = mode_choices()
        own = [(HERE, gettext("Ma position"))] if self._here() else []
        festival = [(FESTIVAL, gettext("Festival"))] if self.stage.items else []
        start = texts(self.edition.start_name) or gettext("Départ")
        firms = [(one.slug, one.name) for one in self.stage.firms]
        self.depart.choices = [("", start), *own, *festival, *firms]
        self.retour.choices = [("", gettext("Comme au départ")), ("gare", start), *own, *festival, *firms]
        self.envie.choices = firms
        self.metier.choices = sorted(((s, texts(n)) for s, n in self.stage.trades.items()), key=lambda one: one[1])
        self.rdv.choices = [(one.slug, f"{hour(one.starts_at)} {texts(one.title)}") for one in self.stage.items]
        self.pause.choices = [
            ("", gettext("Sans pause")),
            ("repas", gettext("Un repas, 45 minutes")),
            ("pause", gettext("Une pause, 20 minutes")),
        ]

    def _hours(self) -> tuple[datetime, datetime]:
        """From when to when; the night's own hours where nothing sensible is said, and the train has the last word."""
        opens, closes = self.edition.opens_at, self.edition.closes_at
        begin = self._instant("de") or opens
        until = self._instant("a") or closes
        train = self._instant("train")
        if train is not None:
            until = min(until, train - PLATFORM) if self._instant("a") else train - PLATFORM
        begin = max(begin, _five(self.now)) if self.now < closes else begin
        if until - begin < SHORTEST:
            self.said["a"] = gettext("Il faut au moins une demi-heure entre l’heure du départ et celle du retour.")
        return begin, until

    def _instant(self, name: str) -> datetime | None:
        text = (self[name].data or "").strip()
        found = _HOUR.fullmatch(text)
        if found is None:
            if text:
                self.said[name] = gettext("Une heure comme « 18:30 ».")
            return None
        return at_wall(self.edition.night, f"{found[1]}:{found[2]}")

    def _people(self) -> int:
        return sum(int(self[name].data) for name in AGES)

    def _fast_children(self) -> None:
        """Whoever is under fourteen may not ride at 45 km/h; too many people are told here, not at the booking."""
        if self.mode.data == "ebike45" and any(int(self[name].data) for name in ("enfants", "petits")):
            self.said["mode"] = gettext("À 45 km/h, on roule dès 14 ans. Choisissez une autre façon d’aller.")
        if self._people() > self.edition.max_party:
            self.said["adultes"] = gettext(
                "Un groupe compte %(count)s personnes au plus.", count=self.edition.max_party
            )

    def party(self) -> tuple[Person, ...]:
        """Who comes, adults first."""
        return tuple(Person("", band) for name, band in AGES.items() for _ in range(int(self[name].data)))

    def wish(self) -> Wish:
        """The wish as far as it could be understood."""
        start = self._place(self.depart.data) or (self.edition.start_lon, self.edition.start_lat)
        return Wish(
            begin=self.begin, until=max(self.begin, self.until), start=start, end=self._end(start),
            mode=cast(Mode, self.mode.data) if self.mode.data in MODES else "ebike25",
            party=self.party(), scores=dict.fromkeys(self.envie.data, NAMED), trades=frozenset(self.metier.data),
            items=frozenset(self.rdv.data), likes_festival=bool(self.festival.data), is_easy=bool(self.calme.data),
            pause=self._pause(), required=frozenset(self.required), dropped=frozenset(self.dropped),
            locked=frozenset(self.locked), refused=frozenset(self.refused),
        )  # fmt: skip

    def _end(self, start: Place) -> Place:
        if self.retour.data == "":
            return start
        return self._place(self.retour.data) or (self.edition.start_lon, self.edition.start_lat)

    def _place(self, name: str) -> Place | None:
        if name == HERE:
            return self._here()
        if name == FESTIVAL:
            return self.stage.items[0].place
        return next((one.place for one in self.stage.firms if one.slug == name), None)

    def _here(self) -> Place | None:
        """Where the visitor stands, to three decimals (some 100 m); nobody is followed to the door."""
        try:
            found = round(float(self.lon.data or ""), 3), round(float(self.lat.data or ""), 3)
        except ValueError:
            return None
        edition = self.edition
        near = (
            all(map(isfinite, found))
            and abs(found[0] - edition.start_lon) < 1
            and abs(found[1] - edition.start_lat) < 1
        )
        return found if near else None

    def _pause(self) -> Break | None:
        minutes = PAUSES.get(self.pause.data)
        if minutes is None:
            return None
        is_meal = self.pause.data == "repas"
        after = max(self.begin, at_wall(self.edition.night, "18:30")) if is_meal else self.begin + MEAL / 2
        before = min(self.until, at_wall(self.edition.night, "21:30")) if is_meal else self.until
        if before - after < timedelta(minutes=minutes):
            after, before = self.begin, self.until
        return Break(minutes, after, before, is_meal)

    def asked(self, **changes: Any) -> dict[str, Any]:
        """The shortest address of this wish; `changes` replace values, None and empty lists leave them out."""
        found: dict[str, Any] = {
            name: self[name].data
            for name in ("de", "a", "train", "depart", "retour", "pause", "envie", "metier", "rdv")
            if self[name].data
        }
        found |= {name: self[name].data for name in AGES if self[name].data != "0"}
        if self.mode.data != "ebike25":
            found["mode"] = self.mode.data
        found |= {name: "1" for name in ("festival", "calme") if self[name].data}
        if HERE in (self.depart.data, self.retour.data) and (here := self._here()):
            found |= {"lon": f"{here[0]:.3f}", "lat": f"{here[1]:.3f}"}
        found |= {"garder": self.locked, "autre": self.refused, "sans": self.dropped, "avec": self.required}
        return {key: value for key, value in (found | changes).items() if value not in (None, "", [], ())}

    def likes(self) -> str:
        """What was chosen beyond hours, places and people, in one line."""
        chosen = [str(self[name].label.text) for name in ("calme", "festival") if self[name].data]
        if self.pause.data:
            chosen.insert(0, str(dict(self.pause.choices)[self.pause.data]))
        if self.train.data:
            chosen.insert(0, self.train.data)
        return ", ".join(
            (*chosen, *(dict(f.choices)[one] for f in (self.envie, self.metier, self.rdv) for one in f.data))
        )

    def hour_value(self, name: str) -> str:
        """What the field of an hour shows."""
        text = (self[name].data or "").strip()
        if _HOUR.fullmatch(text):
            return text
        return {"de": local(self.begin).strftime("%H:%M"), "a": local(self.until).strftime("%H:%M")}.get(name, "")


def _ids(values: Iterable[str]) -> list[int]:
    """The ids in an address: "12", "-100012" or several with points between them; nonsense is left out."""
    found = [one for value in values for one in value.split(".")]
    return list(dict.fromkeys(int(one) for one in found if _ID.fullmatch(one)))[:MOST_NAMES]


def _five(instant: datetime) -> datetime:
    """The next full five minutes."""
    whole = instant.replace(second=0, microsecond=0)
    return whole + timedelta(minutes=-whole.minute % 5)
