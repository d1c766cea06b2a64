"""Where the edition asks for it, a booking is held until its address is confirmed by the link in a mail, else it lapses."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from nuit.actions.booking import Wanted, book, give_back
from nuit.actions.confirming import MOST_MAILS, ask_again, confirm, lapse_holds
from nuit.actions.letters import House, letter_of
from nuit.actions.standby import come_late, release_due
from nuit.actions.waiting import lapse_due, swap, wait_for
from nuit.db import db, transaction
from nuit.errors import AddressUnconfirmed, HoldOver, SlotFull, TooMany, TooOften
from nuit.keys import confirm_token, manage_token
from nuit.ledger.hold import lapse_hold
from nuit.ledger.places import lock_booking
from nuit.ledger.quota import MOST_LAPSED
from nuit.models import Booking, Edition, Message, Seat, Slot
from nuit.planning.delivery import Moot
from nuit.planning.queue import confirmed_until
from nuit.planning.ticketcode import shown_code
from tests.factories import NOW, a_booking, a_host, a_slot, a_visit, an_edition, cancel_slot, wanted
from tests.team import words
from tests.test_booking import at_once, conserved, slot, taken
from tests.test_waiting import mails, seats, states, wait_of, waiting
from tests.typed import typed

QUARTER = timedelta(minutes=15)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def night(app: Flask) -> Edition:
    return an_edition(asks_confirmation=True)


def fresh(booking: Booking) -> Booking:
    db.session.rollback()
    return db.session.get_one(Booking, booking.id, populate_existing=True)


def state(booking: Booking) -> tuple[str, datetime | None]:
    found = fresh(booking)
    return found.state, found.held_until


def test_a_booking_holds_its_places_and_stands_once_it_is_confirmed(night: Edition) -> None:
    one = slot(night, capacity=3)
    booking = a_booking(night, one, size=2)
    assert (state(booking), seats(booking), taken(one)) == (("held", NOW + QUARTER), ["held"] * 2, 2)
    assert (mails("confirm_address"), mails("confirmation")) == ([f"confirm_address:{booking.reference}:1"], [])
    with pytest.raises(SlotFull):
        a_booking(night, one, size=2)
    for _ in range(2):
        confirm(booking.reference, now=NOW + QUARTER - MINUTE)
        assert (state(booking), seats(booking), taken(one)) == (("confirmed", None), ["confirmed"] * 2, 2)
    assert mails("confirmation") == [f"confirmation:{booking.reference}"]
    assert (lapse_holds(NOW + QUARTER), taken(one), conserved()) == (0, 2, True)
    assert confirm("N-NOBODY", now=NOW) is None


def test_without_the_setting_nothing_is_asked(app: Flask) -> None:
    night = an_edition()
    booking = a_booking(night, slot(night))
    assert (state(booking), mails("confirm_address")) == (("confirmed", None), [])


def test_the_hold_is_the_editions_and_ends_with_the_first_visit() -> None:
    first, second = NOW + timedelta(minutes=12), NOW + timedelta(hours=2)
    assert confirmed_until(NOW, QUARTER, [second]) == NOW + QUARTER
    assert confirmed_until(NOW, QUARTER, [second, first]) == first
    assert confirmed_until(NOW, QUARTER, [NOW + MINUTE]) == NOW + 5 * MINUTE
    assert confirmed_until(NOW, 3 * MINUTE, [NOW + MINUTE]) == NOW + 3 * MINUTE
    assert confirmed_until(NOW, QUARTER, []) == NOW + QUARTER


def test_what_is_not_confirmed_lapses_to_the_second_and_goes_to_who_waits(night: Edition) -> None:
    one = slot(night, capacity=2)
    booking = a_booking(night, one, size=2)
    line = waiting(night, one, size=2)
    confirm(line.reference, now=NOW)
    assert (lapse_holds(NOW + QUARTER - timedelta(microseconds=1)), states(line)) == (0, ["waiting"])
    with pytest.raises(HoldOver):
        confirm(booking.reference, now=NOW + QUARTER)
    assert [lapse_holds(NOW + QUARTER) for _ in range(2)] == [1, 0]
    assert (state(booking), seats(booking)) == (("lapsed", NOW + QUARTER), ["lapsed"] * 2)
    assert (states(line), taken(one), conserved()) == (["offered"], 2, True)
    with pytest.raises(HoldOver):
        confirm(booking.reference, now=NOW + MINUTE)
    assert (mails("given_back"), len(mails("offer"))) == ([], 1)


def test_under_the_lock_only_what_is_due_lapses(night: Edition) -> None:
    """Whatever was seen before: a worker looks first and locks later."""
    one = slot(night)
    reference = a_booking(night, one).reference

    def lapses(at: datetime) -> bool:
        with transaction():
            booking = lock_booking(reference)
            return booking is not None and lapse_hold(booking, at)

    assert (lapses(NOW + QUARTER - timedelta(microseconds=1)), taken(one)) == (False, 1)
    give_back(reference, now=NOW + MINUTE)
    assert (lapses(NOW + QUARTER), taken(one), conserved()) == (False, 0, True)


def test_whoever_finds_no_place_settles_what_is_overdue_first(night: Edition) -> None:
    one = slot(night, capacity=2)
    gone = a_booking(night, one, size=2)
    with pytest.raises(SlotFull):
        a_booking(night, one, now=NOW + QUARTER - MINUTE)
    late = a_booking(night, one, size=2, now=NOW + QUARTER)
    assert (state(gone)[0], seats(late), taken(one), conserved()) == ("lapsed", ["held"] * 2, 2, True)


def test_in_line_the_rank_is_kept_and_offers_wait_for_the_address(night: Edition) -> None:
    one = slot(night, capacity=2)
    first, second = waiting(night, one, size=2), waiting(night, one, size=2)
    assert (states(first, second), taken(one)) == (["waiting"] * 2, 0)
    assert lapse_due(NOW + MINUTE) == 0
    confirm(second.reference, now=NOW + MINUTE)
    assert (states(first, second), taken(one)) == (["waiting", "offered"], 2)
    confirm(first.reference, now=NOW + 2 * MINUTE)
    lapse_due(NOW + 31 * MINUTE)
    assert (states(first, second), taken(one), conserved()) == (["offered", "lapsed"], 2, True)


def test_a_lapsed_offer_is_told_once_with_the_way_back(app: Flask) -> None:
    """How long it stands is the edition's."""
    night = an_edition(offer_minutes=45)
    one = slot(night, capacity=1)
    party = waiting(night, one)
    assert (wait_of(party).offered_until, lapse_due(NOW + 44 * MINUTE)) == (NOW + 45 * MINUTE, 0)
    for _ in range(2):
        lapse_due(NOW + 45 * MINUTE)
    assert (states(party), mails("offer_lapsed")) == (["lapsed"], [f"offer_lapsed:{wait_of(party).id}"])
    house = House("http://localhost", "nuit@exemple.ch", app.extensions["nuit.keys"])
    message = db.session.scalars(select(Message).where(Message.kind == "offer_lapsed")).one()
    letter = letter_of(message, house, now=NOW + 46 * MINUTE)
    assert str(letter["Subject"]).startswith("Offre passée au groupe suivant")
    text = next(part for part in letter.walk() if part.get_content_type() == "text/plain").get_content()
    assert f"/ma-soiree/{party.reference}/ouvrir?cle=" in text
    wait_for(night, party.reference, one.id, now=NOW + 47 * MINUTE)
    db.session.rollback()
    with pytest.raises(Moot):
        letter_of(message, house, now=NOW + 48 * MINUTE)


