"""Writing to exactly those concerned, once; thanks and the survey; no link of any mail changes anything by being opened."""

import re
import threading
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from nuit.actions.booking import give_back
from nuit.actions.letters import House, letter_of
from nuit.actions.member import ask_for_link, invite
from nuit.actions.reminder import promise_reminders
from nuit.actions.tickets import ask_for_tickets
from nuit.actions.writing import Draft, answer, drop_circular, promise_thanks, send_written, write_to
from nuit.clock import at_wall
from nuit.db import db, transaction
from nuit.errors import EffectChanged, NobodyConcerned
from nuit.keys import survey_token
from nuit.models import Base, Booking, Circular, Edition, Message, Opinion, Seat, Slot
from nuit.planning.delivery import Moot
from nuit.queries.writing import Audience, echoes, readers
from tests.factories import (
    NOW,
    a_booking,
    a_host,
    a_member,
    a_slot,
    a_visit,
    an_edition,
    cancel_slot,
    move_slot,
    signed_in,
)
from tests.team import at_the_desk, page, words
from tests.test_mail_letters import SENDER, body, sent
from tests.typed import typed


@pytest.fixture
def night(app: Flask) -> Edition:
    return an_edition(contact_email="equipe@exemple.ch")


@pytest.fixture
def house(app: Flask) -> House:
    return House("http://localhost", SENDER, app.extensions["nuit.keys"])


def letters(kind: str) -> list[Message]:
    db.session.expire_all()
    return list(db.session.scalars(select(Message).where(Message.kind == kind).order_by(Message.id)))


def draft(audience: Audience, key: str = "k" * 16) -> Draft:
    return Draft(
        audience, None, {"fr": "Objet", "de": "Betreff"}, {"fr": "Un <b>mot</b>\n\nDeux", "de": "Ein Wort"}, key
    )


def three(night: Edition) -> tuple[Slot, Slot, list[Booking]]:
    first, second = a_slot(a_visit(a_host(night, "Câblerie"))), a_slot(a_visit(a_host(night)), timedelta(hours=3))
    made = [
        a_booking(night, first, locale="fr"), a_booking(night, first, second, size=2, locale="de"),
        a_booking(night, second, locale="en"), a_booking(night, first),
    ]  # fmt: skip
    give_back(made.pop().reference, now=NOW)
    return first, second, made


def test_an_audience_is_exactly_those_who_come(night: Edition) -> None:
    first, second, (a, b, c) = three(night)
    asked = [Audience(night.id), Audience(night.id, first.host_id), Audience(night.id, second.host_id, second.id)]
    assert [[one.booking for one in readers(who)] for who in asked] == [[a.id, b.id, c.id], [a.id, b.id], [b.id, c.id]]


def test_a_message_goes_once_to_each_in_their_language(night: Edition, house: House) -> None:
    first, _second, (a, b, _c) = three(night)
    who = Audience(night.id, first.host_id)
    for _ in range(2):
        write_to(draft(who), people=2, send_at=NOW, now=NOW, by=None)
    found = letters("circular")
    assert [(one.booking_id, one.to) for one in found] == [(a.id, a.email), (b.id, b.email)]
    mails = [sent(one, house) for one in found]
    assert [mail["Subject"] for mail in mails] == ["Objet", "Betreff"]
    assert "Un &lt;b&gt;mot&lt;/b&gt;" in body(mails[0], "html")
    assert [mail["Auto-Submitted"] for mail in mails] == ["auto-generated"] * 2


def test_a_second_click_at_once_sends_nothing_more(app: Flask, night: Edition) -> None:
    first, _second, _made = three(night)
    who, start = Audience(night.id, first.host_id), threading.Barrier(3)
    db.session.remove()

    def click() -> None:
        with app.app_context():
            start.wait()
            write_to(draft(who), people=2, send_at=NOW, now=NOW, by=None)
            db.session.remove()

    threads = [threading.Thread(target=click) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(letters("circular")), db.session.scalar(select(func.count(Circular.id)))) == (2, 1)


def test_another_number_than_the_one_shown_sends_nothing(night: Edition) -> None:
    first, _second, _made = three(night)
    with pytest.raises(EffectChanged):
        write_to(draft(Audience(night.id, first.host_id)), people=3, send_at=NOW, now=NOW, by=None)
    empty = a_slot(first.visit, timedelta(hours=5))
    with pytest.raises(NobodyConcerned):
        write_to(draft(Audience(night.id, first.host_id, empty.id)), people=0, send_at=NOW, now=NOW, by=None)
    assert letters("circular") == []


