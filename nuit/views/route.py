"""The e-bike loops: all of them, one with its ride in words, and files to take along."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from flask import Blueprint, Response, abort, current_app, g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from markupsafe import Markup

from nuit import clock
from nuit.i18n import NBSP, km, number, texts
from nuit.models import Edition, Route
from nuit.planning.along import Steep, beside, steepest
from nuit.queries.map import Spot, spots
from nuit.queries.route import published_route, published_routes, stop_places
from nuit.render.gpx import Waypoint, ride_geojson, ride_gpx
from nuit.render.profile import profile_svg
from nuit.render.turns import LegLines, leg_lines
from nuit.views.fresh import answer
from nuit.views.gate import edition, on_show
from nuit.views.home import soon
from nuit.views.map import loop
from nuit.views.scene import ride_of, state
from nuit.views.take import loop_card, ride_file, sliced

bp = Blueprint("route", __name__)
STEEP = 0.08
DARK = 0.05
"""Share of unlit streets from which on we say so."""


@dataclass(frozen=True)
class Ridden:
    """A loop as its page tells it; `names` has one entry a stop, the way back included where there is one."""

    route: Route
    track: dict[str, Any]
    legs: tuple[LegLines, ...]
    names: tuple[str, ...]
    marks: tuple[float, ...]

    @property
    def minutes(self) -> int:
        return sum(leg.minutes for leg in self.legs)

    @property
    def lit(self) -> int:
        """Per cent of lit streets."""
        return round(float(self.track.get("lit", 0)) * 100)

    @property
    def cycle(self) -> int:
        """Per cent of cycle ways."""
        return round(float(self.track.get("cycle", 0)) * 100)

    @property
    def steep(self) -> Steep | None:
        return steepest(self.track.get("profile", ()), limit=STEEP)


def ridden(route: Route, night: Edition) -> Ridden:
    """The loop with its rides in words and minutes, in the spoken language."""
    track = ride_of(route)
    names = tuple(stop.host.company.name if stop.host else texts(stop.name) for stop in route.stops)
    legs = tuple(leg_lines(track, names, factor=night.ride_factor, margin=night.ride_margin_minutes))
    marks = tuple(accumulate((leg.metres for leg in legs), initial=0.0))
    return Ridden(route, track, legs, names, marks)


@bp.get("/parcours")
def index() -> ResponseReturnValue:
    night = on_show()
    if night is None:
        return soon()
    routes = published_routes(night.id)

    def draw() -> str:
        loops = [ridden(route, night) for route in routes]
        return render_template("route/index.html", loops=loops, routes=routes)

    return answer(draw, [(route.id, route.version) for route in routes], *state(night))


@bp.get("/parcours/<slug>")
def show(slug: str) -> ResponseReturnValue:
    night = edition()
    route = published_route(night.id, slug) or abort(404)
    here = spots(night.id, clock.now())
    g.tiles = True
    return answer(lambda: _page(night, route, here), route.id, route.version, here, *state(night))


def _page(night: Edition, route: Route, here: list[Spot]) -> str:
    told = ridden(route, night)
    passed = beside(told.track.get("line", ()), {spot.id: (spot.lon, spot.lat) for spot in here})
    by_id = {spot.id: spot for spot in here}
    return render_template(
        "route/show.html",
        map=loop(night, route),
        told=told,
        profile=_profile(told),
        warnings=ride_warnings(told.track),
        passed=[(metres, by_id[spot_id]) for spot_id, metres in passed.items()],
        by_host=by_id,
    )


@bp.get("/parcours/<slug>.gpx")
def gpx(slug: str) -> ResponseReturnValue:
    return _file(slug, ride_gpx, "gpx", "application/gpx+xml")


@bp.get("/parcours/<slug>.geojson")
def geojson(slug: str) -> ResponseReturnValue:
    return _file(slug, ride_geojson, "geojson", "application/geo+json")


@bp.get("/parcours/<slug>.pdf")
def card(slug: str) -> ResponseReturnValue:
    night = edition()
    route = published_route(night.id, slug) or abort(404)
    told = ridden(route, night)
    if not told.track:
        abort(404)
    content = loop_card(told.track, told.legs, told.names, told.marks, texts(route.name), route.colour)
    return ride_file(content, "application/pdf", f"{route.slug}.pdf")


def _file(slug: str, write: Any, ending: str, kind: str) -> Response:
    night = edition()
    route = published_route(night.id, slug) or abort(404)
    told = ridden(route, night)
    if not told.track:
        abort(404)
    places = zip(told.names, route.stops, stop_places(route), strict=True)
    stops = [Waypoint(*place, name, stop.host.address if stop.host else "") for name, stop, place in places]
    link = current_app.config["NUIT_URL"] + url_for("route.show", slug=slug)
    words = {"name": texts(route.name), "note": notice(told.track), "link": link}
    content, part = sliced(write, told.track, stops, **words)
    answer = ride_file(content, f"{kind}; charset=utf-8", f"{route.slug}{part}.{ending}")
    answer.add_etag()
    return answer


def notice(track: dict[str, Any]) -> str:
    """What goes with every exported ride: what it is, how far and how high, and how sure."""
    figures = gettext("%(km)s, %(climb)s m de montée.", km=km(track["metres"]), climb=number(track["climb"]))
    if track.get("approximate", True):
        sure = gettext("Tracé approximatif, d’après un schéma : suivez les rues et les panneaux.")
    else:
        sure = gettext("Suivez les rues et les panneaux.")
    return f"{figures} {sure}"


def _profile(told: Ridden) -> Markup:
    heights = [height for _, height in told.track.get("profile", ())]
    if not heights:
        return Markup("")
    label = gettext(
        "Profil du parcours : de %(low)s à %(high)s m d’altitude, %(climb)s m de montée sur %(km)s.",
        low=number(round(min(heights))),
        high=number(round(max(heights))),
        climb=number(told.track["climb"]),
        km=km(told.track["metres"]),
    )
    ends = (f"{heights[0]:.0f}{NBSP}m", f"{heights[-1]:.0f}{NBSP}m · {km(told.track['metres'])}")
    return profile_svg(told.track["profile"], told.marks, label=label, ends=ends)


def ride_warnings(track: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Icon and sentence of everything one should know before setting out; nothing where there is no track."""
    if not track:
        return []
    found = []
    dark = (1 - float(track.get("lit", 1))) * track["metres"]
    steep = steepest(track.get("profile", ()), limit=STEEP)
    pushed = sum(turn["metres"] for leg in track.get("legs", ()) for turn in leg["turns"] if turn["pushed"])
    if dark > DARK * track["metres"]:
        found.append(("lune", gettext("Sans éclairage public sur %(km)s : phare et feu arrière allumés.", km=km(dark))))
    if steep and steep.grade > STEEP:
        sentence = gettext(
            "Une pente de %(grade)s %% au kilomètre %(at)s : choisissez l’assistance la plus forte.",
            grade=number(round(steep.grade * 100)),
            at=number(round(steep.at / 1000, 1)),
        )
        found.append(("montee", sentence))
    if pushed:
        words = ngettext("Le vélo se pousse sur %(num)s m.", "Le vélo se pousse sur %(num)s m.", pushed)
        found.append(("marches", words))
    return found
