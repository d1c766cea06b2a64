"""The opening: at its instant, in one wave or two, the same for all; the edition's form tells who has saved meanwhile."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from nuit.actions.booking import book
from nuit.actions.edition import change_edition, draft_of
from nuit.actions.slot import add_slots, change_slot
from nuit.actions.waiting import wait_for
from nuit.actions.wave import open_due
from nuit.db import db
from nuit.errors import BookingClosed, SlotFull
from nuit.models import Edition, Seat, Slot
from tests.factories import NOW, a_booking, a_host, a_slot, a_visit, an_edition, wanted
from tests.team import at_the_desk, page, words
from tests.typed import typed

FRAME = "/equipe/edition/"


def in_two_waves(night: Edition, percent: int, at: datetime) -> None:
    from dataclasses import replace

    draft = replace(draft_of(night), first_wave_percent=percent, second_wave_at=at)
    change_edition(night.id, draft, version=night.version, now=NOW, by=None)


def places(slot: Slot) -> tuple[int, int, int]:
    db.session.expire_all()
    found = db.session.get_one(Slot, slot.id)
    return found.taken, found.capacity, found.later


def test_bookings_open_at_the_instant(app: Flask) -> None:
    night = an_edition(booking_opens_at=NOW)
    slot = a_slot(a_visit(a_host(night)))
    with pytest.raises(BookingClosed):
        book(night, wanted(slot), now=NOW - timedelta(microseconds=1))
    assert book(night, wanted(slot), now=NOW).state == "confirmed"


@pytest.mark.parametrize(("percent", "first"), [(50, 6), (1, 1), (99, 12), (34, 5)])
def test_the_first_wave_sells_its_share_and_no_more(app: Flask, percent: int, first: int) -> None:
    night, later = an_edition(), NOW + timedelta(days=1)
    slot = a_slot(a_visit(a_host(night)), capacity=12)
    in_two_waves(night, percent, later)
    assert places(slot) == (0, first, 12 - first)
    night = db.session.get_one(Edition, night.id, populate_existing=True)
    for _ in range(first):
        a_booking(night, slot)
    with pytest.raises(SlotFull):
        a_booking(night, slot)
    assert open_due(later - timedelta(seconds=1)) == 0
    assert (open_due(later), open_due(later)) == (1 if first < 12 else 0, 0)
    assert places(slot) == (first, 12, 0)


def test_what_is_taken_stays_on_sale(app: Flask) -> None:
    night = an_edition()
    slot = a_slot(a_visit(a_host(night)), capacity=12)
    a_booking(night, slot, size=6)
    a_booking(night, slot, size=4)
    in_two_waves(night, 25, NOW + timedelta(days=1))
    assert places(slot) == (10, 10, 2)


def test_who_waits_is_served_before_the_second_wave_is_sold(app: Flask) -> None:
    night, later = an_edition(), NOW + timedelta(days=1)
    slot, other = a_slot(a_visit(a_host(night)), capacity=4), a_slot(a_visit(a_host(night)), timedelta(hours=3))
    in_two_waves(night, 50, later)
    night = db.session.get_one(Edition, night.id, populate_existing=True)
    a_booking(night, slot, size=2)
    waiting = a_booking(night, other)
    wait_for(night, waiting.reference, slot.id, now=NOW)
    assert open_due(later) == 2
    assert places(slot) == (3, 4, 0)
    held = select(Seat.booking_id).where(Seat.slot_id == slot.id, Seat.status == "held")
    assert db.session.scalars(held).all() == [waiting.id]


def test_new_departures_and_other_capacities_keep_to_the_waves(app: Flask) -> None:
    night, later = an_edition(), NOW + timedelta(days=1)
    visit = a_visit(a_host(night, safety_limit=20))
    in_two_waves(night, 50, later)
    (slot,) = add_slots(visit.id, [night.opens_at + timedelta(hours=1)], capacity=12, now=NOW, by=None)
    assert places(slot) == (0, 6, 6)
    change_slot(slot.id, slot.starts_at, 16, version=slot.version, now=NOW, by=None)
    assert places(slot) == (0, 16, 4)
    open_due(later)
    assert places(slot) == (0, 20, 0)


def test_two_organisers_who_edit_the_frame_at_once(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client, start_name={"fr": "Gare"}, contact_email="nuit@exemple.ch")
    first, second = (typed(page(client, FRAME), FRAME, {"name": name}) for name in ("Une", "Deux"))
    assert client.post(FRAME, data=first).status_code == 303
    answer = client.post(FRAME, data=second)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Quelqu’un a modifié cette fiche entre-temps." in words(html)
    assert "Une" in words(html)
    assert 'value="Deux"' in html
    assert db.session.get_one(Edition, edition.id, populate_existing=True).name == "Une"
    assert client.post(FRAME, data=typed(html, FRAME)).status_code == 303
    assert db.session.get_one(Edition, edition.id, populate_existing=True).name == "Deux"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"first_wave_percent": "50"}, "Dites quand le reste des places entre en vente."),
        ({"second_wave_at": "2001-01-01T08:00"}, "La seconde vague viendrait avant l’ouverture"),
        ({"second_wave_at": "2099-01-01T08:00"}, "La seconde vague viendrait après la fermeture"),
        ({"second_wave_at": "bientôt"}, "Tapez un jour et une heure."),
        ({"release_minutes": "61"}, "Un nombre de 0 à 60."),
        ({"version": "x"}, "Invalid"),
    ],
)
def test_waves_that_contradict_the_opening(client: FlaskClient, fields: dict[str, str], sentence: str) -> None:
    at_the_desk(client, start_name={"fr": "Gare"}, contact_email="nuit@exemple.ch")
    answer = client.post(FRAME, data=typed(page(client, FRAME), FRAME, fields))
    assert answer.status_code == 422
    assert sentence == "Invalid" or sentence in words(answer.get_data(as_text=True))


def test_a_page_counts_down_and_comes_again_at_the_instant(client: FlaskClient) -> None:
    now = datetime.now(UTC)
    night = an_edition(opens_at=now + timedelta(days=9), closes_at=now + timedelta(days=9, hours=6),
                       booking_opens_at=now + timedelta(minutes=10), booking_closes_at=now + timedelta(days=9))  # fmt: skip
    answer = client.get("/fr/")
    assert f'data-countdown="{night.booking_opens_at.isoformat()}"' in answer.get_data(as_text=True)
    assert "Ouverture des réservations dans" in words(answer.get_data(as_text=True))
    assert 599 <= int(answer.headers["Refresh"]) <= 602
    night.booking_opens_at = now - timedelta(minutes=1)
    db.session.commit()
    assert "Refresh" not in client.get("/fr/").headers