def test_a_planned_message_goes_to_those_who_come_then(night: Edition, house: House) -> None:
    first, _second, (a, b, _c) = three(night)
    at = NOW + timedelta(hours=2)
    write_to(draft(Audience(night.id, first.host_id)), people=2, send_at=at, now=NOW, by=None)
    assert (send_written(at - timedelta(seconds=1)), letters("circular")) == (0, [])
    give_back(a.reference, now=NOW)
    late = a_booking(night, first)
    assert (send_written(at), send_written(at)) == (1, 0)
    assert [one.booking_id for one in letters("circular")] == [b.id, late.id]
    give_back(late.reference, now=at)
    with pytest.raises(Moot):
        letter_of(letters("circular")[1], house, now=at)


def test_a_planned_message_can_be_taken_back(night: Edition) -> None:
    first, _second, _made = three(night)
    at = NOW + timedelta(hours=2)
    made = write_to(draft(Audience(night.id, first.host_id)), people=2, send_at=at, now=NOW, by=None)
    assert (drop_circular(made.id, now=NOW, by=None), send_written(at), letters("circular")) == (True, 0, [])
    sent_one = write_to(draft(Audience(night.id)), people=3, send_at=NOW, now=NOW, by=None)
    assert drop_circular(sent_one.id, now=NOW, by=None) is False


def test_the_desk_shows_whom_it_goes_to_tries_and_sends(client: FlaskClient) -> None:
    edition, member = at_the_desk(client)
    three(edition)
    address = "/equipe/ecrire"
    form = typed(page(client, f"{address}?modele=temps"), address)
    assert (form["subject-de"], form["body-en"][:10]) == ("Heute Abend regnet es", "All visits")
    looked = client.post(address, data={**form, "action": "look"}).get_data(as_text=True)
    assert "Envoyer à 3 groupes" in looked
    assert letters("circular") == []
    again = client.post(address, data={**typed(looked, address), "action": "try-de"}).get_data(as_text=True)
    assert [(one.to, one.locale) for one in letters("circular")] == [(member.email, "de")]
    answer_ = client.post(address, data={**typed(again, address), "action": "send"})
    assert answer_.status_code == 303
    assert "Le message part à 3 groupes." in page(client, address)
    assert len(letters("circular")) == 4


def test_a_company_writes_to_its_own_only(client: FlaskClient) -> None:
    edition = an_edition()
    first, second, _made = three(edition)
    signed_in(client, a_member("host", first.visit.host))
    address = f"/espace/{first.visit.host.company.slug}/ecrire"
    form = typed(page(client, address), address, {"subject-fr": "Bonsoir", "body-fr": "Entrez par la cour."})
    looked = client.post(address, data={**form, "action": "look"}).get_data(as_text=True)
    assert "Envoyer à 2 groupes" in looked
    assert "en français, faute de texte" in looked
    assert client.post(address, data={**form, "audience": str(second.id)}).status_code == 422
    assert client.post(address, data={**form, "body-de": "Nur Text"}).status_code == 422
    other = f"/espace/{second.visit.host.company.slug}"
    assert [client.get(f"{other}/{what}").status_code for what in ("ecrire", "avis")] == [404, 404]


def entered(booking: Booking) -> None:
    with transaction():
        for seat in db.session.scalars(select(Seat).where(Seat.booking_id == booking.id)):
            seat.entered_at = seat.slot.starts_at


def test_thanks_go_the_morning_after_to_those_who_came(night: Edition, house: House) -> None:
    _first, _second, (a, b, _c) = three(night)
    entered(b)
    morning = at_wall(night.night + timedelta(days=1), "10:00")
    asked = (morning - timedelta(minutes=1), morning, morning + timedelta(hours=1), morning + timedelta(days=9))
    assert [promise_thanks(at) for at in asked] == [0, 1, 0, 0]
    (message,) = letters("thanks")
    assert message.booking_id == b.id
    mail = sent(message, house)
    assert f"http://localhost/de/avis/{b.reference}/" in body(mail, "plain")
    assert "Danke, dass Sie gekommen sind." in body(mail, "html")
    assert a.reference not in body(mail, "plain")


