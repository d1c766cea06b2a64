"""Booking and giving back: exact to the place, all or nothing, the same answer to the same request."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from nuit.actions.booking import Wanted, book, give_back, give_back_seat, give_back_stop
from nuit.db import db, transaction
from nuit.errors import (
    BookingClosed,
    EveningTooLong,
    KeyReused,
    NeedsAdult,
    Overlap,
    PartyTooLarge,
    Refusal,
    SlotClosed,
    SlotFull,
    SlotStarted,
    SlotUnknown,
    TooMany,
    TooYoung,
    Unreachable,
)
from nuit.i18n import say
from nuit.ledger.outbox import promise
from nuit.models import AuditLine, Booking, Edition, Message, Seat, Slot, Ticket, Visit
from nuit.planning.evening import Person
from nuit.queries.booking import booking_by_reference, evening_of
from tests.factories import (
    NOW,
    OPENS,
    a_booking,
    a_host,
    a_member,
    a_slot,
    a_visit,
    an_edition,
    saved,
    wanted,
)

FAR = {"lon": 7.4101, "lat": 46.2401}
"""Uvrier: a quarter of an hour by e-bike from the factories' other doors."""


def conserved() -> bool:
    """Every slot's `taken` is the number of its live seats, between nothing and its capacity."""
    db.session.rollback()
    live = Counter(db.session.scalars(select(Seat.slot_id).where(Seat.status.in_(("held", "confirmed")))))
    slots = db.session.execute(select(Slot.id, Slot.taken, Slot.capacity)).all()
    return all(taken == live[slot_id] and 0 <= taken <= capacity for slot_id, taken, capacity in slots)


def counts() -> tuple[int, ...]:
    db.session.rollback()
    return tuple(
        db.session.scalar(select(func.count()).select_from(model)) or 0 for model in (Booking, Ticket, Seat, Message)
    )


@pytest.fixture
def night(app: Flask) -> Edition:
    return an_edition()


def slot(night: Edition, at: int = 60, **values: Any) -> Slot:
    """A slot of a new company, so many minutes after the doors open."""
    return a_slot(a_visit(a_host(night)), timedelta(minutes=at), **values)


def taken(one: Slot) -> int:
    db.session.rollback()
    return db.session.scalar(select(Slot.taken).where(Slot.id == one.id)) or 0


def test_a_party_gets_its_whole_evening(night: Edition) -> None:
    first, second = slot(night, 60), slot(night, 150)
    booking = a_booking(night, second, first, size=3)
    found = booking_by_reference(booking.reference)
    assert found is not None
    assert [(stop.id, len(people)) for stop, people in evening_of(found)] == [(first.id, 3), (second.id, 3)]
    assert (taken(first), taken(second), counts()) == (3, 3, (1, 3, 6, 1))
    assert len({ticket.code for ticket in found.tickets} | {found.code}) == 4
    assert len({ticket.token_id for ticket in found.tickets} | {found.token_id}) == 4
    message = db.session.scalars(select(Message)).one()
    assert (message.kind, message.key, message.to) == (
        "confirmation", f"confirmation:{booking.reference}", booking.email,
    )  # fmt: skip


def test_a_slot_named_twice_is_taken_once(night: Edition) -> None:
    one = slot(night)
    a_booking(night, one, one, size=2)
    assert taken(one) == 2
    assert conserved()


def test_one_missing_place_and_nothing_is_booked(night: Edition) -> None:
    free, tight = slot(night, 60), slot(night, 150, capacity=2)
    with pytest.raises(SlotFull) as refused:
        a_booking(night, free, tight, size=3)
    assert refused.value.slots == (tight.id,)
    assert say(refused.value) == (
        f"{tight.visit.host.company.name}, 19:30\u00a0: il ne reste que 2 places. Rien n’est encore réservé."
    )
    assert (taken(free), taken(tight), counts()) == (0, 0, (0, 0, 0, 0))


def test_the_last_places_are_sold_and_not_one_more(night: Edition) -> None:
    one = slot(night, capacity=5)
    a_booking(night, one, size=3)
    a_booking(night, one, size=2)
    with pytest.raises(SlotFull) as refused:
        a_booking(night, one)
    assert refused.value.values["count"] == 0
    assert taken(one) == 5