def test_a_party_that_does_not_confirm_leaves_its_queues(night: Edition) -> None:
    one, other = slot(night, 60), slot(night, 150, capacity=0)
    booking = book(night, wanted(one, size=2, waits=(other.id,)), now=NOW)
    assert (states(booking), lapse_holds(NOW + QUARTER)) == (["waiting"], 1)
    assert (states(booking), seats(booking), taken(one)) == (["left"], ["lapsed"] * 4, 0)


def test_nothing_else_happens_before_the_address_is_confirmed(night: Edition) -> None:
    one, other = slot(night, 60), slot(night, 150)
    booking = a_booking(night, one)
    start = one.starts_at
    for act in (
        lambda: swap(night, booking.reference, one.id, other.id, now=NOW),
        lambda: wait_for(night, booking.reference, other.id, now=NOW),
        lambda: come_late(booking.reference, one.id, 10, now=start - MINUTE),
    ):
        with pytest.raises(AddressUnconfirmed):
            act()
    lapse_holds(NOW + QUARTER)
    with pytest.raises(AddressUnconfirmed):
        wait_for(night, booking.reference, other.id, now=NOW + QUARTER)
    assert (seats(booking), release_due(start + 10 * MINUTE)) == (["lapsed"], 0)


def test_given_back_before_it_is_confirmed_it_is_free_and_no_mail_leaves(night: Edition) -> None:
    one = slot(night)
    booking = a_booking(night, one, size=2)
    give_back(booking.reference, now=NOW + MINUTE)
    assert (state(booking)[0], seats(booking), taken(one)) == ("given_back", ["given_back"] * 2, 0)
    assert mails("given_back") == []
    with pytest.raises(HoldOver):
        confirm(booking.reference, now=NOW + 2 * MINUTE)
    with pytest.raises(AddressUnconfirmed):
        wait_for(night, booking.reference, one.id, now=NOW + 2 * MINUTE)


