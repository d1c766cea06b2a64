"""A loop while it is made: on the map with everything it could stop at, in its best order, with what speaks against it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext, ngettext

from nuit.forms.route import RouteForm, way_point
from nuit.i18n import hour, minutes
from nuit.models import Edition
from nuit.planning.draft import StopDraft
from nuit.planning.ride import shown_minutes
from nuit.planning.streets import Point
from nuit.planning.tour import place_between
from nuit.queries.ground import ground
from nuit.queries.ride import host_places
from nuit.queries.team.routes import ordered, places_of, shortest_visits, streets_are_approximate
from nuit.render.map import Line, Pin, Scene, drawn
from nuit.views.map import Figure
from nuit.views.route import ride_warnings
from nuit.views.scene import points, start_pin

NOTICED = 20.0
"""Seconds by which another order must be faster to be worth a change."""


@dataclass(frozen=True)
class Ordered:
    """What ordering has brought: calm minutes of riding before and after, and whether nothing can be faster."""

    before: int
    after: int
    exact: bool


def best_order(form: RouteForm, night: Edition) -> Ordered | None:
    """Puts the stops of the form into their best order from the first; None where there is nothing to order."""
    if len(form.tokens) < 3:
        return None
    tour, before = ordered(_places(form, night), closed=form.is_closed.data)
    if tour.seconds < before - NOTICED:
        form.reorder(tour.order)
    calm = [round(seconds * night.ride_factor / 60) for seconds in (min(before, 1e6), min(tour.seconds, 1e6))]
    return Ordered(calm[0], calm[1], tour.exact)


def between(form: RouteForm, night: Edition, stop: StopDraft) -> int:
    """Where a new way-point comes into the order."""
    here = (stop.lon or 0.0, stop.lat or 0.0)
    return place_between(_places(form, night), here, closed=form.is_closed.data)


def loop_figure(form: RouteForm, track: Mapping[str, Any], night: Edition) -> Figure:
    """The loop on the map, and around it what can be picked."""
    asked = {"stop": form.tokens, "is_closed": "y" if form.is_closed.data else None, "colour": form.colour.data}
    return Figure(
        kind="parcours",
        label=gettext("Carte du parcours : touchez une entreprise ou une rue pour l’ajouter"),
        drawing=drawn(loop_scene(form, track, night), ground().box),
        approximate=streets_are_approximate(),
        layers=(("company", gettext("Entreprises")), ("tiles", gettext("Fond swisstopo"))),
        script_at=url_for("team_routes.map_script", **asked),
        names_at=url_for("team_routes.map_names", **asked),
    )


def loop_scene(form: RouteForm, track: Mapping[str, Any], night: Edition) -> Scene:
    """Companies that are not in the loop, the loop's line, and its stops by number (a place that comes twice once)."""
    seen: dict[Point, Pin] = {}
    for number, (token, place) in enumerate(zip(form.tokens, _places(form, night), strict=True), 1):
        kind = "via" if way_point(token) else "stop"
        seen.setdefault(place, Pin(f"t{number}", kind, *place, form.known[token].words, number=number))
    hosts = host_places(night.id)
    others = [
        Pin(token, "company", *hosts[choice.stop.host], choice.words)
        for token, choice in form.known.items()
        if choice.stop.host is not None and choice.group and token not in form.tokens and choice.stop.host in hosts
    ]
    line = points(track.get("line", ()))
    lines = (Line("trace", line, form.colour.data or ""),) if len(line) > 1 else ()
    return Scene((start_pin(night), *others, *seen.values()), lines, tiles=False)


def loop_words() -> dict[str, str]:
    """What the script on the loop's map says."""
    return {
        "add": gettext("Ajouter au parcours"),
        "drop": gettext("Retirer du parcours"),
        "via": gettext("Passer par ici"),
        "point": gettext("Point de passage"),
        "move": gettext("Flèches : déplacer de 10 m. Entrée : tracer."),
    }


def warnings(form: RouteForm, track: Mapping[str, Any], night: Edition) -> list[tuple[str, str]]:
    """Icon and sentence of what the public will be warned of, and what only the organisers see: the hour it ends."""
    if not track:
        return []
    late = _late(form, track, night)
    return [*([late] if late else []), *ride_warnings(track)]


def _late(form: RouteForm, track: Mapping[str, Any], night: Edition) -> tuple[str, str] | None:
    """A loop that cannot be done within the night, with the shortest visit at each company."""
    inside = shortest_visits(night.id)
    visits = [inside.get(stop.host, 0) for stop in form.stops() if stop.host is not None]
    calm = [shown_minutes(leg["seconds"], night.ride_factor, night.ride_margin_minutes) for leg in track["legs"]]
    ends = night.opens_at + timedelta(minutes=sum(calm) + sum(visits))
    if ends <= night.closes_at:
        return None
    words = ngettext(
        "Avec sa visite (%(long)s en tout), ce parcours finit à %(hour)s, après la fermeture à %(closes)s.",
        "Avec ses %(num)s visites (%(long)s en tout), ce parcours finit à %(hour)s, après la fermeture à %(closes)s.",
        len(visits), long=minutes(sum(calm) + sum(visits)), hour=hour(ends), closes=hour(night.closes_at),
    )  # fmt: skip
    return "horloge", words


def _places(form: RouteForm, night: Edition) -> list[Point]:
    return places_of(form.stops(), host_places(night.id))
