"""The register of what is done with people's data (art. 12 LPD): true to the tables, and a test holds it to them."""

from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l


@dataclass(frozen=True)
class Processing:
    """One purpose: whose data, which, who sees them, how long they stay; `tables` are those that hold them."""

    name: LazyString
    purpose: LazyString
    people: LazyString
    what: LazyString
    seen_by: LazyString
    until: LazyString
    tables: frozenset[str]


REGISTER = (
    Processing(
        _l("Réserver une soirée"),
        _l("Donner des places, tenir les files d’attente, faire entrer à l’heure et guider d’une porte à l’autre."),
        _l("Les visiteuses et visiteurs"),
        _l(
            "Nom et adresse e-mail de qui réserve, langue, façon de rouler ; pour chaque personne un prénom ou un surnom et une tranche d’âge ; les visites, leurs heures, ce qui est attendu, rendu ou annulé ; des codes tirés au hasard."
        ),
        _l("L’équipe de la nuit. Une entreprise : qui vient chez elle, sans les adresses."),
        _l(
            "Nom, adresse, prénoms : trente jours après la nuit, ou tout de suite si la personne les efface. Les places et les tranches d’âge restent, sans nom : elles comptent."
        ),
        frozenset({"booking", "ticket", "seat", "wait"}),
    ),
    Processing(
        _l("Écrire aux personnes concernées"),
        _l(
            "Envoyer billets, rappels, changements, places proposées, invitations, et ce que l’équipe ou une entreprise écrit."
        ),
        _l("Les visiteuses et visiteurs, les contacts des entreprises, l’équipe"),
        _l(
            "Adresse e-mail, langue, sorte de message, heure d’envoi, réponse du serveur de messagerie. Les textes écrits à tous, sans destinataires."
        ),
        _l("L’équipe de la nuit."),
        _l(
            "Trente jours après la nuit, ou avec l’effacement de la réservation. Un lien de connexion : un jour. Les textes écrits à tous restent avec l’édition."
        ),
        frozenset({"message", "circular"}),
    ),
    Processing(
        _l("Faire entrer aux portes"),
        _l("Vérifier un billet, même sans réseau ; savoir qui est à l’intérieur s’il faut évacuer."),
        _l("Les visiteuses et visiteurs ; les bénévoles dont le téléphone est appairé"),
        _l(
            "Quel billet, à quelle porte, à quelle heure, la réponse donnée, la raison d’une exception. Pour un téléphone : son surnom, sa batterie, sa dernière nouvelle. Jamais d’adresse ni de nom de famille sur ce téléphone."
        ),
        _l("L’équipe de la nuit ; la porte concernée."),
        _l("Raisons et surnoms des téléphones : trente jours après la nuit. Les passages restent, sans nom."),
        frozenset({"scan", "device"}),
    ),
    Processing(
        _l("Demander un avis"),
        _l("Savoir ce qui a plu, ce qui n’allait pas, et quels métiers ont donné envie."),
        _l("Les visiteuses et visiteurs qui répondent"),
        _l("Des notes, une envie de métier, quelques mots, par entreprise."),
        _l("L’équipe et l’entreprise concernée, sans nom."),
        _l(
            "Les mots et le lien avec la réservation : trente jours après la nuit. Les notes restent : ce sont des nombres."
        ),
        frozenset({"opinion"}),
    ),
    Processing(
        _l("Préparer la nuit avec les entreprises"),
        _l("Joindre le contact d’une entreprise, l’inviter, publier sa page et ses images."),
        _l("Les contacts des entreprises, les personnes nommées ou montrées sur leur page"),
        _l(
            "Nom, adresse e-mail et téléphone du contact ; le contact pour l’apprentissage, que l’entreprise publie ; des images, débarrassées du lieu et de l’appareil."
        ),
        _l(
            "L’équipe et les contacts de la même entreprise. La page publique montre seulement ce que l’entreprise y écrit."
        ),
        _l("Tant que l’entreprise participe ; elle le change ou le retire elle-même."),
        frozenset({"company", "host", "picture"}),
    ),
    Processing(
        _l("Laisser travailler l’équipe"),
        _l("Ouvrir à chacun son bureau, et rien d’autre. Sans mot de passe."),
        _l("L’organisation, les contacts des entreprises, les bénévoles, la presse invitée"),
        _l(
            "Nom, adresse e-mail, langue, rôle ; les navigateurs connectés, par une empreinte ; des liens qui ne valent qu’une fois."
        ),
        _l("L’organisation."),
        _l(
            "Le rôle : jusqu’à ce que l’organisation le retire. Une connexion : trente jours au plus. Un lien : dix minutes, effacé le lendemain."
        ),
        frozenset({"member", "membership", "sign_in_link", "signed_in"}),
    ),
    Processing(
        _l("Savoir qui a changé quoi"),
        _l("Comprendre un changement et le reprendre ; prouver un effacement."),
        _l("Les personnes qui travaillent dans un bureau"),
        _l("Qui a fait quoi, sur quoi, à quelle heure. Jamais le nom ni l’adresse d’un visiteur."),
        _l("L’organisation."),
        _l("Tant que l’édition existe ; sans nom dès que la personne est supprimée."),
        frozenset({"audit_line", "change"}),
    ),
    Processing(
        _l("Freiner les abus"),
        _l("Qu’un programme ne prenne pas toutes les places, qu’un code ne se devine pas."),
        _l("Toute personne qui réserve, se connecte ou pointe"),
        _l("Un compteur par empreinte d’adresse, sans l’adresse elle-même."),
        _l("Personne."),
        _l("Deux jours au plus."),
        frozenset({"quota"}),
    ),
)

OF_THINGS = frozenset({
    "amenity", "edition", "company_trade", "practice", "visit", "slot", "trade", "route", "stop", "festival", "festival_item",
})  # fmt: skip
"""Tables that tell of no person."""
