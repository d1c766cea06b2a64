"""Waiting on the pages: joining a full slot, answering an offer, changing a visit, a name; links alone change nothing."""

import re
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from nuit.actions.booking import give_back
from nuit.actions.letters import House, letter_of
from nuit.actions.waiting import lapse_due
from nuit.db import db
from nuit.models import Booking, Edition, Message, Slot, Ticket, Wait
from nuit.planning.delivery import Moot
from tests.factories import NOW, a_booking, a_host, a_slot, a_visit, an_edition
from tests.team import words
from tests.test_booking_pages import add, basket, booked, form, post, slot
from tests.test_mail_letters import body
from tests.test_waiting import stops, wait_of
from tests.typed import typed


@pytest.fixture(autouse=True)
def before_the_night() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def night(app: Flask) -> Edition:
    return an_edition()


def by_reference(reference: str) -> Booking:
    db.session.rollback()
    return db.session.scalars(select(Booking).where(Booking.reference == reference)).one()


def press(client: FlaskClient, page: str, action: str, **more: str) -> str:
    """Sends the form of a page whose address ends so; what the next page says."""
    html = client.get(page).get_data(as_text=True)
    address = next(one for one in re.findall(r'action="([^"]+)"', html) if one.endswith(action))
    answer = client.post(address, data=typed(html, address, **more))
    assert answer.status_code == 303, words(answer.get_data(as_text=True))
    return words(client.get(answer.location).get_data(as_text=True))


def joined(client: FlaskClient, full: Slot) -> str:
    """A party that waits for a full slot and has nothing else, through the pages; its reference."""
    client.post("/fr/soiree/ajouter", data={"wait": full.id})
    fields = form(client)
    assert fields["waits"] == str(full.id)
    answer = post(client, fields)
    assert answer.status_code == 303, words(answer.get_data(as_text=True))
    return answer.location.rpartition("/")[2]


def test_a_full_hour_is_waited_for_with_nothing_else(client: FlaskClient, night: Edition) -> None:
    full = slot(night, capacity=2, name="Fonderie")
    holder = a_booking(night, full, size=2)
    shown = words(client.get(f"/fr/entreprises/{full.visit.host.company.slug}").get_data(as_text=True))
    assert "Complet, attendre" in shown
    reference = joined(client, full)
    own = words(client.get(f"/fr/ma-soiree/{reference}").get_data(as_text=True))
    assert "Vous êtes dans la file." in own
    assert "Premier groupe de la file" in own
    assert "vous gardez votre rang" in own
    give_back(holder.reference, now=NOW)
    own = words(client.get(f"/fr/ma-soiree/{reference}").get_data(as_text=True))
    assert "À vous jusqu’à 12 h 30. Encore 30 min." in own
    after = press(client, f"/fr/ma-soiree/{reference}", "/accepter")
    assert "La visite est à vous." in after
    assert stops(by_reference(reference)) == [(full.id, 1)]


def test_a_place_that_is_gone_can_be_waited_for_on_the_same_page(client: FlaskClient, night: Edition) -> None:
    free, full = slot(night, 60), slot(night, 150, capacity=1, name="Fonderie")
    add(client, free, full)
    a_booking(night, full)
    fields = form(client)
    refused = post(client, fields)
    html = refused.get_data(as_text=True)
    assert (refused.status_code, f'value="attendre-{full.id}"' in html) == (409, True)
    fields["action"] = f"attendre-{full.id}"
    waiting = post(client, fields)
    kept = typed(waiting.get_data(as_text=True), "/reservation")
    assert (kept["slots"], kept["waits"], kept["email"]) == (str(free.id), str(full.id), "anne@exemple.ch")
    assert basket(client) == [free.id]
    answer = post(client, kept)
    booking = by_reference(answer.location.rsplit("/", 1)[1])
    assert (stops(booking), wait_of(booking).status) == ([(free.id, 1)], "waiting")


def test_a_queue_is_chosen_and_left_again_before_booking(client: FlaskClient, night: Edition) -> None:
    full = slot(night, capacity=0, name="Fonderie")
    client.post("/fr/soiree/ajouter", data={"wait": full.id})
    page = client.get("/fr/soiree").get_data(as_text=True)
    assert "Personne n’attend encore" in words(page)
    client.post("/fr/soiree/renoncer", data=typed(page, "/fr/soiree/renoncer", slot=full.id))
    assert "En liste d’attente" not in words(client.get("/fr/soiree").get_data(as_text=True))


