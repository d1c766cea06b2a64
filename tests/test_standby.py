"""Five minutes after the start: places of those who do not come go to who waits, then to who can still be there."""

import threading
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from nuit.actions.booking import book, give_back
from nuit.actions.standby import come_late, release_due
from nuit.actions.waiting import accept, lapse_due
from nuit.db import db, transaction
from nuit.errors import NotHeld, SlotFull, SlotStarted
from nuit.models import Booking, Edition, Message, Seat, Slot, Wait
from nuit.queries.standby import standby
from tests.factories import NOW, a_booking, a_host, a_slot, a_visit, an_edition, wanted


@pytest.fixture
def night(app: Flask) -> Edition:
    return an_edition()


def statuses(booking: Booking) -> list[str]:
    db.session.expire_all()
    return list(db.session.scalars(select(Seat.status).where(Seat.booking_id == booking.id).order_by(Seat.id)))


def conserved(slot: Slot) -> int:
    """`taken`, which equals the seats that hold a place."""
    held = select(func.count(Seat.id)).where(Seat.slot_id == slot.id, Seat.status.in_(("held", "confirmed")))
    db.session.expire_all()
    taken = db.session.get_one(Slot, slot.id).taken
    assert taken == db.session.scalar(held)
    return taken


def come_in(booking: Booking, at: datetime, people: int) -> None:
    with transaction():
        mine = select(Seat).where(Seat.booking_id == booking.id).order_by(Seat.id)
        for seat in db.session.scalars(mine.limit(people)):
            seat.entered_at = at


def test_who_has_not_come_by_then_loses_the_place(night: Edition) -> None:
    slot = a_slot(a_visit(a_host(night)))
    gone, came, partly = (a_booking(night, slot, size=size) for size in (2, 1, 3))
    start = slot.starts_at
    come_in(came, start, 1)
    come_in(partly, start, 1)
    asked = [start + timedelta(minutes=4, seconds=59), start + timedelta(minutes=5), start + timedelta(minutes=6)]
    assert [release_due(at) for at in asked] == [0, 2, 0]
    assert [statuses(one) for one in (gone, came, partly)] == [["released"] * 2, ["confirmed"], ["confirmed"] * 3]
    assert conserved(slot) == 4
    assert db.session.scalar(select(func.count(Message.id)).where(Message.kind == "given_back")) == 0


def test_a_freed_place_can_be_booked_until_the_door_shuts(night: Edition) -> None:
    slot = a_slot(a_visit(a_host(night)), capacity=2)
    a_booking(night, slot, size=2)
    start = slot.starts_at
    with pytest.raises(SlotStarted):
        book(night, wanted(slot), now=start + timedelta(minutes=4))
    release_due(start + timedelta(minutes=5))
    night = db.session.get_one(Edition, night.id, populate_existing=True)
    late = book(night, wanted(slot), now=start + timedelta(minutes=9))
    assert release_due(start + timedelta(minutes=9, seconds=30)) == 0
    assert (statuses(late), conserved(slot)) == (["confirmed"], 1)
    with pytest.raises(SlotStarted):
        book(night, wanted(slot), now=start + timedelta(minutes=10))


def test_a_slot_nobody_left_sells_nothing_after_its_start(night: Edition) -> None:
    slot = a_slot(a_visit(a_host(night)))
    come_in(a_booking(night, slot), slot.starts_at, 1)
    assert release_due(slot.starts_at + timedelta(minutes=5)) == 0
    with pytest.raises(SlotStarted):
        book(night, wanted(slot), now=slot.starts_at + timedelta(minutes=6))
    assert standby(night, slot.starts_at + timedelta(minutes=6)) == []


@pytest.mark.parametrize("minutes", [10, 15])
def test_who_says_so_keeps_the_place_until_then(night: Edition, minutes: int) -> None:
    slot = a_slot(a_visit(a_host(night)))
    late, other = a_booking(night, slot, size=2), a_booking(night, slot)
    start = slot.starts_at
    until = start + timedelta(minutes=minutes)
    assert come_late(late.reference, slot.id, minutes, now=start - timedelta(minutes=30)) == until
    assert release_due(until - timedelta(seconds=1)) == 1
    assert (statuses(late), statuses(other)) == (["confirmed"] * 2, ["released"])
    assert release_due(until) == 2
    with pytest.raises(NotHeld):
        come_late(other.reference, slot.id, minutes, now=start + timedelta(minutes=6))


def test_a_delay_is_said_in_time_and_for_a_place_one_has(night: Edition) -> None:
    slot, other = a_slot(a_visit(a_host(night))), a_slot(a_visit(a_host(night)), timedelta(hours=3))
    booking = a_booking(night, slot)
    start = slot.starts_at
    for at in (start - timedelta(hours=3), start + timedelta(minutes=10)):
        with pytest.raises(SlotStarted):
            come_late(booking.reference, slot.id, 10, now=at)
    with pytest.raises(NotHeld):
        come_late(booking.reference, other.id, 10, now=other.starts_at)
    assert come_late("N-NOBODY", slot.id, 10, now=start) is None
    assert come_late(booking.reference, slot.id, 90, now=start) is None


def test_zero_minutes_means_never(app: Flask) -> None:
    slot = a_slot(a_visit(a_host(an_edition(release_minutes=0))))
    a_booking(db.session.get_one(Edition, slot.edition_id), slot)
    assert release_due(slot.starts_at + timedelta(minutes=20)) == 0


def test_a_place_given_back_meanwhile_is_counted_once(night: Edition) -> None:
    slot = a_slot(a_visit(a_host(night)))
    booking = a_booking(night, slot, size=2)
    give_back(booking.reference, now=slot.starts_at - timedelta(minutes=1))
    assert (release_due(slot.starts_at + timedelta(minutes=5)), conserved(slot)) == (0, 0)