def refusals() -> dict[str, tuple[type[Refusal], Callable[[Edition], tuple[list[Slot], dict[str, Any]]]]]:
    def closed(night: Edition) -> tuple[list[Slot], dict[str, Any]]:
        return [slot(night, status="closed")], {}

    def started(night: Edition) -> tuple[list[Slot], dict[str, Any]]:
        return [slot(night, 10)], {"now": OPENS + timedelta(minutes=10)}

    def unpublished(night: Edition) -> tuple[list[Slot], dict[str, Any]]:
        return [a_slot(a_visit(a_host(night, state="draft")))], {}

    def elsewhere(night: Edition) -> tuple[list[Slot], dict[str, Any]]:
        return [slot(an_edition(is_current=False))], {}

    def none(night: Edition) -> tuple[list[Slot], dict[str, Any]]:
        return [], {}

    def overlapping(night: Edition) -> tuple[list[Slot], dict[str, Any]]:
        return [slot(night, 60), slot(night, 99)], {}

    def too_far(night: Edition) -> tuple[list[Slot], dict[str, Any]]:
        return [slot(night, 60), a_slot(a_visit(a_host(night, **FAR)), timedelta(minutes=101))], {}

    def child(night: Edition) -> tuple[list[Slot], dict[str, Any]]:
        visit = a_visit(a_host(night), conditions=[{"kind": "min_age", "value": 12}])
        return [a_slot(visit)], {"party": (Person("Anne", "18+"), Person("Lou", "0-11"))}

    def alone(night: Edition) -> tuple[list[Slot], dict[str, Any]]:
        visit = a_visit(a_host(night), conditions=[{"kind": "accompanied_under", "value": 14}])
        return [a_slot(visit)], {"party": (Person("Lou", "12-13"),)}

    def crowd(night: Edition) -> tuple[list[Slot], dict[str, Any]]:
        return [slot(night)], {"size": 7}

    def marathon(night: Edition) -> tuple[list[Slot], dict[str, Any]]:
        host = a_host(night)
        return [a_slot(a_visit(host, minutes=5), timedelta(minutes=10 * number)) for number in range(1, 10)], {}

    def before(night: Edition) -> tuple[list[Slot], dict[str, Any]]:
        return [slot(night)], {"now": night.booking_opens_at - timedelta(seconds=1)}

    def after(night: Edition) -> tuple[list[Slot], dict[str, Any]]:
        return [slot(night, 400)], {"now": night.booking_closes_at}

    return {
        "closed": (SlotClosed, closed), "started": (SlotStarted, started), "draft": (SlotUnknown, unpublished),
        "another edition": (SlotUnknown, elsewhere), "nothing": (SlotUnknown, none), "overlap": (Overlap, overlapping),
        "too far": (Unreachable, too_far), "too young": (TooYoung, child), "alone": (NeedsAdult, alone),
        "too many people": (PartyTooLarge, crowd), "too many stops": (EveningTooLong, marathon),
        "not open yet": (BookingClosed, before), "over": (BookingClosed, after),
    }  # fmt: skip


@pytest.mark.parametrize(("kind", "prepare"), refusals().values(), ids=refusals())
def test_a_refusal_names_its_slots_and_writes_nothing(night: Edition, kind: type[Refusal], prepare: Any) -> None:
    slots, values = prepare(night)
    now = values.pop("now", NOW)
    with pytest.raises(kind) as refused:
        book(night, wanted(*slots, **values), now=now)
    assert set(refused.value.slots) <= {one.id for one in slots}
    assert "%(" not in say(refused.value)
    assert counts() == (0, 0, 0, 0)
    assert conserved()


def test_the_edge_of_the_hours(night: Edition) -> None:
    host = a_host(night)
    visit = a_visit(host)
    one, touching = a_slot(visit, timedelta(minutes=60)), a_slot(visit, timedelta(minutes=100))
    assert a_booking(night, one, touching).state == "confirmed"


