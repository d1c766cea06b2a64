"""Every refusal of the house, proofread in one sitting: nothing was written, and the sentence says why.

A sentence is a message id with values; the view (or the worker) translates it. `plural` goes with the value `count`.
"""

from typing import Any, ClassVar

from nuit.planning.evening import Fault


def N_(sentence: str) -> str:  # noqa: N802 - the name gettext's extractor knows
    """Marks a sentence for the catalogues; translated later, by whoever knows the language."""
    return sentence


def NN_(singular: str, plural: str) -> tuple[str, str]:  # noqa: N802
    """Marks a sentence with its plural; which one is said depends on the value `count`."""
    return singular, plural


class Refusal(Exception):
    """`slug` and `status` are part of the API's contract; `slots` are the ids at fault."""

    slug: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    sentence: ClassVar[str] = N_("Cela n’est pas possible.")
    plural: ClassVar[str | None] = None

    def __init__(self, *, slots: tuple[int, ...] = (), **values: Any) -> None:
        super().__init__(self.sentence, values)
        self.slots = slots
        self.values = values


class SlotFull(Refusal):
    slug = "slot-full"
    sentence, plural = NN_(
        "%(company)s, %(hour)s : il ne reste que %(count)s place. Rien n’est encore réservé.",
        "%(company)s, %(hour)s : il ne reste que %(count)s places. Rien n’est encore réservé.",
    )


class SlotClosed(Refusal):
    slug = "closed"
    sentence = N_("%(company)s, %(hour)s : ce créneau n’est plus ouvert à la réservation.")


class SlotUnknown(Refusal):
    slug = "invalid"
    status = 422
    sentence = N_("Un des créneaux choisis n’existe pas dans cette édition.")


class BookingClosed(Refusal):
    slug = "closed"
    sentence = N_("Les réservations ne sont pas ouvertes en ce moment.")


class SlotStarted(Refusal):
    slug = "closed"
    sentence = N_("%(company)s, %(hour)s : la visite a déjà commencé.")


class Overlap(Refusal):
    slug = "overlap"
    sentence = N_("%(first)s et %(second)s se chevauchent. Gardez l’une des deux, ou changez d’heure.")


class Unreachable(Refusal):
    slug = "unreachable"
    sentence, plural = NN_(
        "De %(first)s à %(second)s, il manque %(count)s minute de trajet. Choisissez une heure plus tard.",
        "De %(first)s à %(second)s, il manque %(count)s minutes de trajet. Choisissez une heure plus tard.",
    )


class TooYoung(Refusal):
    slug = "condition"
    sentence = N_("%(company)s reçoit dès %(age)s ans. Retirez cette visite, ou %(label)s.")


class NeedsAdult(Refusal):
    slug = "condition"
    sentence = N_("%(company)s : avant %(age)s ans, on vient avec un adulte. Ajoutez un adulte au groupe.")


class QueueOver(Refusal):
    slug = "closed"
    sentence = N_("%(company)s, %(hour)s : la file d’attente est close.")


class HasPlace(Refusal):
    slug = "has-place"
    sentence = N_("%(company)s, %(hour)s : vous y avez déjà vos places.")


class OfferGone(Refusal):
    slug = "offer-gone"
    sentence = N_("%(company)s, %(hour)s : cette offre n’est plus valable. Ses places vont au groupe suivant.")


class SwapChanged(Refusal):
    slug = "effect-changed"
    sentence = N_("Entre-temps, votre soirée a changé. Regardez quelles visites seraient rendues, puis confirmez.")


class NotHeld(Refusal):
    slug = "not-held"
    sentence = N_("Vous n’avez plus de place à cette visite : il n’y a rien à échanger.")


class AddressUnconfirmed(Refusal):
    slug = "unconfirmed"
    sentence = N_("Confirmez d’abord votre adresse : le lien est dans notre message.")


class HoldOver(Refusal):
    slug = "hold-over"
    sentence = N_("Le temps de confirmer est passé : vos places sont à nouveau libres. Réservez encore une fois.")


class TooMany(Refusal):
    slug = "limit"
    sentence, plural = NN_(
        "Cette adresse a déjà %(count)s réservation. Rendez-la, ou prenez une autre adresse.",
        "Cette adresse a déjà %(count)s réservations. Rendez-en une, ou prenez une autre adresse.",
    )


