"""A cancelled visit: the evening is mended around what stays, and the new places are held until the party says."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from nuit.actions.repair import mend_due
from nuit.actions.waiting import accept
from nuit.db import db
from nuit.models import Booking, Edition, Message, Seat, Slot, Wait
from tests.factories import NOW, a_booking, a_host, a_slot, a_visit, an_edition, cancel_slot

LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def night(app: Flask) -> Edition:
    return an_edition()


def a_departure(night: Edition, minutes: int, name: str, **values: Any) -> Slot:
    return a_slot(a_visit(a_host(night, name)), timedelta(minutes=minutes), **values)


def cancelled(slot: Slot, people: int) -> None:
    cancel_slot(slot, reason="Panne de four", people=people)


def mended() -> int:
    return mend_due(now=LATER, stop=lambda: lambda: False)


def offers(booking: Booking) -> list[tuple[int, str]]:
    db.session.expire_all()
    rows = db.session.execute(select(Wait.slot_id, Wait.status).where(Wait.booking_id == booking.id).order_by(Wait.id))
    return [(slot, status) for slot, status in rows]


def test_another_hour_of_the_same_company_is_held(night: Edition) -> None:
    kept, lost = a_departure(night, 30, "Câblerie"), a_departure(night, 100, "Fonderie")
    later = a_slot(lost.visit, timedelta(minutes=170), capacity=2)
    a_departure(night, 100, "Verrerie")
    booking = a_booking(night, kept, lost, size=2)
    cancelled(lost, 2)
    assert mended() == 1
    assert offers(booking) == [(later.id, "offered")]
    assert db.session.get_one(Slot, later.id, populate_existing=True).taken == 2
    mails = db.session.scalars(select(Message.kind).where(Message.booking_id == booking.id).order_by(Message.id)).all()
    assert mails == ["confirmation", "slot_cancelled", "offer"]
    wait = db.session.scalars(select(Wait.id)).one()
    accept(night, booking.reference, wait, now=LATER)
    seats = db.session.execute(
        select(Seat.slot_id, func.count()).where(Seat.status == "confirmed").group_by(Seat.slot_id)
    )
    assert sorted(tuple(one) for one in seats) == [(kept.id, 2), (later.id, 2)]


def test_another_company_where_there_is_no_other_hour(night: Edition) -> None:
    kept, lost = a_departure(night, 30, "Câblerie"), a_departure(night, 100, "Fonderie")
    near, _far = a_departure(night, 110, "Verrerie"), a_departure(night, 240, "Tannerie")
    booking = a_booking(night, kept, lost)
    cancelled(lost, 1)
    assert (mended(), offers(booking)) == (1, [(near.id, "offered")])


def test_once_and_only_for_who_was_hurt(night: Edition) -> None:
    lost, other = a_departure(night, 100, "Fonderie"), a_departure(night, 110, "Verrerie", capacity=1)
    hurt, spared = a_booking(night, lost, size=2), a_booking(night, other)
    cancelled(lost, 2)
    assert (mended(), mended()) == (1, 0)
    assert (offers(hurt), offers(spared)) == ([], [])
