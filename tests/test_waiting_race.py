"""Queues under fire: answers, lapses, swaps and give-backs at the same instant; never two parties for one place."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from nuit.actions.booking import give_back, give_back_seat
from nuit.actions.waiting import accept, decline, lapse_due, swap, wait_for
from nuit.db import db
from nuit.errors import OfferGone, Refusal
from nuit.models import Booking, Edition, Message, Slot, Wait
from tests.factories import NOW, a_booking, an_edition, wanted
from tests.test_booking import at_once, booker, conserved, seats_at, slot, taken
from tests.test_waiting import states, stops, wait_of, waiting

ROUNDS = 6


@pytest.fixture
def night(app: Flask) -> Edition:
    return an_edition(max_bookings_per_email=99)


def settled(*slots: Slot) -> bool:
    """Places are conserved, and none is free in these slots while somebody who fits waits for it."""
    if not conserved():
        return False
    for one in slots:
        now = db.session.get_one(Slot, one.id, populate_existing=True)
        sizes = db.session.scalars(select(Wait.size).where(Wait.slot_id == one.id, Wait.status == "waiting")).all()
        if any(size <= now.left for size in sizes):
            return False
    return True


def accepter(night_id: int, booking: Booking, wait_id: int, at: Any = NOW) -> Callable[[], Any]:
    reference = booking.reference

    def run() -> Any:
        accept(db.session.get_one(Edition, night_id), reference, wait_id, now=at)
        return "accepted"

    return run


def swapper(night_id: int, booking: Booking, gone: Slot, got: Slot) -> Callable[[], Any]:
    reference, ids = booking.reference, (gone.id, got.id)

    def run() -> Any:
        swap(db.session.get_one(Edition, night_id), reference, *ids, now=NOW)
        return "swapped"

    return run


def test_an_answer_and_a_lapse_at_once_give_the_place_to_one(app: Flask, night: Edition) -> None:
    for _ in range(ROUNDS):
        one = slot(night, capacity=2)
        holder = a_booking(night, one, size=2)
        first, second = (waiting(night, one, size=2) for _ in range(2))
        give_back(holder.reference, now=NOW)
        wait, late = wait_of(first), NOW + timedelta(minutes=30)
        answers = at_once(app, [
            accepter(night.id, first, wait.id, late - timedelta(seconds=1)), lambda late=late: lapse_due(late),
            accepter(night.id, first, wait.id, late - timedelta(seconds=1)),
        ])  # fmt: skip
        won = answers[0] == "accepted"
        assert {type(answers[0]), type(answers[2])} == ({str} if won else {OfferGone})
        assert states(first, second) == (["accepted", "waiting"] if won else ["lapsed", "offered"])
        assert (taken(one), stops(first), settled(one)) == (2, [(one.id, 2)] if won else [], True)


def test_accepting_and_declining_at_once_is_one_of_both(app: Flask, night: Edition) -> None:
    for _ in range(ROUNDS):
        one = slot(night, capacity=1)
        party, behind = waiting(night, one), waiting(night, one)
        wait, reference = wait_of(party).id, party.reference
        at_once(app, [
            accepter(night.id, party, wait),
            lambda reference=reference, wait=wait: decline(reference, wait, now=NOW),
        ])  # fmt: skip
        expected = {("accepted", "waiting"), ("declined", "offered")}
        assert tuple(states(party, behind)) in expected
        assert (taken(one), settled(one)) == (1, True)


def test_swaps_in_opposite_directions_lose_no_place(app: Flask, night: Edition) -> None:
    for _ in range(ROUNDS):
        here, there = slot(night, 60, capacity=3), slot(night, 75, capacity=3)
        ours = [a_booking(night, here) for _ in range(2)]
        theirs = [a_booking(night, there) for _ in range(2)]
        pair = [waiting(night, here, size=2), waiting(night, there, size=2)]
        answers = at_once(
            app,
            [swapper(night.id, one, here, there) for one in ours]
            + [swapper(night.id, one, there, here) for one in theirs],
        )
        assert {type(one) for one in answers} <= {str} | set(Refusal.__subclasses__())
        moved = [stops(one) for one in (*ours, *theirs)]
        assert all(len(one) == 1 and one[0][1] == 1 for one in moved)
        kept = [one[0][0] for one in moved]
        told = [
            (answer == "swapped") == (now == want)
            for answer, now, want in zip(answers, kept, [there.id] * 2 + [here.id] * 2, strict=True)
        ]
        assert all(told), (answers, moved, here.id, there.id)
        assert settled(here, there), states(*pair)


def test_many_give_back_at_once_and_the_queue_is_served_exactly(app: Flask, night: Edition) -> None:
    one = slot(night, capacity=12)
    holders = [a_booking(night, one, size=2) for _ in range(6)]
    line = [waiting(night, one, size=size) for size in (4, 1, 3, 2, 2, 1, 4)]
    seats = {booking.reference: seats_at(booking, one) for booking in holders}
    requests: list[Callable[[], Any]] = [
        lambda reference=reference: give_back(reference, now=NOW) for reference in list(seats)[:4]
    ]  # type: ignore[misc]
    requests += [
        lambda reference=reference, seat=seat: give_back_seat(reference, seat, now=NOW)
        for reference in list(seats)[4:]
        for seat in seats[reference]
    ]  # type: ignore[misc]
    assert not [answer for answer in at_once(app, requests) if isinstance(answer, Exception)]
    db.session.rollback()  # what the others have written counts, not what was read before
    offered = db.session.scalars(select(Wait.size).where(Wait.status == "offered")).all()
    assert (taken(one), sum(offered), settled(one)) == (sum(offered), sum(offered), True)
    assert len(set(db.session.scalars(select(Message.key).where(Message.kind == "offer")))) == len(offered)
    assert len(line) == 7


def test_booking_waiting_and_giving_back_at_once(app: Flask, night: Edition) -> None:
    """Newcomers, people in line and people who leave, all for the same two slots."""
    slots = [slot(night, 60 + 90 * number, capacity=4) for number in range(2)]
    holders = [a_booking(night, *slots, size=2) for _ in range(2)]
    night_id = night.id

    def joiner(booking: Booking, one: Slot) -> Callable[[], Any]:
        reference, slot_id = booking.reference, one.id
        return lambda: wait_for(db.session.get_one(Edition, night_id), reference, slot_id, now=NOW)

    others = [waiting(night, slots[number % 2], size=1 + number % 3) for number in range(6)]
    requests: list[Callable[[], Any]] = [lambda r=one.reference: give_back(r, now=NOW) for one in holders]  # type: ignore[misc]
    requests += [booker(night_id, wanted(*slots[:: 1 - 2 * (number % 2)], size=1)) for number in range(4)]
    requests += [booker(night_id, wanted(waits=(slots[number % 2].id,), size=2)) for number in range(4)]
    requests += [joiner(one, slots[1 - number % 2]) for number, one in enumerate(others)]
    answers = at_once(app, requests)
    assert all(isinstance(one, Refusal) or one is not None for one in answers)
    assert settled(*slots)