def test_a_cancelled_visit_is_not_told_to_an_address_nobody_has_confirmed(night: Edition) -> None:
    one, other = slot(night, 60), slot(night, 150)
    booking = a_booking(night, one, other)
    cancel_slot(one, people=1)
    assert mails("slot_cancelled") == []
    confirm(booking.reference, now=NOW + MINUTE)
    assert (seats(booking), taken(one), taken(other)) == (["cancelled", "confirmed"], 0, 1)


def test_the_mail_can_be_sent_again_and_to_another_address(app: Flask, night: Edition) -> None:
    booking = a_booking(night, slot(night), email="anne@exmple.ch")
    assert ask_again(night, booking.reference, email="anne@exmple.ch", now=NOW + MINUTE) is not None
    mended = ask_again(night, booking.reference, email="anne@exemple.ch", now=NOW + 2 * MINUTE)
    assert mended is not None
    assert (state(booking), fresh(booking).email, mended.to) == (("held", NOW + QUARTER), *["anne@exemple.ch"] * 2)
    house = House("http://localhost", "nuit@exemple.ch", app.extensions["nuit.keys"])
    first, _again, last = db.session.scalars(select(Message).order_by(Message.id)).all()
    with pytest.raises(Moot):
        letter_of(first, house, now=NOW + 3 * MINUTE)
    letter = letter_of(last, house, now=NOW + 3 * MINUTE)
    key = confirm_token(house.keys.secret, booking.reference, "anne@exemple.ch")
    link = f"http://localhost/fr/ma-soiree/{booking.reference}/confirmer?cle={key}"
    texts = [part.get_content() for part in letter.walk() if part.get_content_maintype() == "text"]
    assert (len(texts), all(link in text for text in texts)) == (2, True)
    assert manage_token(house.keys.secret, booking.reference, 1) not in "".join(texts)
    with pytest.raises(Moot):
        letter_of(last, house, now=NOW + QUARTER)
    with pytest.raises(HoldOver):
        ask_again(night, booking.reference, email="anne@exemple.ch", now=NOW + QUARTER)


def test_nobody_is_flooded_with_mails(night: Edition) -> None:
    booking = a_booking(night, slot(night), email="anne@exemple.ch")
    for _ in range(MOST_MAILS - 1):
        ask_again(night, booking.reference, email="anne@exemple.ch", now=NOW)
    with pytest.raises(TooOften):
        ask_again(night, booking.reference, email="zoe@exemple.ch", now=NOW)
    with pytest.raises(TooOften):
        ask_again(night, a_booking(night, slot(night)).reference, email="anne@exemple.ch", now=NOW)
    assert len(mails("confirm_address")) == MOST_MAILS + 1


