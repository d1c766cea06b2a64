"""Turn lists in words: which way, into which street, for how long; in the language that is spoken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import get_locale, gettext

from nuit.errors import N_
from nuit.planning.ride import shown_minutes

STRAIGHT, BACK = 35.0, 150.0
"""Degrees of bend up to which one goes straight on, and from which one turns round."""
COMPASS = (
    N_("Partez vers le nord, %(street)s"),
    N_("Partez vers le nord-est, %(street)s"),
    N_("Partez vers l’est, %(street)s"),
    N_("Partez vers le sud-est, %(street)s"),
    N_("Partez vers le sud, %(street)s"),
    N_("Partez vers le sud-ouest, %(street)s"),
    N_("Partez vers l’ouest, %(street)s"),
    N_("Partez vers le nord-ouest, %(street)s"),
)
TURNS = {
    "toutdroit": N_("Tout droit, %(street)s"),
    "droite": N_("À droite, %(street)s"),
    "gauche": N_("À gauche, %(street)s"),
    "rendre": N_("Demi-tour, %(street)s"),
}
AROUND = {
    "toutdroit": (N_("Au rond-point, tout droit, %(street)s"), N_("Au rond-point, tout droit")),
    "droite": (N_("Au rond-point, à droite, %(street)s"), N_("Au rond-point, à droite")),
    "gauche": (N_("Au rond-point, à gauche, %(street)s"), N_("Au rond-point, à gauche")),
    "rendre": (N_("Au rond-point, faites le tour, %(street)s"), N_("Au rond-point, faites le tour")),
}
"""Into a street with a name, and into one without."""
UNNAMED = {
    "primary": N_("route principale"),
    "secondary": N_("route"),
    "residential": N_("rue sans nom"),
    "service": N_("voie de desserte"),
    "cycleway": N_("piste cyclable"),
    "path": N_("chemin"),
    "steps": N_("escaliers"),
    "bridge": N_("pont"),
    "tunnel": N_("passage sous les voies"),
    "roundabout": N_("rond-point"),
}
GENERIC = {
    "allée", "avenue", "boulevard", "chemin", "impasse", "passage", "place", "pont", "promenade", "quai", "route",
    "rue", "ruelle", "sentier",
}  # fmt: skip


@dataclass(frozen=True)
class TurnLine:
    """One line of a turn list: metres from the beginning of the ride, icon, words, and a second voice."""

    metres: float
    icon: str
    words: str
    note: str


@dataclass(frozen=True)
class LegLines:
    """One ride between two stops (numbers from 0): metres, climb, minutes to plan, share of lit streets, turns."""

    start: int
    end: int
    metres: float
    climb: float
    minutes: int
    lit: float
    turns: tuple[TurnLine, ...]


def leg_lines(track: Mapping[str, Any], names: Sequence[str], *, factor: float, margin: float) -> list[LegLines]:
    """The legs of a track (see `planning.track`) between stops of these names, in words.

    Minutes are calm ones: model time by the edition's factor, and its margin for parking and locking.
    """
    return [
        LegLines(
            leg["start"],
            leg["end"],
            leg["metres"],
            leg["climb"],
            shown_minutes(leg["seconds"], factor, margin),
            leg.get("lit", 0.0),
            tuple(turn_lines(leg["turns"], names[leg["end"]])),
        )
        for leg in track.get("legs", ())
    ]


def turn_lines(turns: Sequence[Mapping[str, Any]], goal: str) -> list[TurnLine]:
    """The turns of one ride (name, kind, metres, bearing, change, pushed), and the arrival."""
    lines, along = [], 0.0
    for number, turn in enumerate(turns):
        icon, sentence = _setting_out(turn) if number == 0 else _turning(turn)
        note = gettext("Poussez le vélo.") if turn["pushed"] else ""
        lines.append(TurnLine(along, icon, gettext(sentence, street=street(turn["name"], turn["kind"])), note))
        along += turn["metres"]
    return [*lines, TurnLine(along, "lieu", gettext("Arrivée : %(place)s", place=goal), "")]


def street(name: str | None, kind: str) -> str:
    """A street inside a sentence: its name, else what it is. French keeps "rue" small there."""
    if not name:
        return str(gettext(UNNAMED.get(kind, UNNAMED["residential"])))
    name = name.replace("'", "’")
    first = name.split(" ", 1)[0]
    locale = get_locale()
    if first.lower() in GENERIC and (locale is None or locale.language == "fr"):
        return first.lower() + name[len(first) :]
    return name


def _setting_out(turn: Mapping[str, Any]) -> tuple[str, str]:
    return "velo", COMPASS[round(turn["bearing"] / 45) % 8]


def _turning(turn: Mapping[str, Any]) -> tuple[str, str]:
    way = _way(turn["change"])
    if turn["kind"] == "roundabout":
        return "rond", AROUND[way][0 if turn["name"] else 1]
    return way, TURNS[way]


def _way(change: float) -> str:
    if abs(change) <= STRAIGHT:
        return "toutdroit"
    if abs(change) >= BACK:
        return "rendre"
    return "droite" if change > 0 else "gauche"
