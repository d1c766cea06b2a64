"""What is of use on the way: the layers of the map in one address, and the same as lists."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from nuit import clock
from nuit.models import Amenity
from nuit.planning.amenity import KINDS
from nuit.planning.finding import fold
from nuit.planning.streets import metres_between
from nuit.queries.amenity import amenities
from nuit.queries.map import Spot, spots
from nuit.views.fresh import answer
from nuit.views.gate import edition, on_show
from nuit.views.ground import kept
from nuit.views.home import soon

bp = Blueprint("amenity", __name__)
NEAR = 400.0
"""Metres from a company within which a place is said to be near it."""


@dataclass(frozen=True)
class Line:
    """A place in a list: what it is called, how many fit, and which company is near (metres)."""

    name: str
    size: str
    company: str
    slug: str
    metres: int


def kind_words() -> dict[str, str]:
    """The kinds in words, in the order of lists and layers."""
    words = {
        "share": gettext("Vélos en libre-service"),
        "rack": gettext("Places pour vélos"),
        "charger": gettext("Bornes de recharge"),
        "bus": gettext("Arrêts de bus"),
    }
    return {kind: words[kind] for kind in KINDS}


@bp.get("/carte/alentours")
def index() -> ResponseReturnValue:
    night = on_show()
    if night is None:
        return soon()

    def page() -> str:
        here, found = spots(night.id, clock.now()), amenities(night.id)
        lists = {kind: _lines([one for one in found if one.kind == kind], here) for kind in KINDS}
        return render_template("amenity/index.html", lists=lists, words=kind_words())

    return answer(page, night.id, night.revision)


@bp.get("/carte/alentours.<int:revision>.json")
def places(revision: int) -> ResponseReturnValue:
    night = edition()
    told = {
        kind: [[one.id, one.lon, one.lat, called(one), size(one)] for one in found if one.kind == kind]
        for found in [amenities(night.id)]
        for kind in KINDS
    }
    content = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return kept(content, "application/json", fits=revision == night.revision)


def called(one: Amenity) -> str:
    """Its name, or what it is."""
    return (
        one.name
        or {
            "share": gettext("Station de vélos"),
            "rack": gettext("Places pour vélos"),
            "charger": gettext("Borne de recharge"),
            "bus": gettext("Arrêt de bus"),
        }[one.kind]
    )


def size(one: Amenity) -> str:
    """How many bicycles fit, or may be charged; empty where nobody says."""
    if not one.capacity:
        return ""
    if one.kind == "charger":
        return str(ngettext("%(num)s prise", "%(num)s prises", one.capacity))
    return str(ngettext("%(num)s place pour vélos", "%(num)s places pour vélos", one.capacity))


def _lines(found: Sequence[Amenity], here: Sequence[Spot]) -> list[Line]:
    """The places near a company first by company, then the others; each with its nearest company."""
    lines = []
    for one in found:
        metres, spot = min(
            ((_metres((one.lon, one.lat), (spot.lon, spot.lat)), spot) for spot in here),
            key=lambda pair: pair[0],
            default=(NEAR + 1, None),
        )
        near = spot if metres <= NEAR else None
        lines.append(
            Line(called(one), size(one), near.name if near else "", near.slug if near else "", round(metres / 10) * 10)
        )
    return sorted(lines, key=lambda line: (not line.company, fold(line.company), line.metres, line.name))


@lru_cache(maxsize=20_000)
def _metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    return metres_between(a, b)