def test_holds_count_among_the_bookings_of_an_address_and_lapse_only_so_often(night: Edition) -> None:
    one = slot(night, capacity=20)
    for _ in range(night.max_bookings_per_email):
        a_booking(night, one, email="anne@exemple.ch")
    with pytest.raises(TooMany):
        a_booking(night, one, email="anne@exemple.ch")
    other = a_booking(night, one)
    with pytest.raises(TooMany):
        ask_again(night, other.reference, email="anne@exemple.ch", now=NOW)
    assert (MOST_LAPSED, lapse_holds(NOW + QUARTER)) == (3, 4)
    with pytest.raises(TooOften):
        a_booking(night, one, email="anne@exemple.ch", now=NOW + QUARTER)
    assert state(a_booking(night, one, email="anne@exemple.ch", now=NOW + 4 * QUARTER))[0] == "held"


def test_the_same_request_again_is_the_same_held_booking(night: Edition) -> None:
    asked = wanted(slot(night), size=2)
    first, again = (book(night, asked, now=NOW + n * MINUTE, key="k" * 20) for n in range(2))
    assert (first.id, len(mails("confirm_address"))) == (again.id, 1)


@pytest.mark.parametrize("values", [
    {"state": "confirmed", "held_until": NOW}, {"state": "held", "held_until": None},
    {"state": "lapsed", "held_until": None},
])  # fmt: skip
def test_the_database_knows_what_a_hold_is(night: Edition, values: dict[str, Any]) -> None:
    booking = fresh(a_booking(night, slot(night)))
    for name, value in values.items():
        setattr(booking, name, value)
    with pytest.raises(IntegrityError):
        db.session.commit()


def newcomer(night_id: int, asked: Wanted, at: datetime) -> Callable[[], Booking]:
    return lambda: book(db.session.get_one(Edition, night_id), asked, now=at)


def test_confirming_and_lapsing_at_once_is_one_of_both(app: Flask, night: Edition) -> None:
    """And a newcomer who finds no place at that instant gets it only where it lapsed."""
    night_id = night.id
    for _ in range(6):
        one = slot(night, capacity=2)
        night = db.session.get_one(Edition, night_id, populate_existing=True)
        booking = a_booking(night, one, size=2)
        reference, just = booking.reference, NOW + QUARTER - timedelta(microseconds=1)
        answers = at_once(app, [
            lambda reference=reference, just=just: confirm(reference, now=just), lambda: lapse_holds(NOW + QUARTER),
            newcomer(night_id, wanted(one, size=2), NOW + QUARTER), lambda: lapse_holds(NOW + QUARTER),
        ])  # fmt: skip
        won = not isinstance(answers[0], Exception)
        assert won or isinstance(answers[0], HoldOver)
        assert state(booking)[0] == ("confirmed" if won else "lapsed")
        assert isinstance(answers[2], SlotFull) == won
        assert (taken(one), conserved()) == (2, True)
        give_back(reference, now=NOW)


def around_now() -> Edition:
    now = datetime.now(UTC)
    return an_edition(
        asks_confirmation=True, opens_at=now + timedelta(days=9), closes_at=now + timedelta(days=9, hours=6),
        night=(now + timedelta(days=9)).date(), booking_opens_at=now - timedelta(days=9),
        booking_closes_at=now + timedelta(days=9),
    )  # fmt: skip


def a_held_one(night: Edition) -> tuple[Booking, Slot]:
    one = a_slot(a_visit(a_host(night, "Tenue")), night.opens_at + timedelta(hours=1))
    return a_booking(night, one, size=2, now=datetime.now(UTC), email="anne@exmple.ch"), one


def opened(app: Flask, client: FlaskClient, booking: Booking) -> str:
    key = manage_token(app.extensions["nuit.keys"].secret, booking.reference, 1)
    return client.get(f"/fr/ma-soiree/{booking.reference}/ouvrir?cle={key}", follow_redirects=True).get_data(
        as_text=True
    )


def test_the_pages_before_and_after(app: Flask, client: FlaskClient) -> None:
    booking, _one = a_held_one(around_now())
    home = f"/fr/ma-soiree/{booking.reference}"
    page = opened(app, client, booking)
    assert ("Vos places sont gardées" in words(page), "data-until=" in page, "<svg class=\"qr" in page) == (
        True, True, False,
    )  # fmt: skip
    assert shown_code(booking.code) not in words(page)
    for path in ("poche", "soiree.pdf", "agenda.ics", "trajets.gpx"):
        assert client.get(f"{home}/{path}").headers["Location"] == home
    mended = {**typed(page, "/adresse"), "email": "anne@exemple.ch"}
    wrong = client.post(f"{home}/adresse", data={**mended, "email": "anne"})
    assert (wrong.status_code, "Il manque le signe @" in wrong.get_data(as_text=True)) == (422, True)
    assert client.post(f"{home}/adresse", data=mended).status_code == 303
    assert fresh(booking).email == "anne@exemple.ch"
    assert "anne@exemple.ch" in words(client.get(home).get_data(as_text=True))


