"""A message to those concerned, and a party's answers about its visits."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import force_locale, gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField
from wtforms.validators import Regexp

from nuit.errors import N_
from nuit.forms.choices import offered
from nuit.forms.fields import Paragraphs, Texts, one_line, tidy
from nuit.forms.instants import Instant
from nuit.i18n import LANGUAGES

TEMPLATES: dict[str, tuple[str, str]] = {
    "retard": (
        N_("Votre visite commence plus tard"),
        N_("Nous commençons avec dix minutes de retard. Vos places restent à vous."),
    ),
    "acces": (
        N_("L’entrée n’est pas celle que vous attendez"),
        N_("Passez par l’autre entrée : suivez les panneaux depuis la rue."),
    ),
    "temps": (
        N_("Il va pleuvoir ce soir"),
        N_("Toutes les visites ont lieu. Prenez une veste, et partez cinq minutes plus tôt."),
    ),
}
"""Ready messages: subject and text, said in each language."""


def template_texts(name: str) -> dict[str, dict[str, str]]:
    """Subject and body of a ready message in every language; {} for one that is not there."""
    if name not in TEMPLATES:
        return {}
    found: dict[str, dict[str, str]] = {"subject": {}, "body": {}}
    for code in LANGUAGES:
        with force_locale(code):
            for part, sentence in zip(found, TEMPLATES[name], strict=True):
                found[part][code] = gettext(sentence)
    return found


class WriteForm(FlaskForm):
    """`people` is the number that was shown before sending; `key` makes a second click send nothing."""

    key = HiddenField(validators=[Regexp(r"\A[A-Za-z0-9_-]{10,60}\Z")])
    people = HiddenField(validators=[Regexp(r"\A[0-9]{0,9}\Z")])
    audience = SelectField(_l("À qui"), choices=[])
    subject = Texts(_l("Objet"), most=120, needed=_l("Donnez un objet, au moins en français."))
    body = Texts(_l("Message"), most=3000, kind=Paragraphs, needed=_l("Écrivez le message, au moins en français."))
    when = SelectField(_l("Quand"), choices=[])
    send_at = Instant(_l("Le jour et l’heure, si c’est plus tard"))

    def among(self, pairs: Sequence[tuple[str, Any]]) -> "WriteForm":
        """Offers these audiences."""
        self.audience.choices = offered(pairs)
        self.when.choices = offered([("now", gettext("Maintenant")), ("later", gettext("Plus tard"))])
        return self

    def instant(self, now: datetime) -> datetime:
        """When it is to be sent."""
        return self.send_at.instant if self.when.data == "later" else now

    def validate(self, extra_validators: Any = None) -> bool:
        """Who reads an object in a language reads the message in it too; an hour counts only where it is asked for."""
        super().validate(extra_validators)
        if self.when.data != "later":
            self.send_at.errors = []
        subject, body = self.subject.data, self.body.data
        for code in set(subject) ^ set(body):
            part = (self.body if code in subject else self.subject).form[code]
            part.errors = [gettext("Objet et message vont ensemble : remplissez les deux dans cette langue.")]
        return not self.errors


MARKS = {"4": 4, "3": 3, "2": 2, "1": 1}
YES_NO = {"yes": True, "no": False}
TRADE = ("yes", "maybe", "no")


def answers(typed: Any, host_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """What was answered of each company; anything that is no answer counts as none."""
    return {
        one: {
            "welcome": MARKS.get(typed.get(f"welcome-{one}", "")),
            "clear": MARKS.get(typed.get(f"clear-{one}", "")),
            "on_time": YES_NO.get(typed.get(f"on_time-{one}", "")),
            "trade": typed.get(f"trade-{one}", "") if typed.get(f"trade-{one}") in TRADE else "",
            "words": (tidy(one_line(typed.get(f"words-{one}", ""))) or "")[:300],
        }
        for one in host_ids
    }