def test_a_ride_that_just_fits(night: Edition) -> None:
    here = slot(night, 60)
    host = a_host(night, **FAR)
    with pytest.raises(Unreachable) as refused:
        a_booking(night, here, a_slot(a_visit(host), timedelta(minutes=101)))
    missing = refused.value.values["count"]
    late = a_slot(a_visit(host), timedelta(minutes=101 + missing))
    with pytest.raises(Unreachable):
        a_booking(night, here, a_slot(a_visit(host), timedelta(minutes=100 + missing)))
    assert a_booking(night, here, late).state == "confirmed"


def test_the_same_key_gives_the_same_booking(night: Edition) -> None:
    one = slot(night)
    asked = wanted(one, size=2)
    first, again = (book(night, asked, now=NOW, key="k1") for _ in range(2))
    assert first.reference == again.reference
    assert (taken(one), counts()) == (2, (1, 2, 2, 1))


def test_a_retry_after_the_night_has_filled_still_finds_its_booking(night: Edition) -> None:
    one = slot(night, capacity=2)
    asked = wanted(one, size=2)
    first = book(night, asked, now=NOW, key="k1")
    assert book(night, asked, now=NOW, key="k1").id == first.id
    assert book(night, asked, now=night.booking_closes_at, key="k1").id == first.id


def test_the_same_key_for_something_else_is_refused(night: Edition) -> None:
    one, other = slot(night, 60), slot(night, 150)
    book(night, wanted(one), now=NOW, key="k1")
    with pytest.raises(KeyReused):
        book(night, wanted(other), now=NOW, key="k1")
    assert (taken(other), counts()[0]) == (0, 1)


def test_an_address_has_a_limit_that_giving_back_frees(night: Edition) -> None:
    slots = [slot(night, 60 + 90 * number) for number in range(4)]
    made = [a_booking(night, one, email="anne@exemple.ch") for one in slots[:3]]
    with pytest.raises(TooMany) as refused:
        a_booking(night, slots[3], email="anne@exemple.ch")
    assert refused.value.values == {"count": 3}
    give_back(made[0].reference, now=NOW)
    a_booking(night, slots[3], email="anne@exemple.ch")
    assert conserved()


def at_once(app: Flask, requests: list[Callable[[], Any]]) -> list[Any]:
    """What each request answers (or the refusal it raises), all started together in threads of their own."""
    answers: list[Any] = [None] * len(requests)
    gate = threading.Barrier(len(requests))

    def run(number: int) -> None:
        with app.app_context():
            gate.wait()
            try:
                answers[number] = requests[number]()
            except Refusal as refusal:
                answers[number] = refusal
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(requests))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def booker(night_id: int, asked: Wanted, key: str | None = None) -> Callable[[], str]:
    def run() -> str:
        night = db.session.get_one(Edition, night_id)
        return book(night, asked, now=NOW, key=key).reference

    return run


def test_forty_at_once_for_ten_places(app: Flask, night: Edition) -> None:
    one = slot(night, capacity=10)
    answers = at_once(app, [booker(night.id, wanted(one)) for _ in range(40)])
    refused = [answer for answer in answers if isinstance(answer, Refusal)]
    assert (len(refused), {type(answer) for answer in refused}, taken(one)) == (30, {SlotFull}, 10)
    assert conserved()


def test_parties_at_once_over_crossing_evenings(app: Flask, night: Edition) -> None:
    slots = [slot(night, 60 + 90 * number, capacity=9) for number in range(3)]
    orders = [slots, slots[::-1], [slots[1], slots[0]], [slots[2], slots[1]]]
    asked = [wanted(*orders[number % 4], size=1 + number % 3) for number in range(24)]
    answers = at_once(app, [booker(night.id, each) for each in asked])
    assert {type(answer) for answer in answers} <= {str, SlotFull}
    assert conserved()
    assert max(taken(one) for one in slots) >= 7


def test_a_double_click_is_one_booking_even_for_the_last_place(app: Flask, night: Edition) -> None:
    one = slot(night, capacity=1)
    asked = wanted(one)
    answers = at_once(app, [booker(night.id, asked, "double") for _ in range(8)])
    assert len(set(answers)) == 1
    assert isinstance(answers[0], str)
    assert (taken(one), counts()) == (1, (1, 1, 1, 1))


