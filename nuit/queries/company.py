"""Companies as the public sees them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import contains_eager, defer, selectinload

from nuit.db import connection, db, table
from nuit.models import Company, Host, Slot, Visit
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


def programme(edition_id: int, now: datetime) -> Programme:
    """The companies on show by name, with visits and what departs from now on: four statements, however many."""
    hosts = {host.id: host for host in listed_hosts(edition_id)}
    by_host = visits_by_host(edition_id)
    departures = departures_by_visit(edition_id, now)
    return Programme(
        hosts=hosts,
        visits={visit.id: visit for visits in by_host.values() for visit in visits},
        candidates=[_candidate(host, by_host.get(host.id, []), departures) for host in hosts.values()],
    )


def _candidate(host: Host, visits: list[Visit], departures: dict[int, list[Departure]]) -> Candidate:
    company = host.company
    texts = (company.summary, *(trade.name for trade in company.trades), *(visit.title for visit in visits))
    words = (company.name, host.district, host.town, *(text for texts_ in texts for text in texts_.values()))
    return Candidate(
        host=host.id,
        name=company.name,
        words=fold(" ".join(words)),
        trades=frozenset(trade.slug for trade in company.trades),
        place=(host.lon, host.lat),
        showings=tuple(_showing(visit, departures.get(visit.id, [])) for visit in visits),
    )


def _showing(visit: Visit, departures: Iterable[Departure]) -> Showing:
    return Showing(
        visit=visit.id,
        languages=tuple(visit.languages),
        wheelchair=visit.wheelchair,
        min_age=condition_value(visit.conditions, "min_age"),
        departures=tuple(departures),
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
            .order_by(func.lower(Company.name), Host.id)
        )
    )


def departures_by_visit(edition_id: int, now: datetime) -> dict[int, list[Departure]]:
    """What still departs and may be booked, full or not, by hour, by visit id: one statement."""
    found: dict[int, list[Departure]] = {}
    for visit_id, slot, starts_at, ends_at, left in db.session.execute(
        select(Slot.visit_id, Slot.id, Slot.starts_at, Slot.ends_at, Slot.capacity - Slot.taken)
        .where(Slot.edition_id == edition_id, Slot.status == "open", Slot.starts_at > now)
        .order_by(Slot.starts_at, Slot.id)
    ):
        found.setdefault(visit_id, []).append(Departure(slot, starts_at, ends_at, left))
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
            .order_by(func.lower(Company.name), Host.id)
        )
    )


def published_host(edition_id: int, slug: str) -> Host | None:
    """One host on show, by its company's slug."""
    return db.session.scalar(
        select(Host)
        .join(Host.company)
        .where(Host.edition_id == edition_id, Host.state == "published", Company.slug == slug)
        .options(
            selectinload(Host.company).selectinload(Company.trades),
            selectinload(Host.company).selectinload(Company.practices),
        )
    )


def visits_of(host_id: int) -> list[Visit]:
    """A host's visits with their slots, in order."""
    return list(
        db.session.scalars(
            select(Visit)
            .where(Visit.host_id == host_id)
            .options(selectinload(Visit.slots))
            .order_by(Visit.position, Visit.id)
        )
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


_PLACES = (
    select(*(table(Slot).c[name] for name in ("id", "taken", "capacity", "status")))
    .join_from(table(Slot), table(Host))
    .join(table(Company))
    .where(table(Slot).c.edition_id == bindparam("edition"), table(Company).c.slug == bindparam("slug"))
    .order_by(table(Slot).c.id)
)


def places_at(edition_id: int, slug: str) -> list[tuple[int, int, int, str]]:
    """(slot id, taken, capacity, status) of every departure of one company, by id: what its page lives by; one statement."""
    rows = connection().execute(_PLACES, {"edition": edition_id, "slug": slug})
    return [(row[0], row[1], row[2], row[3]) for row in rows]
