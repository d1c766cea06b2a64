"""What a company sees of itself: who comes, what is missing, what it says; never another company's."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload

from nuit.db import db, folded
from nuit.models import AuditLine, Booking, Company, Device, Edition, Host, Member, Seat, Slot, Ticket, Trade, Visit
from nuit.planning.offer import Engagement, Presentation, VisitOffer, clean, spoken_everywhere

GEO = Path(__file__).parents[2] / "geo" / "sion"
COMING = ("held", "confirmed")
CHILD = ("0-11", "12-13")
LANGUAGES = ("fr", "de", "en")


@dataclass(slots=True)
class Crowd:
    """Who comes to one departure (or to several), counted; a group speaks the language of its booking."""

    people: int = 0
    children: int = 0
    waiting: int = 0
    lines: int = 0
    groups: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Guest:
    """One person of a party, as the company may know them: a label and an age band, no address."""

    label: str
    age_band: str


@dataclass(frozen=True, slots=True)
class Party:
    """Those of one booking who come to one departure."""

    slot_id: int
    reference: str
    name: str
    locale: str
    guests: tuple[Guest, ...]
    late_until: datetime | None = None

    @property
    def children(self) -> int:
        return sum(one.age_band in CHILD for one in self.guests)


@dataclass(frozen=True, slots=True)
class Gap:
    """What is missing: `kind` names it, `visit` where; an advisable one does not stop the publication."""

    kind: str
    visit: Visit | None = None
    is_advisable: bool = False


def host_for_desk(host_id: int) -> Host | None:
    """A host with company, trades and practices, read anew: three statements."""
    return db.session.scalar(
        select(Host)
        .where(Host.id == host_id)
        .options(
            joinedload(Host.company).selectinload(Company.trades),
            joinedload(Host.company).selectinload(Company.practices),
        )
        .execution_options(populate_existing=True)
    )


def visits_for_desk(host_id: int) -> list[Visit]:
    """A host's visits with their slots, in order, read anew: two statements."""
    return list(
        db.session.scalars(
            select(Visit)
            .where(Visit.host_id == host_id)
            .options(selectinload(Visit.slots))
            .order_by(Visit.position, Visit.id)
            .execution_options(populate_existing=True)
        )
    )


def visit_of(host_id: int, visit_id: int) -> Visit | None:
    """A visit of this very host, with its slots."""
    return db.session.scalar(
        select(Visit)
        .where(Visit.id == visit_id, Visit.host_id == host_id)
        .options(selectinload(Visit.slots))
        .execution_options(populate_existing=True)
    )


def slot_of(host_id: int, slot_id: int) -> Slot | None:
    """A slot of this very host, with its visit."""
    return db.session.scalar(
        select(Slot)
        .where(Slot.id == slot_id, Slot.host_id == host_id)
        .options(joinedload(Slot.visit))
        .execution_options(populate_existing=True)
    )


def crowds(host_id: int) -> dict[int, Crowd]:
    """Who comes to each departure of a host that anybody has booked or waits for, by slot id: one statement."""
    rows = db.session.execute(
        select(Seat.slot_id, Seat.status, Ticket.age_band, Booking.id, Booking.locale)
        .join(Ticket, Ticket.id == Seat.ticket_id)
        .join(Booking, Booking.id == Seat.booking_id)
        .join(Slot, Slot.id == Seat.slot_id)
        .where(Slot.host_id == host_id, Seat.status.in_((*COMING, "waiting")))
    )
    found: dict[int, Crowd] = {}
    parties: set[tuple[int, int]] = set()
    for slot_id, status, age_band, booking_id, locale in rows:
        crowd = found.setdefault(slot_id, Crowd())
        if status == "waiting":
            crowd.waiting += 1
            if (slot_id, -booking_id) not in parties:
                parties.add((slot_id, -booking_id))
                crowd.lines += 1
            continue
        crowd.people += 1
        crowd.children += age_band in CHILD
        if (slot_id, booking_id) not in parties:
            parties.add((slot_id, booking_id))
            crowd.groups[locale] += 1
    return found


def together(several: Iterable[Crowd]) -> Crowd:
    """Several departures counted as one."""
    whole = Crowd()
    for one in several:
        whole.people, whole.children = whole.people + one.people, whole.children + one.children
        whole.waiting, whole.lines = whole.waiting + one.waiting, whole.lines + one.lines
        whole.groups.update(one.groups)
    return whole


def parties(host_id: int, slot_id: int | None = None) -> list[Party]:
    """Who comes to a host (or to one departure), by hour and name; its own visitors only, no address: one statement."""
    query = (
        select(
            Seat.slot_id,
            Booking.reference,
            Booking.name,
            Booking.locale,
            Ticket.label,
            Ticket.age_band,
            Seat.late_until,
        )
        .join(Ticket, Ticket.id == Seat.ticket_id)
        .join(Booking, Booking.id == Seat.booking_id)
        .join(Slot, Slot.id == Seat.slot_id)
        .where(Slot.host_id == host_id, Seat.status.in_(COMING))
        .order_by(Slot.starts_at, Slot.id, folded(Booking.name), Booking.id, Ticket.position)
    )
    if slot_id is not None:
        query = query.where(Slot.id == slot_id)
    heads: dict[tuple[int, str], tuple[str, str]] = {}
    guests: dict[tuple[int, str], list[Guest]] = {}
    late: dict[tuple[int, str], datetime | None] = {}
    for slot, reference, name, locale, label, age_band, until in db.session.execute(query):
        late[slot, reference] = until
        heads[slot, reference] = (name, locale)
        guests.setdefault((slot, reference), []).append(Guest(label, age_band))
    return [
        Party(slot, ref, *heads[slot, ref], tuple(people), late[slot, ref]) for (slot, ref), people in guests.items()
    ]