def test_the_limit_of_an_address_holds_against_many_at_once(app: Flask, night: Edition) -> None:
    one = slot(night)
    asked = [wanted(one, email="anne@exemple.ch") for _ in range(8)]
    answers = at_once(app, [booker(night.id, each) for each in asked])
    assert Counter(type(answer) for answer in answers) == {str: 3, TooMany: 5}
    assert taken(one) == 3


def test_giving_everything_back_frees_every_place_once(night: Edition) -> None:
    first, second = slot(night, 60), slot(night, 150)
    booking = a_booking(night, first, second, size=3)
    for _ in range(2):
        given = give_back(booking.reference, now=NOW)
        assert given is not None
        assert (given.state, given.sequence) == ("given_back", 1)
    assert (taken(first), taken(second)) == (0, 0)
    assert sorted(db.session.scalars(select(Message.kind))) == ["confirmation", "given_back"]
    assert conserved()


def test_what_has_begun_or_been_entered_stays(night: Edition) -> None:
    past, ahead = slot(night, 60), slot(night, 180)
    booking = a_booking(night, past, ahead, size=2)
    give_back(booking.reference, now=OPENS + timedelta(minutes=70))
    assert (taken(past), taken(ahead)) == (2, 0)
    assert conserved()


def test_an_organiser_who_gives_back_leaves_a_line(night: Edition) -> None:
    booking = a_booking(night, slot(night), size=2)
    member = a_member()
    give_back(booking.reference, now=NOW, by=member.id)
    line = db.session.scalars(select(AuditLine).where(AuditLine.verb == "give_back")).one()
    assert (line.member_id, line.noun, line.noun_id, line.change) == (member.id, "booking", booking.id, {"seats": 2})


def seats_at(booking: Booking, one: Slot) -> list[int]:
    return list(
        db.session.scalars(
            select(Seat.id).where(Seat.booking_id == booking.id, Seat.slot_id == one.id).order_by(Seat.id)
        )
    )


def test_one_person_at_one_stop(night: Edition) -> None:
    first, second = slot(night, 60), slot(night, 150)
    booking = a_booking(night, first, second, size=3)
    seat = seats_at(booking, first)[1]
    for _ in range(2):
        given = give_back_seat(booking.reference, seat, now=NOW)
        assert given is not None
        assert (given.state, given.sequence) == ("confirmed", 1)
    assert (taken(first), taken(second)) == (2, 3)
    assert conserved()


def test_one_stop_for_everybody_then_the_last_one(night: Edition) -> None:
    first, second = slot(night, 60), slot(night, 150)
    booking = a_booking(night, first, second, size=2)
    one = give_back_stop(booking.reference, first.id, now=NOW)
    assert one is not None
    assert (taken(first), taken(second), one.state) == (0, 2, "confirmed")
    last = give_back_stop(booking.reference, second.id, now=NOW)
    assert last is not None
    assert (taken(second), last.state, last.sequence) == (0, "given_back", 2)
    assert sorted(db.session.scalars(select(Message.kind))) == ["confirmation", "given_back"]


def test_nobody_gives_back_what_is_not_theirs_or_has_begun(night: Edition) -> None:
    one = slot(night)
    mine, theirs = a_booking(night, one), a_booking(night, one)
    assert give_back_seat(mine.reference, seats_at(theirs, one)[0], now=NOW) is None
    assert give_back_stop(mine.reference, slot(night, 150).id, now=NOW) is None
    assert give_back("N-UNKNOWN1", now=NOW) is None
    with pytest.raises(SlotStarted):
        give_back_seat(mine.reference, seats_at(mine, one)[0], now=one.starts_at)
    assert taken(one) == 2


