"""What the organisers' lists may be asked: letters to find, filters, an order, a page; nonsense asks nothing."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import Form, SearchField, SelectField

from nuit.forms.choices import offered, values
from nuit.forms.fields import one_line

LONGEST = 80
MOST_PAGES = 10_000


class SearchForm(Form):
    """`q` is cut to what a search can use; `page` counts from 1."""

    q = SearchField(_l("Chercher"), filters=[one_line], render_kw={"maxlength": LONGEST, "autocomplete": "off"})

    def __init__(self, asked: MultiDict[str, str]) -> None:
        super().__init__(asked)
        self.page = _page(asked.get("page", ""))
        for field in self:
            if isinstance(field, SelectField) and field.data not in values(field):
                field.data = ""

    @property
    def text(self) -> str:
        return (self.q.data or "")[:LONGEST]

    def asked(self) -> dict[str, str]:
        """The shortest address of this question, without its page."""
        return {field.short_name: str(field.data) for field in self if field.data}


def _page(text: str) -> int:
    return min(max(int(text), 1), MOST_PAGES) if text.isascii() and text.isdecimal() and len(text) < 6 else 1


class CompaniesForm(SearchForm):
    etat = SelectField(
        _l("État"),
        choices=offered(
            [
                ("", _l("Tous")),
                ("draft", _l("En préparation")),
                ("proposed", _l("Proposées")),
                ("published", _l("Publiées")),
                ("withdrawn", _l("Retirées")),
            ]
        ),
        validate_choice=False,
    )
    manque = SelectField(_l("Ce qui manque"), choices=[], validate_choice=False)
    tri = SelectField(
        _l("Dans l’ordre"),
        choices=offered(
            [
                ("", _l("Nom")),
                ("state", _l("État")),
                ("places", _l("Places")),
                ("taken", _l("Places prises")),
                ("left", _l("Places libres")),
                ("missing", _l("Ce qui manque")),
            ]
        ),
        validate_choice=False,
    )

    def __init__(self, asked: MultiDict[str, str], gaps: Mapping[str, Any]) -> None:
        """`gaps` are the words for what may be missing, by kind."""
        self._gaps = offered([("", _l("Peu importe")), *gaps.items()])
        super().__init__(asked)

    def process(self, *args: Any, **more: Any) -> None:
        self.manque.choices = self._gaps
        super().process(*args, **more)


class SlotsForm(SearchForm):
    entreprise = SelectField(_l("Entreprise"), choices=[], validate_choice=False)
    heure = SelectField(_l("Heure"), choices=[], validate_choice=False)

    def __init__(
        self, asked: MultiDict[str, str], companies: Sequence[tuple[str, str]], hours: Sequence[tuple[datetime, str]]
    ) -> None:
        """`companies` are (slug, name); `hours` are instants with their words."""
        self._companies = offered([("", _l("Toutes")), *companies])
        self._hours = offered([("", _l("Toutes")), *((f"{at:%Y%m%d%H}", words) for at, words in hours)])
        super().__init__(asked)

    def process(self, *args: Any, **more: Any) -> None:
        self.entreprise.choices, self.heure.choices = self._companies, self._hours
        super().process(*args, **more)

    @property
    def hour(self) -> datetime | None:
        """The instant from which the hour asked for runs."""
        return datetime.strptime(self.heure.data, "%Y%m%d%H").replace(tzinfo=UTC) if self.heure.data else None


class TrailForm(SearchForm):
    objet = SelectField(_l("À propos de"), choices=[], validate_choice=False)

    def __init__(self, asked: MultiDict[str, str], nouns: Mapping[str, Any]) -> None:
        """`nouns` are the words for what the trail tells of."""
        self._nouns = offered([("", _l("Tout")), *nouns.items()])
        super().__init__(asked)

    def process(self, *args: Any, **more: Any) -> None:
        self.objet.choices = self._nouns
        super().process(*args, **more)
