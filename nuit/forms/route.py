"""A loop as it is typed: its texts, and its stops as tokens in order, moved without anything being saved."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, ColorField, HiddenField, SelectField
from wtforms.validators import Regexp, ValidationError

from nuit.forms.choices import offered
from nuit.forms.fields import Paragraphs, Texts
from nuit.planning.draft import RouteDraft, StopDraft

MOST = 20


@dataclass(frozen=True, slots=True)
class Choice:
    """Where a loop may stop: how it is called, in which group it is offered ("" where it is not)."""

    words: str
    group: str
    stop: StopDraft


class RouteForm(FlaskForm):
    """`version` is the one that was read before typing; `tokens` name the stops in their order."""

    version = HiddenField(default="0", validators=[Regexp(r"\A[0-9]{1,9}\Z")])
    name = Texts(_l("Nom du parcours"), most=80, needed=_l("Donnez un nom au parcours, en français."))
    summary = Texts(_l("En quelques phrases"), most=500, kind=Paragraphs)
    colour = ColorField(
        _l("Couleur sur la carte"),
        default="#ff6d1f",
        validators=[Regexp(r"\A#[0-9a-fA-F]{6}\Z", message=_l("Une couleur, par exemple « #ff6d1f »."))],
    )
    is_closed = BooleanField(_l("Boucle : de la dernière étape, on revient à la première"))
    is_published = BooleanField(_l("Montrer au public"))
    add = SelectField(_l("Ajouter une étape"), choices=[], validate_choice=False)

    def over(self, known: Mapping[str, Choice], tokens: list[str]) -> "RouteForm":
        """The same form with what may be chosen, and the stops as they are; unknown ones are left out."""
        self.known = known
        self.tokens = [one for one in tokens if one in known][: MOST + 1]
        groups = dict.fromkeys(one.group for one in known.values() if one.group)
        self.add.choices = offered([("", gettext("choisissez"))])
        for group in groups:
            self.add.choices += offered(
                ((token, one.words) for token, one in known.items() if one.group == group), group
            )
        return self

    def rearrange(self, act: str) -> bool:
        """Moves a stop (`up-2`, `down-2`), drops one (`drop-2`), adds the chosen one (`add`); whether that was asked."""
        what, _, which = act.partition("-")
        if what == "add" and self.add.data in self.known and len(self.tokens) < MOST:
            self.tokens.append(self.add.data)
            self.add.data = ""
        elif which.isascii() and which.isdecimal() and len(which) < 3 and int(which) < len(self.tokens):
            self._move(what, int(which))
        return what in ("add", "up", "down", "drop")

    def _move(self, what: str, here: int) -> None:
        if what == "drop":
            del self.tokens[here]
        elif what in ("up", "down"):
            there = max(0, here - 1) if what == "up" else min(len(self.tokens) - 1, here + 1)
            self.tokens[here], self.tokens[there] = self.tokens[there], self.tokens[here]

    def validate_is_published(self, field: BooleanField) -> None:
        if field.data and len(self.tokens) < 2:
            raise ValidationError(gettext("Un parcours se montre dès deux étapes. Ajoutez-en, ou gardez-le pour vous."))

    def validate_add(self, field: SelectField) -> None:
        if len(self.tokens) > MOST:
            raise ValidationError(ngettext("Au plus %(num)s étape.", "Au plus %(num)s étapes.", MOST))

    def stops(self) -> tuple[StopDraft, ...]:
        """The stops in their order, as values."""
        return tuple(self.known[one].stop for one in self.tokens)

    def wanted(self) -> RouteDraft:
        """What was typed, as a value."""
        return RouteDraft(
            name=self.name.data,
            summary=self.summary.data,
            colour=self.colour.data,
            is_closed=self.is_closed.data,
            is_published=self.is_published.data,
            stops=self.stops(),
        )
