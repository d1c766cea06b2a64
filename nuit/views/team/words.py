"""What the organisers' desk says: what is missing, and what was changed."""

from collections.abc import Iterable
from typing import Any

from flask import url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l

from nuit.queries.team.overview import Missing

GAPS = {
    "summary": _l("la phrase de présentation"),
    "address": _l("l’adresse"),
    "place": _l("le point sur la carte"),
    "visit": _l("une visite"),
    "slot": _l("des départs"),
    "conditions": _l("les conditions"),
    "contact": _l("un contact"),
    "translation": _l("des traductions"),
    "visit_translation": _l("la traduction d’une visite"),
    "phone": _l("un téléphone à la porte"),
}
"""What a company may lack, by kind; the first six keep it from being published."""

NOUNS = {
    "edition": _l("Édition"),
    "host": _l("Entreprise"),
    "visit": _l("Visite"),
    "slot": _l("Départ"),
    "booking": _l("Réservation"),
    "route": _l("Parcours"),
    "festival": _l("Festival"),
    "festival_item": _l("Rendez-vous du festival"),
    "member": _l("Personne"),
    "device": _l("Téléphone"),
    "scan": _l("Pointage"),
    "circular": _l("Message aux visiteurs"),
    "amenity": _l("Alentours"),
}
VERBS = {
    "add": _l("ajouté"),
    "change": _l("modifié"),
    "remove": _l("retiré"),
    "copy": _l("repris de l’édition d’avant"),
    "load": _l("programme chargé"),
    "present": _l("présentation modifiée"),
    "picture": _l("images modifiées"),
    "propose": _l("proposé à la publication"),
    "published": _l("publié"),
    "withdrawn": _l("retiré du public"),
    "draft": _l("remis en préparation"),
    "draw": _l("tracé recalculé"),
    "open": _l("ouvert"),
    "closed": _l("fermé"),
    "cancel": _l("annulé"),
    "cancelled": _l("annulé"),
    "move": _l("déplacé"),
    "decide_late": _l("retard décidé"),
    "decide_move": _l("déplacement décidé"),
    "decide_cancel": _l("annulation décidée"),
    "take_back": _l("décision reprise"),
    "write": _l("écrit"),
    "give_back": _l("rendu"),
    "erase": _l("données effacées"),
    "mend": _l("autre place proposée"),
    "send_again": _l("confirmation renvoyée"),
    "invite": _l("invité"),
    "sign_out": _l("déconnecté partout"),
    "offer": _l("code d’appairage donné"),
    "pair": _l("appairé"),
    "revoke": _l("coupé"),
    "count_exits": _l("comptage des sorties changé"),
}
FIELDS = {
    "name": _l("nom"),
    "title": _l("titre"),
    "summary": _l("résumé"),
    "about": _l("texte"),
    "fact": _l("« Tu savais ça ? »"),
    "website": _l("site"),
    "place": _l("lieu"),
    "kind": _l("genre"),
    "lon": _l("position"),
    "lat": _l("position"),
    "start_lon": _l("point de départ"),
    "start_lat": _l("point de départ"),
    "start_name": _l("point de départ"),
    "starts_at": _l("heure"),
    "ends_at": _l("fin"),
    "minutes": _l("durée"),
    "languages": _l("langues"),
    "conditions": _l("conditions"),
    "is_unconditional": _l("conditions"),
    "wheelchair": _l("fauteuil roulant"),
    "capacity": _l("places"),
    "trades": _l("métiers"),
    "training_places": _l("apprentissage"),
    "training_contact": _l("apprentissage"),
    "practices": _l("engagements"),
    "address": _l("adresse"),
    "postcode": _l("adresse"),
    "town": _l("adresse"),
    "district": _l("adresse"),
    "access": _l("accès"),
    "bike_parking": _l("vélos"),
    "charging": _l("vélos"),
    "safety_limit": _l("limite de sécurité"),
    "contact_name": _l("contact"),
    "contact_email": _l("contact"),
    "contact_phone": _l("contact"),
    "colour": _l("couleur"),
    "is_closed": _l("boucle"),
    "is_published": _l("publication"),
    "stops": _l("étapes"),
    "region": _l("région"),
    "night": _l("date"),
    "opens_at": _l("ouverture"),
    "closes_at": _l("fin"),
    "booking_opens_at": _l("réservations"),
    "booking_closes_at": _l("réservations"),
    "ride_factor": _l("temps de trajet"),
    "ride_margin_minutes": _l("temps de trajet"),
    "door_early_minutes": _l("tolérance de la porte"),
    "door_late_minutes": _l("tolérance de la porte"),
    "max_party": _l("limites"),
    "max_stops": _l("limites"),
    "max_bookings_per_email": _l("limites"),
    "attempts_per_network": _l("limites"),
    "asks_confirmation": _l("adresse à confirmer"),
    "confirm_minutes": _l("adresse à confirmer"),
    "offer_minutes": _l("offres de la liste d’attente"),
    "offer_minutes_tonight": _l("offres de la liste d’attente"),
    "second_wave_at": _l("seconde vague"),
    "first_wave_percent": _l("seconde vague"),
    "release_minutes": _l("places libérées"),
}
ROLES = {
    "organiser": _l("Organisation"),
    "host": _l("Contact"),
    "volunteer": _l("Bénévole"),
    "reader": _l("Lecture seule"),
}
AGES = {
    "18+": _l("adulte"),
    "16-17": _l("16–17 ans"),
    "14-15": _l("14–15 ans"),
    "12-13": _l("12–13 ans"),
    "0-11": _l("moins de 12 ans"),
}
MODES = {
    "ebike25": _l("vélo électrique"),
    "ebike45": _l("vélo électrique rapide"),
    "bike": _l("vélo"),
    "foot": _l("à pied"),
}
SEATS = {
    "waiting": _l("en attente"),
    "held": _l("retenue"),
    "confirmed": _l("réservée"),
    "given_back": _l("rendue"),
    "lapsed": _l("échue"),
    "cancelled": _l("annulée"),
    "released": _l("libérée"),
}
WAITS = {
    "waiting": _l("dans la file"),
    "offered": _l("place proposée"),
    "accepted": _l("acceptée"),
    "declined": _l("refusée"),
    "lapsed": _l("échue"),
    "left": _l("quittée"),
    "cancelled": _l("annulée"),
    "over": _l("terminée"),
}
MAILS = {
    "confirmation": _l("Confirmation"),
    "confirm_address": _l("Adresse à confirmer"),
    "given_back": _l("Soirée rendue"),
    "slot_cancelled": _l("Départ annulé"),
    "circular": _l("Message aux visiteurs"),
    "thanks": _l("Merci et questions"),
    "slot_moved": _l("Départ déplacé"),
    "place_moved": _l("Nouvelle adresse"),
    "reminder_day": _l("Rappel de la veille"),
    "reminder_hours": _l("Rappel, deux heures avant"),
    "resend": _l("Billets redemandés"),
    "sign_in": _l("Lien de connexion"),
    "invitation": _l("Invitation"),
    "offer": _l("Place proposée"),
    "offer_lapsed": _l("Offre échue"),
}
VERDICTS = {
    "admitted": _l("Entrez"),
    "already_in": _l("Déjà entré"),
    "elsewhere": _l("Ailleurs"),
    "too_early": _l("Trop tôt"),
    "too_late": _l("Trop tard"),
    "cancelled": _l("Annulé"),
    "revoked": _l("Remplacé"),
    "unknown": _l("Inconnu"),
}


