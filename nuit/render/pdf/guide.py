"""The guide's sheets on paper: one departure a page, for when everything else has failed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import get_locale, gettext, ngettext

from nuit.conditions import lines
from nuit.i18n import NAMES, age_band, day, hour, texts
from nuit.models import Edition, Host, Slot
from nuit.render.pdf.press import MARK, ROOT, printed

GUIDE = ROOT / "templates" / "host" / "guide.typ"


@dataclass(frozen=True, slots=True)
class Group:
    """Those of one booking who come to one departure: labels and age bands, no address."""

    name: str
    reference: str
    locale: str
    people: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One departure for its guide; `groups` in the order of the list, `tongues` counts bookings by language."""

    slot: Slot
    groups: Sequence[Group]
    people: int
    children: int
    tongues: Mapping[str, int]


def guide_pdf(host: Host, edition: Edition, sheets: Sequence[Sheet], *, now: str) -> bytes:
    """The guide's sheets in the spoken language, one page a departure (more where many come); `now` is when it was true."""
    locale = get_locale()
    return printed(GUIDE, {
        "lang": locale.language if locale else "fr",
        "brand": gettext("La nuit de l’industrie"),
        "mark": MARK.read_text(),
        "title": gettext("Feuille du guide"),
        "subtitle": f"{host.company.name}, {day(edition.night)}",
        "company": host.company.name,
        "heads": [gettext("Là"), gettext("Personne"), gettext("Âge"), gettext("Langue")],
        "recall": gettext("À rappeler"),
        "extra": gettext("Sans billet : une croix par personne"),
        "none": gettext("Personne encore."),
        "footer": gettext("Liste de %(hour)s. À détruire après la nuit.", hour=now),
        "sheets": [_sheet(one) for one in sheets],
    })  # fmt: skip


def _sheet(one: Sheet) -> dict[str, Any]:
    slot = one.slot
    facts = [
        ngettext("%(num)s personne", "%(num)s personnes", one.people),
        ngettext("%(num)s groupe", "%(num)s groupes", len(one.groups)),
        *([ngettext("%(num)s enfant de moins de 14 ans", "%(num)s enfants de moins de 14 ans", one.children)]
          if one.children else []),
        *(f"{NAMES.get(locale, locale)} {count}" for locale, count in sorted(one.tongues.items())),
    ]  # fmt: skip
    return {
        "hour": hour(slot.starts_at),
        "until": hour(slot.ends_at),
        "visit": texts(slot.visit.title),
        "facts": facts,
        "recall": [f"{words} ({small})" if small else words for _icon, words, small in lines(slot.visit.conditions)],
        "groups": [
            {
                "name": group.name, "reference": group.reference,
                "people": [{"label": label, "age": age_band(band), "tongue": NAMES.get(group.locale, group.locale)}
                           for label, band in group.people],
            }
            for group in one.groups
        ],
    }  # fmt: skip
