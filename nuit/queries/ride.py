"""Rides between the places of an edition, over the street network that is loaded."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from math import isfinite
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from nuit.db import db
from nuit.models import Edition, Host, Slot
from nuit.planning.evening import Ride
from nuit.planning.ride import Mode, ride_seconds, shown_minutes
from nuit.planning.streets import (
    Network,
    OutsideNetwork,
    Unreachable,
    metres_between,
    ride_between,
    ride_table,
)
from nuit.planning.streets import Ride as Way
from nuit.planning.streets.kept import Kept
from nuit.planning.timetable import Leg, Stop, Timetable, leg_to

GEO = Path(__file__).parents[2] / "geo" / "sion"
DETOUR = 1.5
"""Where no street is known, the straight line times this: real streets around Sion measure 1.05 to 2.3 of it."""

Place = tuple[float, float]


_kept = Kept(GEO)


def streets_file(instance: Path) -> Path:
    """Where the streets lie that were loaded into an instance's folder."""
    return instance / "streets" / "network.npz"


def use_streets(instance: Path) -> None:
    """From now on this process rides over the streets loaded into this folder, where there are any."""
    _kept.look_at(streets_file(instance))


def network() -> Network:
    """The street network in use, the same object until other streets are loaded."""
    return _kept.network()


def about_streets() -> dict[str, Any]:
    """What was told about the network when it was loaded; {} for the built-in one."""
    return _kept.about()


@lru_cache(maxsize=16)
def _seconds(streets: Network, places: tuple[Place, ...], mode: Mode) -> tuple[tuple[float, ...], ...]:
    table = ride_table(streets, places, mode)
    return tuple(
        tuple(float(cell) if isfinite(cell) else _straight(a, b, mode) for b, cell in zip(places, row, strict=True))
        for a, row in zip(places, table.seconds, strict=True)
    )


@lru_cache(maxsize=64)
def _minutes(
    streets: Network, places: tuple[Place, ...], mode: Mode, factor: float, margin: float
) -> NDArray[np.int64]:
    seconds = _seconds(streets, places, mode)
    table = np.array([[shown_minutes(cell, factor, margin) for cell in row] for row in seconds], np.int64)
    table.flags.writeable = False
    return table


def ride_minutes(edition: Edition, places: tuple[Place, ...], mode: Mode) -> NDArray[np.int64]:
    """Minutes shown to visitors from each place to each other, the edition's factor and margin included; read-only."""
    return _minutes(network(), places, mode, edition.ride_factor, edition.ride_margin_minutes)


def _straight(a: Place, b: Place, mode: Mode) -> float:
    return ride_seconds(mode, metres_between(a, b) * DETOUR)


def host_places(edition_id: int) -> dict[int, Place]:
    """(lon, lat) of every host of the edition, by id: one statement."""
    rows = db.session.execute(
        select(Host.id, Host.lon, Host.lat).where(Host.edition_id == edition_id).order_by(Host.id)
    )
    return {host_id: (lon, lat) for host_id, lon, lat in rows}


@lru_cache(maxsize=16)
def between_hosts(
    streets: Network, edition_id: int, revision: int, mode: Mode
) -> tuple[dict[int, int], tuple[tuple[float, ...], ...]]:
    """Each host's row in the table, and the table of seconds, as the hosts stand at this revision."""
    places = host_places(edition_id)
    order = {host_id: row for row, host_id in enumerate(places)}
    return order, _seconds(streets, tuple(places.values()), mode)


def ride_between_hosts(edition: Edition, mode: Mode) -> Ride:
    """A function of two host ids: minutes shown to visitors, the edition's factor and margin included.

    Where the hosts are is read once a process and revision of the edition.
    """
    order, seconds = between_hosts(network(), edition.id, edition.revision, mode)
    factor, margin = edition.ride_factor, edition.ride_margin_minutes

    def ride(first: int, second: int) -> float:
        return float(shown_minutes(seconds[order[first]][order[second]], factor, margin))

    return ride


def minutes_from_start(edition: Edition, mode: Mode = "ebike25") -> dict[int, int]:
    """Minutes shown from the edition's start place to every host, by host id."""
    places = host_places(edition.id)
    seconds = _seconds(network(), ((edition.start_lon, edition.start_lat), *places.values()), mode)[0]
    return {
        host_id: shown_minutes(seconds[row], edition.ride_factor, edition.ride_margin_minutes)
        for row, host_id in enumerate(places, start=1)
    }


@lru_cache(maxsize=4096)
def _way(streets: Network, a: Place, b: Place, mode: Mode) -> Way | None:
    """The ride over known streets; None where there are none."""
    try:
        return ride_between(streets, a, b, mode)
    except (OutsideNetwork, Unreachable):
        return None


def timetable(edition: Edition, stops: Sequence[tuple[Slot, Sequence[str]]], mode: str) -> Timetable:
    """The evening of these slots (with the names of who goes there), by hour, and the rides between them: no statement.

    Slots come with visit, host and company. The first leg leads from the edition's start place.
    """
    ordered = sorted(stops, key=lambda one: (one[0].starts_at, one[0].id))
    found = [stop_of(slot, who) for slot, who in ordered]
    legs = [_leg(edition, before, stop, cast(Mode, mode)) for before, stop in pairwise([None, *found]) if stop]
    return Timetable(mode=mode, start=edition.start_name, stops=tuple(found), legs=tuple(legs))


def stop_of(slot: Slot, who: Sequence[str] = ()) -> Stop:
    """A slot, with visit, host and company loaded, as a stop of an evening: no statement."""
    visit, host = slot.visit, slot.visit.host
    return Stop(
        slot=slot.id, host=host.id, company=host.company.name, slug=host.company.slug, visit=visit.title,
        starts_at=slot.starts_at, ends_at=slot.ends_at, lon=host.lon, lat=host.lat,
        address=", ".join(part for part in (host.address, f"{host.postcode} {host.town}".strip()) if part),
        district=host.district, access=host.access, languages=tuple(visit.languages),
        conditions=tuple(visit.conditions), status=slot.status, reason=slot.reason, capacity=slot.capacity,
        left=slot.left, who=tuple(who),
    )  # fmt: skip


def _leg(edition: Edition, before: Stop | None, stop: Stop, mode: Mode) -> Leg:
    start = (before.lon, before.lat) if before else (edition.start_lon, edition.start_lat)
    return leg_between(edition, start, stop, before, mode)[0]


def leg_between(
    edition: Edition, start: Place, stop: Stop, before: Stop | None, mode: Mode
) -> tuple[Leg, tuple[Place, ...]]:
    """The leg from a place to a stop, and its line (straight where no street is known): no statement."""
    end = (stop.lon, stop.lat)
    way = _way(network(), start, end, mode)
    total = shown_minutes(
        way.seconds if way else _straight(start, end, mode), edition.ride_factor, edition.ride_margin_minutes
    )
    leg = leg_to(
        stop, before, total=total, margin=edition.ride_margin_minutes,
        metres=way.metres if way else metres_between(start, end) * DETOUR, climb=way.climb if way else 0.0,
        lit_share=way.lit_share if way else 1.0, profile=way.profile if way else (),
        approximate=way.approximate if way else True,
    )  # fmt: skip
    return leg, way.line if way else (start, end)
