"""The sentences of the door's app, translated for its page; {values} are filled on the phone."""

import json

from flask_babel import gettext


def words() -> str:
    """Every sentence by its key, as JSON."""
    return json.dumps({**_verdicts(), **_details(), **_ages(), **_gestures(), **_states()}, ensure_ascii=False)


def _verdicts() -> dict[str, str]:
    return {
        "word_admitted": gettext("Entrez"),
        "word_already_in": gettext("Déjà entré"),
        "word_elsewhere": gettext("Ailleurs"),
        "word_too_early": gettext("Trop tôt"),
        "word_too_late": gettext("Trop tard"),
        "word_cancelled": gettext("Annulé"),
        "word_revoked": gettext("Remplacé"),
        "word_unknown": gettext("Inconnu"),
        "word_unlisted": gettext("À vous de voir"),
        "word_left": gettext("Sorti"),
        "word_not_in": gettext("Pas entré"),
        "word_moved": gettext("Déplacé"),
        "word_full": gettext("Complet"),
        "word_standby": gettext("En attente"),
        "word_undone": gettext("Retiré"),
        "word_no_line": gettext("Sans réseau"),
    }


def _details() -> dict[str, str]:
    return {
        "visit_at": gettext("Visite de {hour}."),
        "party_all_one": gettext("Entré."),
        "party_all_many": gettext("Groupe de {n}, tous entrés."),
        "party_some": gettext("{n} sur {size} sont entrés."),
        "in_here": gettext("À {hour}, à cette porte."),
        "in_there": gettext("À {hour}, {door}."),
        "in_device": gettext("Lu par {device}."),
        "in_again": gettext("Si la personne est sortie, faites-la rentrer."),
        "expected": gettext("Attendu à {hour}, {company}."),
        "no_seat": gettext("Pas de place à cette porte."),
        "ride": gettext("{n} min à vélo."),
        "still_possible": gettext("C’est encore possible."),
        "leaves_at": gettext("Sa visite part à {hour}."),
        "back_at": gettext("Revenir dès {hour}."),
        "left_at": gettext("Sa visite est partie à {hour}."),
        "given_away": gettext("La place a été donnée à {hour}."),
        "given_back_at": gettext("Place rendue à {hour}."),
        "gone_given_back": gettext("Place rendue."),
        "gone_cancelled": gettext("L’entreprise a annulé cette visite."),
        "gone_lapsed": gettext("La réservation n’a pas été confirmée."),
        "gone_released": gettext("La place a été donnée."),
        "gone_waiting": gettext("En liste d’attente, sans place."),
        "gone_none": gettext("Ce billet n’a pas de place."),
        "revoked": gettext("Ce billet a été remplacé."),
        "revoked_detail": gettext("Demandez le billet le plus récent."),
        "unknown": gettext("Ce n’est pas un de nos billets."),
        "unknown_detail": gettext("Essayez le code à huit signes, ou relisez avec la lampe."),
        "unlisted": gettext("Signature valable, absent de la liste."),
        "unlisted_detail": gettext(
            "Réservé peut-être après la dernière mise à jour. Nous vérifions dès que le réseau revient."
        ),
        "look": gettext("Regardez : {what}."),
        "conflict": gettext("Ce billet était déjà entré ailleurs au moment où il est passé ici."),
    }


def _ages() -> dict[str, str]:
    return {
        "age_18+": gettext("adulte"),
        "age_16-17": gettext("16 à 17 ans"),
        "age_14-15": gettext("14 à 15 ans"),
        "age_12-13": gettext("12 à 13 ans"),
        "age_0-11": gettext("moins de 12 ans"),
        "group_one": gettext("Une personne"),
        "group_many": gettext("Groupe de {n}"),
        "admit_one": gettext("Faire entrer {n} personne"),
        "admit_many": gettext("Faire entrer les {n}"),
        "person": gettext("Billet {n}, {who}"),
        "person_in": gettext("déjà entré à {hour}"),
        "people_one": gettext("{n} personne"),
        "people_many": gettext("{n} personnes"),
        "not_here": gettext("pas à cette porte"),
    }


def _gestures() -> dict[str, str]:
    return {
        "why_overrule": gettext("Laisser entrer"),
        "why_undo": gettext("Annuler ce passage"),
        "why_move": gettext("Autre départ"),
        "overruled": gettext("Sur votre décision."),
        "guest": gettext("Sans place réservée ici."),
        "came_back": gettext("De retour."),
        "left_one": gettext("Une personne est sortie."),
        "left_many": gettext("{n} personnes sont sorties."),
        "not_in": gettext("Personne n’est entré ici avec ce billet."),
        "moved": gettext("Nouveau départ à {hour}."),
        "full": gettext("Plus assez de places à ce départ."),
        "full_detail": gettext("Rien n’a été compté."),
        "standby_detail": gettext("Entreront si des places se libèrent."),
        "undone": gettext("Ce passage ne compte plus."),
        "undone_detail": gettext("Le même billet peut être lu à nouveau."),
        "no_line": gettext("Changer de départ demande le réseau."),
        "no_line_detail": gettext("Rien n’est changé. Réessayez dans un instant."),
        "walked": gettext("Sans billet : {people}."),
        "places_one": gettext("Encore {n} place."),
        "places_many": gettext("Encore {n} places."),
        "departure": gettext("Départ de {hour}."),
        "no_departure": gettext("Aucun départ à cette porte."),
        "move_none": gettext("Aucun autre départ n’a de place."),
        "waits": gettext("{people}, depuis {hour}"),
        "counted_here": gettext("Compté par ce téléphone. Les noms demandent le réseau."),
        "names_not_here": gettext("Les noms se lisent à l’organisation et dans l’espace de l’entreprise."),
    }


def _states() -> dict[str, str]:
    return {
        "online": gettext("En ligne"),
        "offline_short": gettext("Sans réseau"),
        "waiting_one": gettext("{n} en attente"),
        "waiting_many": gettext("{n} en attente"),
        "cut": gettext("Téléphone coupé"),
        "offline": gettext("Vérifié par ce téléphone seul."),
        "offline_list": gettext(
            "Vérifié par ce téléphone seul, liste de {hour}. Un passage ailleurs depuis se verra au retour du réseau."
        ),
        "kept_one": gettext("{n} passage n’est pas parti. Il reste ici, et partira quand ce téléphone sera relié."),
        "kept_many": gettext(
            "{n} passages ne sont pas partis. Ils restent ici, et partiront quand ce téléphone sera relié."
        ),
        "code_form": gettext("Huit signes, sans O, 0, I, 1 ni L."),
        "search_none": gettext("Aucune réservation à ce nom."),
        "search_offline": gettext("La recherche par nom demande le réseau."),
        "camera_none": gettext("La caméra ne s’ouvre pas. Tapez le code."),
        "camera_https": gettext("La caméra demande une adresse en https."),
        "camera_denied": gettext("La caméra est refusée. Autorisez-la dans les réglages de ce site, ou tapez le code."),
        "camera_missing": gettext("Aucune caméra trouvée. Tapez le code."),
        "one_lens": gettext("Ce téléphone n’a qu’une caméra."),
        "pair_offline": gettext("Pas de réseau. Réessayez dans un instant."),
        "listed": gettext("Liste de {hour}."),
        "refused_one": gettext("{n} passage que le serveur n’a pas su lire."),
        "refused_many": gettext("{n} passages que le serveur n’a pas su lire."),
    }