def test_a_party_that_has_its_evening_waits_for_more(client: FlaskClient, night: Edition) -> None:
    own, full = slot(night, 60), slot(night, 70, capacity=1, name="Fonderie")
    holder = a_booking(night, full)
    reference = booked(client, own)
    client.post("/fr/soiree/ajouter", data={"wait": full.id})
    shown = press(client, "/fr/soiree", f"/ma-soiree/{reference}/attentes", slot=str(full.id))
    assert "Premier groupe de la file" in shown
    give_back(holder.reference, now=NOW)
    offer = wait_of(by_reference(reference)).id
    page = words(client.get(f"/fr/ma-soiree/{reference}/attentes/{offer}").get_data(as_text=True))
    assert f"Si vous acceptez, nous rendons aussitôt : 18:00 {own.visit.host.company.name}" in page
    press(client, f"/fr/ma-soiree/{reference}/attentes/{offer}", "/accepter")
    assert stops(by_reference(reference)) == [(full.id, 1)]


def test_an_offer_answered_too_late_says_so(client: FlaskClient, night: Edition) -> None:
    full = slot(night, capacity=1)
    holder = a_booking(night, full)
    reference = joined(client, full)
    give_back(holder.reference, now=NOW)
    offer = wait_of(by_reference(reference)).id
    page = f"/fr/ma-soiree/{reference}/attentes/{offer}"
    fields = typed(client.get(page).get_data(as_text=True), f"{page}/accepter")
    with time_machine.travel(NOW + timedelta(minutes=31), tick=False):
        late = client.post(f"{page}/accepter", data=fields)
        assert late.status_code == 409
        assert "cette offre n’est plus valable" in words(late.get_data(as_text=True))
        lapse_due(NOW + timedelta(minutes=31))
        own = words(client.get(f"/fr/ma-soiree/{reference}").get_data(as_text=True))
        assert "Offre passée au groupe suivant à 12:30" in own
        again = press(client, f"/fr/ma-soiree/{reference}", f"/ma-soiree/{reference}/attentes", slot=str(full.id))
        assert "À vous jusqu’à 13 h 01." in again


def test_leaving_the_queue(client: FlaskClient, night: Edition) -> None:
    reference = joined(client, slot(night, capacity=0))
    assert "Vous avez quitté la file." in press(client, f"/fr/ma-soiree/{reference}", "/quitter")
    assert wait_of(by_reference(reference)).status == "left"


def the_offer(night: Edition, locale: str = "fr", size: int = 2) -> Booking:
    full = slot(night, 60, capacity=size, name="Fonderie")
    holder, party = a_booking(night, full, size=size), a_booking(night, slot(night, 70), size=size, locale=locale)
    from nuit.actions.waiting import wait_for

    wait_for(night, party.reference, full.id, now=NOW)
    give_back(holder.reference, now=NOW)
    return party