def slots_of(host_id: int) -> list[Slot]:
    """Every departure of a host by hour, with its visit: one statement."""
    return list(
        db.session.scalars(
            select(Slot)
            .where(Slot.host_id == host_id)
            .options(joinedload(Slot.visit))
            .order_by(Slot.starts_at, Slot.id)
            .execution_options(populate_existing=True)
        )
    )


def gaps(
    host: Host, visits: Sequence[Visit], start: tuple[float, float], departing: Collection[int] | None = None
) -> list[Gap]:
    """What is missing before a page can be proposed; `start` is the edition's, where a host without a door stands.

    `departing` names the visits that have a departure, where that is known already.
    """
    company = host.company
    if departing is None:
        departing = {visit.id for visit in visits if any(slot.status != "cancelled" for slot in visit.slots)}
    found = [
        Gap(kind)
        for kind, is_there in (
            ("summary", any(company.summary.values())),
            ("address", bool(host.address and host.town)),
            ("place", (host.lon, host.lat) != start),
            ("visit", bool(visits)),
        )
        if not is_there
    ]
    for visit in visits:
        if visit.id not in departing:
            found.append(Gap("slot", visit))
        if not visit.conditions and not visit.is_unconditional:
            found.append(Gap("conditions", visit))
        if not spoken_everywhere([visit.title, visit.summary], LANGUAGES):
            found.append(Gap("visit_translation", visit, is_advisable=True))
    if not spoken_everywhere([company.summary, company.about, company.fact, host.access], LANGUAGES):
        found.append(Gap("translation", is_advisable=True))
    return found


def gaps_of(edition: Edition, host: Host) -> list[Gap]:
    """What is missing at a host of this edition."""
    return gaps(host, visits_for_desk(host.id), (edition.start_lon, edition.start_lat))


def presentation_of(host: Host) -> Presentation:
    """What a host and its company say now, as a value to compare with what was typed."""
    company = host.company
    return Presentation(
        summary=clean(company.summary), about=clean(company.about), fact=clean(company.fact), website=company.website,
        trades=tuple(sorted(one.slug for one in company.trades)),
        practices=tuple(Engagement(one.kind, clean(one.text)) for one in company.practices),
        address=host.address, postcode=host.postcode, town=host.town, district=host.district, lon=host.lon,
        lat=host.lat, access=clean(host.access), bike_parking=host.bike_parking, charging=host.charging,
        safety_limit=host.safety_limit, contact_name=host.contact_name, contact_email=host.contact_email,
        contact_phone=host.contact_phone, training_places=company.training_places,
        training_contact=company.training_contact,
    )  # fmt: skip


def offer_of(visit: Visit) -> VisitOffer:
    """A visit as it stands now, as a value to compare with what was typed."""
    return VisitOffer(
        title=clean(visit.title), summary=clean(visit.summary), minutes=visit.minutes,
        languages=tuple(visit.languages), wheelchair=visit.wheelchair, conditions=tuple(visit.conditions),
        is_unconditional=visit.is_unconditional,
    )  # fmt: skip


def last_hand(noun: str, noun_id: int) -> tuple[str, datetime] | None:
    """Who changed a thing last (name, else address) and when."""
    row = db.session.execute(
        select(Member.name, Member.email, AuditLine.at)
        .join(Member, Member.id == AuditLine.member_id)
        .where(AuditLine.noun == noun, AuditLine.noun_id == noun_id)
        .order_by(AuditLine.at.desc(), AuditLine.id.desc())
        .limit(1)
    ).first()
    return (row[0] or row[1], row[2]) if row else None


def trades() -> list[Trade]:
    """All trades one can tick."""
    return list(db.session.scalars(select(Trade).order_by(Trade.slug)))


def devices_of(host_id: int, now: datetime) -> list[Device]:
    """The phones of a door: paired ones (cut off ones too), and those whose pairing code still counts."""
    return list(
        db.session.scalars(
            select(Device)
            .where(Device.host_id == host_id, or_(Device.paired_at.is_not(None), Device.pairing_expires_at > now))
            .order_by(Device.revoked_at.is_not(None), Device.id.desc())
        )
    )


def device_of(host_id: int, device_id: int) -> Device | None:
    """A phone of this very host."""
    return db.session.scalar(select(Device).where(Device.id == device_id, Device.host_id == host_id))


@lru_cache(maxsize=1)
def known_places() -> dict[str, tuple[float, float]]:
    """(lon, lat) of the quarters, villages and landmarks of the base map, by name."""
    drawn = json.loads((GEO / "basemap.geojson").read_text())["features"]
    named = [one for one in drawn if one["geometry"]["type"] == "Point" and one["properties"].get("name")]
    return {
        one["properties"]["name"]: (one["geometry"]["coordinates"][0], one["geometry"]["coordinates"][1])
        for one in sorted(named, key=lambda one: str(one["properties"]["name"]))
    }
