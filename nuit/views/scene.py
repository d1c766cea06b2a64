"""Scenes: what each map of ours shows, made of what the queries know, in the spoken language."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import abort, url_for
from flask_babel import gettext

from nuit import clock
from nuit.i18n import hour, texts
from nuit.models import Edition, Festival, FestivalItem, Host, Route
from nuit.planning.along import kept_track
from nuit.planning.ride import MODES, Mode
from nuit.queries.festival import festival_of
from nuit.queries.ground import ground
from nuit.queries.map import Spot, spots
from nuit.queries.ride import network
from nuit.queries.route import published_route, published_routes, stop_places
from nuit.render.map import Line, Pin, Scene, evening_map
from nuit.views.assets import asset
from nuit.views.gate import edition

MOST_STOPS = 12


def state(night: Edition) -> tuple[object, ...]:
    """What every page with a map depends on, besides what it shows."""
    return night.id, night.revision, network().revision, ground().key, asset("map.css"), asset("map.js")


def scene_of(kind: str) -> Scene:
    """The scene that an address names, as it is now; 404 for what is not on show."""
    night = edition()
    what, _, which = kind.partition("-")
    if kind == "tout":
        return whole(night, spots(night.id, clock.now()), published_routes(night.id), festival_of(night.id))
    if kind == "festival":
        return festival_places(night, festival_of(night.id) or abort(404))
    if what == "boucle":
        return loop_scene(published_route(night.id, which) or abort(404))
    if what != "soiree":
        abort(404)
    mode, _, ids = which.partition("-")
    return evening_scene(night, _stops(night, ids), mode_of(mode))[0]


def whole(night: Edition, here: Sequence[Spot], routes: Sequence[Route], festival: Festival | None) -> Scene:
    """Everything: companies, loops, the festival's places, and where one sets out."""
    companies = [_company(one, one.district) for one in here]
    lines = [
        Line(
            f"r{route.id}",
            points(track["line"]),
            route.colour,
            texts(route.name),
            url_for("route.show", slug=route.slug),
        )
        for route in longest_first(routes)
        if len((track := ride_of(route)).get("line", ())) > 1
    ]
    return Scene((start_pin(night), *companies, *_festival_pins(festival)), tuple(lines), tiles=True)


def longest_first(routes: Sequence[Route]) -> list[Route]:
    """Loops in drawing order: where they share a street, the shorter lies on top."""
    return sorted(routes, key=lambda route: -float(route.track.get("metres") or 0))


def festival_places(night: Edition, festival: Festival) -> Scene:
    """The festival's places, and where one sets out."""
    return Scene((start_pin(night), *_festival_pins(festival)), tiles=True)


def loop_scene(route: Route) -> Scene:
    """One loop with its numbered stops; a place that comes twice keeps its first number."""
    track, seen = ride_of(route), dict[tuple[float, float], Pin]()
    for number, (stop, place) in enumerate(zip(route.stops, stop_places(route), strict=True), 1):
        pin = host_pin(stop.host) if stop.host else Pin("", "", *place, texts(stop.name))
        seen.setdefault(place, replace(pin, id=f"s{number}", kind="stop", number=number))
    line = Line(f"r{route.id}", points(track.get("line", ())), route.colour)
    return Scene(tuple(seen.values()), (line,) if len(line.points) > 1 else (), tiles=not network().approximate)


def evening_scene(night: Edition, stops: Sequence[Pin], mode: Mode) -> tuple[Scene, dict[str, Any]]:
    """An evening over these stops from the edition's starting place, and the track of its rides."""
    start = start_pin(night)
    places = ((start.lon, start.lat), *((stop.lon, stop.lat) for stop in stops))
    ridden = kept_track(network(), places, False, mode)
    legs = [points(ridden["line"][leg["first"] : leg["last"] + 1]) for leg in ridden.get("legs", ())]
    return evening_map(start, stops, legs), ridden


def ride_of(route: Route) -> dict[str, Any]:
    """The loop's track as it was kept, or anew where the streets have changed since; {} where no way leads."""
    if route.track.get("revision") == network().revision and "cycle" in route.track:
        return route.track
    return kept_track(network(), stop_places(route), route.is_closed, "ebike25")


def _stops(night: Edition, ids: str) -> list[Pin]:
    wanted = [int(one) for one in ids.split("-") if one.isdecimal() and len(one) < 18]
    if not 0 < len(wanted) <= MOST_STOPS:
        abort(404)
    found = {one.id: one for one in spots(night.id, clock.now(), wanted)}
    return [_company(one, one.address) for one in map(found.get, wanted) if one is not None]


def mode_of(text: str) -> Mode:
    return next((mode for mode in MODES if mode == text), None) or abort(404)


def _company(spot: Spot, note: str) -> Pin:
    link = url_for("company.show", slug=spot.slug)
    return Pin(f"h{spot.id}", "company", spot.lon, spot.lat, spot.name, note, link)


def host_pin(host: Host) -> Pin:
    shown = host.state == "published"
    link = url_for("company.show", slug=host.company.slug) if shown else ""
    return Pin(f"h{host.id}", "company", host.lon, host.lat, host.company.name, host.address, link)


def start_pin(night: Edition) -> Pin:
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


def points(line: Sequence[Sequence[float]]) -> tuple[tuple[float, float], ...]:
    return tuple((lon, lat) for lon, lat, *_ in line)


def place_pin(item: FestivalItem) -> str:
    """The id of the pin where an item takes place: one pin a place, however many items it has."""
    return f"f{round(item.lon * 1e5)}-{round(item.lat * 1e5)}"