def the_letter(app: Flask, kind: str) -> EmailMessage:
    house = House("https://nuit.exemple.ch", "La nuit <nuit@exemple.ch>", app.extensions["nuit.keys"])
    message = db.session.scalars(select(Message).where(Message.kind == kind).order_by(Message.id.desc())).first()
    assert message is not None
    parsed = message_from_bytes(letter_of(message, house, now=NOW).as_bytes(), policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


@pytest.mark.parametrize(
    ("locale", "subject", "gone"),
    [
        ("fr", "2 places libres jusqu’à 12 h 30 : Fonderie, 18:00", "Si vous acceptez, nous rendons aussitôt"),
        ("de", "2 Plätze frei bis 12.30 Uhr: Fonderie, 18:00", "Wenn Sie annehmen, geben wir sofort zurück"),
        ("en", "2 places free until 12:30 pm: Fonderie, 18:00", "If you accept, we give back at once"),
    ],
)
def test_the_offer_by_mail(app: Flask, night: Edition, locale: str, subject: str, gone: str) -> None:
    party = the_offer(night, locale)
    mail = the_letter(app, "offer")
    assert str(mail["Subject"]).replace("\u00a0", " ") == subject
    text, html = body(mail, "plain"), body(mail, "html")
    link = f"/{locale}/ma-soiree/{party.reference}/ouvrir?cle="
    for said in (gone, link, f"vers=offre-{wait_of(party).id}"):
        assert said in text
        assert said in html.replace("&amp;", "&")


def test_scanners_that_follow_every_link_change_nothing(client: FlaskClient, app: Flask, night: Edition) -> None:
    party = the_offer(night)
    links = re.findall(r"https://nuit\.exemple\.ch(/\S+)", body(the_letter(app, "offer"), "plain"))
    before = (stops(party), wait_of(party).status)
    scanner = app.test_client()
    for link in links:
        for method in ("HEAD", "GET"):
            answer = scanner.open(link, method=method, follow_redirects=True)
            assert answer.status_code == 200
            for inside in re.findall(r'href="(/[^"#]+)"', answer.get_data(as_text=True)):
                scanner.open(inside, method=method).close()
    assert (stops(party), wait_of(party).status) == before == (stops(party), "offered")
    page = client.get(links[0], follow_redirects=True).request.path
    assert page == f"/fr/ma-soiree/{party.reference}/attentes/{wait_of(party).id}"
    press(client, page, "/accepter")
    assert wait_of(party).status == "accepted"


def test_an_offer_that_is_over_is_not_mailed(app: Flask, night: Edition) -> None:
    party = the_offer(night)
    give_back(party.reference, now=NOW)
    with pytest.raises(Moot):
        the_letter(app, "offer")


@pytest.mark.parametrize(
    ("locale", "subject"),
    [("fr", "Vous êtes dans la file"), ("de", "Sie stehen auf der Warteliste"), ("en", "You are in the queue")],
)
def test_who_only_waits_is_told_of_the_queue(app: Flask, night: Edition, locale: str, subject: str) -> None:
    from tests.test_waiting import waiting

    party = waiting(night, slot(night, capacity=0, name="Fonderie"), size=2, locale=locale)
    mail = the_letter(app, "confirmation")
    assert mail["Subject"] == subject
    assert "Fonderie" in body(mail, "plain")
    give_back(party.reference, now=NOW)
    assert db.session.scalars(select(Message.kind)).all() == ["confirmation"]


def test_a_visit_is_changed_for_another_hour(client: FlaskClient, night: Edition) -> None:
    visit = a_visit(a_host(night))
    mine, later = a_slot(visit, timedelta(minutes=60)), a_slot(visit, timedelta(minutes=120), capacity=1)
    elsewhere = slot(night, 90, name="Fonderie")
    reference = booked(client, mine)
    page = f"/fr/ma-soiree/{reference}/etapes/{mine.id}/echanger"
    shown = words(client.get(page).get_data(as_text=True))
    assert "La même visite, une autre heure" in shown
    assert "Fonderie" in shown
    a_booking(night, later)
    fields = typed(client.get(page).get_data(as_text=True), page, slot=str(later.id))
    gone = client.post(page, data=fields)
    assert gone.status_code == 409
    assert "Votre visite n’a pas changé." in words(gone.get_data(as_text=True))
    assert "C’est échangé." in press(client, page, "/echanger", slot=str(elsewhere.id))
    assert stops(by_reference(reference)) == [(elsewhere.id, 1)]
    assert client.get(page).status_code == 404


def test_a_person_gets_another_name(client: FlaskClient, night: Edition) -> None:
    reference = booked(client, slot(night))
    ticket = db.session.scalars(select(Ticket.id)).one()
    page = f"/fr/ma-soiree/{reference}/personnes/{ticket}"
    fields = typed(client.get(page).get_data(as_text=True), page, label="")
    assert client.post(page, data=fields).status_code == 422
    assert "Inès" in press(client, page, f"/personnes/{ticket}", label="Inès")
    assert client.get(f"/fr/ma-soiree/{reference}/personnes/{ticket + 1}").status_code == 404


def test_the_desks_see_how_many_wait(app: Flask, night: Edition) -> None:
    from nuit.queries.desk import crowds
    from nuit.queries.team.slots import slot_lines
    from tests.test_waiting import waiting

    full = slot(night, capacity=0)
    for size in (2, 3):
        waiting(night, full, size=size)
    crowd = crowds(full.host_id)[full.id]
    line = slot_lines(night.id).rows[0]
    assert ((crowd.waiting, crowd.lines), (line.waiting, line.lines)) == ((5, 2), (5, 2))
    assert db.session.scalars(select(Wait.size).order_by(Wait.id)).all() == [2, 3]
