"""Loops as the organisers make them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from nuit.db import db, folded
from nuit.errors import NoWay
from nuit.models import Company, Host, Route, Stop, Visit
from nuit.planning.draft import RouteDraft, StopDraft
from nuit.planning.streets import OutsideNetwork, Point, Unreachable, ride_table
from nuit.planning.tour import Tour, best_tour, tour_seconds
from nuit.planning.track import track
from nuit.queries.ride import network


def routes(edition_id: int) -> list[Route]:
    """Every loop of the edition, in order, with stops and hosts: two statements."""
    return list(
        db.session.scalars(
            select(Route)
            .where(Route.edition_id == edition_id)
            .options(selectinload(Route.stops).joinedload(Stop.host))
            .order_by(Route.position, Route.id)
        )
    )


def route_by_slug(edition_id: int, slug: str) -> Route | None:
    """One loop, published or not, with stops and hosts."""
    return db.session.scalar(
        select(Route)
        .where(Route.edition_id == edition_id, Route.slug == slug)
        .options(selectinload(Route.stops).joinedload(Stop.host))
    )


def drawn(places: Sequence[Point], *, closed: bool) -> dict[str, Any]:
    """The ride over these places as a route keeps it; {} for fewer than two. Raises NoWay."""
    try:
        return track(network(), places, closed=closed)
    except (OutsideNetwork, Unreachable):
        raise NoWay() from None


def ordered(places: Sequence[Point], *, closed: bool) -> tuple[Tour, float]:
    """The fastest order of these places from the first one, and the seconds of the order they are in."""
    seconds = ride_table(network(), places, "ebike25").seconds
    return best_tour(seconds, closed=closed), tour_seconds(seconds, range(len(places)), closed=closed)


def shortest_visits(edition_id: int) -> dict[int, int]:
    """Minutes of each host's shortest visit, by host id: one statement."""
    rows = db.session.execute(
        select(Visit.host_id, func.min(Visit.minutes))
        .join(Host, Host.id == Visit.host_id)
        .where(Host.edition_id == edition_id)
        .group_by(Visit.host_id)
    )
    return {row[0]: row[1] for row in rows}


def box_of() -> tuple[float, float, float, float]:
    """West, south, east, north of the streets in use."""
    return network().box


def places_of(stops: Sequence[StopDraft], hosts: dict[int, Point]) -> list[Point]:
    """Longitude and latitude of each stop, in order; `hosts` are the edition's by id."""
    return [hosts[one.host] if one.host is not None else (one.lon or 0.0, one.lat or 0.0) for one in stops]


def streets_are_approximate() -> bool:
    """Whether the rides go over the built-in schematic network, no real streets being loaded."""
    return network().approximate


def stopping_hosts(edition_id: int) -> list[tuple[int, str]]:
    """(id, name) of the companies at which a loop may stop, by name: one statement."""
    rows = db.session.execute(
        select(Host.id, Company.name)
        .join(Host.company)
        .where(Host.edition_id == edition_id, Host.state != "withdrawn")
        .order_by(folded(Company.name))
    )
    return [(host_id, name) for host_id, name in rows]


def route_draft(route: Route) -> RouteDraft:
    """A loop as it stands, as a value to compare with what was typed."""
    return RouteDraft(
        name=route.name,
        summary=route.summary,
        colour=route.colour,
        is_closed=route.is_closed,
        is_published=route.is_published,
        stops=tuple(StopDraft(one.host_id, one.name, one.lon, one.lat) for one in route.stops),
    )
