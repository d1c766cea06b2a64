"""Waiting with the whole party: rank, offers, holds, lapses, swaps; a place that comes free is never forgotten."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from nuit.actions.booking import book, give_back, give_back_seat, give_back_stop
from nuit.actions.slot import change_slot, open_slot
from nuit.actions.waiting import accept, decline, lapse_due, rename, swap, wait_for
from nuit.db import db
from nuit.errors import (
    EveningTooLong,
    HasPlace,
    NotHeld,
    OfferGone,
    Overlap,
    QueueOver,
    Refusal,
    SlotClosed,
    SlotFull,
    SlotStarted,
    SlotUnknown,
    SwapChanged,
    TooYoung,
)
from nuit.models import Booking, Edition, Message, Seat, Slot, Ticket, Wait
from nuit.planning.evening import Person
from nuit.planning.queue import Holds, held_until, served
from nuit.queries.booking import booking_by_reference, evening_of, stops_gone
from tests.factories import NOW, OPENS, a_booking, a_host, a_slot, a_visit, an_edition, cancel_slot, wanted
from tests.test_booking import conserved, seats_at, slot, taken

HALF_HOUR = timedelta(minutes=30)


@pytest.fixture
def night(app: Flask) -> Edition:
    return an_edition()


def waiting(night: Edition, *slots: Slot, size: int = 1, now: Any = NOW, **values: Any) -> Booking:
    """A party that has no stop and waits for these slots."""
    return book(night, wanted(size=size, waits=tuple(one.id for one in slots), **values), now=now)


def wait_of(booking: Booking, one: Slot | None = None) -> Wait:
    """The latest wait of a booking (in a slot)."""
    db.session.rollback()
    query = select(Wait).where(Wait.booking_id == booking.id).order_by(Wait.id.desc()).limit(1)
    if one is not None:
        query = query.where(Wait.slot_id == one.id)
    found = db.session.scalars(query.execution_options(populate_existing=True)).one()
    db.session.refresh(found)
    return found


def states(*bookings: Booking) -> list[str]:
    return [wait_of(one).status for one in bookings]


def stops(booking: Booking) -> list[tuple[int, int]]:
    """(slot, people) of the evening as it stands."""
    db.session.rollback()
    found = booking_by_reference(booking.reference)
    assert found is not None
    return [(one.id, len(people)) for one, people in evening_of(found)]


def mails(kind: str) -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Message.key).where(Message.kind == kind).order_by(Message.id)))


def seats(booking: Booking) -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Seat.status).where(Seat.booking_id == booking.id).order_by(Seat.id)))


@pytest.mark.parametrize(
    ("sizes", "free", "expected"),
    [
        ([4, 2, 1], 4, [1]),
        ([4, 2, 1], 3, [2, 3]),
        ([4, 2, 1], 2, [2]),
        ([4, 2, 1], 7, [1, 2, 3]),
        ([4, 4], 5, [1]),
        ([1, 1, 1], 2, [1, 2]),
        ([2], 1, []),
        ([], 9, []),
    ],
)
def test_in_order_of_rank_and_past_those_who_cannot_be_served(sizes: list[int], free: int, expected: list[int]) -> None:
    assert served(enumerate(sizes, start=1), free) == expected


def test_an_offer_stands_half_an_hour_and_ten_minutes_on_the_night() -> None:
    starts, holds = OPENS + timedelta(hours=2), Holds(HALF_HOUR, timedelta(minutes=10))
    assert held_until(NOW, starts_at=starts, opens_at=OPENS, holds=holds) == NOW + HALF_HOUR
    assert held_until(OPENS, starts_at=starts, opens_at=OPENS, holds=holds) == OPENS + timedelta(minutes=10)
    late = starts - timedelta(minutes=15, seconds=1)
    assert held_until(late, starts_at=starts, opens_at=OPENS, holds=holds) == starts - timedelta(minutes=10)


def test_one_can_wait_without_having_anything(night: Edition) -> None:
    one = slot(night, capacity=2)
    a_booking(night, one, size=2)
    party = waiting(night, one, size=2)
    assert (states(party), seats(party), stops(party), taken(one)) == (["waiting"], ["waiting"] * 2, [], 2)
    assert stops_gone(booking_by_reference(party.reference) or party) == []


def test_a_place_given_back_is_offered_at_once_to_the_first_that_fits(night: Edition) -> None:
    one = slot(night, capacity=4)
    had = a_booking(night, one, size=4)
    four, two, single = (waiting(night, one, size=size) for size in (4, 2, 1))
    give_back_seat(had.reference, seats_at(had, one)[0], now=NOW)
    assert states(four, two, single) == ["waiting", "waiting", "offered"]
    give_back_stop(had.reference, one.id, now=NOW)
    assert states(four, two, single) == ["waiting", "offered", "offered"]
    assert (taken(one), wait_of(two).offered_until, seats(two)) == (3, NOW + HALF_HOUR, ["held", "held"])
    assert mails("offer") == [f"offer:{wait_of(single).id}", f"offer:{wait_of(two).id}"]
    assert stops(two) == []
    assert conserved()


def test_those_passed_over_keep_their_rank(night: Edition) -> None:
    one = slot(night, capacity=4)
    had = [a_booking(night, one, size=2) for _ in range(2)]
    four, two, late = (waiting(night, one, size=size) for size in (4, 2, 2))
    give_back(had[0].reference, now=NOW)
    assert states(four, two, late) == ["waiting", "offered", "waiting"]
    decline(two.reference, wait_of(two).id, now=NOW)
    assert states(four, two, late) == ["waiting", "declined", "offered"]
    decline(late.reference, wait_of(late).id, now=NOW)
    give_back(had[1].reference, now=NOW)
    assert states(four, two, late) == ["offered", "declined", "declined"]
    assert (taken(one), conserved()) == (4, True)


def test_where_there_are_places_the_offer_comes_at_once(night: Edition) -> None:
    one = slot(night, capacity=4)
    a_booking(night, one, size=1)
    assert states(waiting(night, one, size=3)) == ["offered"]
    assert taken(one) == 4


def test_accepting_makes_it_a_stop(night: Edition) -> None:
    one = slot(night, capacity=2)
    had = a_booking(night, one, size=2)
    party = waiting(night, one, size=2)
    give_back(had.reference, now=NOW)
    for _ in range(2):
        accept(night, party.reference, wait_of(party).id, now=NOW + HALF_HOUR - timedelta(seconds=1))
    assert (states(party), stops(party), taken(one), seats(party)) == (
        ["accepted"], [(one.id, 2)], 2, ["confirmed"] * 2,
    )  # fmt: skip
    assert mails("confirmation")[-1] == f"confirmation:{party.reference}:1"
    lapse_due(NOW + timedelta(days=1))
    assert (stops(party), conserved()) == ([(one.id, 2)], True)


def test_an_offer_lapses_and_goes_to_the_next(night: Edition) -> None:
    one = slot(night, capacity=2)
    had = a_booking(night, one, size=2)
    first, second = (waiting(night, one, size=2) for _ in range(2))
    give_back(had.reference, now=NOW)
    late = NOW + HALF_HOUR
    assert lapse_due(late - timedelta(seconds=1)) == 0
    with pytest.raises(OfferGone):
        accept(night, first.reference, wait_of(first).id, now=late)
    assert (lapse_due(late), lapse_due(late)) == (1, 0)
    assert (states(first, second), taken(one)) == (["lapsed", "offered"], 2)
    assert wait_of(second).offered_until == late + HALF_HOUR
    lapse_due(late + HALF_HOUR)
    assert (states(second), taken(one), conserved()) == (["lapsed"], 0, True)


def test_a_booking_first_settles_what_is_due_in_its_slots(night: Edition) -> None:
    one = slot(night, capacity=2)
    had = a_booking(night, one, size=2)
    party = waiting(night, one, size=2)
    give_back(had.reference, now=NOW)
    with pytest.raises(SlotFull):
        a_booking(night, one, size=2, now=NOW + timedelta(minutes=29))
    assert stops(a_booking(night, one, size=2, now=NOW + HALF_HOUR)) == [(one.id, 2)]
    assert (states(party), taken(one), conserved()) == (["lapsed"], 2, True)


def test_accepting_what_overlaps_swaps_and_passes_the_old_place_on(night: Edition) -> None:
    old, kept, new = slot(night, 60, capacity=2), slot(night, 180, capacity=2), slot(night, 70, capacity=2)
    holder = a_booking(night, new, size=2)
    party = a_booking(night, old, kept, size=2)
    next_one = waiting(night, old, size=2)
    wait_for(night, party.reference, new.id, now=NOW)
    give_back(holder.reference, now=NOW)
    offer = wait_of(party)
    assert (taken(old), taken(new)) == (2, 2)
    with pytest.raises(SwapChanged):
        accept(night, party.reference, offer.id, now=NOW, instead=())
    accept(night, party.reference, offer.id, now=NOW, instead=[old.id])
    assert (stops(party), states(next_one), taken(old)) == ([(new.id, 2), (kept.id, 2)], ["offered"], 2)
    assert conserved()


def test_what_has_begun_is_not_swapped_away(night: Edition) -> None:
    old, new = slot(night, 60), slot(night, 90, capacity=1)
    holder, party = a_booking(night, new), a_booking(night, old)
    wait_for(night, party.reference, new.id, now=NOW)
    at = OPENS + timedelta(minutes=62)
    give_back(holder.reference, now=at)
    with pytest.raises(SlotStarted):
        accept(night, party.reference, wait_of(party).id, now=at)
    assert (stops(party), states(party), conserved()) == ([(old.id, 1)], ["offered"], True)


def test_waiting_twice_is_waiting_once(night: Edition) -> None:
    one, other = slot(night, capacity=1), slot(night, 150)
    a_booking(night, one)
    party = a_booking(night, other)
    for _ in range(2):
        wait_for(night, party.reference, one.id, now=NOW)
    assert len(seats(party)) == 2
    with pytest.raises(HasPlace):
        wait_for(night, party.reference, other.id, now=NOW)
    assert wait_for(night, "N-UNKNOWN1", one.id, now=NOW) is None


def test_who_may_not_wait_is_told_why(night: Edition) -> None:
    child = (Person("Anne", "18+"), Person("Lou", "0-11"))
    young = a_slot(a_visit(a_host(night), conditions=[{"kind": "min_age", "value": 12}]), capacity=0)
    begun, closed, draft = slot(night, 10), slot(night, status="closed"), a_slot(a_visit(a_host(night, state="draft")))
    refused: list[tuple[type[Refusal], Slot, dict[str, Any]]] = [
        (TooYoung, young, {"party": child}), (QueueOver, begun, {"now": begun.starts_at - timedelta(minutes=15)}),
        (SlotClosed, closed, {}), (SlotUnknown, draft, {}),
    ]  # fmt: skip
    for kind, one, values in refused:
        with pytest.raises(kind) as said:
            waiting(night, one, **values)
        assert said.value.slots == (one.id,)
    hours = [slot(night, 20 + 5 * number, capacity=0) for number in range(9)]
    with pytest.raises(EveningTooLong):
        waiting(night, *hours)
    party = waiting(night, *hours[:8])
    with pytest.raises(EveningTooLong):
        wait_for(night, party.reference, hours[8].id, now=NOW)
    assert conserved()


def test_a_smaller_party_may_be_served_sooner(night: Edition) -> None:
    one = slot(night, capacity=3)
    had = a_booking(night, one, size=3)
    party = waiting(night, one, size=2)
    give_back_seat(had.reference, seats_at(had, one)[0], now=NOW)
    assert states(party) == ["waiting"]
    give_back_seat(party.reference, seats_at(party, one)[1], now=NOW)
    assert (states(party), wait_of(party).size, seats(party), taken(one)) == (
        ["offered"], 1, ["held", "given_back"], 3,
    )  # fmt: skip


def test_one_place_of_an_offer_given_back_goes_on(night: Edition) -> None:
    one = slot(night, capacity=2)
    had = a_booking(night, one, size=2)
    pair, single = waiting(night, one, size=2), waiting(night, one)
    give_back(had.reference, now=NOW)
    give_back_seat(pair.reference, seats_at(pair, one)[0], now=NOW)
    assert (states(pair, single), taken(one), conserved()) == (["offered", "offered"], 2, True)


def test_leaving_everything_leaves_every_queue(night: Edition) -> None:
    one, other = slot(night, 60, capacity=1), slot(night, 150, capacity=1)
    holder, party, behind = a_booking(night, one), a_booking(night, other), waiting(night, one)
    wait_for(night, party.reference, one.id, now=NOW)
    after = waiting(night, other)
    give_back(party.reference, now=NOW)
    assert (states(party, after), stops(party)) == (["left", "offered"], [])
    give_back(holder.reference, now=NOW)
    assert (states(behind), conserved()) == (["offered"], True)


def test_the_last_stop_given_back_keeps_the_place_in_a_queue(night: Edition) -> None:
    full, one = slot(night, 60, capacity=0), slot(night, 150)
    party = a_booking(night, one)
    wait_for(night, party.reference, full.id, now=NOW)
    give_back_stop(party.reference, one.id, now=NOW)
    found = booking_by_reference(party.reference)
    assert found is not None
    assert (found.state, states(party), mails("given_back")) == ("confirmed", ["waiting"], [])
    decline(party.reference, wait_of(party).id, now=NOW)
    found = booking_by_reference(party.reference)
    assert found is not None
    assert (found.state, states(party), mails("given_back")) == ("given_back", ["left"], [])


def test_more_capacity_serves_the_queue(night: Edition) -> None:
    one = slot(night, capacity=1)
    a_booking(night, one)
    pair, single = waiting(night, one, size=2), waiting(night, one)
    change_slot(one.id, one.starts_at, 2, version=1, now=NOW, by=None)
    assert states(pair, single) == ["waiting", "offered"]
    change_slot(one.id, one.starts_at, 4, version=2, now=NOW, by=None)
    assert (states(pair, single), taken(one), conserved()) == (["offered", "offered"], 4, True)


def test_a_closed_slot_offers_nothing_until_it_opens_again(night: Edition) -> None:
    one = slot(night, capacity=1)
    holder, party = a_booking(night, one), waiting(night, one)
    open_slot(one.id, is_open=False, now=NOW, by=None)
    give_back(holder.reference, now=NOW)
    assert (states(party), taken(one)) == (["waiting"], 0)
    open_slot(one.id, is_open=True, now=NOW, by=None)
    assert (states(party), taken(one)) == (["offered"], 1)


def test_a_cancelled_slot_has_no_queue(night: Edition) -> None:
    one = slot(night, capacity=2)
    holder, party = a_booking(night, one, size=2), waiting(night, one)
    cancel_slot(one, reason="Panne du four", people=2)
    assert sorted(db.session.scalars(select(Message.booking_id).where(Message.kind == "slot_cancelled"))) == sorted(
        [holder.id, party.id]
    )
    assert (states(party), seats(party), taken(one), conserved()) == (["cancelled"], ["cancelled"], 0, True)


def test_a_queue_ends_before_the_visit(night: Edition) -> None:
    one = slot(night, capacity=1)
    holder, party = a_booking(night, one), waiting(night, one)
    late = one.starts_at - timedelta(minutes=15)
    give_back(holder.reference, now=late)
    assert (states(party), taken(one)) == (["waiting"], 0)
    lapse_due(late)
    assert (states(party), seats(party), conserved()) == (["over"], ["lapsed"], True)


def test_the_worker_finds_a_forgotten_place(night: Edition) -> None:
    one = slot(night, capacity=0)
    party = waiting(night, one)
    db.session.execute(Slot.__table__.update().where(Slot.id == one.id).values(capacity=1))
    db.session.commit()
    assert (lapse_due(NOW), states(party), taken(one)) == (1, ["offered"], 1)


def test_a_swap_moves_exactly_those_who_had_a_place(night: Edition) -> None:
    old, new = slot(night, 60, capacity=3), slot(night, 75, capacity=2)
    party = a_booking(night, old, size=3)
    give_back_seat(party.reference, seats_at(party, old)[2], now=NOW)
    behind = waiting(night, old, size=3)
    for _ in range(2):
        swap(night, party.reference, old.id, new.id, now=NOW)
    assert (stops(party), taken(new), states(behind), taken(old)) == ([(new.id, 2)], 2, ["offered"], 3)
    assert conserved()


def test_a_swap_that_cannot_be_leaves_the_old_place(night: Edition) -> None:
    old, full, late = slot(night, 60), slot(night, 75, capacity=1), slot(night, 150)
    near, shut = slot(night, 160), slot(night, 75, status="closed")
    party = a_booking(night, old, late, size=2)
    a_booking(night, full)
    for kind, one in (
        (SlotFull, full), (Overlap, near), (SlotClosed, shut), (HasPlace, late), (SlotUnknown, old),
    ):  # fmt: skip
        with pytest.raises(kind):
            swap(night, party.reference, old.id, one.id, now=NOW)
    with pytest.raises(NotHeld):
        swap(night, party.reference, full.id, shut.id, now=NOW)
    assert (stops(party), conserved()) == ([(old.id, 2), (late.id, 2)], True)


def test_a_swap_to_a_slot_one_waits_for_leaves_its_queue(night: Edition) -> None:
    old, new = slot(night, 60), slot(night, 75, capacity=2)
    holder, party = a_booking(night, new, size=2), a_booking(night, old, size=2)
    wait_for(night, party.reference, new.id, now=NOW)
    give_back(holder.reference, now=NOW)
    swap(night, party.reference, old.id, new.id, now=NOW)
    assert (states(party), stops(party), taken(new), conserved()) == (["left"], [(new.id, 2)], 2, True)


def test_another_name_for_the_same_ticket(night: Edition) -> None:
    party, other = a_booking(night, slot(night), size=2), a_booking(night, slot(night))
    ticket = db.session.scalars(select(Ticket).where(Ticket.booking_id == party.id, Ticket.position == 2)).one()
    before = (ticket.code, ticket.token_id)
    rename(party.reference, ticket.id, "Inès", now=NOW)
    db.session.refresh(ticket)
    assert (ticket.label, (ticket.code, ticket.token_id)) == ("Inès", before)
    assert rename(other.reference, ticket.id, "Beat", now=NOW) is None


def test_nobody_decides_on_what_others_are_offered(night: Edition) -> None:
    one = slot(night, capacity=1)
    party, other = waiting(night, one), waiting(night, one)
    offer = wait_of(party).id
    assert accept(night, other.reference, offer, now=NOW) is None
    assert decline(other.reference, offer, now=NOW) is None
    assert states(party, other) == ["offered", "waiting"]


def test_an_evening_given_back_and_won_again_may_be_given_back_again(night: Edition) -> None:
    first, second = slot(night, 60), slot(night, 150)
    party = a_booking(night, first)
    give_back(party.reference, now=NOW)
    wait_for(night, party.reference, second.id, now=NOW)
    accept(night, party.reference, wait_of(party).id, now=NOW)
    give_back(party.reference, now=NOW)
    assert (stops(party), mails("given_back")) == (
        [], [f"given_back:{party.reference}:{sequence}" for sequence in (1, 3)],
    )  # fmt: skip
