"""Who comes, how, and what the party agrees to; asking for one's tickets again."""

import re
from collections.abc import Sequence
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, FieldList, Form, FormField, HiddenField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import ValidationError

from nuit.conditions import Demand
from nuit.forms.fields import Filled, Line, one_line
from nuit.i18n import age_band
from nuit.planning.evening import AGE_BANDS, Person
from nuit.planning.ride import MODES

LONGEST_LABEL, LONGEST_NAME = 60, 120
KEY = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)


def mode_choices() -> list[tuple[str, str]]:
    """How one may get about, the usual way first."""
    words = {
        "ebike25": gettext("Vélo électrique"),
        "ebike45": gettext("Vélo électrique rapide"),
        "bike": gettext("Vélo"),
        "foot": gettext("À pied"),
    }
    return [(mode, str(words[mode])) for mode in MODES]


class Reachable:
    """A whole e-mail address; kept in lower case, its domain as mail servers write it."""

    def __call__(self, form: Form, field: Any) -> None:
        try:
            found = validate_email(field.data or "", check_deliverability=False, allow_smtputf8=False)
        except EmailNotValidError:
            raise ValidationError(self._what_is_missing(field.data or "")) from None
        field.data = (found.ascii_email or found.normalized).lower()

    def _what_is_missing(self, text: str) -> str:
        name, at, domain = text.rpartition("@")
        if not text:
            return str(gettext("Tapez votre adresse : les billets y arrivent."))
        if not at:
            return str(gettext("Il manque le signe @, par exemple « nom@domaine.ch »."))
        if name and domain and "." not in domain:
            return str(gettext("Il manque la fin de l’adresse, par exemple « .ch »."))
        return str(gettext("Cette adresse n’est pas complète, par exemple « nom@domaine.ch »."))


class PersonForm(Form):
    label = Line(_l("Prénom ou initiale"), most=LONGEST_LABEL)
    age_band = SelectField(_l("Âge"), default="18+")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.age_band.choices = [(band, age_band(band)) for band in AGE_BANDS]


class BookingForm(FlaskForm):
    """A party's request; `slots` are the ids on the page, `key` makes the same form, sent twice, one booking.

    `wish` is the query of the composed evening that this one comes from, "" where it was chosen by hand.
    `website` is for machines that fill in everything; people never see it.
    """

    people = FieldList(FormField(PersonForm), min_entries=1, max_entries=6)
    mode = RadioField(_l("Comment roulez-vous ?"), default="ebike25")
    accept = SelectMultipleField(_l("Ce que vous acceptez"), validate_choice=False)
    name = Line(_l("Votre nom"), [Filled(_l("Tapez votre nom : la porte le voit en cas de doute."))], most=LONGEST_NAME)
    email = EmailField(_l("Adresse e-mail"), [Reachable()], filters=[one_line])
    website = Line(_l("Ne remplissez pas ce champ"), most=200)
    key = HiddenField()
    slots = HiddenField()
    waits = HiddenField()
    wish = HiddenField()

    def __init__(self, *args: Any, most_people: int = 6, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people.max_entries = most_people
        self.mode.choices = mode_choices()
        self.demands: list[Demand] = []

    def slot_ids(self) -> list[int]:
        """The ids on the page, each once; what is no number is left out."""
        return _ids(self.slots.data)

    def wait_ids(self) -> list[int]:
        """The ids of the slots to wait for; what is booked is not waited for."""
        booked = set(self.slot_ids())
        return [one for one in _ids(self.waits.data) if one not in booked]

    def party(self) -> tuple[Person, ...]:
        """The people as they are typed; who has no name is called by number, an unknown age is an adult's."""
        return tuple(
            Person(
                one.form.label.data or gettext("Personne %(number)s", number=number),
                one.form.age_band.data if one.form.age_band.data in AGE_BANDS else "18+",
            )
            for number, one in enumerate(self.people, start=1)
        )

    def asked(self, demands: Sequence[Demand]) -> None:
        """What this evening demands; of a demand by age only parties with somebody that young are asked."""
        self.demands = [one for one in demands if self.concerns(one)]

    def concerns(self, demand: Demand) -> bool:
        """Whether somebody of the party may be younger than the demand's age."""
        return not demand.under or any(person.youngest < demand.under for person in self.party())

    def missing(self) -> list[Demand]:
        """Demands that are not ticked."""
        return [one for one in self.demands if one.key not in (self.accept.data or [])]

    def validate_accept(self, field: Any) -> None:
        missing = len(self.missing())
        if missing:
            raise ValidationError(
                ngettext("%(num)s condition n’est pas acceptée.", "%(num)s conditions ne sont pas acceptées.", missing)
            )

    def validate_website(self, field: Any) -> None:
        if field.data:
            raise ValidationError(gettext("Videz ce champ : il ne sert qu’à reconnaître les robots."))

    def validate_key(self, field: Any) -> None:
        if not KEY.fullmatch(field.data or ""):
            raise ValidationError(gettext("Rechargez la page et recommencez."))


def _ids(text: str | None) -> list[int]:
    found = re.findall(r"(?<![0-9])[0-9]{1,18}(?![0-9])", text or "", re.ASCII)
    return list(dict.fromkeys(int(one) for one in found))


class NameForm(FlaskForm):
    """Another name for a person of the party."""

    label = Line(_l("Prénom ou initiale"), [Filled(_l("Tapez un prénom ou une initiale."))], most=LONGEST_LABEL)


class ResendForm(FlaskForm):
    email = EmailField(_l("Adresse e-mail"), [Reachable()], filters=[one_line])