def test_a_night_without_scans_thanks_everybody(night: Edition) -> None:
    three(night)
    assert promise_thanks(at_wall(night.night + timedelta(days=1), "12:00")) == 3


def test_answers_are_kept_once_and_shown_without_names(client: FlaskClient, app: Flask) -> None:
    edition, _member = at_the_desk(client)
    first, second, (a, b, _c) = three(edition)
    entered(b)
    entered(a)
    address = f"/fr/avis/{b.reference}/{survey_token(app.extensions['nuit.keys'].secret, b.reference)}"
    form = typed(page(client, address), address)
    one, two = first.host_id, second.host_id
    for mark in ("1", "4"):
        said = {f"welcome-{one}": mark, f"on_time-{one}": "yes", f"words-{one}": " Le four ", f"trade-{two}": "maybe",
                f"clear-{two}": "9", "welcome-99999": "4"}  # fmt: skip
        assert client.post(address, data={**form, **said}).status_code == 303
    found = {echo.host: echo for echo in echoes(edition.id)}
    assert (found[one].parties, found[one].welcome, found[one].on_time, found[one].words) == (
        1, {4: 1, 3: 0, 2: 0, 1: 0}, 1, ["Le four"],
    )  # fmt: skip
    assert (found[two].parties, found[two].trade["maybe"], sum(found[two].clear.values())) == (1, 1, 0)
    for desk in ("/equipe/avis", f"/espace/{first.visit.host.company.slug}/avis"):
        said_there = words(page(client, desk))
        assert "Le four" in said_there
        assert [name for name in (b.name, b.reference, b.email) if name in said_there] == []
    assert client.get(address[:-1] + ("0" if address[-1] != "0" else "1")).status_code == 404
    assert client.get(address.replace(b.reference, a.reference)).status_code == 404
    answer(a.id, {one: {"welcome": 4, "clear": None, "on_time": None, "trade": "", "words": ""}}, now=NOW)
    assert db.session.scalar(select(func.count(Opinion.id))) == 3


def everything() -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    db.session.rollback()
    with db.engine.connect() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(table.select())), key=repr)
            for table in Base.metadata.sorted_tables
        }


def test_opening_every_link_of_every_mail_changes_nothing(app: Flask, night: Edition, house: House) -> None:
    first, second, (a, b, c) = three(night)
    spare = a_slot(second.visit, timedelta(hours=5))
    promise_reminders(first.starts_at - timedelta(hours=24))
    promise_reminders(first.starts_at - timedelta(hours=2))
    move_slot(first, first.starts_at + timedelta(minutes=15), people=3)
    cancel_slot(second, reason="Panne", people=3)
    write_to(draft(Audience(night.id)), people=2, send_at=NOW, now=NOW, by=None)
    ask_for_tickets(night, a.email, locale="fr", now=NOW)
    ask_for_link(
        a_member(email="orga@exemple.ch").email, now=NOW, browser="b", url="http://localhost/connexion/{token}"
    )
    invite(a_member("host", spare.visit.host, "h@exemple.ch").id, url="http://localhost/connexion", now=NOW, by=None)
    entered(b)
    promise_thanks(at_wall(night.night + timedelta(days=1), "10:00"))
    links, kinds = set[str](), set[str]()
    for message in db.session.scalars(select(Message).order_by(Message.id)).all():
        mail = sent(message, house)
        kinds.add(message.kind)
        links |= set(re.findall(r"http://localhost[^\s\"<>]+", body(mail, "plain")))
        links |= {one.replace("&amp;", "&") for one in re.findall(r'href="([^"]+)"', body(mail, "html"))}
    assert kinds >= {
        "confirmation", "reminder_day", "reminder_hours", "slot_moved", "slot_cancelled", "circular", "resend", "sign_in",
        "invitation", "thanks", "given_back",
    }  # fmt: skip
    before, codes = everything(), set[int]()
    for link in sorted(links):
        parts = urlsplit(link.rstrip("."))
        for method in ("GET", "HEAD", "OPTIONS"):
            scanner = app.test_client()
            codes.add(
                scanner.open(f"{parts.path}?{parts.query}", method=method, follow_redirects=method == "GET").status_code
            )
    assert everything() == before
    assert codes <= {200, 302, 303, 308}
    assert len(links) > 12
    assert c.reference in str(links)
