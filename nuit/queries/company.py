"""Companies as the public sees them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import contains_eager, defer, selectinload

from nuit.db import connection, db, detached, folded, table
from nuit.models import Company, Edition, Host, Picture, Slot, Visit
from nuit.planning.evening import condition_value
from nuit.planning.finding import Candidate, Departure, Showing, fold


@dataclass(frozen=True)
class Programme:
    """All companies on show: hosts and visits by id, and the same as candidates for a question."""

    hosts: dict[int, Host]
    visits: dict[int, Visit]
    candidates: list[Candidate]

    @property
    def districts(self) -> dict[str, tuple[float, float]]:
        """The middle (lon, lat) of each district's companies, by name."""
        places: dict[str, list[Host]] = {}
        for host in self.hosts.values():
            places.setdefault(host.district or host.town, []).append(host)
        return {
            name: (sum(host.lon for host in hosts) / len(hosts), sum(host.lat for host in hosts) / len(hosts))
            for name, hosts in sorted(places.items(), key=lambda pair: fold(pair[0]))
            if name
        }


def programme(edition: Edition, now: datetime) -> Programme:
    """The companies on show by name, with visits and what departs from now on.

    What the edition's revision fixes is read once a process (to be read only: its rows belong to no session); the
    places are read anew each time, with one narrow statement.
    """
    cast = _cast(edition.id, edition.revision)
    departures = _departures(edition, now)
    return replace(cast, candidates=[_with_places(one, departures) for one in cast.candidates])


def hosts_on_show(edition: Edition) -> dict[int, Host]:
    """The same companies, by host id, as this revision shows them; read once a process and revision."""
    return _cast(edition.id, edition.revision).hosts


def _with_places(one: Candidate, departures: Mapping[int, list[Departure]]) -> Candidate:
    showings = tuple(replace(each, departures=tuple(departures.get(each.visit, ()))) for each in one.showings)
    return replace(one, showings=showings)


@lru_cache(maxsize=4)
def _cast(edition_id: int, revision: int) -> Programme:
    """Companies and visits as they stand at this revision, without any departure: three statements."""
    by_host = visits_by_host(edition_id)
    hosts = {host.id: host for host in detached(listed_hosts(edition_id))}
    visits = detached([visit for visits in by_host.values() for visit in visits])
    return Programme(
        hosts=hosts,
        visits={visit.id: visit for visit in visits},
        candidates=[_candidate(host, by_host.get(host.id, [])) for host in hosts.values()],
    )


def _candidate(host: Host, visits: list[Visit]) -> Candidate:
    company = host.company
    texts = (company.summary, *(trade.name for trade in company.trades), *(visit.title for visit in visits))
    words = (company.name, host.district, host.town, *(text for texts_ in texts for text in texts_.values()))
    return Candidate(
        host=host.id,
        name=company.name,
        words=fold(" ".join(words)),
        trades=frozenset(trade.slug for trade in company.trades),
        place=(host.lon, host.lat),
        showings=tuple(_showing(visit) for visit in visits),
    )


def _showing(visit: Visit) -> Showing:
    return Showing(
        visit=visit.id,
        languages=tuple(visit.languages),
        wheelchair=visit.wheelchair,
        min_age=condition_value(visit.conditions, "min_age"),
    )


def listed_hosts(edition_id: int) -> list[Host]:
    """The hosts on show, by name, with company and trades, without the long texts: two statements."""
    company = contains_eager(Host.company)
    return list(
        db.session.scalars(
            select(Host)
            .join(Host.company)
            .where(Host.edition_id == edition_id, Host.state == "published")
            .options(company.selectinload(Company.trades), company.options(defer(Company.about)))
            .order_by(folded(Company.name), Host.id)
        )
    )


class Hour(NamedTuple):
    """When a slot departs and ends, and of which visit."""

    visit: int
    starts_at: datetime
    ends_at: datetime


@lru_cache(maxsize=4)
def _hours(edition_id: int, revision: int) -> dict[int, Hour]:
    """The hours of every slot by id, by hour, as they stand at this revision: one statement a process and revision."""
    rows = db.session.execute(
        select(Slot.id, Slot.visit_id, Slot.starts_at, Slot.ends_at)
        .where(Slot.edition_id == edition_id)
        .order_by(Slot.starts_at, Slot.id)
    )
    return {slot: Hour(visit, starts_at, ends_at) for slot, visit, starts_at, ends_at in rows}


