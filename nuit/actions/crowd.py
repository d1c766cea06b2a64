"""A made-up crowd for load tests: many bookings at once, written in bulk, places counted as if booked one by one."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert, select

from nuit.db import db, transaction
from nuit.ledger.places import recount, seat
from nuit.models import Booking, Edition, Slot, Ticket
from nuit.planning.ticketcode import new_code

BETWEEN = timedelta(minutes=30)
"""Longer than any ride of the example: made-up evenings are rideable."""
Evening = tuple[int, list[int]]
"""People of a party, ids of its slots."""
PART = 1000
NAMES = ("Anne", "Beat", "Chiara", "David", "Élise", "Fabian", "Giulia", "Hans", "Inès", "Jonas")


@dataclass
class _Open:
    """A slot that is being filled."""

    id: int
    starts_at: datetime
    ends_at: datetime
    left: int


def make_bookings(
    edition: Edition, count: int, *, now: datetime, seed: int = 1, told: Callable[[int], None] = lambda _count: None
) -> int:
    """Writes up to `count` bookings of 1–4 people with 1–3 stops each; fewer when the places run out. No mail is sent.

    Returns how many; `told` hears how many more are written from time to time. The same seed on the same programme chooses the same evenings.
    """
    chance = Random(seed)
    with transaction():
        slots = _open_slots(edition.id)
        planned: list[Evening] = []
        while len(planned) < count and (evening := _evening(slots, chance)):
            planned.append(evening)
        for begin in range(0, len(planned), PART):
            part = planned[begin : begin + PART]
            _write(edition, begin, part, now, chance)
            told(len(part))
        recount(edition.id)
    return len(planned)


def _open_slots(edition_id: int) -> list[_Open]:
    query = select(Slot).where(Slot.edition_id == edition_id, Slot.status == "open").order_by(Slot.starts_at, Slot.id)
    return [_Open(one.id, one.starts_at, one.ends_at, one.left) for one in db.session.scalars(query)]


def _evening(slots: list[_Open], chance: Random) -> Evening | None:
    """(people, slot ids) of one party's evening, its places taken; None when no slot has a place left."""
    slots[:] = [one for one in slots if one.left > 0]
    if not slots:
        return None
    people = min(chance.choice([1, 1, 2, 2, 3, 4]), max(one.left for one in slots))
    chosen: list[_Open] = []
    for one in sorted(chance.sample(slots, min(8, len(slots))), key=lambda one: one.starts_at):
        if one.left >= people and len(chosen) < 3 and (not chosen or one.starts_at >= chosen[-1].ends_at + BETWEEN):
            chosen.append(one)
    chosen = chosen or [next(one for one in slots if one.left >= people)]
    for one in chosen:
        one.left -= people
    return people, [one.id for one in chosen]


def _write(edition: Edition, begin: int, part: Sequence[Evening], now: datetime, chance: Random) -> None:
    ids = db.session.scalars(
        insert(Booking).returning(Booking.id, sort_by_parameter_order=True),
        [_booking(edition.id, begin + number, now, chance) for number in range(1, len(part) + 1)],
    ).all()
    tickets = [
        _ticket(booking_id, position)
        for booking_id, (people, _slots) in zip(ids, part, strict=True)
        for position in range(1, people + 1)
    ]
    ticket_ids = iter(
        db.session.scalars(insert(Ticket).returning(Ticket.id, sort_by_parameter_order=True), tickets).all()
    )
    seat([
        {"ticket_id": ticket_id, "booking_id": booking_id, "slot_id": slot_id, "status": "confirmed", "changed_at": now}
        for booking_id, (people, slots) in zip(ids, part, strict=True)
        for ticket_id in [next(ticket_ids) for _ in range(people)]
        for slot_id in slots
    ])  # fmt: skip


def _booking(edition_id: int, number: int, now: datetime, chance: Random) -> dict[str, Any]:
    return {
        "edition_id": edition_id, "reference": f"N-{new_code(secrets.randbelow)}", "code": new_code(secrets.randbelow),
        "token_id": secrets.token_bytes(16), "name": f"{chance.choice(NAMES)} Exemple {number}",
        "email": f"visite{number}@exemple.ch", "locale": chance.choice(["fr", "de", "en"]), "mode": "ebike25",
        "created_at": now, "changed_at": now,
    }  # fmt: skip


def _ticket(booking_id: int, position: int) -> dict[str, Any]:
    return {
        "booking_id": booking_id, "position": position, "label": f"Personne {position}", "age_band": "18+",
        "code": new_code(secrets.randbelow), "token_id": secrets.token_bytes(16),
    }  # fmt: skip