def test_a_link_that_machines_open_confirms_nothing_and_a_button_does(app: Flask, client: FlaskClient) -> None:
    booking, one = a_held_one(around_now())
    home, secret = f"/fr/ma-soiree/{booking.reference}", app.extensions["nuit.keys"].secret
    link = f"{home}/confirmer?cle={confirm_token(secret, booking.reference, booking.email)}"
    scanner = app.test_client()
    assert [scanner.open(link, method=verb).status_code for verb in ("HEAD", "GET", "OPTIONS")] == [303, 303, 200]
    assert "Confirmer ma réservation" in words(scanner.get(home).get_data(as_text=True))
    assert (state(booking)[0], seats(booking)) == ("held", ["held"] * 2)
    page = opened(app, client, booking)
    bare = client.post(f"{home}/confirmer", data=typed(page, "/rendre"))
    assert (bare.status_code, state(booking)[0]) == (409, "held")
    stale = f"{home}/confirmer?cle={confirm_token(secret, booking.reference, 'old@exemple.ch')}"
    assert client.get(stale).status_code == 404
    page = client.get(link, follow_redirects=True).get_data(as_text=True)
    answer = client.post(f"{home}/confirmer", data=typed(page, "/confirmer"), follow_redirects=True)
    assert (answer.status_code, state(booking)[0], taken(one)) == (200, "confirmed", 2)
    assert shown_code(fresh(booking).code) in words(answer.get_data(as_text=True))


def test_over_the_api_it_is_said_and_no_code_is_given(app: Flask, client: FlaskClient) -> None:
    night = around_now()
    one = a_slot(a_visit(a_host(night)), night.opens_at + timedelta(hours=1))
    asked = {
        "name": "Anne Exemple", "email": "anne@exemple.ch", "party": [{"label": "Anne", "age_band": "18+"}],
        "slots": [one.id], "accept_conditions": True,
    }  # fmt: skip
    answer = client.post("/api/v1/bookings", json=asked)
    made = answer.get_json()
    assert (answer.status_code, made["state"], made["code"], made["token"]) == (201, "held", None, None)
    ticket = made["tickets"][0]
    assert (ticket["code"], ticket["token"], ticket["seats"][0]["status"]) == (None, None, "held")
    assert datetime.fromisoformat(made["held_until"]) == datetime.fromisoformat(made["created_at"]) + QUARTER
    own = {"Authorization": f"Bearer {made['manage_token']}"}
    swapped = client.post(
        f"/api/v1/bookings/{made['reference']}/swap", json={"from": one.id, "to": one.id}, headers=own
    )
    assert (swapped.status_code, swapped.get_json()["type"]) == (409, "unconfirmed")
    confirm(made["reference"], now=datetime.now(UTC))
    shown = client.get(f"/api/v1/bookings/{made['reference']}", headers=own).get_json()
    assert (shown["state"], shown["held_until"], shown["code"] is None) == ("confirmed", None, False)
    assert client.get("/api/v1/editions/current").get_json()["confirm_minutes"] == 15


def test_the_door_lets_nobody_in_before(night: Edition) -> None:
    from nuit.queries.door.party import people_of
    from nuit.queries.door.roster import listed

    one = slot(night)
    booking = a_booking(night, one)
    before = people_of([booking.id])[booking.id].party.seats[0].gone
    assert (before, listed(night.id, one.host_id, "s")[0].seats) == ("waiting", [])
    confirm(booking.reference, now=NOW)
    db.session.rollback()
    after = people_of([booking.id])[booking.id].party.seats[0].gone
    assert (after, listed(night.id, one.host_id, "s")[0].seats) == ("", [one.id])
    assert db.session.scalars(select(Seat.status)).all() == ["confirmed"]