def todo(missing: Iterable[Missing]) -> list[tuple[Missing, str, str]]:
    """What is missing until opening, each with its sentence and the address where it is given."""
    return [(one, *_todo(one.kind, one.count)) for one in missing]


def _todo(kind: str, n: int) -> tuple[str, str]:
    """(sentence, address)."""
    if kind in GAPS:
        return _of_companies(kind, n), url_for("team_companies.index", manque=kind)
    return _of_edition(kind, n)


def _of_companies(kind: str, n: int) -> str:
    match kind:
        case "contact":
            words = ngettext("%(num)s entreprise sans contact", "%(num)s entreprises sans contact", n)
        case "phone":
            words = ngettext(
                "%(num)s entreprise sans téléphone à la porte", "%(num)s entreprises sans téléphone à la porte", n
            )
        case "translation":
            words = ngettext("%(num)s entreprise sans ses traductions", "%(num)s entreprises sans leurs traductions", n)
        case "slot":
            words = ngettext("%(num)s entreprise sans départs", "%(num)s entreprises sans départs", n)
        case "visit":
            words = ngettext("%(num)s entreprise sans visite", "%(num)s entreprises sans visite", n)
        case _:
            what = GAPS[kind]
            words = ngettext(
                "%(num)s entreprise : il manque %(what)s", "%(num)s entreprises : il manque %(what)s", n, what=what
            )
    return str(words)


