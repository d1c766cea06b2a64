"""What is handed out: the whole programme in one language, and badges for those who work."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import force_locale, gettext

from nuit.i18n import day, hour, texts, tongues
from nuit.models import Edition, Host, Visit
from nuit.render.pdf.press import MARK, ROOT, printed

PROGRAMME, BADGES = ROOT / "templates" / "host" / "programme.typ", ROOT / "templates" / "host" / "badges.typ"
BRAND = "La nuit de l’industrie"


@dataclass(frozen=True)
class Badge:
    """One badge; without a name there is a line to write it on."""

    name: str
    role: str
    company: str = ""


def programme_pdf(
    edition: Edition, hosts: Sequence[Host], visits: dict[int, list[Visit]], hours: dict[int, tuple[str, ...]],
    *, tongue: str, address: str,
) -> bytes:  # fmt: skip
    """Every company with its visits and their hours, in one language; `visits` by host, `hours` by visit."""
    with force_locale(tongue):
        companies = [_company(host, visits.get(host.id, []), hours) for host in hosts]
        return printed(PROGRAMME, _head(edition, gettext("La nuit de l’industrie")) | {
            "lang": tongue,
            "book": gettext("Réservez votre visite"),
            "address": address.partition("://")[2],
            "companies": companies,
        })  # fmt: skip


def badges_pdf(edition: Edition, badges: Sequence[Badge], *, tongue: str) -> bytes:
    """Ten badges a page, 90 × 55 mm each."""
    found = [{"name": one.name, "role": one.role, "company": one.company} for one in badges]
    return printed(BADGES, _head(edition, gettext("Badges")) | {"lang": tongue, "badges": found})


def _head(edition: Edition, title: str) -> dict[str, Any]:
    when = f"{edition.region}, {day(edition.night)}, {hour(edition.opens_at)}–{hour(edition.closes_at)}"
    return {"brand": BRAND, "title": title, "when": when, "mark": MARK.read_text()}


def _company(host: Host, visits: Sequence[Visit], hours: dict[int, tuple[str, ...]]) -> dict[str, Any]:
    return {
        "name": host.company.name,
        "place": ", ".join(part for part in (host.address, f"{host.postcode} {host.town}".strip()) if part),
        "summary": texts(host.company.summary),
        "visits": [
            {
                "title": texts(one.title),
                "facts": " · ".join([gettext("%(num)s min", num=one.minutes), *([tongues(one.languages)] * bool(one.languages))]),
                "hours": list(hours.get(one.id, ())),
            }
            for one in visits
        ],
    }  # fmt: skip
