"""The columns of a programme sheet: what they are called in three languages, and what may stand in them."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nuit.planning.finding import fold

LANGUAGES = ("fr", "de", "en")
TONGUES = {
    "fr": "fr", "francais": "fr", "franzosisch": "fr", "french": "fr", "de": "de", "deutsch": "de", "allemand": "de",
    "german": "de", "en": "en", "anglais": "en", "englisch": "en", "english": "en", "f": "fr", "d": "de", "e": "en",
}  # fmt: skip
YES = {"yes", "oui", "ja", "x", "1", "true", "vrai", "wahr"}
NO = {"no", "non", "nein", "0", "false", "faux", "falsch"}
PARTLY = {"partly", "partiel", "partiellement", "en partie", "teilweise"}
WITHOUT_VALUE = ("closed_shoes", "hair_tied", "no_pacemaker", "steps", "heat", "cold", "noise", "dust", "no_photos")
_COUNT = re.compile(
    r"(?:env\.?|environ|ca\.?|circa|max\.?|min\.?|~)?\s*([0-9]{1,6})\s*"
    r"(?:'|min\.?|minutes?|minuten|pers\.?|personnes?|personen|people|places?|plätze|ans|jahre)?",
    re.ASCII | re.IGNORECASE,
)
_HOUR = re.compile(r"([01]?\d|2[0-3])\s*[:hH.]\s*([0-5]\d)|([01]?\d|2[0-3])\s*[hH]", re.ASCII)


@dataclass(frozen=True)
class Column:
    """`level` is the noun it belongs to, `field` the noun's own name for it; texts come in three languages.

    `parse` turns a cell into a value or raises ValueError with what would be right.
    """

    level: str
    field: str
    parse: Callable[[str], Any]
    is_text: bool = False


def text(longest: int) -> Callable[[str], str]:
    """A cell on one line, without what cannot be seen."""

    def parsed(cell: str) -> str:
        words = " ".join(unicodedata.normalize("NFC", cell).split())
        if len(words) > longest or not words.isprintable():
            raise ValueError(f"at most {longest} printable characters")
        return words

    return parsed


def whole(least: int, most: int) -> Callable[[str], int]:
    """A whole number between two bounds; "45 min" and "max. 12 personnes" are what they say."""

    def parsed(cell: str) -> int:
        found = _COUNT.fullmatch(cell.strip())
        if found is None or not least <= int(found[1]) <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(found[1])

    return parsed


def degrees(most: int) -> Callable[[str], float]:
    """A coordinate; a comma does as well as a point."""

    def parsed(cell: str) -> float:
        plain = cell.replace(",", ".")
        if not re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{1,15})?", plain, re.ASCII) or abs(float(plain)) > most:
            raise ValueError("degrees like 7.3590")
        return round(float(plain), 5)

    return parsed


def hours(cell: str) -> tuple[str, ...]:
    """17:30, 17h30, 17.30 or 17h; several with blanks, commas, strokes or semicolons between them."""
    found, rest = [], cell
    for match in _HOUR.finditer(cell):
        found.append(f"{int(match[1] or match[3]):02d}:{match[2] or '00'}")
        rest = rest.replace(match[0], "", 1)
    if not found or re.search(r"[^\s,;/|+&]", re.sub(r"\b(et|und|and|puis|uhr)\b", " ", rest, flags=re.IGNORECASE)):
        raise ValueError("hours like 17:30 18:30")
    return tuple(dict.fromkeys(found))


def languages(cell: str) -> list[str]:
    """Languages by name or code."""
    words = [fold(one) for one in re.split(r"[\s,;/+&]+", cell) if one]
    if not words or any(one not in TONGUES for one in words):
        raise ValueError("languages like fr, de, en")
    return list(dict.fromkeys(TONGUES[one] for one in words))


def wheelchair(cell: str) -> str:
    """yes, partly or no, in three languages."""
    word = fold(cell)
    for value, words in (("yes", YES), ("partly", PARTLY), ("no", NO)):
        if word in words:
            return value
    raise ValueError("yes, partly or no")


def conditions(cell: str) -> list[dict[str, Any]]:
    """Conditions by their kind: closed_shoes, no_photos …"""
    kinds = [one for one in re.split(r"[\s,;/+&]+", cell.lower()) if one]
    wrong = next((one for one in kinds if one not in WITHOUT_VALUE), None)
    if wrong is not None:
        raise ValueError("among " + ", ".join(WITHOUT_VALUE))
    return [{"kind": one} for one in dict.fromkeys(kinds)]


def email(cell: str) -> str:
    """A mail address, roughly; of «Name <address>» the address."""
    inside = re.fullmatch(r"(?:[^<>]*<)?\s*(?:mailto:)?([^<>]*?)\s*>?", cell)
    cell = inside[1] if inside else cell
    if (
        not re.fullmatch(r"[^\s@<>,;]{1,64}@[^\s@<>,;]+\.[^\s@<>,;]+", cell)
        or len(cell) > 254
        or not cell.isprintable()
    ):
        raise ValueError("a mail address")
    return cell.lower()


COLUMNS: dict[str, tuple[Column, str]] = {
    "company": (Column("company", "name", text(120)), "entreprise, société, nom, firma, betrieb, unternehmen, firm"),
    "slug": (Column("company", "slug", text(60)), "adresse web, kennung"),
    "website": (Column("company", "website", text(300)), "site, site web, webseite"),
    "presentation": (Column("company", "summary", text(400), True), "présentation, résumé, kurzbeschrieb, summary"),
    "address": (Column("host", "address", text(200)), "adresse, rue, strasse, street"),
    "postcode": (Column("host", "postcode", text(12)), "npa, code postal, plz, zip"),
    "town": (Column("host", "town", text(80)), "localité, ville, ort, stadt, city"),
    "district": (Column("host", "district", text(80)), "quartier, zone"),
    "lon": (Column("host", "lon", degrees(180)), "longitude, lng, längengrad"),
    "lat": (Column("host", "lat", degrees(90)), "latitude, breitengrad"),
    "access": (Column("host", "access", text(400), True), "accès, entrée, zugang, eingang, entrance"),
    "safety_limit": (Column("host", "safety_limit", whole(1, 500)), "limite, limite de sécurité, sicherheitsgrenze, limit"),
    "bike_parking": (Column("host", "bike_parking", whole(0, 2000)), "places vélo, vélos, veloplätze, bikes"),
    "charging": (Column("host", "charging", whole(0, 500)), "bornes, recharge, ladestationen"),
    "contact": (Column("host", "contact_name", text(120)), "personne de contact, kontakt, kontaktperson"),
    "email": (Column("host", "contact_email", email), "e-mail, courriel, mail"),
    "phone": (Column("host", "contact_phone", text(40)), "téléphone, telefon, tél, tel"),
    "visit": (Column("visit", "title", text(160), True), "visite, titre, besuch, titel, führung, title"),
    "description": (Column("visit", "summary", text(600), True), "beschreibung, beschrieb"),
    "minutes": (Column("visit", "minutes", whole(5, 240)), "durée, min, dauer, duration"),
    "languages": (Column("visit", "languages", languages), "langues, langue, sprachen, sprache, language"),
    "wheelchair": (Column("visit", "wheelchair", wheelchair), "fauteuil, fauteuil roulant, rollstuhl"),
    "min_age": (Column("visit", "min_age", whole(1, 18)), "âge minimum, âge min, mindestalter, minimum age"),
    "accompanied_under": (Column("visit", "accompanied_under", whole(2, 18)), "accompagné jusqu'à, begleitet bis"),
    "conditions": (Column("visit", "conditions", conditions), "bedingungen"),
    "capacity": (Column("slot", "capacity", whole(1, 500)), "capacité, places, plätze, kapazität, seats"),
    "starts": (Column("slot", "starts", hours), "heures, heure, horaires, départs, départ, début, zeiten, zeit, beginn, "
               "abfahrten, start, times, time, hours"),
}  # fmt: skip
"""By the English name; the other names stand behind, as people write them."""


def _plain(name: str) -> str:
    return " ".join(re.sub(r"[^a-z0-9]+", " ", fold(name)).split())


_BY_NAME = {
    _plain(name): column
    for english, (column, others) in COLUMNS.items()
    for name in (english, *others.split(", "))
}  # fmt: skip


def column_of(header: str) -> tuple[Column, str] | None:
    """(column, language of its texts) of a header in any of its spellings; None for a header we do not know."""
    plain = _plain(header)
    if plain in _BY_NAME:
        return _BY_NAME[plain], "fr"
    name, _, tongue = plain.rpartition(" ")
    column = _BY_NAME.get(name)
    if column is not None and column.is_text and tongue in TONGUES:
        return column, TONGUES[tongue]
    return None


def is_header(cells: Sequence[str]) -> bool:
    """Whether a line of a sheet names its columns: the company, and one more that we know."""
    known = [found[0] for cell in cells if (found := column_of(cell)) is not None]
    return len(known) > 1 and any((one.level, one.field) == ("company", "name") for one in known)