def test_places_given_back_at_once_come_back_once(app: Flask, night: Edition) -> None:
    one = slot(night)
    booking = a_booking(night, one, size=4)
    seats = seats_at(booking, one)
    reference = booking.reference
    requests: list[Callable[[], Any]] = [lambda: give_back(reference, now=NOW) for _ in range(3)]
    requests += [lambda seat=seat: give_back_seat(reference, seat, now=NOW) for seat in seats]  # type: ignore[misc]
    at_once(app, requests)
    assert taken(one) == 0
    assert conserved()


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["book", "seat", "stop", "all"]), st.integers(0, 5)), max_size=14))
def test_places_are_conserved_over_any_history(made: Flask, steps: list[tuple[str, int]]) -> None:
    with made.app_context():
        night = an_edition(max_bookings_per_email=99)
        slots = [slot(night, 60 + 90 * number, capacity=4) for number in range(3)]
        bookings: list[Booking] = []
        for verb, number in steps:
            if verb == "book":
                try:
                    bookings.append(a_booking(night, *slots[number % 3 :], size=1 + number % 2))
                except SlotFull:
                    assert min(one.left for one in fresh(slots[number % 3 :])) < 1 + number % 2
            elif bookings:
                booking = bookings[number % len(bookings)]
                if verb == "all":
                    give_back(booking.reference, now=NOW)
                elif verb == "stop":
                    give_back_stop(booking.reference, slots[number % 3].id, now=NOW)
                else:
                    give_back_seat(booking.reference, seats_of(booking)[0], now=NOW)
            assert conserved()
        db.session.remove()


def fresh(slots: list[Slot]) -> list[Slot]:
    db.session.rollback()
    return [db.session.get_one(Slot, one.id, populate_existing=True) for one in slots]


def seats_of(booking: Booking) -> list[int]:
    return list(db.session.scalars(select(Seat.id).where(Seat.booking_id == booking.id).order_by(Seat.id)))


def test_the_database_itself_refuses_one_place_too_many(night: Edition) -> None:
    one = slot(night, capacity=1)
    with pytest.raises(IntegrityError):
        db.session.execute(Slot.__table__.update().where(Slot.id == one.id).values(taken=2))
    db.session.rollback()
    saved(one)
    assert taken(one) == 0


def test_the_database_itself_refuses_what_no_booking_may_write(night: Edition) -> None:
    """Behind every condition in an UPDATE stands a constraint."""
    one = slot(night, capacity=2, safety_limit=2)
    booking = book(night, wanted(one), now=NOW, key="once")
    ticket = booking.tickets[0].id
    seat = {"booking_id": booking.id, "ticket_id": ticket, "slot_id": one.id, "status": "confirmed", "changed_at": NOW}
    twin = {column.name: getattr(booking, column.name) for column in Booking.__table__.columns if column.name != "id"}
    slots = Slot.__table__.update().where(Slot.id == one.id)
    for statement in (
        slots.values(taken=-1),
        slots.values(capacity=3),
        Seat.__table__.insert().values(seat),
        Booking.__table__.insert().values({**twin, "reference": "N-X", "code": "X", "token_id": b"x" * 16}),
    ):
        with pytest.raises(IntegrityError):
            db.session.execute(statement)
        db.session.rollback()
    assert conserved()


def test_what_was_known_of_an_older_programme_books_nothing(night: Edition) -> None:
    """Between looking at the edition and taking its places a company has set an age: the new one counts."""
    one = slot(night)
    a_booking(night, one)
    before = Edition(**{column.name: getattr(night, column.name) for column in Edition.__table__.columns})
    visit = db.session.get_one(Visit, one.visit_id)
    visit.conditions = [{"kind": "min_age", "value": 16}]
    saved(visit)
    with pytest.raises(TooYoung):
        book(before, wanted(one, party=(Person("Lou", "0-11"),)), now=NOW)
    assert taken(one) == 1


def test_what_went_wrong_inside_leaves_nothing(night: Edition) -> None:
    """The last statement of a booking fails: its places, people and tickets are as if nobody had asked."""
    one = slot(night)
    with transaction():
        promise("test", key="confirmation:N-AAAAAAAA", to="a@exemple.ch", locale="fr", due_at=NOW)
    before = counts()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nuit.actions.booking.secrets.randbelow", lambda _below: 0)
        with pytest.raises(IntegrityError):
            a_booking(night, one)
    assert (counts(), taken(one)) == (before, 0)
