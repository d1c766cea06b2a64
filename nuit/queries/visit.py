"""Slots: chosen ones, free ones, and what could stand in for one that is gone."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from nuit.db import db
from nuit.models import Company, Host, Slot, Visit
from nuit.planning.evening import Departure, condition_value


def slots_by_ids(edition_id: int, ids: Iterable[int]) -> list[Slot]:
    """The slots of published hosts among `ids`, by hour, with visit, host and company: one statement."""
    wanted = [one for one in set(ids) if 0 < one < 2**63]
    if not wanted:
        return []
    return list(
        db.session.scalars(
            select(Slot)
            .join(Slot.visit)
            .join(Visit.host)
            .join(Host.company)
            .where(Slot.id.in_(wanted), Slot.edition_id == edition_id, Host.state == "published")
            .options(contains_eager(Slot.visit).contains_eager(Visit.host).contains_eager(Host.company))
            .order_by(Slot.starts_at, Slot.id)
            .execution_options(populate_existing=True)
        )
    )


def free_slots(edition_id: int, now: datetime, *, seats: int = 1, limit: int = 500) -> list[Slot]:
    """Open slots that still have `seats` places, by hour, with visit, host and company: one statement."""
    return list(
        db.session.scalars(
            select(Slot)
            .join(Slot.visit)
            .join(Visit.host)
            .join(Host.company)
            .where(
                Slot.edition_id == edition_id,
                Slot.status == "open",
                Slot.starts_at > now,
                Slot.capacity - Slot.taken >= seats,
                Host.state == "published",
            )
            .options(contains_eager(Slot.visit).contains_eager(Visit.host).contains_eager(Host.company))
            .order_by(Slot.starts_at, Slot.id)
            .limit(limit)
        )
    )


def free_departures(edition_id: int, now: datetime, *, seats: int = 1) -> list[Departure]:
    """When and where one could still go, by hour, without names or conditions: one narrow statement for thousands."""
    rows = db.session.execute(
        select(Slot.id, Slot.host_id, Slot.starts_at, Slot.ends_at)
        .join(Host, Host.id == Slot.host_id)
        .where(
            Slot.edition_id == edition_id,
            Slot.status == "open",
            Slot.starts_at > now,
            Slot.capacity - Slot.taken >= seats,
            Host.state == "published",
        )
        .order_by(Slot.starts_at, Slot.id)
    )
    return [Departure(slot, host, "", starts_at, ends_at) for slot, host, starts_at, ends_at in rows]


def alternatives(slots: Sequence[Slot], now: datetime, *, seats: int) -> dict[int, list[Slot]]:
    """For each slot, the other departures of its host that have `seats` places now, by hour: one statement."""
    if not slots:
        return {}
    others = list(
        db.session.scalars(
            select(Slot)
            .where(
                Slot.host_id.in_({one.host_id for one in slots}),
                Slot.id.not_in([one.id for one in slots]),
                Slot.status == "open",
                Slot.starts_at > now,
                Slot.capacity - Slot.taken >= seats,
            )
            .options(joinedload(Slot.visit).joinedload(Visit.host).joinedload(Host.company))
            .order_by(Slot.starts_at, Slot.id)
        )
    )
    return {slot.id: [other for other in others if other.host_id == slot.host_id] for slot in slots}


class Shown(NamedTuple):
    """What a visit of a published host says to the judgement."""

    company: str
    min_age: int
    accompanied_under: int


@lru_cache(maxsize=4)
def visits_shown(edition_id: int, revision: int) -> dict[int, Shown]:
    """Every visit of published hosts, by id, as it stands at this revision: one statement a process and revision."""
    rows = db.session.execute(
        select(Visit.id, Company.name, Visit.conditions)
        .join(Host, Host.id == Visit.host_id)
        .join(Company, Company.id == Host.company_id)
        .where(Host.edition_id == edition_id, Host.state == "published")
    )
    return {
        visit: Shown(name, condition_value(said, "min_age"), condition_value(said, "accompanied_under"))
        for visit, name, said in rows
    }


def departure(slot: Slot) -> Departure:
    """The slot as the judgement needs it; its visit, host and company are loaded."""
    visit = slot.visit
    return Departure(
        slot=slot.id,
        host=slot.host_id,
        company=visit.host.company.name,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        min_age=condition_value(visit.conditions, "min_age"),
        accompanied_under=condition_value(visit.conditions, "accompanied_under"),
    )
