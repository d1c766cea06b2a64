"""A visit's conditions in words and signs: said the same way on every page, in the mails and on paper."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, ngettext

from nuit.i18n import NBSP, texts
from nuit.planning.evening import condition_value

Condition = dict[str, Any]
Line = tuple[str, str, str]
"""Icon, words, small print ("" where there is none)."""
AGES = ("min_age", "accompanied_under")


@dataclass(frozen=True, slots=True)
class Demand:
    """What a party agrees to, for one or several companies; `under` is the age it concerns, 0 for everybody."""

    key: str
    icon: str
    words: str
    small: str
    under: int
    slots: tuple[int, ...]


def lines(conditions: Sequence[Condition]) -> list[Line]:
    """The conditions in their own order; minimum age and company of an adult share one line."""
    found = [_age_line(conditions)]
    for one in conditions:
        if one.get("kind") not in AGES:
            found.append((SIGNS.get(str(one.get("kind")), "alerte"), words(one), texts(one.get("note"))))
    return [line for line in found if line is not None]


def words(condition: Condition) -> str:
    """One condition in the spoken language; its kind as it stands where we do not know it."""
    kind = str(condition.get("kind"))
    return SAID[kind](_figure(condition)) if kind in SAID else kind


def demands(visits: Iterable[tuple[int, str, Sequence[Condition]]]) -> list[Demand]:
    """What is asked of a party for a whole evening: each demand once, with the companies that make it.

    `visits` are (slot id, company, conditions). Heat, cold, noise and dust are told, not asked.
    """
    asked: dict[tuple[str, int], list[tuple[int, str, Condition]]] = {}
    for slot, company, conditions in visits:
        for one in conditions:
            if one.get("kind") in ASKED:
                asked.setdefault((one["kind"], _figure(one) or 0), []).append((slot, company, one))
    order = list(ASKED)
    return [_demand(*key, asked[key]) for key in sorted(asked, key=lambda key: (order.index(key[0]), key[1]))]


def _demand(kind: str, value: int, asked: list[tuple[int, str, Condition]]) -> Demand:
    return Demand(
        key=f"{kind}-{value}",
        icon=SIGNS[kind],
        words=ASKED[kind](value),
        small=", ".join(dict.fromkeys(whose(company, texts(one.get("note"))) for _slot, company, one in asked)),
        under=value if kind in AGES else 0,
        slots=tuple(slot for slot, _company, _one in asked),
    )


def whose(company: str, note: str) -> str:
    """A company with its small print, where it has any."""
    return gettext("%(company)s : %(note)s", company=company, note=note) if note else company


def _age_line(conditions: Sequence[Condition]) -> Line | None:
    age, under = (condition_value(conditions, kind) for kind in AGES)
    notes = (texts(one.get("note")) for one in conditions if one.get("kind") in AGES)
    note = next((one for one in notes if one), "")
    if age and under > age:
        small = note or gettext("accompagné jusqu’à %(age)s ans", age=under)
        return ("age", gettext("Dès %(age)s ans", age=age), small)
    if age:
        return ("age", gettext("Dès %(age)s ans", age=age), note)
    return ("age", gettext("Avant %(age)s ans, avec un adulte", age=under), note) if under else None


def _figure(condition: Condition) -> int | None:
    value = condition.get("value")
    return value if isinstance(value, int) else None


def _degrees(value: int) -> str:
    return f"{value}{NBSP}°C".replace("-", "−")


def _steps(value: int | None) -> str:
    return str(ngettext("%(num)s marche", "%(num)s marches", value) if value else gettext("Des marches à monter"))


def _heat(value: int | None) -> str:
    return str(
        gettext("Il y fait %(degrees)s", degrees=_degrees(value)) if value is not None else gettext("Il y fait chaud")
    )


def _cold(value: int | None) -> str:
    return str(
        gettext("Il y fait %(degrees)s", degrees=_degrees(value)) if value is not None else gettext("Il y fait froid")
    )


SAID: dict[str, Callable[[int | None], str]] = {
    "min_age": lambda age: gettext("Dès %(age)s ans", age=age),
    "accompanied_under": lambda age: gettext("Avant %(age)s ans, avec un adulte", age=age),
    "closed_shoes": lambda _: gettext("Chaussures fermées"),
    "hair_tied": lambda _: gettext("Cheveux attachés"),
    "no_pacemaker": lambda _: gettext("Pas de stimulateur cardiaque"),
    "steps": _steps,
    "heat": _heat,
    "cold": _cold,
    "noise": lambda _: gettext("Bruyant"),
    "dust": lambda _: gettext("Poussière"),
    "no_photos": lambda _: gettext("Pas de photos"),
}
SIGNS = {
    "min_age": "age",
    "accompanied_under": "groupe",
    "closed_shoes": "chaussure",
    "hair_tied": "cheveux",
    "no_pacemaker": "coeur",
    "steps": "marches",
    "heat": "chaleur",
    "cold": "froid",
    "noise": "bruit",
    "dust": "poussiere",
    "no_photos": "sansphoto",
}
ASKED: dict[str, Callable[[int | None], str]] = {
    "min_age": lambda age: gettext("Tout le monde a %(age)s ans ou plus", age=age),
    "accompanied_under": lambda age: gettext("Avant %(age)s ans, on reste avec un adulte", age=age),
    "no_pacemaker": lambda _: gettext("Aucun stimulateur cardiaque dans le groupe"),
    **{kind: SAID[kind] for kind in ("closed_shoes", "hair_tied", "steps", "no_photos")},
}
"""What a party is asked to agree to, in the order it is asked, as the party's own words."""
