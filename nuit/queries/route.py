"""The e-bike loops that are on show."""

from sqlalchemy import select
from sqlalchemy.orm import selectinload
from sqlalchemy.sql import Select

from nuit.db import db
from nuit.models import Route, Stop
from nuit.planning.streets import Point


def published_routes(edition_id: int) -> list[Route]:
    """The loops on show in their order, with stops, hosts and companies: three statements."""
    return list(db.session.scalars(_shown(edition_id).order_by(Route.position, Route.id)))


def published_route(edition_id: int, slug: str) -> Route | None:
    """One loop on show, with stops, hosts and companies."""
    return db.session.scalar(_shown(edition_id).where(Route.slug == slug))


def stop_places(route: Route) -> tuple[Point, ...]:
    """Longitude and latitude of every stop: its host's, else its own."""
    return tuple(
        (stop.host.lon, stop.host.lat) if stop.host else (stop.lon or 0.0, stop.lat or 0.0) for stop in route.stops
    )


def _shown(edition_id: int) -> Select[Route]:
    return (
        select(Route)
        .where(Route.edition_id == edition_id, Route.is_published)
        .options(selectinload(Route.stops).selectinload(Stop.host))
    )
