"""The frame of a night: date, hours, booking, riding, door, limits; what contradicts itself is refused."""

from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, HiddenField, TelField
from wtforms.validators import Email, Length, Regexp, ValidationError

from nuit.clock import local
from nuit.forms.fields import Degrees, Filled, Hour, Line, Sentence, Texts, Whole, one_line
from nuit.forms.instants import Day, Instant, MaybeInstant, evening
from nuit.forms.standing import StandingForm
from nuit.models import Edition
from nuit.planning.draft import EditionDraft

LONGEST = timedelta(hours=14)


class Factor(Degrees):
    """A figure with two decimals."""

    def __init__(self, label: Any, **more: Any) -> None:
        super().__init__(label, **more)
        self.places = 2


class EditionForm(StandingForm):
    name = Line(_l("Nom de l’édition"), [Filled(_l("Donnez un nom à l’édition, par exemple « Sion 2027 »."))], most=80)
    region = Line(_l("Région"), [Filled(_l("Tapez la région, par exemple « Sion »."))], most=60)
    summary = Texts(_l("En une phrase"), most=300, kind=Sentence)
    night = Day(_l("Le soir du"))
    opens = Hour(_l("Ouverture des portes"))
    closes = Hour(_l("Fin de la nuit"))
    booking_opens_at = Instant(_l("Réservations dès"))
    booking_closes_at = Instant(_l("Réservations jusqu’à"))
    contact_email = EmailField(
        _l("Adresse e-mail de l’organisation"),
        filters=[one_line],
        validators=[
            Filled(_l("Tapez l’adresse où le public vous écrit.")),
            Length(max=254),
            Email(_l("Cette adresse n’est pas complète, par exemple « nom@domaine.ch ».")),
        ],
    )
    contact_phone = TelField(
        _l("Téléphone qui répond ce soir-là"),
        filters=[lambda text: one_line(text) or ""],
        validators=[Regexp(r"\A([0-9+ ()/.-]{5,30})?\Z", message=_l("Des chiffres, par exemple « 027 000 00 00 »."))],
    )
    start_name = Texts(
        _l("D’où l’on part"), most=80, needed=_l("Nommez le lieu d’où l’on part, par exemple « Gare de Sion ».")
    )
    ride_factor = Factor(
        _l("Temps de trajet, multiplié par"), least=1, most=3, words=_l("Un nombre de 1 à 3, par exemple 1.25.")
    )
    ride_margin_minutes = Whole(_l("Minutes en plus par étape"), least=0, most=30)
    door_early_minutes = Whole(_l("La porte laisse entrer, minutes avant"), least=0, most=60)
    door_late_minutes = Whole(_l("La porte laisse entrer, minutes après"), least=0, most=60)
    max_party = Whole(_l("Personnes par réservation, au plus"), least=1, most=12)
    max_stops = Whole(_l("Étapes par soirée, au plus"), least=1, most=12)
    max_bookings_per_email = Whole(_l("Réservations par adresse, au plus"), least=1, most=50)
    attempts_per_network = Whole(_l("Essais par réseau en dix minutes, au plus"), least=20, most=100_000)
    first_wave_percent = Whole(_l("Places en vente à l’ouverture, en pour cent"), least=1, most=100)
    second_wave_at = MaybeInstant(_l("Le reste en vente dès"))
    asks_confirmation = BooleanField(_l("Faire confirmer chaque réservation par e-mail"))
    confirm_minutes = Whole(_l("Places gardées jusque-là, minutes"), least=5, most=120)
    offer_minutes = Whole(_l("Une offre tient, minutes"), least=5, most=1440)
    offer_minutes_tonight = Whole(_l("Le soir même, minutes"), least=5, most=120)
    release_minutes = Whole(_l("Places libérées, minutes après le début"), least=0, most=60)
    version = HiddenField(validators=[Regexp(r"\A[0-9]{1,9}\Z")])

    @staticmethod
    def of(edition: Edition) -> dict[str, Any]:
        """What the form shows of an edition as it stands."""
        return {
            "opens": local(edition.opens_at).strftime("%H:%M"),
            "closes": local(edition.closes_at).strftime("%H:%M"),
            "lon": edition.start_lon,
            "lat": edition.start_lat,
        }

    def validate_opens(self, field: Hour) -> None:
        if not self.night.errors:
            evening(self.night.data, field.data)

    def validate_closes(self, field: Hour) -> None:
        closes = self._end()
        if closes is None or not self.opens.data or self.opens.errors:
            return
        opens = evening(self.night.data, self.opens.data)
        if closes <= opens:
            raise ValidationError(gettext("La nuit finirait avant de commencer."))
        if closes - opens > LONGEST:
            raise ValidationError(gettext("La nuit durerait plus de quatorze heures : vérifiez les deux heures."))

    def validate_booking_closes_at(self, field: Instant) -> None:
        if not self.booking_opens_at.errors and field.instant <= self.booking_opens_at.instant:
            raise ValidationError(gettext("Les réservations fermeraient avant d’ouvrir."))
        closes = self._end()
        if closes is not None and not self.closes.errors and field.instant > closes:
            raise ValidationError(gettext("Les réservations fermeraient après la fin de la nuit."))

    def validate_first_wave_percent(self, field: Whole) -> None:
        if field.data != 100 and self.second_wave_at.data is None:
            raise ValidationError(gettext("Dites quand le reste des places entre en vente."))

    def validate_second_wave_at(self, field: MaybeInstant) -> None:
        at = field.maybe
        if at is None:
            return
        if not self.booking_opens_at.errors and at <= self.booking_opens_at.instant:
            raise ValidationError(gettext("La seconde vague viendrait avant l’ouverture des réservations."))
        if not self.booking_closes_at.errors and at >= self.booking_closes_at.instant:
            raise ValidationError(gettext("La seconde vague viendrait après la fermeture des réservations."))

    def _end(self) -> datetime | None:
        """When the night ends, as far as that can be read."""
        if self.night.errors or not self.closes.data:
            return None
        return evening(self.night.data, self.closes.data)

    def wanted(self) -> EditionDraft:
        """What was typed, as a value."""
        plain = (
            "name", "region", "night", "contact_email", "contact_phone", "ride_margin_minutes", "door_early_minutes",
            "door_late_minutes", "max_party", "max_stops", "max_bookings_per_email", "release_minutes", "first_wave_percent",
            "attempts_per_network", "asks_confirmation", "confirm_minutes", "offer_minutes", "offer_minutes_tonight",
        )  # fmt: skip
        return EditionDraft(
            opens_at=evening(self.night.data, self.opens.data), closes_at=evening(self.night.data, self.closes.data),
            booking_opens_at=self.booking_opens_at.instant, booking_closes_at=self.booking_closes_at.instant,
            summary=self.summary.data, start_name=self.start_name.data, start_lon=float(self.lon.data),
            start_lat=float(self.lat.data), second_wave_at=self.second_wave_at.maybe, ride_factor=float(self.ride_factor.data),
            **{name: getattr(self, name).data for name in plain},
        )  # fmt: skip
