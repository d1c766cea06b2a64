"""What is shown, how long, for whom: a visit and its conditions as they are typed."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, Form, FormField, HiddenField, RadioField
from wtforms.fields import SelectChoice
from wtforms.validators import Regexp, StopValidation

from nuit.forms.fields import Sentence, Texts, Ticks, Whole, chosen
from nuit.i18n import LANGUAGES
from nuit.planning.offer import CONDITIONS, VisitOffer

ASKED = {
    "min_age": (_l("Âge minimum"), _l("Dès quel âge")),
    "accompanied_under": (_l("Enfants accompagnés d’un adulte"), _l("Jusqu’à quel âge")),
    "closed_shoes": (_l("Chaussures fermées"), None),
    "hair_tied": (_l("Cheveux attachés"), None),
    "no_pacemaker": (_l("Pas de stimulateur cardiaque"), None),
    "steps": (_l("Marches"), _l("Combien de marches")),
    "heat": (_l("Chaleur"), _l("Degrés Celsius")),
    "cold": (_l("Froid"), _l("Degrés Celsius")),
    "noise": (_l("Bruit"), None),
    "dust": (_l("Poussière"), None),
    "no_photos": (_l("Pas de photos"), None),
}
"""How each condition is asked for: the line to tick, and the figure it needs."""


def _condition_form(kind: str) -> type[Form]:
    words, figure = ASKED[kind]
    bounds = CONDITIONS[kind]
    parts: dict[str, Any] = {"on": BooleanField(words)}
    if bounds:
        parts["value"] = Whole(figure, least=bounds[0], most=bounds[1], needed=False)
    parts["note"] = Texts(_l("Précision"), most=120, kind=Sentence)
    return type("ConditionForm", (_Condition,), parts)


class _Condition(Form):
    def validate(self, extra_validators: Any = None) -> bool:
        """A line that is not ticked counts for nothing, whatever stands in it."""
        if not self.on.data:
            return True
        sound = bool(super().validate(extra_validators))
        if sound and "value" in self and self.value.data is None:
            self.value.errors = [gettext("Tapez le nombre.")]
            return False
        return sound

    def kept(self, kind: str) -> dict[str, Any]:
        """The condition as the model keeps it."""
        found: dict[str, Any] = {"kind": kind}
        if "value" in self:
            found["value"] = self.value.data
        return {**found, "note": self.note.data} if self.note.data else found


class _Conditions(Form):
    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        youngest, under = self["min_age"].form, self["accompanied_under"].form
        if youngest.on.data and under.on.data and under.value.data <= youngest.value.data:
            under.value.errors = [gettext("Cet âge doit dépasser l’âge minimum.")]
            return False
        return True


ConditionsForm: type[Form] = type(
    "ConditionsForm", (_Conditions,), {kind: FormField(_condition_form(kind), ASKED[kind][0]) for kind in CONDITIONS}
)


class ShownForm(FlaskForm):
    """What is shown; `version` is the one that was read before typing, 0 for a new visit."""

    version = HiddenField(default="0", validators=[Regexp(r"\A[0-9]{1,9}\Z")])
    title = Texts(_l("Titre"), most=80, needed=_l("Donnez un titre, par exemple « Couler l’aluminium »."))
    summary = Texts(_l("Ce que l’on voit"), most=300, kind=Sentence)
    minutes = Whole(_l("Durée en minutes"), least=5, most=240, default=45)
    languages = Ticks(
        _l("Langues de la visite"),
        choices=[
            SelectChoice("fr", _l("Français")),
            SelectChoice("de", _l("Allemand")),
            SelectChoice("en", _l("Anglais")),
        ],
        default=["fr"],
    )

    def validate_languages(self, field: Ticks) -> None:
        if not field.data:
            raise StopValidation(gettext("Cochez au moins une langue."))

    def shown(self) -> dict[str, Any]:
        """What was typed, by the fields of a VisitOffer."""
        spoken = chosen(self.languages.data)
        return {
            "title": self.title.data, "summary": self.summary.data, "minutes": self.minutes.data,
            "languages": tuple(code for code in LANGUAGES if code in spoken),
        }  # fmt: skip


class WelcomeForm(FlaskForm):
    """For whom a visit is."""

    version = HiddenField(default="0", validators=[Regexp(r"\A[0-9]{1,9}\Z")])
    wheelchair = RadioField(
        _l("En fauteuil roulant"),
        choices=[
            SelectChoice("yes", _l("Tout le parcours")),
            SelectChoice("partly", _l("Une partie du parcours")),
            SelectChoice("no", _l("Pas accessible")),
        ],
        invalid_choice_message=_l("Choisissez une des trois lignes."),
        default="no",
    )
    conditions = FormField(ConditionsForm, _l("Conditions"))
    is_unconditional = BooleanField(_l("Aucune condition : tout le monde peut venir comme il est"))

    def validate_is_unconditional(self, field: BooleanField) -> None:
        kinds = self._ticked()
        if not kinds and not field.data:
            raise StopValidation(gettext("Cochez les conditions qui valent, ou cette ligne s’il n’y en a aucune."))
        if kinds and field.data:
            raise StopValidation(gettext("Des conditions sont cochées : décochez-les, ou décochez cette ligne."))

    def _ticked(self) -> list[str]:
        return [kind for kind in CONDITIONS if self.conditions.form[kind].form.on.data]

    def welcome(self) -> dict[str, Any]:
        """What was typed, by the fields of a VisitOffer."""
        return {
            "wheelchair": self.wheelchair.data,
            "conditions": tuple(self.conditions.form[kind].form.kept(kind) for kind in self._ticked()),
            "is_unconditional": bool(self.is_unconditional.data),
        }


class VisitForm(ShownForm, WelcomeForm):
    """A whole visit."""

    def wanted(self) -> VisitOffer:
        """What was typed, as a value."""
        return VisitOffer(**self.shown(), **self.welcome())


def asked_again(offer: VisitOffer, version: str) -> dict[str, Any]:
    """A visit as keyword arguments that fill a VisitForm."""
    conditions = {one["kind"]: {"on": True, **one} for one in offer.conditions if one.get("kind") in CONDITIONS}
    return {
        "title": offer.title, "summary": offer.summary, "minutes": offer.minutes, "languages": list(offer.languages),
        "wheelchair": offer.wheelchair, "conditions": conditions, "is_unconditional": offer.is_unconditional,
        "version": version,
    }  # fmt: skip
