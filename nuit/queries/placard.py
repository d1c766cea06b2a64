"""What hangs at the companies of an edition: their names, texts and the hours of their departures."""

from collections.abc import Sequence

from sqlalchemy import select

from nuit.clock import local
from nuit.db import db
from nuit.models import Host, Slot
from nuit.planning.finding import fold


def hours_by_host(host_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """When each of these hosts departs, on the wall clock, cancelled ones left out: one statement."""
    rows = db.session.execute(
        select(Slot.host_id, Slot.starts_at)
        .where(Slot.host_id.in_(host_ids), Slot.status != "cancelled")
        .order_by(Slot.starts_at)
    )
    found: dict[int, dict[str, None]] = {}
    for host_id, starts_at in rows:
        found.setdefault(host_id, {})[local(starts_at).strftime("%H:%M")] = None
    return {host_id: tuple(hours) for host_id, hours in found.items()}


def hosts_on_show(edition_id: int) -> list[Host]:
    """The published hosts of an edition, by name: one statement."""
    query = select(Host).join(Host.company).where(Host.edition_id == edition_id, Host.state == "published")
    return sorted(db.session.scalars(query), key=lambda one: (fold(one.company.name), one.id))


def hours_by_visit(edition_id: int) -> dict[int, tuple[str, ...]]:
    """When each visit of the edition departs, on the wall clock, cancelled departures left out: one statement."""
    rows = db.session.execute(
        select(Slot.visit_id, Slot.starts_at)
        .where(Slot.edition_id == edition_id, Slot.status != "cancelled")
        .order_by(Slot.starts_at)
    )
    found: dict[int, list[str]] = {}
    for visit_id, starts_at in rows:
        found.setdefault(visit_id, []).append(local(starts_at).strftime("%H:%M"))
    return {visit_id: tuple(hours) for visit_id, hours in found.items()}
