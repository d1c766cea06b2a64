"""The big map, and what other pages need to show one.

A map on a page is a `Figure`; a template shows it with `{% include "map/_figure.html" %}`, which expects it as `map`.
The includes bring their own style sheet and scripts, work under the strict CSP, and admit the tiles' host by themselves.

    map = evening(edition, hosts, mode)     hosts in the order of the evening; then {% include "map/_evening.html" %}
    map = loop(edition, route)              one e-bike loop; then {% include "map/_figure.html" %}
    {% include "map/_place.html" %}         one company where it stands, without any script; expects `host`
    {% include "map/_teaser.html" %}        the town with its loops, without any script; expects `routes` (may be empty)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from nuit import clock
from nuit.i18n import texts
from nuit.models import Edition, Festival, Host, Route
from nuit.planning.ground import Ground
from nuit.queries.amenity import amenity_counts
from nuit.queries.festival import festival_of
from nuit.queries.ground import ground
from nuit.queries.map import Spot, spots
from nuit.queries.ride import network
from nuit.queries.route import published_routes
from nuit.render.ground import Window, frame, line_on_picture, on_picture, window
from nuit.render.ground import whole as whole_picture
from nuit.render.map import Drawing, Scene, drawn
from nuit.render.turns import LegLines, leg_lines
from nuit.views.amenity import kind_words
from nuit.views.fresh import answer
from nuit.views.gate import on_show
from nuit.views.ground import kept
from nuit.views.home import soon
from nuit.views.scene import (
    evening_scene,
    festival_places,
    host_pin,
    longest_first,
    loop_scene,
    mode_of,
    ride_of,
    scene_of,
    state,
    whole,
)

bp = Blueprint("map", __name__)


@dataclass(frozen=True)
class Figure:
    """A map on a page: `kind` names its scene in addresses, `label` says what it is, `opened` the pin to open first.

    `layers` may be switched by the visitor: name of the layer, words. `near` are those that come when they are asked
    for, from `near_at`: kind, words, how many. `legs` are the rides of an evening, in words.
    `script_at` and `names_at` are addresses of the drawing where they are not the public ones.
    """

    kind: str
    label: str
    drawing: Drawing
    approximate: bool
    opened: str = ""
    layers: tuple[tuple[str, str], ...] = ()
    near: tuple[tuple[str, str, int], ...] = ()
    near_at: str = ""
    legs: tuple[LegLines, ...] = ()
    script_at: str = ""
    names_at: str = ""

    @property
    def ground(self) -> Ground:
        return ground()

    @property
    def words(self) -> dict[str, str]:
        """What our script says, in the spoken language."""
        return {
            "nearer": gettext("Agrandir"),
            "farther": gettext("Réduire"),
            "close": gettext("Fermer"),
            "fingers": gettext("Deux doigts pour déplacer la carte"),
            "wheel": gettext("Ctrl et molette pour agrandir"),
            "company": gettext("Voir l’entreprise"),
            "festival": gettext("Voir le rendez-vous"),
            "stop": gettext("Voir l’entreprise"),
            "ride": gettext("Voir le parcours"),
            "start": gettext("Départ"),
            "crowd": gettext("Plusieurs lieux"),
            "full": gettext("Complet"),
            "few": gettext("Peu de places"),
            "many": gettext("Places libres"),
            "over": gettext("Plus de départ"),
        }


@bp.get("/carte")
def show() -> ResponseReturnValue:
    night = on_show()
    if night is None:
        return soon()
    here = spots(night.id, clock.now())
    chosen = next((spot for spot in here if spot.slug == request.args.get("entreprise")), None)
    g.tiles = True
    return answer(lambda: _page(night, here, chosen), here, *state(night))


def _page(night: Edition, here: list[Spot], chosen: Spot | None) -> str:
    routes, festival = published_routes(night.id), festival_of(night.id)
    layers = [("company", gettext("Entreprises"))]
    layers += [("lines", gettext("Parcours"))] if routes else []
    layers += [("festival", gettext("Festival"))] if festival and festival.items else []
    near = amenity_counts(night.id)
    figure = on_page(
        "tout",
        whole(night, here, routes, festival),
        gettext("Carte des entreprises, des parcours et du festival"),
        opened=f"h{chosen.id}" if chosen else "",
        layers=(*layers, ("tiles", gettext("Fond swisstopo"))),
        near=tuple((kind, words, near[kind]) for kind, words in kind_words().items() if kind in near),
        near_at=url_for("amenity.places", revision=night.revision),
    )
    return render_template("map/show.html", map=figure, spots=here, chosen=chosen, routes=routes, festival=festival)


@bp.get("/carte/<kind>.<key>.js")
def script(kind: str, key: str) -> ResponseReturnValue:
    drawing = drawn(scene_of(kind), ground().box)
    return kept(drawing.script, "text/javascript", fits=key == drawing.key)


@bp.get("/carte/<kind>.<key>.json")
def names(kind: str, key: str) -> ResponseReturnValue:
    drawing = drawn(scene_of(kind), ground().box)
    return kept(drawing.names, "application/json", fits=key == drawing.key)


def on_page(kind: str, scene: Scene, label: str, **more: Any) -> Figure:
    """The figure of a scene; the page's answer then admits the tiles."""
    g.tiles = True
    return Figure(kind, label, drawn(scene, ground().box), network().approximate, **more)


