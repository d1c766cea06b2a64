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
from typing import Any

from flask import Blueprint, abort, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from nuit import clock
from nuit.i18n import hour, texts
from nuit.models import Edition, Festival, FestivalItem, Host, Route
from nuit.planning.along import kept_track
from nuit.planning.ride import MODES, Mode
from nuit.queries.festival import festival_of
from nuit.queries.map import Spot, spots
from nuit.queries.ride import network
from nuit.queries.route import published_route, published_routes, stop_places
from nuit.render.ground import HIGH, UNIT, WIDE, ground_key, line_on_picture, on_picture
from nuit.render.map import Drawing, Line, Pin, Scene, drawn, evening_map
from nuit.render.turns import LegLines, leg_lines
from nuit.views.assets import asset
from nuit.views.fresh import answer
from nuit.views.gate import edition, on_show
from nuit.views.ground import kept
from nuit.views.home import soon

bp = Blueprint("map", __name__)
MOST_STOPS = 12


@dataclass(frozen=True)
class Figure:
    """A map on a page: `kind` names its scene in addresses, `label` says what it is, `opened` the pin to open first.

    `layers` may be switched by the visitor: name of the layer, words. `legs` are the rides of an evening, in words.
    """

    kind: str
    label: str
    drawing: Drawing
    approximate: bool
    opened: str = ""
    layers: tuple[tuple[str, str], ...] = ()
    legs: tuple[LegLines, ...] = ()

    @property
    def ground(self) -> str:
        return ground_key()

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
    return answer(lambda: _page(night, here, chosen), night.id, night.revision, here, asset("map.css"), asset("map.js"))


def _page(night: Edition, here: list[Spot], chosen: Spot | None) -> str:
    routes, festival = published_routes(night.id), festival_of(night.id)
    layers = [("company", gettext("Entreprises"))]
    layers += [("lines", gettext("Parcours"))] if routes else []
    layers += [("festival", gettext("Festival"))] if festival and festival.items else []
    figure = on_page(
        "tout",
        _whole(night, here, routes, festival),
        gettext("Carte des entreprises, des parcours et du festival"),
        opened=f"h{chosen.id}" if chosen else "",
        layers=(*layers, ("tiles", gettext("Fond swisstopo"))),
    )
    return render_template("map/show.html", map=figure, spots=here, chosen=chosen, routes=routes, festival=festival)


@bp.get("/carte/<kind>.<key>.js")
def script(kind: str, key: str) -> ResponseReturnValue:
    drawing = drawn(_scene(kind))
    return kept(drawing.script, "text/javascript", fits=key == drawing.key)


@bp.get("/carte/<kind>.<key>.json")
def names(kind: str, key: str) -> ResponseReturnValue:
    drawing = drawn(_scene(kind))
    return kept(drawing.names, "application/json", fits=key == drawing.key)


def on_page(kind: str, scene: Scene, label: str, **more: Any) -> Figure:
    """The figure of a scene; the page's answer then admits the tiles."""
    g.tiles = True
    return Figure(kind, label, drawn(scene), network().approximate, **more)


def loop(night: Edition, route: Route) -> Figure:
    """One loop with its numbered stops and the companies beside it."""
    label = gettext("Carte du parcours %(name)s", name=texts(route.name))
    return on_page(f"boucle-{route.slug}", _loop(night, route), label, layers=_tiles())


def evening(night: Edition, hosts: Sequence[Host], mode: str) -> Figure:
    """A party's evening over these hosts in their order, from the edition's starting place, with the rides in words."""
    kind = f"soiree-{mode}-{'-'.join(str(host.id) for host in hosts)}"
    stops = [
        _company(host.id, host.company.slug, host.company.name, host.address, host.lon, host.lat) for host in hosts
    ]
    scene, ridden = _evening(night, stops, _mode(mode))
    names = [texts(night.start_name) or gettext("Départ"), *(stop.name for stop in stops)]
    legs = leg_lines(ridden, names, factor=night.ride_factor, margin=night.ride_margin_minutes)
    return on_page(kind, scene, gettext("Carte de votre soirée"), layers=_tiles(), legs=tuple(legs))


def festival_map(festival: Festival, night: Edition) -> Figure:
    """The festival's places, and where one sets out."""
    return on_page("festival", _festival(night, festival), gettext("Carte du festival"), layers=_tiles())


def place_pin(item: FestivalItem) -> str:
    """The id of the pin where an item takes place: one pin a place, however many items it has."""
    return f"f{round(item.lon * 1e5)}-{round(item.lat * 1e5)}"


def _tiles() -> tuple[tuple[str, str], ...]:
    return (("tiles", gettext("Fond swisstopo")),)


