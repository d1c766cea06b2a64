"""Drawing the e-bike loops over the streets that are loaded."""

from datetime import datetime

from nuit.db import db, transaction
from nuit.errors import NoWay
from nuit.ledger.trail import note, revise
from nuit.models import Route, Stop
from nuit.planning.streets import OutsideNetwork, Point, Unreachable
from nuit.planning.track import track
from nuit.queries.ride import network


def draw_route(route_id: int, *, now: datetime, by: int | None = None) -> Route | None:
    """Computes the loop's track anew over its stops as they are; None where there is no such route. Raises NoWay."""
    with transaction():
        route = db.session.get(Route, route_id)
        if route is None:
            return None
        try:
            route.track = track(network(), [place_of(stop) for stop in route.stops], closed=route.is_closed)
        except (OutsideNetwork, Unreachable):
            raise NoWay() from None
        route.version += 1
        note("draw", "route", route.id, member_id=by, now=now, metres=route.track.get("metres", 0))
        revise(route.edition_id)
    return route


def place_of(stop: Stop) -> Point:
    """Longitude and latitude of a stop: its host's, else its own."""
    if stop.host is not None:
        return stop.host.lon, stop.host.lat
    return stop.lon or 0.0, stop.lat or 0.0
