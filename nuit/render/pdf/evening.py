"""An evening on paper: A4, its codes and its hours, tagged for screen readers (PDF/UA-1)."""

from collections.abc import Callable
from typing import Any

from flask_babel import get_locale, gettext, ngettext

from nuit.conditions import lines
from nuit.i18n import age_band, day, hour, km, listed, minutes, texts
from nuit.models import Booking, Edition
from nuit.planning.timetable import Code, Codes, Leg, Stop, Timetable
from nuit.render.pdf.press import MARK, ROOT, printed

SHEET = ROOT / "templates" / "booking" / "evening.typ"

Draw = Callable[[str], bytes]
"""The QR code of an address as an SVG document."""


def evening_pdf(booking: Booking, edition: Edition, evening: Timetable, codes: Codes, draw: Draw) -> bytes:
    """The printable evening in the spoken language.

    Everything typed by people reaches the page as a value, never as markup.
    """
    return printed(SHEET, _page(booking, edition, evening, codes, draw))


def _page(booking: Booking, edition: Edition, evening: Timetable, codes: Codes, draw: Draw) -> dict[str, Any]:
    people = len(codes.people)
    locale = get_locale()
    return {
        "lang": locale.language if locale else "fr",
        "brand": gettext("La nuit de l’industrie"),
        "mark": MARK.read_text(),
        "title": gettext("Ma soirée"),
        "subtitle": day(edition.night),
        "lead": _lead(booking, evening, codes),
        "party": _code(codes.party, draw, gettext("fait entrer tout le groupe")) if people else None,
        "evening": gettext("Vos visites"),
        "stops": [
            _stop(stop, leg, people, texts(evening.start) if number == 0 else "")
            for number, (stop, leg) in enumerate(zip(evening.stops, evening.legs, strict=True))
        ],
        "codes": gettext("Un code par personne"),
        "explained": gettext("Le même à chaque porte. Écran ou papier, les deux se lisent."),
        "people": [_code(one, draw, age_band(one.age_band)) for one in codes.people] if people > 1 else [],
        "footer": gettext("Référence %(reference)s", reference=booking.reference),
    }


def _lead(booking: Booking, evening: Timetable, codes: Codes) -> list[str]:
    if not evening.stops:
        return [gettext("Cette soirée a été rendue : ces codes n’ouvrent plus aucune porte.")]
    return [
        booking.name,
        gettext("Pour %(people)s", people=listed(one.label for one in codes.people)),
        f"{ngettext('%(num)s visite', '%(num)s visites', len(evening.stops))}, {km(evening.metres)}, "
        + gettext("fin à %(hour)s", hour=hour(evening.ends_at)),
    ]


def _code(one: Code, draw: Draw, small: str) -> dict[str, str]:
    return {
        "label": one.label,
        "small": small,
        "words": small,
        "code": one.code,
        "svg": draw(one.address).decode(),
        "alt": gettext("Code QR de %(who)s : %(code)s", who=one.label, code=one.code),
    }


def _stop(stop: Stop, leg: Leg, people: int, start: str) -> dict[str, Any]:
    conditions = [f"{words} ({small})" if small else words for _icon, words, small in lines(stop.conditions)]
    return {
        "hour": hour(stop.starts_at),
        "until": gettext("à %(hour)s", hour=hour(stop.ends_at)),
        "company": stop.company,
        "visit": texts(stop.visit),
        "address": stop.address,
        "access": texts(stop.access),
        "conditions": " · ".join(conditions),
        "who": listed(stop.who) if len(stop.who) < people else "",
        "leg": {"minutes": minutes(leg.minutes), "words": _ride(leg, start)} if leg.minutes else None,
    }


def _ride(leg: Leg, start: str) -> str:
    climb = gettext("%(num)s m de montée", num=round(leg.climb)) if leg.climb >= 3 else gettext("plat")
    begin = gettext("Départ : %(place)s.", place=start) + " " if start else ""
    leave = gettext("Partez à %(hour)s au plus tard.", hour=hour(leg.leave_by))
    return f"{begin}{km(leg.metres)}, {climb}. {leave}"