def _scene(kind: str) -> Scene:
    """The scene that an address names, as it is now; 404 for what is not on show."""
    night = edition()
    what, _, which = kind.partition("-")
    if kind == "tout":
        return _whole(night, spots(night.id, clock.now()), published_routes(night.id), festival_of(night.id))
    if kind == "festival":
        return _festival(night, festival_of(night.id) or abort(404))
    if what == "boucle":
        return _loop(night, published_route(night.id, which) or abort(404))
    if what != "soiree":
        abort(404)
    mode, _, ids = which.partition("-")
    return _evening(night, _stops(night, ids), _mode(mode))[0]


def _whole(night: Edition, here: Sequence[Spot], routes: Sequence[Route], festival: Festival | None) -> Scene:
    companies = [_company(one.id, one.slug, one.name, one.district, one.lon, one.lat) for one in here]
    lines = [
        Line(
            f"r{route.id}",
            _points(track["line"]),
            route.colour,
            texts(route.name),
            url_for("route.show", slug=route.slug),
        )
        for route in routes
        if len((track := ride_of(route)).get("line", ())) > 1
    ]
    return Scene((_start(night), *companies, *_festival_pins(festival)), tuple(lines), tiles=True)


def _festival(night: Edition, festival: Festival) -> Scene:
    return Scene((_start(night), *_festival_pins(festival)), tiles=True)


def _loop(night: Edition, route: Route) -> Scene:
    track, seen = ride_of(route), dict[tuple[float, float], Pin]()
    for number, (stop, place) in enumerate(zip(route.stops, stop_places(route), strict=True), 1):
        link = url_for("company.show", slug=stop.host.company.slug) if stop.host else ""
        name = stop.host.company.name if stop.host else texts(stop.name)
        note = stop.host.address if stop.host else ""
        seen.setdefault(place, Pin(f"s{number}", "stop", *place, name, note, link, number))
    line = Line(f"r{route.id}", _points(track.get("line", ())), route.colour)
    return Scene(tuple(seen.values()), (line,) if len(line.points) > 1 else (), tiles=not network().approximate)


def _evening(night: Edition, stops: Sequence[Pin], mode: Mode) -> tuple[Scene, dict[str, Any]]:
    start = _start(night)
    places = ((start.lon, start.lat), *((stop.lon, stop.lat) for stop in stops))
    ridden = kept_track(network(), places, False, mode)
    legs = [_points(ridden["line"][leg["first"] : leg["last"] + 1]) for leg in ridden.get("legs", ())]
    return evening_map(start, stops, legs), ridden


def ride_of(route: Route) -> dict[str, Any]:
    """The loop's track as it was kept, or anew where the streets have changed since; {} where no way leads."""
    if route.track.get("revision") == network().revision and "lit" in route.track:
        return route.track
    return kept_track(network(), stop_places(route), route.is_closed, "ebike25")


def _stops(night: Edition, ids: str) -> list[Pin]:
    wanted = [int(one) for one in ids.split("-") if one.isdecimal() and len(one) < 18]
    if not 0 < len(wanted) <= MOST_STOPS:
        abort(404)
    found = {one.id: one for one in spots(night.id, clock.now(), wanted)}
    return [
        _company(one.id, one.slug, one.name, one.address, one.lon, one.lat)
        for one in map(found.get, wanted)
        if one is not None
    ]


def _mode(text: str) -> Mode:
    return next((mode for mode in MODES if mode == text), None) or abort(404)


def _company(host_id: int, slug: str, name: str, note: str, lon: float, lat: float) -> Pin:
    return Pin(f"h{host_id}", "company", lon, lat, name, note, url_for("company.show", slug=slug))


def _start(night: Edition) -> Pin:
    return Pin("start", "start", night.start_lon, night.start_lat, texts(night.start_name) or gettext("Départ"))


def _festival_pins(festival: Festival | None) -> list[Pin]:
    places: dict[str, list[FestivalItem]] = {}
    for item in festival.items if festival else ():
        places.setdefault(place_pin(item), []).append(item)
    return [
        Pin(
            pin,
            "festival",
            items[0].lon,
            items[0].lat,
            texts(items[0].place),
            "\n".join(f"{hour(item.starts_at)} {texts(item.title)}" for item in items),
            url_for("festival.index", _anchor=items[0].slug),
        )
        for pin, items in places.items()
    ]


def _points(line: Sequence[Sequence[float]]) -> tuple[tuple[float, float], ...]:
    return tuple((lon, lat) for lon, lat, *_ in line)


@bp.app_template_global()
def ground_window(lon: float, lat: float, metres: float) -> str:
    """The part of the ground's picture around a place, as an SVG view box, so many metres wide and 3 to 4 high."""
    x, y = on_picture((lon, lat))
    wide = metres / 111_195 * UNIT
    return f"{x - wide / 2:.0f},{y - wide * 3 / 8:.0f},{wide:.0f},{wide * 3 / 4:.0f}"


@bp.app_template_global()
def ground_picture() -> dict[str, Any]:
    """What a template needs to draw on the ground's picture: its key, its size, and how a track becomes a path."""
    return {"key": ground_key(), "wide": WIDE, "high": HIGH, "path": line_on_picture, "at": on_picture, "ride": ride_of}
