"""Changes that visitors feel: the effect first, five minutes to take it back, then mails to exactly those."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from nuit.actions.change import UNDO, carry_out, decide, hasten, take_back
from nuit.cli.changes import carry_out_due
from nuit.db import db
from nuit.errors import ChangeOver, ChangePending, EffectChanged, Refusal, SlotClosed, SlotExists
from nuit.models import Booking, Change, Edition, Host, Message, Seat, Slot
from nuit.planning.effect import Break, Touched, effect_of
from nuit.planning.evening import Departure
from tests.factories import NOW, OPENS, a_booking, a_host, a_member, a_slot, a_visit, an_edition, signed_in
from tests.team import cost, page, send, words
from tests.typed import typed

QUARTER = timedelta(minutes=15)


@pytest.fixture(autouse=True)
def before_the_night() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def desk(client: FlaskClient) -> tuple[Edition, Host, Slot, str]:
    """A company with one departure at 18:00, its contact signed in, and the address of the departure."""
    edition = an_edition()
    host = a_host(edition, "Fonderie")
    slot = a_slot(a_visit(host))
    signed_in(client, a_member("host", host))
    return edition, host, slot, f"/espace/{host.company.slug}/departs/{slot.id}"


def fresh(slot: Slot) -> Slot:
    return db.session.get_one(Slot, slot.id, populate_existing=True)


def told(kind: str) -> list[int | None]:
    """The bookings to whom a message of this kind is promised."""
    query = select(Message.booking_id).where(Message.kind == kind).order_by(Message.booking_id)
    return list(db.session.scalars(query))


def test_whose_evening_breaks() -> None:
    """One leaves at 18:40 and needs ten minutes to the next, which begins at 18:55: five to spare, not fifteen."""
    here = Departure(1, 1, "", OPENS, OPENS + timedelta(minutes=40))
    soon = Departure(2, 2, "", OPENS + timedelta(minutes=55), OPENS + timedelta(minutes=90))
    late = Departure(3, 2, "", OPENS + timedelta(minutes=120), OPENS + timedelta(minutes=150))
    tight = Touched(1, "Anne", "fr", "foot", 1, {1: 2, 2: 2}, (here, soon))
    easy = Touched(2, "Karim", "de", "foot", 0, {1: 3, 3: 3}, (here, late))
    again = Departure(4, 1, "", OPENS + timedelta(minutes=180), OPENS + timedelta(minutes=220))
    found = effect_of([tight, easy], {1: OPENS + QUARTER}, [(again, 2)], lambda _mode: lambda _from, _to: 10.0)
    assert (found.people, found.parties, found.children, found.languages) == (5, 2, 1, ("de", "fr"))
    assert found.breaks == (Break("Anne", 2, OPENS + QUARTER, 10),)
    assert found.offered == 1
    gone = effect_of([tight, easy], {1: None}, [(again, 3)], lambda _mode: lambda _from, _to: 10.0)
    assert (gone.breaks, gone.offered) == ((), 2)


def test_the_effect_is_shown_and_nothing_is_written(client: FlaskClient) -> None:
    edition, host, slot, address = desk(client)
    near = a_slot(a_visit(a_host(edition, "Voisine", lon=host.lon, lat=host.lat)), timedelta(minutes=110))
    a_booking(edition, slot, near, size=3, name="Anne Serrée")
    a_booking(edition, slot, size=2)
    said = words(page(client, f"{address}/effet?kind=late&minutes=15"))
    assert "15 min de retard Le départ de 18:00 passe à 18:15." in said
    assert "personnes gardent leur place 5 groupes reçoivent un message 2 soirée ne tient plus 1" in said
    assert "Anne Serrée 3 personnes · il manque" in said
    assert "Voisine" not in said
    assert fresh(slot).status == "open"
    assert (db.session.scalars(select(Change)).all(), told("slot_moved")) == ([], [])


def test_late_moves_the_row_and_tells_exactly_those(client: FlaskClient) -> None:
    edition, _host, slot, address = desk(client)
    second = a_slot(slot.visit, timedelta(hours=1, minutes=15))
    third = a_slot(slot.visit, timedelta(hours=1, minutes=30), status="closed")
    before, gone = a_slot(slot.visit, timedelta(0)), a_slot(slot.visit, timedelta(hours=2), status="cancelled")
    first, both = a_booking(edition, slot, size=2), a_booking(edition, second)
    a_booking(edition, before)
    late = f"{address}/effet?kind=late&minutes=15&following=y"
    form = typed(page(client, late), "/effet", reason="La coulée dure.")
    answer = client.post(f"{address}/effet", data=form)
    assert "Noté. À 12:05, 3 personnes sont prévenues ; d’ici là, vous pouvez le reprendre." in words(
        page(client, answer.location)
    )
    assert [fresh(one).status for one in (slot, second, third, before)] == ["closed", "closed", "closed", "open"]
    assert (carry_out_due(NOW + UNDO - timedelta(seconds=1)), told("slot_moved")) == (0, [])
    assert carry_out_due(NOW + UNDO) == 1
    assert [fresh(one).starts_at - OPENS for one in (slot, second, third, before, gone)] == [
        timedelta(minutes=minutes) for minutes in (75, 90, 105, 0, 120)
    ]
    assert [fresh(one).status for one in (slot, second, third)] == ["open", "open", "closed"]
    assert told("slot_moved") == [first.id, both.id]
    message = db.session.scalars(
        select(Message).where(Message.booking_id == first.id, Message.kind == "slot_moved")
    ).one()
    assert message.payload == {
        "slot": slot.id, "was": (OPENS + timedelta(hours=1)).isoformat(), "reason": "La coulée dure.",
    }  # fmt: skip
    assert db.session.get_one(Booking, first.id, populate_existing=True).sequence == 1
    assert carry_out_due(NOW + 2 * UNDO) == 0


def test_taken_back_nobody_has_heard_of_it(client: FlaskClient) -> None:
    edition, _host, slot, address = desk(client)
    booking = a_booking(edition, slot, size=2)
    home = send(client, f"{address}/effet?kind=cancel", f"{address}/effet")
    assert "Le départ de 18:00 est annulé. 2 personnes le sauront à 12:05." in words(home)
    back = next(one for one in home.split('action="') if "/reprendre" in one).split('"')[0]
    answer = client.post(back, data=typed(home, "/reprendre"))
    assert "Repris : tout reste comme avant, et personne n’en a rien su." in words(page(client, answer.location))
    assert (fresh(slot).status, fresh(slot).taken, told("slot_cancelled")) == ("open", 2, [])
    assert carry_out_due(NOW + 2 * UNDO) == 0
    assert {one.status for one in db.session.scalars(select(Seat).where(Seat.booking_id == booking.id))} == {
        "confirmed"
    }
    again = client.post(back, data=typed(home, "/reprendre"))
    assert "Ce changement est déjà parti : il ne se reprend plus." in words(page(client, again.location))


def test_at_once_when_it_cannot_wait(client: FlaskClient) -> None:
    edition, _host, slot, address = desk(client)
    booking = a_booking(edition, slot)
    home = send(client, f"{address}/effet?kind=cancel", f"{address}/effet")
    now = next(one for one in home.split('action="') if "/maintenant" in one).split('"')[0]
    assert client.post(now, data=typed(home, "/maintenant")).status_code == 303
    assert (fresh(slot).status, told("slot_cancelled")) == ("cancelled", [booking.id])


def test_where_nobody_has_booked_it_holds_at_once(client: FlaskClient) -> None:
    _edition, _host, slot, address = desk(client)
    said = words(send(client, f"{address}/effet?kind=cancel", f"{address}/effet"))
    assert "C’est fait. Personne n’avait réservé : personne n’est prévenu." in said
    assert (fresh(slot).status, told("slot_cancelled")) == ("cancelled", [])


def test_a_booked_hour_is_changed_with_its_effect_first(client: FlaskClient) -> None:
    edition, _host, slot, address = desk(client)
    booking = a_booking(edition, slot)
    form = typed(page(client, address), address, start="19:30")
    answer = client.post(address, data=form)
    assert answer.location == f"{address}/effet?kind=move&start=19:30"
    client.post(f"{address}/effet", data=typed(page(client, answer.location), "/effet"))
    carry_out_due(NOW + UNDO)
    assert fresh(slot).starts_at == OPENS + timedelta(hours=2, minutes=30)
    assert told("slot_moved") == [booking.id]


def test_nobody_books_what_is_about_to_change(app: Flask) -> None:
    edition = an_edition()
    slot = a_slot(a_visit(a_host(edition)))
    a_booking(edition, slot)
    decide(slot.host_id, "cancel", {slot.id: None}, reason="", people=1, now=NOW, by=None)
    with pytest.raises(SlotClosed):
        a_booking(edition, slot)
    with pytest.raises(ChangePending):
        decide(slot.host_id, "late", {slot.id: slot.starts_at + QUARTER}, reason="", people=1, now=NOW, by=None)


def test_what_does_not_hold_is_refused(app: Flask) -> None:
    edition = an_edition()
    slot = a_slot(a_visit(a_host(edition)))
    a_slot(slot.visit, timedelta(hours=1, minutes=15))
    a_booking(edition, slot, size=2)
    with pytest.raises(EffectChanged):
        decide(slot.host_id, "cancel", {slot.id: None}, reason="", people=1, now=NOW, by=None)
    with pytest.raises(SlotExists):
        decide(slot.host_id, "late", {slot.id: slot.starts_at + QUARTER}, reason="", people=2, now=NOW, by=None)
    assert (fresh(slot).status, db.session.scalars(select(Change)).all()) == ("open", [])


@pytest.mark.parametrize("asked", ["", "?kind=late", "?kind=late&minutes=999", "?kind=move&start=03:99", "?kind=drop"])
def test_a_question_that_makes_no_sense_leads_back(client: FlaskClient, asked: str) -> None:
    _edition, _host, _slot, address = desk(client)
    assert client.get(f"{address}/effet{asked}").location == address


def test_an_effect_costs_the_same_at_one_and_at_three(client: FlaskClient) -> None:
    edition, _host, slot, address = desk(client)
    a_booking(edition, slot)
    at_one = cost(client, f"{address}/effet?kind=late&minutes=15")
    a_booking(edition, slot, size=2)
    a_booking(edition, slot, a_slot(a_visit(a_host(edition)), timedelta(hours=4)))
    assert cost(client, f"{address}/effet?kind=late&minutes=15") == at_one


@pytest.mark.parametrize("attempt", range(4))
def test_taking_back_races_with_carrying_out(app: Flask, attempt: int) -> None:
    """At the last moment one of the two wins, whole: either everybody is told or nobody is."""
    edition = an_edition()
    slot = a_slot(a_visit(a_host(edition)))
    a_booking(edition, slot, size=3)
    change = decide(slot.host_id, "cancel", {slot.id: None}, reason="", people=3, now=NOW, by=None)
    change_id, slot_id = change.id, slot.id
    start, won, lost = threading.Barrier(3), [], []

    def run(name: str) -> None:
        with app.app_context():
            start.wait()
            try:
                if name == "back":
                    take_back(change_id, now=NOW + UNDO - timedelta(seconds=1), by=None)
                elif name == "now":
                    hasten(change_id, now=NOW, by=None)
                elif not carry_out(change_id, now=NOW + UNDO):
                    return
                won.append(name)
            except Refusal as refusal:
                lost.append(type(refusal))

    threads = [threading.Thread(target=run, args=(name,)) for name in ("back", "now", "due")]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    db.session.rollback()
    assert (len(won), set(lost) - {ChangeOver}) == (1, set())
    ended = db.session.get_one(Slot, slot_id, populate_existing=True)
    assert (ended.status, ended.taken, len(told("slot_cancelled"))) == (
        ("open", 3, 0) if won == ["back"] else ("cancelled", 0, 1)
    )