def loop(night: Edition, route: Route) -> Figure:
    """One loop with its numbered stops and the companies beside it."""
    label = gettext("Carte du parcours %(name)s", name=texts(route.name))
    return on_page(f"boucle-{route.slug}", loop_scene(route), label, layers=_tiles())


def evening(night: Edition, hosts: Sequence[Host], mode: str) -> Figure:
    """A party's evening over these hosts in their order, from the edition's starting place, with the rides in words."""
    kind = f"soiree-{mode}-{'-'.join(str(host.id) for host in hosts)}"
    stops = [host_pin(host) for host in hosts]
    scene, ridden = evening_scene(night, stops, mode_of(mode))
    names = [texts(night.start_name) or gettext("Départ"), *(stop.name for stop in stops)]
    legs = leg_lines(ridden, names, factor=night.ride_factor, margin=night.ride_margin_minutes)
    return on_page(kind, scene, gettext("Carte de votre soirée"), layers=_tiles(), legs=tuple(legs))


def festival_map(festival: Festival, night: Edition) -> Figure:
    """The festival's places, and where one sets out."""
    return on_page("festival", festival_places(night, festival), gettext("Carte du festival"), layers=_tiles())


def _tiles() -> tuple[tuple[str, str], ...]:
    return (("tiles", gettext("Fond swisstopo")),)


@bp.app_template_global()
def ground_window(lon: float, lat: float, metres: float) -> Window:
    """The part of the ground's picture around a place, so many metres wide."""
    return window(ground(), (lon, lat), metres)


@bp.app_template_global()
def ground_frame(night: Edition, routes: Sequence[Route]) -> Window:
    """The part of the ground's picture that holds all loops; around the start where there are none."""
    lines = [point for route in routes for point in ride_of(route).get("line", ())]
    start = (night.start_lon, night.start_lat)
    around = [(start[0] + east, start[1] + north) for east, north in ((-0.03, -0.012), (0.03, 0.012))]
    return frame(ground(), [start, *((lon, lat) for lon, lat, *_ in lines)] if lines else around)


@bp.app_template_global()
def ground_picture() -> dict[str, Any]:
    """What a template needs to draw on the ground's picture: its key, and how places and tracks lie on it."""
    here = ground()
    return {
        "key": here.key,
        "whole": ",".join(map(str, whole_picture(here))),
        "approximate": here.approximate,
        "path": partial(line_on_picture, here),
        "at": partial(on_picture, here),
        "ride": ride_of,
        "order": longest_first,
    }
