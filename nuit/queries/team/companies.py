"""Every company of an edition with its state, its places and what is missing: for the organisers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import load_only

from nuit.db import db, folded
from nuit.models import Company, Device, Edition, Host, Membership, Slot, Visit
from nuit.planning.finding import fold
from nuit.queries.desk import Gap, gaps

STATES = ("draft", "proposed", "published", "withdrawn")
FOR_GAPS = (Visit.host_id, Visit.position, Visit.title, Visit.summary, Visit.conditions, Visit.is_unconditional)
"""What `gaps` asks of a visit; the rest stays in the database."""
ORDERS = ("name", "state", "places", "taken", "left", "missing")


@dataclass(frozen=True, slots=True)
class Places:
    """The departures of a host that are not cancelled, and their places."""

    slots: int = 0
    capacity: int = 0
    taken: int = 0

    @property
    def left(self) -> int:
        return self.capacity - self.taken


@dataclass(frozen=True, slots=True)
class Line:
    """One company: `state` is draft, proposed (a draft that asks to be published), published or withdrawn."""

    host: Host
    state: str
    places: Places
    missing: tuple[str, ...]
    advised: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.host.company.name


def company_lines(edition: Edition) -> list[Line]:
    """All hosts of the edition by name, withdrawn ones too: five statements, however many there are."""
    hosts = db.session.scalars(select(Host).where(Host.edition_id == edition.id)).all()
    visits = _visits(edition.id)
    places, departing = _places(edition.id)
    reachable, doors = _reachable(), _doors(edition.id)
    start = (edition.start_lon, edition.start_lat)
    lines = []
    for host in hosts:
        found = gaps(host, visits.get(host.id, []), start, departing)
        advised = [gap.kind for gap in found if gap.is_advisable]
        advised += ["contact"] * (not host.contact_email and host.company_id not in reachable)
        advised += ["phone"] * (host.id not in doors)
        lines.append(_line(host, places.get(host.id, Places()), found, advised))
    return sorted(lines, key=lambda line: (fold(line.name), line.host.id))


def _line(host: Host, places: Places, found: list[Gap], advised: list[str]) -> Line:
    state = "proposed" if host.state == "draft" and host.proposed_at is not None else host.state
    missing = tuple(dict.fromkeys(gap.kind for gap in found if not gap.is_advisable))
    return Line(host, state, places, missing, tuple(dict.fromkeys(advised)))


def _visits(edition_id: int) -> dict[int, list[Visit]]:
    found: dict[int, list[Visit]] = {}
    for visit in db.session.scalars(
        select(Visit)
        .join(Visit.host)
        .where(Host.edition_id == edition_id)
        .options(load_only(*FOR_GAPS))
        .order_by(Visit.position, Visit.id)
    ):
        found.setdefault(visit.host_id, []).append(visit)
    return found


def _places(edition_id: int) -> tuple[dict[int, Places], set[int]]:
    """The places of each host, and the ids of the visits that depart at all."""
    alive = Slot.status != "cancelled"
    found: dict[int, Places] = {}
    departing = set()
    for host_id, visit_id, slots, capacity, taken in db.session.execute(
        select(
            Slot.host_id,
            Slot.visit_id,
            func.sum(case((alive, 1), else_=0)),
            func.sum(case((alive, Slot.capacity), else_=0)),
            func.sum(case((alive, Slot.taken), else_=0)),
        )
        .where(Slot.edition_id == edition_id)
        .group_by(Slot.host_id, Slot.visit_id)
    ):
        before = found.get(host_id, Places())
        found[host_id] = Places(before.slots + slots, before.capacity + capacity, before.taken + taken)
        if slots:
            departing.add(visit_id)
    return found, departing


def _reachable() -> set[int]:
    """The companies for which somebody may sign in."""
    return set(db.session.scalars(select(Membership.company_id).where(Membership.role == "host")))


def _doors(edition_id: int) -> set[int]:
    """The hosts with a paired phone."""
    return set(
        db.session.scalars(
            select(Device.host_id).where(
                and_(Device.edition_id == edition_id, Device.paired_at.is_not(None), Device.revoked_at.is_(None))
            )
        )
    )


def chosen(
    lines: Sequence[Line], *, text: str = "", state: str = "", missing: str = "", order: str = "name"
) -> list[Line]:
    """The lines that answer a search, in the order asked for; what is unknown is ignored."""
    wanted = fold(text).strip()
    kept = [
        line
        for line in lines
        if (not wanted or wanted in _words(line))
        and (not state or line.state == state)
        and (not missing or missing in (*line.missing, *line.advised))
    ]
    return sorted(kept, key=lambda line: _key(line, order))


def _words(line: Line) -> str:
    host = line.host
    return fold(
        " ".join((line.name, host.company.slug, host.town, host.district, host.contact_name, host.contact_email))
    )


def _key(line: Line, order: str) -> int:
    match order:
        case "state":
            return STATES.index(line.state)
        case "places":
            return -line.places.capacity
        case "taken":
            return -line.places.taken
        case "left":
            return -line.places.left
        case "missing":
            return -100 * len(line.missing) - len(line.advised)
    return 0


def hosts_by_slugs(edition_id: int, slugs: Iterable[str]) -> list[Host]:
    """The hosts of these companies in this edition, by name: one statement."""
    query = select(Host).join(Host.company).where(Host.edition_id == edition_id, Company.slug.in_(set(slugs)))
    return list(db.session.scalars(query.order_by(folded(Company.name))))


def tally(lines: Iterable[Line]) -> dict[str, int]:
    """How many companies lack each thing; withdrawn ones do not count."""
    found: dict[str, int] = {}
    for line in lines:
        if line.state != "withdrawn":
            for kind in (*line.missing, *line.advised):
                found[kind] = found.get(kind, 0) + 1
    return found