_slot = table(Slot)
_LEFT = select(_slot.c.id, _slot.c.capacity - _slot.c.taken).where(
    _slot.c.edition_id == bindparam("edition"), _slot.c.status == "open", _slot.c.starts_at > bindparam("now")
)


def _departures(edition: Edition, now: datetime) -> dict[int, list[Departure]]:
    """What still departs and may be booked, full or not, by hour, by visit id: one statement."""
    rows = connection().execute(_LEFT, {"edition": edition.id, "now": now})
    places: dict[int, int] = {row[0]: row[1] for row in rows}
    found: dict[int, list[Departure]] = {}
    for slot, hour in _hours(edition.id, edition.revision).items():
        if slot in places:
            found.setdefault(hour.visit, []).append(Departure(slot, hour.starts_at, hour.ends_at, places[slot]))
    return found


def published_hosts(edition_id: int) -> list[Host]:
    """The hosts on show, by name, with company, trades and practices: four statements, however many there are."""
    return list(
        db.session.scalars(
            select(Host)
            .join(Host.company)
            .where(Host.edition_id == edition_id, Host.state == "published")
            .options(
                selectinload(Host.company).selectinload(Company.trades),
                selectinload(Host.company).selectinload(Company.practices),
            )
            .order_by(folded(Company.name), Host.id)
        )
    )


@dataclass(frozen=True)
class Presented:
    """One company on show: its visits in their order, the hours of each, its pictures; rows of no session."""

    host: Host
    visits: list[Visit]
    hours: dict[int, dict[int, Hour]]
    pictures: list[Picture]


@lru_cache(maxsize=256)
def presented(edition_id: int, revision: int, slug: str) -> Presented | None:
    """A company as this revision shows it, by its slug; to be read only. Read once a process and revision."""
    host = db.session.scalar(
        select(Host)
        .join(Host.company)
        .where(Host.edition_id == edition_id, Host.state == "published", Company.slug == slug)
        .options(
            selectinload(Host.company).selectinload(Company.trades),
            selectinload(Host.company).selectinload(Company.practices),
        )
    )
    if host is None:
        return None
    visits = db.session.scalars(select(Visit).where(Visit.host_id == host.id).order_by(Visit.position, Visit.id)).all()
    pictures = select(Picture).where(Picture.company_id == host.company_id).order_by(Picture.kind, Picture.id)
    hours = _hours(edition_id, revision).items()
    return Presented(
        visits=detached(visits),
        hours={visit.id: {slot: hour for slot, hour in hours if hour.visit == visit.id} for visit in visits},
        pictures=detached(db.session.scalars(pictures).all()),
        host=detached([host])[0],
    )


def visits_by_host(edition_id: int) -> dict[int, list[Visit]]:
    """All visits of published hosts (without slots), by host id: one statement."""
    found: dict[int, list[Visit]] = {}
    for visit in db.session.scalars(
        select(Visit)
        .join(Host, Host.id == Visit.host_id)
        .where(Host.edition_id == edition_id, Host.state == "published")
        .order_by(Visit.position, Visit.id)
    ):
        found.setdefault(visit.host_id, []).append(visit)
    return found


def host_by_slug(edition_id: int, slug: str) -> Host | None:
    """A company's host in this edition, whatever its state."""
    return db.session.scalar(select(Host).join(Host.company).where(Host.edition_id == edition_id, Company.slug == slug))


def company_by_slug(slug: str) -> Company | None:
    """A company, whatever the edition."""
    return db.session.scalar(select(Company).where(Company.slug == slug))


class Places(NamedTuple):
    """How full one slot is, and whether it may be booked."""

    slot: int
    taken: int
    capacity: int
    status: str

    @property
    def left(self) -> int:
        return self.capacity - self.taken


_PLACES = (
    select(_slot.c.id, _slot.c.taken, _slot.c.capacity, _slot.c.status)
    .where(or_(_slot.c.host_id == bindparam("host"), _slot.c.id.in_(bindparam("others", expanding=True))))
    .order_by(_slot.c.id)
)


def places_at(host_id: int, others: Collection[int] = ()) -> dict[int, Places]:
    """Every departure of one company, and some others, by slot id: what its page lives by; one statement."""
    rows = connection().execute(_PLACES, {"host": host_id, "others": list(others)})
    return {row[0]: Places(row[0], row[1], row[2], row[3]) for row in rows}


def forget_programme() -> None:
    """Drops what was read of any revision: for who puts another database under a running process (the tests do)."""
    for kept in (_cast, _hours, presented):
        kept.cache_clear()