def test_who_waited_is_served_before_the_places_are_anybodys(night: Edition) -> None:
    """First come, first served, for the whole party; who says that they are late keeps their places all the same."""
    slot = a_slot(a_visit(a_host(night)), capacity=5)
    gone, late = a_booking(night, slot, size=3), a_booking(night, slot, size=2)
    four, two, one, last = (book(night, wanted(size=n, waits=(slot.id,)), now=NOW) for n in (4, 2, 1, 1))
    start = slot.starts_at
    come_late(late.reference, slot.id, 10, now=start - timedelta(minutes=30))
    lapse_due(start - timedelta(minutes=15))
    states = select(Wait.status).order_by(Wait.id)
    assert list(db.session.scalars(states)) == ["over"] * 4
    at = start + timedelta(minutes=5)
    assert (release_due(at), list(db.session.scalars(states)), conserved(slot)) == (
        3, ["over", "offered", "offered", "over"], 5,
    )  # fmt: skip
    assert (statuses(gone), statuses(late), standby(night, at)) == (["released"] * 3, ["confirmed"] * 2, [])
    night = db.session.get_one(Edition, night.id, populate_existing=True)
    with pytest.raises(SlotFull):
        book(night, wanted(slot), now=at)
    wait = db.session.scalars(select(Wait.id).where(Wait.booking_id == two.id)).one()
    accept(night, two.reference, wait, now=at + timedelta(minutes=2))
    assert (statuses(two), statuses(one), statuses(four), statuses(last)) == (
        ["confirmed"] * 2, ["held"], ["lapsed"] * 4, ["lapsed"],
    )  # fmt: skip
    over = at + timedelta(minutes=3)
    lapse_due(over)
    night = db.session.get_one(Edition, night.id, populate_existing=True)
    assert ([found.slot.id for found in standby(night, over)], conserved(slot)) == ([slot.id], 4)
    assert (statuses(book(night, wanted(slot), now=over)), release_due(over), conserved(slot)) == (["confirmed"], 0, 5)


def test_who_is_at_another_visit_is_not_asked(night: Edition) -> None:
    slot, other = (a_slot(a_visit(a_host(night)), capacity=1) for _ in range(2))
    a_booking(night, slot)
    busy = book(night, wanted(other, waits=(slot.id,)), now=NOW)
    come_in(busy, other.starts_at, 1)
    lapse_due(slot.starts_at)
    at = slot.starts_at + timedelta(minutes=5)
    assert (release_due(at), [one.slot.id for one in standby(night, at)]) == (1, [slot.id])


def test_several_workers_free_each_place_once(app: Flask, night: Edition) -> None:
    slot = a_slot(a_visit(a_host(night)))
    for _ in range(4):
        a_booking(night, slot, size=2)
    at, start, freed = slot.starts_at + timedelta(minutes=5), threading.Barrier(3), list[int]()
    db.session.remove()

    def worker() -> None:
        with app.app_context():
            start.wait()
            freed.append(release_due(at))
            db.session.remove()

    threads = [threading.Thread(target=worker) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    slot = db.session.scalars(select(Slot)).one()
    assert (len(freed), sum(freed), conserved(slot)) == (3, 8, 0)


def test_only_what_can_be_reached_in_time_is_shown(night: Edition) -> None:
    near, far = (a_slot(a_visit(a_host(night, name))) for name in ("Près", "Loin"))
    for slot in (near, far):
        a_booking(night, slot)
    at = near.starts_at + timedelta(minutes=5)
    release_due(at)
    rides = {near.host_id: 3.0, far.host_id: 8.0}
    assert [(one.slot.id, one.ride) for one in standby(night, at, rides=rides)] == [(near.id, 3)]
    assert [one.slot.id for one in standby(night, at)] == [far.id, near.id]
    assert standby(night, at, seats=13) == []
    assert standby(night, near.starts_at + timedelta(minutes=10)) == []


def test_the_page_of_an_evening_says_it(app: Flask, client: FlaskClient) -> None:
    from datetime import UTC

    from nuit.keys import manage_token
    from tests.team import words
    from tests.typed import typed

    now = datetime.now(UTC).replace(microsecond=0)
    night = an_edition(opens_at=now - timedelta(hours=1), closes_at=now + timedelta(hours=4), night=now.date(),
                       booking_opens_at=now - timedelta(days=9), booking_closes_at=now + timedelta(hours=4))  # fmt: skip
    soon = a_slot(a_visit(a_host(night, "Bientôt")), now + timedelta(minutes=10))
    missed = a_slot(a_visit(a_host(night, "Manquée")), now - timedelta(minutes=6))
    booking = a_booking(night, soon, now=now - timedelta(hours=1))
    a_booking(night, missed, now=now - timedelta(hours=1))
    assert release_due(now) == 1
    key = manage_token(app.extensions["nuit.keys"].secret, booking.reference, 1)
    page = client.get(f"/fr/ma-soiree/{booking.reference}/ouvrir?cle={key}", follow_redirects=True)
    shown = page.get_data(as_text=True)
    assert "Places de dernière minute" in words(shown)
    form = typed(shown, f"/etapes/{soon.id}/retard")
    answer = client.post(f"/fr/ma-soiree/{booking.reference}/etapes/{soon.id}/retard", data={**form, "minutes": "15"})
    assert answer.status_code == 303
    db.session.expire_all()
    assert db.session.scalar(
        select(Seat.late_until).where(Seat.booking_id == booking.id)
    ) == soon.starts_at + timedelta(minutes=15)
    assert "Manquée" in words(client.get("/fr/").get_data(as_text=True))
