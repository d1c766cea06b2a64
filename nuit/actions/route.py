"""Making the e-bike loops, and drawing them over the streets that are loaded."""

from datetime import datetime

from sqlalchemy import func, select

from nuit.db import db, transaction
from nuit.ledger.trail import note, revise
from nuit.ledger.version import claim
from nuit.models import Route, Stop
from nuit.planning.draft import RouteDraft, write
from nuit.planning.spelling import slug_of
from nuit.planning.streets import Point
from nuit.queries.ride import host_places
from nuit.queries.team.routes import drawn, places_of


def draw_route(route_id: int, *, now: datetime, by: int | None = None) -> Route | None:
    """Computes the loop's track anew over its stops as they are; None where there is no such route. Raises NoWay."""
    with transaction():
        route = db.session.get(Route, route_id)
        if route is None:
            return None
        route.track = drawn([place_of(stop) for stop in route.stops], closed=route.is_closed)
        route.version += 1
        note("draw", "route", route.id, member_id=by, now=now, metres=route.track.get("metres", 0))
        revise(route.edition_id)
    return route


def place_of(stop: Stop) -> Point:
    """Longitude and latitude of a stop: its host's, else its own."""
    if stop.host is not None:
        return stop.host.lon, stop.host.lat
    return stop.lon or 0.0, stop.lat or 0.0


def add_route(edition_id: int, draft: RouteDraft, *, now: datetime, by: int | None) -> Route:
    """A new loop behind the others, drawn at once; its slug comes from its French name. Raises NoWay."""
    with transaction():
        taken = {"ajouter"} | set(db.session.scalars(select(Route.slug).where(Route.edition_id == edition_id)))
        last = db.session.scalar(select(func.max(Route.position)).where(Route.edition_id == edition_id)) or 0
        route = Route(edition_id=edition_id, slug=slug_of(draft.name["fr"], taken), position=last + 1)
        _fill(route, draft)
        db.session.add(route)
        db.session.flush()
        note("add", "route", route.id, member_id=by, now=now, metres=route.track.get("metres", 0))
        revise(edition_id)
    return route


def change_route(route_id: int, draft: RouteDraft, *, version: int, now: datetime, by: int | None) -> Route | None:
    """The loop as typed, drawn anew; None where it is gone. Raises ChangedMeanwhile, NoWay."""
    with transaction():
        claim(Route, route_id, version)
        route = db.session.get(Route, route_id)
        if route is None:
            return None
        changed = _fill(route, draft)
        note("change", "route", route.id, member_id=by, now=now, fields=changed)
        revise(route.edition_id)
    return route


def _fill(route: Route, draft: RouteDraft) -> list[str]:
    """Writes the draft and its track; the names of what changed."""
    track = drawn(places_of(draft.stops, host_places(route.edition_id)), closed=draft.is_closed)
    changed = write(draft, route, without=("stops",))
    if [(s.host_id, s.lon, s.lat, s.name) for s in route.stops] != [
        (s.host, s.lon, s.lat, s.name) for s in draft.stops
    ]:
        changed.append("stops")
        route.stops = []
        db.session.flush()  # the old positions are free before the new ones come
        route.stops = [
            Stop(position=number, host_id=stop.host, name=stop.name, lon=stop.lon, lat=stop.lat)
            for number, stop in enumerate(draft.stops, start=1)
        ]
    route.track = track
    return changed


def remove_route(route_id: int, *, version: int, now: datetime, by: int | None) -> None:
    """Takes a loop off the programme for good. Raises ChangedMeanwhile."""
    with transaction():
        claim(Route, route_id, version)
        route = db.session.get(Route, route_id)
        if route is not None:
            note("remove", "route", route.id, member_id=by, now=now, name=route.name.get("fr", ""))
            db.session.delete(route)
            revise(route.edition_id)
