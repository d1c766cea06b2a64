"""What a company says of itself in an edition, and whether the public sees it; for its contacts and for organisers."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update

from nuit.clock import local
from nuit.db import db, transaction
from nuit.errors import AlreadyThere, LimitBelowCapacity, NotReady
from nuit.ledger.outbox import promise
from nuit.ledger.trail import note, revise
from nuit.ledger.version import claim
from nuit.models import Booking, Company, Edition, Host, Practice, Seat, Slot, Trade
from nuit.planning.offer import Presentation, differences
from nuit.queries.desk import Gap, gaps_of, host_for_desk, presentation_of

OF_COMPANY = ("summary", "about", "fact", "website", "training_places", "training_contact")
OF_HOST = (
    "address", "postcode", "town", "district", "lon", "lat", "access", "bike_parking", "charging", "contact_name",
    "contact_email", "contact_phone",
)  # fmt: skip


def add_host(
    edition: Edition, name: str, *, slug: str, now: datetime, by: int | None,
    place: tuple[float, float] | None = None, contact: str = "", locale: str = "fr",
) -> Host:  # fmt: skip
    """A new company and its draft in this edition, standing at the edition's start until somebody places its door.

    `place` is longitude and latitude, `contact` a mail address, `locale` the language one writes to it. A company that is there already (by slug) joins this
    edition. Raises AlreadyThere when it has joined.
    """
    with transaction():
        company = db.session.scalar(select(Company).where(Company.slug == slug)) or Company(slug=slug, name=name)
        edition_id = edition.id
        if company.id and db.session.scalar(
            select(Host.id).where(Host.company_id == company.id, Host.edition_id == edition_id)
        ):
            raise AlreadyThere(name=company.name)
        lon, lat = place or (edition.start_lon, edition.start_lat)
        host = Host(edition_id=edition_id, company=company, lon=lon, lat=lat, contact_email=contact, locale=locale,
                    changed_at=now)  # fmt: skip
        db.session.add(host)
        db.session.flush()
        note("add", "host", host.id, member_id=by, now=now)
        revise(edition_id)
    return host


def present(host_id: int, said: Presentation, *, version: int, now: datetime, by: int | None) -> Host:
    """Writes what a company says; `version` is the one that was read before typing.

    Raises ChangedMeanwhile, or LimitBelowCapacity where the safety limit falls below a departure's capacity.
    """
    with transaction():
        claim(Host, host_id, version)
        host = _host(host_id)
        changed = differences(presentation_of(host), said)
        if "safety_limit" in changed:
            _limit(host, said.safety_limit)
        was = f"{host.address}, {host.postcode} {host.town}"
        for name in OF_COMPANY:
            setattr(host.company, name, getattr(said, name))
        for name in OF_HOST:
            setattr(host, name, getattr(said, name))
        _describe(host.company, said, changed)
        host.changed_at = now
        if {"address", "postcode", "town"} & set(changed):
            _tell_of_the_new_door(host, was, version + 1, now)
        if changed:
            note("present", "host", host.id, member_id=by, now=now, fields=list(changed))
            revise(host.edition_id)
    return host


def _tell_of_the_new_door(host: Host, was: str, version: int, now: datetime) -> None:
    """Exactly those who have yet to come are promised a message."""
    coming = (
        select(Seat.booking_id)
        .join(Slot, Slot.id == Seat.slot_id)
        .where(Slot.host_id == host.id, Slot.ends_at > now, Seat.status.in_(("held", "confirmed")))
    )
    asked = select(Booking).where(Booking.id.in_(coming)).order_by(Booking.id).with_for_update(key_share=True)
    for booking in db.session.scalars(asked):
        booking.changed_at, booking.sequence = now, booking.sequence + 1
        promise("place_moved", key=f"place_moved:{host.id}:{version}:{booking.reference}", to=booking.email,
                locale=booking.locale, due_at=now, booking_id=booking.id, host=host.id, was=was)  # fmt: skip


def _host(host_id: int) -> Host:
    host = host_for_desk(host_id)
    if host is None:
        raise LookupError(f"host {host_id} is gone")
    return host


def _describe(company: Company, said: Presentation, changed: tuple[str, ...]) -> None:
    if "trades" in changed:
        company.trades = list(db.session.scalars(select(Trade).where(Trade.slug.in_(said.trades))))
    if "practices" in changed:
        company.practices = [Practice(kind=one.kind, text=one.text) for one in said.practices]


def _limit(host: Host, limit: int) -> None:
    """The host's limit and its copy beside every capacity; the slots are locked first, so that none grows meanwhile."""
    slots = db.session.scalars(select(Slot).where(Slot.host_id == host.id).order_by(Slot.id).with_for_update()).all()
    above = [one for one in slots if one.capacity + one.later > limit]
    if above:
        first = min(above, key=lambda one: one.starts_at)
        raise LimitBelowCapacity(
            slots=tuple(one.id for one in above), hour=local(first.starts_at).strftime("%H:%M"), count=first.capacity
        )
    host.safety_limit = limit
    db.session.flush()
    db.session.execute(
        update(Slot)
        .where(Slot.host_id == host.id)
        .values(safety_limit=limit)
        .execution_options(synchronize_session=False)
    )


def propose(edition: Edition, host_id: int, *, now: datetime, by: int | None) -> Host:
    """Tells the organisers that a draft is ready. Raises NotReady; twice is as good as once."""
    with transaction():
        host = _ready(edition, host_id)
        if host.state != "published" and host.proposed_at is None:
            host.proposed_at = now
            note("propose", "host", host.id, member_id=by, now=now)
    return host


def publish_ready(
    edition: Edition, host_ids: Sequence[int], *, now: datetime, by: int | None
) -> tuple[list[Host], list[Host]]:
    """Publishes those that lack nothing, together: (published, those that lack something)."""
    with transaction():
        hosts = [_host(one) for one in host_ids]
        ready = [one for one in hosts if not _needed(edition, one)]
        for host in ready:
            _become(host, "published", now, by)
    return ready, [one for one in hosts if one not in ready]


def withdraw_all(host_ids: Sequence[int], *, now: datetime, by: int | None) -> list[Host]:
    """Takes several hosts off the public pages, together; what is booked stays booked."""
    with transaction():
        hosts = [_host(one) for one in host_ids]
        for host in hosts:
            host.proposed_at = None
            _become(host, "withdrawn", now, by)
    return hosts


def _ready(edition: Edition, host_id: int) -> Host:
    host = _host(host_id)
    missing = _needed(edition, host)
    if missing:
        raise NotReady(count=len(missing))
    return host


def _needed(edition: Edition, host: Host) -> list[Gap]:
    return [one for one in gaps_of(edition, host) if not one.is_advisable]


def _become(host: Host, state: str, now: datetime, by: int | None) -> None:
    if host.state == state:
        return
    host.state, host.changed_at = state, now
    note(state, "host", host.id, member_id=by, now=now)
    revise(host.edition_id)