class PartyTooLarge(Refusal):
    slug = "limit"
    sentence, plural = NN_(
        "Une réservation vaut pour %(count)s personne au plus.",
        "Une réservation vaut pour %(count)s personnes au plus.",
    )


class EveningTooLong(Refusal):
    slug = "limit"
    sentence, plural = NN_(
        "Une soirée tient %(count)s visite au plus. Retirez-en une d’abord.",
        "Une soirée tient %(count)s visites au plus. Retirez-en une d’abord.",
    )


class TooOften(Refusal):
    slug = "too-often"
    status = 429
    sentence = N_("Trop d’essais en peu de temps. Attendez quelques minutes, puis réessayez.")


class KeyReused(Refusal):
    slug = "invalid"
    status = 422
    sentence = N_("Cette clé a déjà servi pour une autre demande. Rechargez la page et recommencez.")


class BelowTaken(Refusal):
    slug = "below-taken"
    sentence, plural = NN_(
        "%(count)s place est déjà prise : la capacité ne peut pas descendre plus bas. Fermez plutôt le créneau.",
        "%(count)s places sont déjà prises : la capacité ne peut pas descendre plus bas. Fermez plutôt le créneau.",
    )


class AboveSafetyLimit(Refusal):
    slug = "above-safety-limit"
    sentence = N_("La capacité dépasse la limite de sécurité de l’entreprise : %(limit)s personnes.")


class SlotExists(Refusal):
    slug = "slot-exists"
    sentence = N_("Un créneau de cette visite commence déjà à %(hour)s.")


class HasBookings(Refusal):
    slug = "has-bookings"
    sentence, plural = NN_(
        "%(count)s personne a réservé. Fermez le créneau plutôt que de le supprimer.",
        "%(count)s personnes ont réservé. Fermez le créneau plutôt que de le supprimer.",
    )


class LimitBelowCapacity(Refusal):
    slug = "limit-below-capacity"
    sentence = N_("Le départ de %(hour)s est ouvert à %(count)s personnes. Baissez d’abord sa capacité.")


class MoveBooked(Refusal):
    slug = "move-booked"
    sentence, plural = NN_(
        "%(count)s personne a réservé cette heure. Si vous la changez, un message la prévient : vérifiez, puis confirmez.",
        "%(count)s personnes ont réservé cette heure. Si vous la changez, un message les prévient : vérifiez, puis confirmez.",
    )


class SlotCancelled(Refusal):
    slug = "slot-cancelled"
    sentence = N_("Ce départ est annulé, et ses visiteurs le savent. Ajoutez un autre départ.")


class NobodyConcerned(Refusal):
    slug = "nobody-concerned"
    sentence = N_("Personne n’a de place là : il n’y a personne à prévenir.")


class EffectChanged(Refusal):
    slug = "effect-changed"
    sentence, plural = NN_(
        "Entre-temps, l’effet a changé : %(count)s personne est touchée. Regardez, puis confirmez.",
        "Entre-temps, l’effet a changé : %(count)s personnes sont touchées. Regardez, puis confirmez.",
    )


class ChangePending(Refusal):
    slug = "change-pending"
    sentence = N_("Un changement de ce départ attend déjà. Reprenez-le d’abord, ou laissez-le partir.")


class ChangeOver(Refusal):
    slug = "change-over"
    sentence = N_("Ce changement est déjà parti : il ne se reprend plus.")


class PictureRefused(Refusal):
    """A picture that is not taken; its one value is the reason, a sentence of this class."""

    slug = "picture-refused"
    status = 422
    TOO_HEAVY = N_("Ce fichier dépasse 5 Mo. Envoyez-en un plus léger.")
    TOO_LARGE = N_("Cette image a plus de 25 millions de pixels. Réduisez-la, puis renvoyez-la.")
    TOO_SMALL = N_("Cette image est trop petite : 64 pixels au moins de chaque côté.")
    NO_PICTURE = N_("Ce fichier n’est pas une image PNG, JPEG ou WebP.")
    BROKEN = N_("Cette image ne se lit pas jusqu’au bout. Enregistrez-la à nouveau, puis renvoyez-la.")

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason


