"""Rides between the places of an edition, over the street network that is loaded."""

from functools import lru_cache
from math import isfinite
from pathlib import Path

from sqlalchemy import select

from nuit.db import db
from nuit.models import Edition, Host
from nuit.planning.evening import Ride
from nuit.planning.ride import Mode, ride_seconds, shown_minutes
from nuit.planning.streets import Network, load_network, metres_between, ride_table

GEO = Path(__file__).parents[2] / "geo" / "sion"
DETOUR = 1.5
"""Where no street is known, the straight line times this: real streets around Sion measure 1.05 to 2.3 of it."""

Place = tuple[float, float]


@lru_cache(maxsize=1)
def network() -> Network:
    """The street network in use, read once a process."""
    return load_network(GEO)


@lru_cache(maxsize=16)
def _seconds(places: tuple[Place, ...], mode: Mode) -> tuple[tuple[float, ...], ...]:
    table = ride_table(network(), places, mode)
    return tuple(
        tuple(float(cell) if isfinite(cell) else _straight(a, b, mode) for b, cell in zip(places, row, strict=True))
        for a, row in zip(places, table.seconds, strict=True)
    )


def _straight(a: Place, b: Place, mode: Mode) -> float:
    return ride_seconds(mode, metres_between(a, b) * DETOUR)


def host_places(edition_id: int) -> dict[int, Place]:
    """(lon, lat) of every host of the edition, by id: one statement."""
    rows = db.session.execute(
        select(Host.id, Host.lon, Host.lat).where(Host.edition_id == edition_id).order_by(Host.id)
    )
    return {host_id: (lon, lat) for host_id, lon, lat in rows}


def ride_between_hosts(edition: Edition, mode: Mode) -> Ride:
    """A function of two host ids: minutes shown to visitors, the edition's factor and margin included."""
    places = host_places(edition.id)
    order = {host_id: row for row, host_id in enumerate(places)}
    seconds = _seconds(tuple(places.values()), mode)
    factor, margin = edition.ride_factor, edition.ride_margin_minutes

    def ride(first: int, second: int) -> float:
        return float(shown_minutes(seconds[order[first]][order[second]], factor, margin))

    return ride


def minutes_from_start(edition: Edition, mode: Mode = "ebike25") -> dict[int, int]:
    """Minutes shown from the edition's start place to every host, by host id."""
    places = host_places(edition.id)
    seconds = _seconds(((edition.start_lon, edition.start_lat), *places.values()), mode)[0]
    return {
        host_id: shown_minutes(seconds[row], edition.ride_factor, edition.ride_margin_minutes)
        for row, host_id in enumerate(places, start=1)
    }
