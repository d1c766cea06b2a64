"""What every page of the organisers' desk shares: who asks, and where its rooms are."""

from typing import Any

from flask import current_app, url_for
from flask_babel import gettext

from nuit.models import Host
from nuit.views.gate import member, on_show, only, roles

ID = "int(max=9223372036854775807)"
organisers = only("organiser")
readers = only("organiser", "reader")
"""Pages without a name or an address, also for the press and the canton."""


def me() -> int | None:
    """The id of who is signed in, for the trail."""
    who = member()
    return who.id if who else None


def sign_in_url(email: str) -> str:
    """The sign-in page with this address filled in: an invitation holds no secret."""
    return str(current_app.config["NUIT_URL"]) + url_for("sign_in.new", email=email)


def guide_url(host: Host) -> str:
    """The sign-in page in the company's language, with the guide behind it."""
    way = url_for("host.guide", slug=host.company.slug)
    there = url_for("sign_in.new", email=host.contact_email, next=way, lang=host.locale)
    return str(current_app.config["NUIT_URL"]) + there


def rooms() -> list[tuple[str, str, str, str]]:
    """The four rooms at the thumb: name, icon, words, address. Who only reads has what one may read."""
    if "organiser" not in roles():
        return [
            ("numbers", "ecran", gettext("Chiffres"), url_for("team_numbers.show")),
            ("night", "soiree", gettext("La nuit en direct"), url_for("team_night.show")),
            ("programme", "usine", gettext("Le programme"), url_for("company.index")),
        ]
    return [
        ("overview", "ecran", gettext("Aperçu"), url_for("team_overview.show")),
        ("companies", "usine", gettext("Entreprises"), url_for("team_companies.index")),
        ("bookings", "groupe", gettext("Réservations"), url_for("team_bookings.index")),
        ("slots", "horloge", gettext("Départs"), url_for("team_slots.index")),
    ]


def more_rooms() -> list[tuple[str, str, str]]:
    """The rooms for the weeks before, and the door: name, words, address."""
    if "organiser" not in roles():
        return []
    return [
        ("night", gettext("La nuit en direct"), url_for("team_night.show")),
        ("numbers", gettext("Chiffres"), url_for("team_numbers.show")),
        ("routes", gettext("Parcours"), url_for("team_routes.index")),
        ("festival", gettext("Festival"), url_for("team_festival.show")),
        ("writing", gettext("Écrire"), url_for("team_writing.write")),
        ("opinions", gettext("Avis"), url_for("team_writing.opinions")),
        ("members", gettext("Personnes"), url_for("team_members.index")),
        ("edition", gettext("Édition"), url_for("team_edition.show")),
        ("placards", gettext("Affiches"), url_for("team_placards.index")),
        ("journal", gettext("Journal"), url_for("team_journal.index")),
        ("phones", gettext("Téléphones des portes"), url_for("door.phones")),
        ("door", gettext("La porte"), url_for("door.show")),
    ]


def context() -> dict[str, Any]:
    """For every template of this desk."""
    return {"rooms": rooms(), "more_rooms": more_rooms(), "edition": on_show()}
