"""What hangs at a company: its poster, and the sign at its door."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import force_locale, gettext

from nuit.i18n import LANGUAGES, day, hour
from nuit.models import Edition
from nuit.render.pdf.press import MARK, ROOT, printed

SHEETS = {"poster": ROOT / "templates" / "host" / "poster.typ", "sign": ROOT / "templates" / "host" / "sign.typ"}
ENTRANCE = {"fr": "Entrée", "de": "Eingang", "en": "Entrance"}
"""A sign speaks three languages at once, whatever is spoken by whoever prints it."""

Draw = Callable[[str], bytes]
"""The QR code of an address as an SVG document."""


@dataclass(frozen=True)
class Placard:
    """What hangs at one company: its names and texts, the address its QR leads to, the hours of its departures."""

    name: str
    place: str
    summary: dict[str, str]
    address: str
    hours: tuple[str, ...]


def placards_pdf(kind: str, paper: str, edition: Edition, placards: Sequence[Placard], draw: Draw) -> bytes:
    """A poster or a door sign (`kind`) for each company, one a page, in three languages; `paper` is a4 or a3.

    The QR leads to the company's page and says so in clear letters; it lets nobody in.
    """
    words = {code: _placard_words(edition, code) for code in LANGUAGES}
    return printed(
        SHEETS[kind],
        {
            "lang": "fr",
            "paper": paper,
            "scale": 1 if paper == "a4" else 1.4142,
            "brand": "La nuit de l’industrie",
            "mark": MARK.read_text(),
            "words": words,
            "pages": [_placard(one, draw) for one in placards],
        },
    )


def _placard(one: Placard, draw: Draw) -> dict[str, Any]:
    return {
        "name": one.name,
        "place": one.place,
        "summary": [one.summary[code] for code in LANGUAGES if one.summary.get(code)],
        "svg": draw(one.address).decode(),
        "shown": one.address.partition("://")[2],
        "alt": gettext("Code QR de %(who)s : %(code)s", who=one.name, code=one.address),
        "hours": list(one.hours),
    }


def _placard_words(edition: Edition, code: str) -> dict[str, str]:
    with force_locale(code):
        return {
            "name": gettext("La nuit de l’industrie"),
            "day": day(edition.night),
            "hours": gettext("de %(first)s à %(last)s", first=hour(edition.opens_at), last=hour(edition.closes_at)),
            "book": gettext("Réservez votre visite"),
            "enter": ENTRANCE[code],
            "show": gettext("Montrez votre code ici"),
            "departures": gettext("Départs"),
        }