def _of_edition(kind: str, n: int) -> tuple[str, str]:
    here = {
        "proposed": (
            ngettext("%(num)s entreprise attend votre relecture", "%(num)s entreprises attendent votre relecture", n),
            url_for("team_companies.index", etat="proposed"),
        ),
        "mails": (
            ngettext("%(num)s message n’est pas arrivé", "%(num)s messages ne sont pas arrivés", n),
            url_for("team_bookings.mails"),
        ),
        "organiser_phone": (
            gettext("Aucun téléphone ne répond ce soir-là"),
            url_for("team_edition.show", _anchor="contact_phone"),
        ),
        "organiser_email": (
            gettext("Le public n’a pas d’adresse où vous écrire"),
            url_for("team_edition.show", _anchor="contact_email"),
        ),
        "companies": (gettext("Aucune entreprise encore"), url_for("team_companies.new")),
        "routes": (gettext("Aucun parcours n’est montré"), url_for("team_routes.index")),
        "undrawn": (
            ngettext(
                "%(num)s parcours à tracer sur les rues d’aujourd’hui",
                "%(num)s parcours à tracer sur les rues d’aujourd’hui",
                n,
            ),
            url_for("team_routes.index"),
        ),
        "festival": (gettext("Le festival n’a pas encore de rendez-vous"), url_for("team_festival.show")),
        "volunteers": (gettext("Aucun bénévole n’est inscrit"), url_for("team_members.index", _anchor="ajouter")),
        "streets": (gettext("Les rues sont un schéma approximatif"), url_for("team_routes.index", _anchor="rues")),
    }
    return here[kind]


def fields(names: Iterable[str]) -> str:
    """The changed fields in words, each once."""
    return ", ".join(dict.fromkeys(str(FIELDS.get(name, name)) for name in names))


def told(change: dict[str, Any]) -> str:
    """What a line of the trail says beside its verb, readable."""
    parts = []
    if isinstance(change.get("fields"), list):
        parts.append(fields(change["fields"]))
    if change.get("role") in ROLES:
        parts.append(str(ROLES[change["role"]]))
    if isinstance(change.get("name"), str) and change["name"]:
        parts.append(gettext("« %(name)s »", name=change["name"]))
    if isinstance(change.get("people"), int):
        parts.append(ngettext("%(num)s personne prévenue", "%(num)s personnes prévenues", change["people"]))
    if isinstance(change.get("seats"), int):
        parts.append(ngettext("%(num)s place", "%(num)s places", change["seats"]))
    if isinstance(change.get("companies"), int):
        parts.append(ngettext("%(num)s entreprise", "%(num)s entreprises", change["companies"]))
    if isinstance(change.get("capacity"), int):
        parts.append(ngettext("capacité %(num)s", "capacité %(num)s", change["capacity"]))
    return " · ".join(part for part in parts if part)
