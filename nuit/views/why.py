"""Why a company is not part of an evening, in one sentence with its figures."""

from flask_babel import gettext, ngettext

from nuit.i18n import hour, texts
from nuit.planning.night import Unserved
from nuit.planning.posing import Firm, Item, Posed


def why(posed: Posed, one: Unserved, seats: int) -> str:
    """The sentence of a reason; `seats` people come."""
    at = hour(posed.slot_at(one.slot)[0]) if one.slot in posed.night.rows else ""
    if one.reason == "dropped":
        return str(gettext("Vous n’en voulez pas ce soir."))
    if one.reason == "full":
        return str(ngettext("Complet.", "Plus aucun départ avec %(num)s places.", seats))
    if one.reason == "too_young":
        return str(gettext("Dès %(age)s ans.", age=one.age))
    if one.reason == "needs_adult":
        return str(gettext("Avant %(age)s ans, il faut un adulte dans le groupe.", age=one.age))
    if one.reason == "outside":
        return str(gettext("Aucun départ dans vos heures ; le plus proche est à %(hour)s.", hour=at))
    if one.reason == "too_far":
        return _too_far(posed, one, at)
    other = _name(posed, one.other)
    if one.reason == "overlaps" and other:
        return str(gettext("Son départ de %(hour)s tombe pendant %(other)s.", hour=at, other=other))
    return str(gettext("Y passer ferait perdre plus que cela n’apporte."))


def _too_far(posed: Posed, one: Unserved, at: str) -> str:
    other = _name(posed, one.other)
    if other:
        return str(ngettext(
            "Trop loin d’une minute entre son départ de %(hour)s et %(other)s.",
            "Trop loin de %(num)s minutes entre son départ de %(hour)s et %(other)s.", one.minutes, hour=at, other=other,
        ))  # fmt: skip
    return str(ngettext(
        "Trop loin d’une minute pour votre soirée, même au départ de %(hour)s.",
        "Trop loin de %(num)s minutes pour votre soirée, même au départ de %(hour)s.", one.minutes, hour=at,
    ))  # fmt: skip


def _name(posed: Posed, slot: int | None) -> str:
    if slot is None or slot not in posed.night.rows:
        return ""
    here = posed.who(slot, posed.night.candidates[posed.night.rows[slot]].company)
    return name(here) if here else str(gettext("votre pause"))


def name(one: Firm | Item) -> str:
    """What a company or a festival item is called."""
    return one.name if isinstance(one, Firm) else texts(one.title)