class EnoughPictures(Refusal):
    slug = "enough-pictures"
    sentence, plural = NN_(
        "Il y a déjà %(count)s photo. Retirez-en une d’abord.", "Il y a déjà %(count)s photos. Retirez-en une d’abord."
    )


class NotReady(Refusal):
    slug = "not-ready"
    sentence, plural = NN_(
        "Il manque encore %(count)s point avant de proposer cette page.",
        "Il manque encore %(count)s points avant de proposer cette page.",
    )


class ChangedMeanwhile(Refusal):
    slug = "changed-meanwhile"
    sentence = N_(
        "Quelqu’un a modifié cette fiche entre-temps. Vos valeurs sont encore là : comparez, puis enregistrez."
    )


class AlreadyThere(Refusal):
    slug = "already-there"
    sentence = N_("« %(name)s » existe déjà.")


class LinkSpent(Refusal):
    slug = "link-spent"
    status = 410
    sentence = N_("Ce lien a déjà servi, ou ses dix minutes sont passées. Demandez-en un autre.")


class WrongBrowser(Refusal):
    slug = "wrong-browser"
    status = 403
    sentence = N_("Ouvrez ce lien dans le navigateur où vous l’avez demandé, ou tapez-y le code à six chiffres.")


class WrongCode(Refusal):
    slug = "wrong-code"
    status = 422
    sentence = N_("Ce code n’est pas le bon. Vérifiez les six chiffres du message.")


class PairingSpent(Refusal):
    slug = "pairing-spent"
    status = 410
    sentence = N_("Ce code d’appairage a déjà servi ou n’est plus valable. Demandez-en un autre.")


class LastOrganiser(Refusal):
    slug = "last-organiser"
    sentence = N_("C’est la dernière personne de l’organisation : sans elle, plus personne ne peut entrer.")


class DeparturesOutside(Refusal):
    slug = "departures-outside"
    sentence, plural = NN_(
        "%(count)s départ serait hors de la nuit, le premier chez %(company)s. Déplacez-le d’abord, ou annulez-le.",
        "%(count)s départs seraient hors de la nuit, le premier chez %(company)s. Déplacez-les d’abord, ou annulez-les.",
    )


class AlreadyInvited(Refusal):
    slug = "already-invited"
    sentence = N_("Une invitation est partie il y a moins d’une heure. Laissez-lui le temps d’arriver.")


class MailOnItsWay(Refusal):
    slug = "mail-on-its-way"
    sentence = N_("La confirmation est encore en route. Attendez qu’elle parte avant de la renvoyer.")


class NoWay(Refusal):
    slug = "no-way"
    sentence = N_("Aucune rue de la carte ne relie ces étapes. Rapprochez l’étape d’une rue, ou retirez-la.")


class AmenitiesRefused(Refusal):
    """A file of places that is not taken; its sentence by the word of `planning.amenity`."""

    slug = "amenities-refused"
    status = 422
    SENTENCES: ClassVar[dict[str, str]] = {
        "unreadable": N_(
            "Ce fichier ne se lit pas : il faut un fichier GBFS, un GeoJSON ou une réponse d’Overpass, entiers."
        ),
        "empty": N_(
            "Ce fichier ne contient aucun lieu que la carte connaît. Dites ce qu’il contient, ou prenez-en un autre."
        ),
        "elsewhere": N_("Tous les lieux de ce fichier sont hors de la région de l’édition."),
        "too_many": N_("Ce fichier contient plus de 2000 lieux du même genre dans la région. Envoyez-en moins."),
        "too_heavy": N_("Ce fichier dépasse 5 Mo. Envoyez-en un plus léger."),
    }


def refusal_of(fault: Fault) -> Refusal:
    """The refusal that says this fault of an evening."""
    if fault.kind == "overlap":
        return Overlap(slots=fault.slots, first=fault.first, second=fault.second)
    if fault.kind == "unreachable":
        return Unreachable(slots=fault.slots, first=fault.first, second=fault.second, count=fault.number)
    if fault.kind == "too_young":
        return TooYoung(slots=fault.slots, company=fault.first, age=fault.number, label=fault.label)
    return NeedsAdult(slots=fault.slots, company=fault.first, age=fault.number)
