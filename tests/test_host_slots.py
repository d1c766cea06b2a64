"""A company's visits and departures: rows, guarded capacity, closing, cancelling with exactly those who had booked."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from nuit.actions.booking import book, give_back
from nuit.actions.change import UNDO
from nuit.actions.slot import add_slots, change_slot, open_slot, remove_slot
from nuit.actions.visit import change_visit, remove_visit
from nuit.cli.changes import carry_out_due
from nuit.clock import local
from nuit.db import db
from nuit.errors import (
    AboveSafetyLimit,
    BelowTaken,
    ChangedMeanwhile,
    EffectChanged,
    HasBookings,
    MoveBooked,
    Refusal,
    SlotCancelled,
    SlotExists,
)
from nuit.models import AuditLine, Booking, Edition, Message, Seat, Slot, Visit
from nuit.queries.desk import offer_of
from tests.factories import (
    NOW,
    OPENS,
    a_booking,
    a_host,
    a_member,
    a_slot,
    a_visit,
    an_edition,
    cancel_slot,
    signed_in,
    wanted,
)
from tests.test_host_page import desk, text_of
from tests.typed import typed


def hours(visit_id: int) -> list[str]:
    query = select(Slot.starts_at).where(Slot.visit_id == visit_id).order_by(Slot.starts_at)
    return [local(at).strftime("%H:%M") for at in db.session.scalars(query)]


def visit_and_address(client: FlaskClient, **values: object) -> tuple[Edition, Visit, str]:
    edition, host, address = desk(client, **values)
    visit = a_visit(host)
    return edition, visit, f"{address}/visites/{visit.id}/departs"


def series(client: FlaskClient, address: str, **fields: object) -> tuple[int, str]:
    form = typed(text_of(client, address), "/departs", **fields)
    answer = client.post(address, data=form)
    return answer.status_code, answer.get_data(as_text=True)


def test_a_row_is_shown_first_then_added(client: FlaskClient) -> None:
    _edition, visit, address = visit_and_address(client)
    row = {"first": "17:30", "last": "22:00", "every": "30", "capacity": "12"}
    status, page = series(client, address, action="preview", **row)
    assert status == 200
    form = typed(page, "/departs")
    assert form.getlist("only") == [f"{17 + n // 2}:{'30' if n % 2 else '00'}" for n in range(1, 11)]
    assert hours(visit.id) == []
    form.setlist("only", [hour for hour in form.getlist("only") if hour != "19:30"])
    form["action"] = "add"
    assert client.post(address, data=form).status_code == 303
    assert hours(visit.id) == ["17:30", "18:00", "18:30", "19:00", "20:00", "20:30", "21:00", "21:30", "22:00"]
    slot = db.session.scalars(select(Slot).order_by(Slot.starts_at)).first()
    assert slot is not None
    assert (slot.starts_at, slot.ends_at) == (OPENS + timedelta(minutes=30), OPENS + timedelta(minutes=70))
    assert (slot.capacity, slot.safety_limit, slot.host_id, slot.taken) == (12, 20, visit.host_id, 0)


def test_one_departure_needs_one_hour(client: FlaskClient) -> None:
    _edition, visit, address = visit_and_address(client)
    assert series(client, address, action="add", first="1730", capacity="10")[0] == 303
    assert hours(visit.id) == ["17:30"]


def test_hours_that_are_there_already_are_skipped(client: FlaskClient) -> None:
    _edition, visit, address = visit_and_address(client)
    a_slot(visit, timedelta(minutes=30))
    status, page = series(client, address, action="preview", first="17:30", last="18:30", every="30", capacity="10")
    assert typed(page, "/departs").getlist("only") == ["18:00", "18:30"]
    assert "17:30" in page
    assert series(client, address, action="add", first="17:30", last="18:30", every="30", capacity="10")[0] == 303
    assert hours(visit.id) == ["17:30", "18:00", "18:30"]
    status, page = series(client, address, action="add", first="17:30", capacity="10")
    assert status == 409
    assert "commence déjà à 17:30" in page


def test_an_hour_after_midnight_belongs_to_the_evening(client: FlaskClient) -> None:
    edition = an_edition(closes_at=OPENS + timedelta(hours=8))
    host = a_host(edition)
    visit = a_visit(host)
    signed_in(client, a_member("host", host))
    address = f"/espace/{host.company.slug}/visites/{visit.id}/departs"
    row = {"first": "23:45", "last": "00:15", "every": "30", "capacity": "10"}
    assert series(client, address, action="add", **row)[0] == 303
    assert hours(visit.id) == ["23:45", "00:15"]
    last = db.session.scalars(select(Slot.starts_at).order_by(Slot.starts_at.desc())).first()
    assert last == OPENS + timedelta(hours=7, minutes=15)


@pytest.mark.parametrize(
    "fields",
    [
        {"first": "", "capacity": "10"}, {"first": "25:00", "capacity": "10"}, {"first": "17:30", "capacity": "0"},
        {"first": "17:30", "capacity": "9" * 30}, {"first": "17:30", "capacity": "dix"},
        {"first": "17:30", "last": "17:00", "every": "30", "capacity": "10"},
        {"first": "17:30", "last": "22:00", "every": "", "capacity": "10"},
        {"first": "17:30", "last": "22:00", "every": "0", "capacity": "10"},
        {"first": "05:30", "capacity": "10"}, {"first": "12:59", "capacity": "10"},
        {"first": "15:00", "last": "23:00", "every": "5", "capacity": "10"},
        {"first": "\x0017:30", "capacity": "10"}, {"first": "17:30" * 4000, "capacity": "10"},
    ],
)  # fmt: skip
def test_a_row_that_does_not_fit_adds_nothing(client: FlaskClient, fields: dict[str, str]) -> None:
    _edition, visit, address = visit_and_address(client)
    status, page = series(client, address, action="add", **fields)
    assert status == 422
    assert 'role="alert"' in page
    assert hours(visit.id) == []


def test_nobody_sells_more_than_is_safe(client: FlaskClient) -> None:
    _edition, visit, address = visit_and_address(client, safety_limit=15)
    status, page = series(client, address, action="add", first="17:30", capacity="16")
    assert (status, hours(visit.id)) == (409, [])
    assert "limite de sécurité" in page
    assert typed(page, "/departs")["capacity"] == "16"


def slot_page(client: FlaskClient, **values: object) -> tuple[Edition, Slot, str]:
    edition, host, address = desk(client)
    slot = a_slot(a_visit(host), **values)
    return edition, slot, f"{address}/departs/{slot.id}"


def test_a_departure_is_moved_and_resized(client: FlaskClient) -> None:
    _edition, slot, address = slot_page(client)
    form = typed(text_of(client, address), address, start="19:05", capacity="8")
    assert client.post(address, data=form).status_code == 303
    db.session.refresh(slot)
    assert (slot.starts_at, slot.capacity, slot.version) == (OPENS + timedelta(hours=2, minutes=5), 8, 2)
    assert slot.ends_at - slot.starts_at == timedelta(minutes=40)


def test_never_below_what_is_taken(client: FlaskClient) -> None:
    edition, slot, address = slot_page(client)
    a_booking(edition, slot, size=5)
    form = typed(text_of(client, address), address, capacity="4")
    answer = client.post(address, data=form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "5 places sont déjà prises" in page
    assert typed(page, address)["capacity"] == "4"
    assert client.post(address, data=typed(page, address, capacity="5")).status_code == 303


def test_the_refusals_of_a_departure(app: Flask) -> None:
    edition = an_edition()
    visit = a_visit(a_host(edition, safety_limit=20))
    slot, other = a_slot(visit), a_slot(visit, timedelta(hours=2))
    a_booking(edition, slot, size=3)
    at = slot.starts_at
    later = at + timedelta(minutes=5)
    cases = [
        (at, 2, 1, BelowTaken), (at, 21, 1, AboveSafetyLimit), (later, 12, 1, MoveBooked), (at, 12, 7, ChangedMeanwhile),
        (other.starts_at, 12, 1, SlotExists),
    ]  # fmt: skip
    for starts_at, capacity, version, refusal in cases:
        with pytest.raises(refusal):
            change_slot(slot.id, starts_at, capacity, version=version, now=NOW, by=None)
    db.session.refresh(slot)
    assert (slot.starts_at, slot.capacity, slot.version) == (at, 12, 1)


def test_two_people_change_a_departure(client: FlaskClient) -> None:
    _edition, slot, address = slot_page(client)
    first = typed(text_of(client, address), address, capacity="9")
    second = typed(text_of(client, address), address, capacity="7")
    assert client.post(address, data=first).status_code == 303
    answer = client.post(address, data=second)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "9 places" in page
    assert typed(page, address)["capacity"] == "7"
    assert client.post(address, data=typed(page, address)).status_code == 303
    assert db.session.get_one(Slot, slot.id, populate_existing=True).capacity == 7


def test_closed_and_open_again(client: FlaskClient) -> None:
    edition, slot, address = slot_page(client)
    before, page = edition.revision, text_of(client, address)
    assert client.post(f"{address}/etat", data=typed(page, "/etat", close="1")).status_code == 303
    assert db.session.get_one(Slot, slot.id, populate_existing=True).status == "closed"
    page = text_of(client, address)
    assert client.post(f"{address}/etat", data=typed(page, "/etat", open="1")).status_code == 303
    assert db.session.get_one(Slot, slot.id, populate_existing=True).status == "open"
    assert db.session.scalar(select(Edition.revision).where(Edition.id == edition.id)) == before + 2


def test_cancelling_tells_exactly_those_who_had_booked(client: FlaskClient) -> None:
    edition, slot, address = slot_page(client)
    other = a_slot(slot.visit, timedelta(hours=3))
    here, both = a_booking(edition, slot, size=3), a_booking(edition, slot, other, size=2)
    elsewhere = a_booking(edition, other, size=1)
    gone = a_booking(edition, slot, size=1)
    give_back(gone.reference, now=NOW)
    page = text_of(client, f"{address}/effet?kind=cancel")
    assert "Annuler et prévenir 5 personnes" in page
    form = typed(page, "/effet", reason="Le four est en panne.")
    assert client.post(f"{address}/effet", data=form).status_code == 303
    assert carry_out_due(datetime.now(UTC) + UNDO) == 1
    db.session.expire_all()
    assert (slot.status, slot.reason, slot.taken, other.taken) == ("cancelled", "Le four est en panne.", 0, 3)
    told = db.session.scalars(
        select(Message).where(Message.kind == "slot_cancelled").order_by(Message.booking_id)
    ).all()
    assert [one.booking_id for one in told] == [here.id, both.id]
    assert [one.to for one in told] == [here.email, both.email]
    assert told[0].payload == {"slot": slot.id, "reason": "Le four est en panne."}
    assert seats(slot.id) == {"cancelled": 5, "given_back": 1}
    assert seats(other.id) == {"confirmed": 3}
    assert [db.session.get_one(Booking, one.id).sequence for one in (here, both, elsewhere)] == [1, 1, 0]


def seats(slot_id: int) -> dict[str, int]:
    rows = db.session.execute(select(Seat.status, func.count()).where(Seat.slot_id == slot_id).group_by(Seat.status))
    return {one[0]: one[1] for one in rows}


def test_who_books_before_the_confirmation_is_seen_first(client: FlaskClient) -> None:
    edition, slot, address = slot_page(client)
    a_booking(edition, slot, size=2)
    form = typed(text_of(client, f"{address}/effet?kind=cancel"), "/effet")
    a_booking(edition, slot, size=3)
    answer = client.post(f"{address}/effet", data=form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "5 personnes sont touchées" in page
    assert db.session.get_one(Slot, slot.id, populate_existing=True).status == "open"
    assert client.post(f"{address}/effet", data=typed(page, "/effet")).status_code == 303
    carry_out_due(datetime.now(UTC) + UNDO)
    assert seats(slot.id) == {"cancelled": 5}


def test_cancelled_is_final_and_twice_is_once(app: Flask) -> None:
    edition = an_edition()
    slot = a_slot(a_visit(a_host(edition)))
    a_booking(edition, slot)
    cancel_slot(slot, people=1)
    with pytest.raises(SlotCancelled):
        cancel_slot(slot, people=0)
    with pytest.raises(SlotCancelled):
        open_slot(slot.id, is_open=True, now=NOW, by=None)
    with pytest.raises(SlotCancelled):
        change_slot(slot.id, slot.starts_at, 5, version=slot.version, now=NOW, by=None)
    assert db.session.scalar(select(func.count()).select_from(Message).where(Message.kind == "slot_cancelled")) == 1


def test_a_cancelled_hour_may_be_given_again(app: Flask) -> None:
    """The same hour is open and empty; who had lost a place there can book, and is told again if it is cancelled."""
    edition = an_edition()
    slot = a_slot(a_visit(a_host(edition)))
    lost = a_booking(edition, slot, size=2)
    cancel_slot(slot, reason="Panne.", people=2)
    [again] = add_slots(slot.visit_id, [slot.starts_at], capacity=8, now=NOW, by=None)
    assert (again.id, again.status, again.reason, again.capacity, again.taken) == (slot.id, "open", "", 8, 0)
    a_booking(edition, slot, size=3, email=lost.email)
    assert seats(slot.id) == {"cancelled": 2, "confirmed": 3}
    cancel_slot(again, people=3)
    assert db.session.scalar(select(func.count()).select_from(Message).where(Message.kind == "slot_cancelled")) == 2


def test_only_what_nobody_booked_is_removed(client: FlaskClient) -> None:
    edition, slot, address = slot_page(client)
    booked, returned = a_slot(slot.visit, timedelta(hours=2)), a_slot(slot.visit, timedelta(hours=3))
    a_booking(edition, booked)
    give_back(a_booking(edition, returned).reference, now=NOW)
    for one in (booked, returned):
        with pytest.raises(HasBookings):
            remove_slot(one.id, now=NOW, by=None)
    with pytest.raises(HasBookings):
        remove_visit(slot.visit_id, now=NOW, by=None)
    assert client.post(f"{address}/supprimer", data=typed(text_of(client, address), "/supprimer")).status_code == 303
    assert db.session.scalars(select(Slot.id).order_by(Slot.id)).all() == [booked.id, returned.id]
    assert client.get(address).status_code == 404


def test_a_visit_without_bookings_goes_with_its_departures(client: FlaskClient) -> None:
    _edition, visit, address = visit_and_address(client)
    a_slot(visit)
    drop = address.removesuffix("/departs") + "/supprimer"
    assert client.post(drop, data=typed(text_of(client, drop), "/supprimer")).status_code == 303
    assert db.session.scalar(select(func.count()).select_from(Slot)) == 0
    assert db.session.scalar(select(func.count()).select_from(Visit)) == 0


def test_a_visit_is_added_with_its_conditions(client: FlaskClient) -> None:
    _edition, host, address = desk(client)
    page = text_of(client, f"{address}/visites/nouvelle")
    form = typed(page, "/nouvelle", {
        "title-fr": "Couler", "summary-de": "Giessen", "minutes": "45", "wheelchair": "partly", "languages": ["de", "fr"],
        "conditions-min_age-on": "y", "conditions-min_age-value": "10", "conditions-accompanied_under-on": "y",
        "conditions-accompanied_under-value": "14", "conditions-closed_shoes-on": "y",
        "conditions-closed_shoes-note-fr": "sandales refusées", "conditions-heat-value": "35",
    })  # fmt: skip
    assert client.post(f"{address}/visites/nouvelle", data=form).status_code == 303
    visit = db.session.scalars(select(Visit).where(Visit.host_id == host.id)).one()
    assert visit.conditions == [
        {"kind": "min_age", "value": 10},
        {"kind": "accompanied_under", "value": 14},
        {"kind": "closed_shoes", "note": {"fr": "sandales refusées"}},
    ]
    assert (visit.title, visit.summary, visit.minutes) == ({"fr": "Couler"}, {"de": "Giessen"}, 45)
    assert (visit.languages, visit.wheelchair, visit.is_unconditional) == (["fr", "de"], "partly", False)


@pytest.mark.parametrize(
    "changes",
    [
        {"title-fr": ""}, {"minutes": "4"}, {"minutes": "241"}, {"languages": []}, {"wheelchair": "maybe"},
        {"is_unconditional": []}, {"conditions-closed_shoes-on": "y"},
        {"is_unconditional": [], "conditions-min_age-on": "y"},
        {"is_unconditional": [], "conditions-min_age-on": "y", "conditions-min_age-value": "19"},
        {"is_unconditional": [], "conditions-min_age-on": "y", "conditions-min_age-value": "12",
         "conditions-accompanied_under-on": "y", "conditions-accompanied_under-value": "12"},
    ],
)  # fmt: skip
def test_a_visit_that_does_not_fit_is_not_written(client: FlaskClient, changes: dict[str, str | list[str]]) -> None:
    _edition, _host, address = desk(client)
    good = {"title-fr": "Couler", "is_unconditional": "y"}
    form = typed(text_of(client, f"{address}/visites/nouvelle"), "/nouvelle", good | changes)
    answer = client.post(f"{address}/visites/nouvelle", data=form)
    assert answer.status_code == 422
    assert db.session.scalar(select(func.count()).select_from(Visit)) == 0


def test_two_people_change_a_visit(client: FlaskClient) -> None:
    _edition, visit, address = visit_and_address(client)
    page = address.removesuffix("/departs")
    first = typed(text_of(client, page), page, minutes="50", is_unconditional="y")
    second = typed(text_of(client, page), page, minutes="55", is_unconditional="y")
    assert client.post(page, data=first).status_code == 303
    answer = client.post(page, data=second)
    assert answer.status_code == 409
    assert typed(answer.get_data(as_text=True), page)["minutes"] == "55"
    assert db.session.get_one(Visit, visit.id, populate_existing=True).minutes == 50
    assert client.post(page, data=typed(answer.get_data(as_text=True), page)).status_code == 303


def test_a_new_duration_leaves_booked_departures_alone(app: Flask) -> None:
    edition = an_edition()
    visit = a_visit(a_host(edition))
    booked, empty = a_slot(visit), a_slot(visit, timedelta(hours=3))
    a_booking(edition, booked)
    change_visit(visit.id, replace(offer_of(visit), minutes=60), version=1, now=NOW, by=None)
    db.session.expire_all()
    lengths = [(one.ends_at - one.starts_at) // timedelta(minutes=1) for one in (booked, empty)]
    assert lengths == [40, 60]


def test_every_change_leaves_a_line_and_a_revision(app: Flask) -> None:
    edition = an_edition()
    visit = a_visit(a_host(edition))
    before = edition.revision
    made = add_slots(visit.id, [OPENS, OPENS + timedelta(hours=1)], capacity=10, now=NOW, by=None)
    change_slot(made[0].id, OPENS, 9, version=1, now=NOW, by=None)
    open_slot(made[0].id, is_open=False, now=NOW, by=None)
    cancel_slot(made[0], people=0)
    remove_slot(made[1].id, now=NOW, by=None)
    verbs = db.session.scalars(select(AuditLine.verb).where(AuditLine.noun == "slot").order_by(AuditLine.id)).all()
    assert verbs == ["add", "add", "change", "closed", "decide_cancel", "cancel", "remove"]
    assert db.session.scalar(select(Edition.revision).where(Edition.id == edition.id)) == before + 6


def at_once(app: Flask, *acts: object) -> list[object]:
    """Runs the acts in threads of their own, all let go together; what each returned, or its refusal."""
    gate = threading.Barrier(len(acts))
    ends: list[object] = [None] * len(acts)

    def run(number: int) -> None:
        with app.app_context():
            gate.wait()
            try:
                ends[number] = acts[number]()  # type: ignore[operator]
            except Exception as error:
                ends[number] = error
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    db.session.expire_all()
    return ends


@pytest.mark.parametrize("attempt", range(5))
def test_lowering_the_capacity_races_with_bookings(app: Flask, attempt: int) -> None:
    """Twelve places, ten parties of one, and the company lowers to six at the same instant: no place too many."""
    edition = an_edition()
    slot = a_slot(a_visit(a_host(edition)), capacity=12)
    asked = [wanted(slot) for _ in range(10)]
    slot_id, at, edition_id = slot.id, slot.starts_at, edition.id
    db.session.rollback()

    def lower() -> Slot:
        return change_slot(slot_id, at, 6, version=1, now=NOW, by=None)

    def party(one: object) -> object:
        return lambda: book(db.session.get_one(Edition, edition_id), one, now=NOW)  # type: ignore[arg-type]

    ends = at_once(app, lower, *(party(one) for one in asked))
    assert [one for one in ends if isinstance(one, Exception) and not isinstance(one, Refusal)] == []
    booked = sum(isinstance(one, Booking) for one in ends)
    assert slot.taken == booked == sum(seats(slot_id).values())
    if isinstance(ends[0], Refusal):
        assert (slot.capacity, booked) == (12, 10)
        assert isinstance(ends[0], BelowTaken)
    else:
        assert (slot.capacity, booked) == (6, 6)


@pytest.mark.parametrize("attempt", range(5))
def test_cancelling_races_with_bookings_and_returns(app: Flask, attempt: int) -> None:
    """Whoever wins: no live seat in a cancelled departure, and everyone who lost a place has a message."""
    edition = an_edition()
    slot = a_slot(a_visit(a_host(edition)), capacity=12)
    held = [a_booking(edition, slot) for _ in range(3)]
    asked = [wanted(slot) for _ in range(4)]
    slot_id, edition_id, references = slot.id, edition.id, [one.reference for one in held[:2]]
    db.session.rollback()

    def cancel() -> None:
        cancel_slot(db.session.get_one(Slot, slot_id), people=3)

    def party(one: object) -> object:
        return lambda: book(db.session.get_one(Edition, edition_id), one, now=NOW)  # type: ignore[arg-type]

    def back(reference: str) -> object:
        return lambda: give_back(reference, now=NOW)

    ends = at_once(app, cancel, *(party(one) for one in asked), *(back(one) for one in references))
    now = seats(slot_id)
    told = db.session.scalar(select(func.count()).select_from(Message).where(Message.kind == "slot_cancelled"))
    assert [one for one in ends if isinstance(one, Exception) and not isinstance(one, Refusal)] == []
    if isinstance(ends[0], EffectChanged):
        assert slot.status == "open"
        assert told == 0
        assert slot.taken == now["confirmed"]
    else:
        assert slot.status == "cancelled"
        assert set(now) <= {"cancelled", "given_back"}
        assert (slot.taken, told) == (0, now["cancelled"])
