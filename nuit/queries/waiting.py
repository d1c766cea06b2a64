"""The queues a party stands in: its rank, what it is offered and until when; how many wait for a slot."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import aliased, contains_eager

from nuit.db import db
from nuit.models import Host, Slot, Visit, Wait


@dataclass(frozen=True, slots=True)
class Line:
    """A party in one queue, or what became of it; `rank` counts from 1, 0 where it does not stand in line any more."""

    id: int
    slot: int
    size: int
    status: str
    rank: int
    asked_at: datetime
    changed_at: datetime
    offered_until: datetime | None

    @property
    def is_standing(self) -> bool:
        return self.status in ("waiting", "offered")


@dataclass(frozen=True, slots=True)
class Queue:
    """Those who wait for one slot: how many parties, how many people."""

    parties: int = 0
    people: int = 0


def lines_of(booking_id: int) -> list[Line]:
    """Every queue a booking stands or stood in, the oldest first: one statement."""
    before = aliased(Wait)
    rank = select(func.count()).where(before.slot_id == Wait.slot_id, before.status == "waiting", before.id <= Wait.id)
    rows = db.session.execute(
        select(
            Wait.id, Wait.slot_id, Wait.size, Wait.status, rank.scalar_subquery(), Wait.asked_at, Wait.changed_at,
            Wait.offered_until,
        )
        .where(Wait.booking_id == booking_id)
        .order_by(Wait.id)
    )  # fmt: skip
    return [
        Line(key, slot, size, status, rank if status == "waiting" else 0, asked, changed, until)
        for key, slot, size, status, rank, asked, changed, until in rows
    ]


def queued(booking_id: int) -> list[tuple[Slot, Line]]:
    """The latest of a booking in each queue, by hour, with slot, visit, host and company: two statements, or one."""
    latest = {line.slot: line for line in lines_of(booking_id)}
    if not latest:
        return []
    slots = db.session.scalars(
        select(Slot)
        .join(Slot.visit)
        .join(Visit.host)
        .join(Host.company)
        .where(Slot.id.in_(latest))
        .options(contains_eager(Slot.visit).contains_eager(Visit.host).contains_eager(Host.company))
        .order_by(Slot.starts_at, Slot.id)
        .execution_options(populate_existing=True)
    )
    return [(slot, latest[slot.id]) for slot in slots]


def queues(slot_ids: Iterable[int]) -> dict[int, Queue]:
    """How many wait for each of these slots that has a queue: one statement."""
    rows = db.session.execute(
        select(Wait.slot_id, func.count(), func.sum(Wait.size))
        .where(Wait.slot_id.in_(set(slot_ids)), Wait.status == "waiting")
        .group_by(Wait.slot_id)
    )
    return {slot_id: Queue(int(parties), int(people)) for slot_id, parties, people in rows}
