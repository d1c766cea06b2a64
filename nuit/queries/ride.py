"""Rides between the places of an edition, over the street network that is loaded."""

from functools import lru_cache
from pathlib import Path

from sqlalchemy import select

from nuit.db import db
from nuit.models import Edition, Host
from nuit.planning.evening import Ride
from nuit.planning.ride import Mode, shown_minutes
from nuit.planning.streets import Network, load_network, ride_table

GEO = Path(__file__).parents[2] / "geo" / "sion"

Place = tuple[float, float]


@lru_cache(maxsize=1)
def network() -> Network:
    """The street network in use, read once a process."""
    return load_network(GEO)


@lru_cache(maxsize=16)
def _table(places: tuple[Place, ...], mode: Mode) -> tuple[tuple[float, ...], ...]:
    table = ride_table(network(), places, mode)
    return tuple(tuple(float(cell) for cell in row) for row in table.seconds)


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
    seconds = _table(tuple(places.values()), mode)
    factor, margin = edition.ride_factor, edition.ride_margin_minutes

    def ride(first: int, second: int) -> float:
        return float(shown_minutes(seconds[order[first]][order[second]], factor, margin))

    return ride
