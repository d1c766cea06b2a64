"""Languages: which one is spoken now, and how hours, distances and texts are written in it."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal
from flask import g, has_request_context, request
from flask_babel import Babel, get_locale, gettext, ngettext

from nuit.clock import local
from nuit.errors import Refusal

LANGUAGES = ("fr", "de", "en")
NAMES = {"fr": "Français", "de": "Deutsch", "en": "English"}
NBSP = "\u00a0"

babel = Babel()


def spoken() -> str:
    """The language of this request: its address says it, else what was chosen before, else what the browser asks."""
    if not has_request_context():
        return "fr"
    if "lang" not in g:
        g.lang = request.accept_languages.best_match(LANGUAGES) or "fr"
    lang: str = g.lang
    return lang


def _code() -> str:
    locale = get_locale()
    return locale.language if locale else "fr"


def _region() -> str:
    return {"fr": "fr", "de": "de_CH", "en": "en_GB"}[_code()]


def texts(value: dict[str, str] | None, lang: str | None = None) -> str:
    """A text kept in several languages, in the spoken one; French, then any, where it is missing."""
    if not value:
        return ""
    for code in (lang or _code(), "fr", *LANGUAGES):
        if value.get(code):
            return value[code]
    return ""


def say(refusal: Refusal) -> str:
    """The refusal's sentence in the spoken language."""
    if refusal.plural is not None:
        values = {key: value for key, value in refusal.values.items() if key != "count"}
        return str(
            ngettext(refusal.sentence, refusal.plural, refusal.values["count"], count=refusal.values["count"], **values)
        )
    return str(gettext(refusal.sentence, **refusal.values))


def hour(instant: datetime) -> str:
    """18:40, on the wall clock of Sion."""
    return local(instant).strftime("%H:%M")


def day(value: datetime | date, *, year: bool = True, weekday: bool = True) -> str:
    """vendredi 24 septembre 2027 (without weekday or year on demand)."""
    on = local(value).date() if isinstance(value, datetime) else value
    if weekday and year:
        return format_date(on, format="full", locale=_region())
    skeleton = {"fr": "d MMMM", "de": "d. MMMM", "en": "d MMMM"}[_code()] + (" y" if year else "")
    before = {"fr": "EEEE ", "de": "EEEE, ", "en": "EEEE "}[_code()] if weekday else ""
    return format_date(on, format=before + skeleton, locale=_region())


def km(metres: float) -> str:
    """2,4 km; below 1 km in metres, to the next ten."""
    if metres < 950:
        return f"{round(metres / 10) * 10}{NBSP}m"
    pattern = "0.0" if metres < 99_500 else "0"
    return f"{format_decimal(metres / 1000, format=pattern, locale=_code())}{NBSP}km"


def minutes(count: float) -> str:
    """8 min, or 1 h 05."""
    whole = round(count)
    if whole < 90:
        return f"{whole}{NBSP}min"
    return f"{whole // 60}{NBSP}h{NBSP}{whole % 60:02d}"


def oclock(instant: datetime) -> str:
    """17 h, 17 h 30 · 17 Uhr, 17.30 Uhr · 5 pm: a wall-clock time inside a sentence."""
    at = local(instant)
    if _code() == "de":
        return f"{at.hour}{f'.{at.minute:02d}' if at.minute else ''}{NBSP}Uhr"
    if _code() == "en":
        return f"{at.hour % 12 or 12}{f':{at.minute:02d}' if at.minute else ''}{NBSP}{'am' if at.hour < 12 else 'pm'}"
    return f"{at.hour}{NBSP}h" + (f"{NBSP}{at.minute:02d}" if at.minute else "")


def tongues(codes: Iterable[str]) -> str:
    """français, allemand: languages by name, in the spoken one."""
    locale = get_locale()
    names = locale.languages if locale else {}
    return ", ".join(names.get(code, code) for code in codes)


def listed(names: Iterable[str]) -> str:
    """Anne, Karim et Lou."""
    return str(format_list(list(names), locale=_region()))


def age_band(band: str) -> str:
    """An age band in words; no birth date is ever asked."""
    words = {
        "18+": gettext("18 ans et plus"),
        "16-17": gettext("16 ou 17 ans"),
        "14-15": gettext("14 ou 15 ans"),
        "12-13": gettext("12 ou 13 ans"),
        "0-11": gettext("moins de 12 ans"),
    }
    return str(words.get(band, ""))


def number(value: float) -> str:
    return format_decimal(value, locale=_region())


def rank(number: int) -> str:
    """Where a party stands in a queue: 2e de la file."""
    if number == 1:
        return str(gettext("Premier groupe de la file"))
    return str(gettext("%(rank)se de la file", rank=number))


FILTERS: dict[str, Any] = {
    "texts": texts,
    "hour": hour,
    "day": day,
    "km": km,
    "minutes": minutes,
    "number": number,
    "say": say,
    "oclock": oclock,
    "tongues": tongues,
    "listed": listed,
    "age_band": age_band,
    "rank": rank,
}
