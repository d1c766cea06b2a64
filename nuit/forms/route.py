"""A loop as it is typed: its texts, and its stops as tokens in order, moved without anything being saved."""

import re
from collections.abc import Callable, Mapping, Sequence
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
WAY_POINT = re.compile(r"w(\d{1,3}\.\d{5}),(\d{1,2}\.\d{5})")
"""A place of its own on the map: longitude and latitude."""
STEPS = {"north": (0.0, 0.00045), "south": (0.0, -0.00045), "east": (0.00065, 0.0), "west": (-0.00065, 0.0)}
"""Degrees that a way-point moves at a time: about 50 m."""
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Choice:
    """Where a loop may stop: how it is called, in which group it is offered ("" where it is not)."""

    words: str
    group: str
    stop: StopDraft


def way_point(token: str) -> StopDraft | None:
    """The place that a token such as "w7.35900,46.22750" stands for; None for every other token."""
    found = WAY_POINT.fullmatch(token)
    return StopDraft(None, {}, float(found[1]), float(found[2])) if found else None


def way_token(lon: float, lat: float) -> str:
    """The token of a place of its own."""
    return f"w{lon:.5f},{lat:.5f}"


class RouteForm(FlaskForm):
    """`version` is the one that was read before typing; `tokens` name the stops in their order.

    `ordered` is what ordering them has brought, where that was asked.
    """

    ordered: object = None

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

    def over(self, known: Mapping[str, Choice], tokens: list[str], box: Box) -> "RouteForm":
        """The same form with what may be chosen, and the stops as they are; unknown ones are left out.

        Way-points lie anywhere in the `box` (west, south, east, north).
        """
        self.box = box
        self.known = dict(known)
        self.tokens = [one for one in tokens if self._knows(one)][: MOST + 1]
        groups = dict.fromkeys(one.group for one in known.values() if one.group)
        self.add.choices = offered([("", gettext("choisissez"))])
        for group in groups:
            self.add.choices += offered(
                ((token, one.words) for token, one in known.items() if one.group == group), group
            )
        return self

    def _knows(self, token: str) -> bool:
        place = way_point(token)
        if place is not None and place.lon is not None and place.lat is not None:
            west, south, east, north = self.box
            if west <= place.lon <= east and south <= place.lat <= north:
                self.known.setdefault(token, Choice(gettext("Point de passage"), "", place))
        return token in self.known

    def rearrange(self, act: str, between: Callable[[StopDraft], int]) -> bool:
        """Moves a stop (`up-2`, `down-2`), drops one (`drop-2`), adds the chosen one (`add`) or one picked on the map
        (`pick-h12`; `via-w7.35900,46.22750` at the place that `between` tells), sets a way-point elsewhere (`north-2`,
        `move-2-w7.35910,46.22750`); whether that was asked."""
        what, _, which = act.partition("-")
        if what in ("add", "pick", "via"):
            self._take(self.add.data if what == "add" else which, between if what == "via" else None)
        elif what == "move" or what in STEPS:
            number, _, token = which.partition("-")
            if _number(number) < len(self.tokens):
                self._set(_number(number), token or self._stepped(self.tokens[_number(number)], what))
        elif which.isascii() and which.isdecimal() and len(which) < 3 and int(which) < len(self.tokens):
            self._move(what, int(which))
        return what in ("add", "pick", "via", "move", "up", "down", "drop", *STEPS)

    def _take(self, token: str, between: Callable[[StopDraft], int] | None) -> None:
        if self._knows(token) and len(self.tokens) < MOST:
            self.tokens.insert(between(self.known[token].stop) if between else len(self.tokens), token)
            self.add.data = ""

    def _set(self, number: int, token: str) -> None:
        """Another place for a way-point; companies stay where they are."""
        if way_point(self.tokens[number]) and way_point(token) and self._knows(token):
            self.tokens[number] = token

    def _stepped(self, token: str, direction: str) -> str:
        place = way_point(token)
        if place is None or place.lon is None or place.lat is None or direction not in STEPS:
            return token
        east, north = STEPS[direction]
        return way_token(place.lon + east, place.lat + north)

    def reorder(self, order: Sequence[int]) -> None:
        """The same stops in another order."""
        self.tokens = [self.tokens[number] for number in order]

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


def _number(text: str) -> int:
    """A small number; one too great for every list where it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 3 else MOST + 9
