"""Reminders, departures and doors that move: promised once to exactly those concerned, and what they say."""

import threading
from datetime import timedelta
from email.message import EmailMessage

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select

from nuit.actions.booking import give_back, give_back_stop
from nuit.actions.company import present
from nuit.actions.letters import House
from nuit.actions.outbox import Fate, send_due
from nuit.actions.reminder import promise_reminders
from nuit.db import db
from nuit.errors import EffectChanged, SlotCancelled, SlotExists
from nuit.models import Booking, Edition, Message, Slot
from nuit.planning.delivery import Moot
from nuit.queries.booking import booking_by_reference
from nuit.queries.desk import presentation_of
from tests.factories import NOW, OPENS, a_booking, a_host, a_slot, a_visit, an_edition, cancel_slot, move_slot
from tests.test_mail_letters import SENDER, URL, body, sent


@pytest.fixture
def night(app: Flask) -> Edition:
    return an_edition(contact_email="equipe@exemple.ch", contact_phone="027 000 00 00", start_name={"fr": "Gare"})


@pytest.fixture
def house(app: Flask) -> House:
    return House(URL, SENDER, app.extensions["nuit.keys"])


def promised(kind: str) -> list[Message]:
    db.session.expire_all()
    return list(db.session.scalars(select(Message).where(Message.kind == kind).order_by(Message.id)))


def one(kind: str) -> Message:
    (message,) = promised(kind)
    return message


def two_stops(night: Edition) -> tuple[Slot, Slot]:
    """18:00 and 20:00."""
    return a_slot(a_visit(a_host(night, "Câblerie"))), a_slot(a_visit(a_host(night, "Fonderie")), timedelta(hours=3))


def reminded(first: Slot) -> int:
    """Both times have come; how many reminders were promised."""
    return sum(promise_reminders(first.starts_at - timedelta(hours=hours)) for hours in (24, 2))


def calendar_in(mail: EmailMessage) -> Calendar:
    file = next(part for part in mail.iter_attachments() if part.get_content_type() == "text/calendar")
    content = file.get_payload(decode=True)
    assert isinstance(content, bytes)
    found = Calendar.from_ical(content)
    assert isinstance(found, Calendar)
    assert str(found["METHOD"]) == file.get_param("method")
    return found


def test_each_reminder_is_promised_once_and_in_time(night: Edition) -> None:
    first, second = two_stops(night)
    early = a_booking(night, first, second)
    a_booking(night, second)
    at = first.starts_at
    instants = [at - timedelta(hours=24, seconds=1), at - timedelta(hours=24), at - timedelta(hours=23)]
    assert [promise_reminders(one) for one in instants] == [0, 1, 0]
    assert [(one.booking_id, one.due_at) for one in promised("reminder_day")] == [(early.id, at - timedelta(hours=24))]
    assert promise_reminders(at - timedelta(hours=22)) == 1
    assert promise_reminders(at - timedelta(hours=2, seconds=1)) == 0
    assert promise_reminders(at - timedelta(hours=2)) == 1
    assert promise_reminders(at - timedelta(hours=1)) == 0
    assert promise_reminders(at) == 1
    assert [len(promised(kind)) for kind in ("reminder_day", "reminder_hours")] == [2, 2]


def test_who_has_booked_since_is_not_told_twice(night: Edition) -> None:
    first, _second = two_stops(night)
    a_booking(night, first, now=first.starts_at - timedelta(hours=12))
    a_booking(night, first, now=first.starts_at - timedelta(minutes=90))
    assert promise_reminders(first.starts_at - timedelta(hours=11)) == 0
    assert promise_reminders(first.starts_at - timedelta(minutes=80)) == 1


def test_a_worker_that_slept_sends_nothing_too_late(night: Edition) -> None:
    first, _second = two_stops(night)
    a_booking(night, first)
    assert promise_reminders(first.starts_at - timedelta(minutes=20)) == 0


def test_who_gives_the_first_stop_back_is_reminded_of_the_next(night: Edition) -> None:
    first, second = two_stops(night)
    booking = a_booking(night, first, second)
    assert reminded(first) == 2
    give_back_stop(booking.reference, first.id, now=first.starts_at - timedelta(hours=1))
    assert promise_reminders(second.starts_at - timedelta(hours=2)) == 1
    assert [message.payload for message in promised("reminder_hours")] == [{"slot": first.id}, {"slot": second.id}]
    assert len(promised("reminder_day")) == 1


def test_several_workers_promise_each_reminder_once(app: Flask, night: Edition) -> None:
    first, _second = two_stops(night)
    for _ in range(6):
        a_booking(night, first)
    at = first.starts_at - timedelta(hours=24)
    db.session.remove()
    start, made = threading.Barrier(4), list[int]()

    def worker() -> None:
        with app.app_context():
            start.wait()
            made.append(promise_reminders(at))
            db.session.remove()

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sum(made), len(made), len(promised("reminder_day"))) == (6, 4, 6)


@pytest.mark.parametrize("locale", ["fr", "de", "en"])
def test_reminders_say_all_one_needs(night: Edition, house: House, locale: str) -> None:
    first, second = two_stops(night)
    booking = a_booking(night, first, second, size=2, locale=locale)
    reminded(first)
    for kind in ("reminder_day", "reminder_hours"):
        mail = sent(one(kind), house)
        for form in ("plain", "html"):
            words = body(mail, form).replace("&amp;", "&")
            links = [f"{URL}/{locale}/ma-soiree/{booking.reference}/ouvrir?cle="]
            for part in ("18:00", "20:00", "Câblerie", "Fonderie", "1950 Sion", booking.code[:4], "&vers=billet",
                         "&vers=rendre", *links):  # fmt: skip
                assert part in words, (kind, form, part)
        assert len(calendar_in(mail).walk("VEVENT")) == 2
    assert "027 000 00 00" in body(sent(one("reminder_hours"), house), "plain")


def test_the_subject_is_the_minute_to_leave_by(night: Edition, house: House) -> None:
    first, _second = two_stops(night)
    a_booking(night, first)
    reminded(first)
    assert sent(one("reminder_day"), house)["Subject"] == "Demain\u00a0: votre soirée commence à 18:00, Câblerie"
    subject = sent(one("reminder_hours"), house)["Subject"]
    assert subject.startswith("Partez à 17:")
    assert subject.endswith(": Câblerie, visite à 18:00")


def test_an_evening_given_back_needs_no_reminder(night: Edition, house: House) -> None:
    first, _second = two_stops(night)
    booking = a_booking(night, first)
    promise_reminders(first.starts_at - timedelta(hours=24))
    give_back(booking.reference, now=first.starts_at - timedelta(hours=24))
    with pytest.raises(Moot):
        sent(one("reminder_day"), house)
    at = first.starts_at - timedelta(hours=23)
    from nuit.actions.letters import letter_of

    fates = send_due(lambda message: letter_of(message, house, now=at), lambda *_: None, lambda: at)
    assert sorted((message.kind, fate) for message, fate in fates) == [
        ("confirmation", Fate.SENT), ("given_back", Fate.SENT), ("reminder_day", Fate.MOOT),
    ]  # fmt: skip
    assert one("reminder_day").state == "moot"


def test_a_departure_that_moves_takes_its_parties_along(night: Edition, house: House) -> None:
    first, second = two_stops(night)
    touched, other = a_booking(night, first, second, size=3), a_booking(night, second)
    before = calendar_in(sent(promised("confirmation")[0], house))
    move_slot(first, first.starts_at + timedelta(minutes=30), people=3)
    message = one("slot_moved")
    assert (message.booking_id, message.to) == (touched.id, touched.email)
    mail = sent(message, house)
    assert mail["Subject"] == "Nouvelle heure\u00a0: Câblerie, 18:30 au lieu de 18:00"
    after = calendar_in(mail)
    moments = [
        {str(event["UID"]): (event["SEQUENCE"], event.decoded("dtstart")) for event in file.walk("VEVENT")}
        for file in (before, after)
    ]
    assert list(moments[0]) == list(moments[1])
    shifts = [(new[0] - old[0], new[1] - old[1]) for old, new in zip(*(m.values() for m in moments), strict=True)]
    assert shifts == [(1, timedelta(minutes=30)), (1, timedelta(0))]
    assert str(after.walk("VEVENT")[0]["ORGANIZER"]) == "mailto:equipe@exemple.ch"
    found = booking_by_reference(other.reference)
    assert found is not None
    assert found.sequence == 0
    assert "ne vont plus ensemble" not in body(mail, "plain")


def test_a_new_hour_that_breaks_the_evening_is_said(night: Edition, house: House) -> None:
    first, second = two_stops(night)
    a_booking(night, first, second)
    a_slot(first.visit, timedelta(minutes=30))
    move_slot(first, second.starts_at - timedelta(minutes=20), people=1)
    words = body(sent(one("slot_moved"), house), "plain")
    assert "Câblerie (19:40) et Fonderie (20:00) ne vont plus ensemble" in words
    assert "17:30" in words


def test_moving_is_refused_where_it_would_surprise(night: Edition) -> None:
    first, _second = two_stops(night)
    a_booking(night, first, size=2)
    later = first.starts_at + timedelta(minutes=30)
    with pytest.raises(EffectChanged):
        move_slot(first, later, people=1)
    a_slot(first.visit, later)
    with pytest.raises(SlotExists):
        move_slot(first, later, people=2)
    cancel_slot(first, people=2)
    with pytest.raises(SlotCancelled):
        move_slot(first, later + timedelta(hours=1), people=0)
    assert promised("slot_moved") == []


def test_another_door_is_told_to_those_who_have_yet_to_come(night: Edition, house: House) -> None:
    first, second = two_stops(night)
    touched = a_booking(night, first)
    a_booking(night, second)
    host = first.visit.host
    said = presentation_of(host)
    from dataclasses import replace

    present(host.id, replace(said, address="Rue Neuve 7"), version=1, now=NOW, by=None)
    message = one("place_moved")
    assert message.booking_id == touched.id
    words = body(sent(message, house), "plain")
    assert "Rue Neuve 7, 1950 Sion" in words
    assert said.address in words
    present(host.id, replace(said, address="Rue Vieille 1"), version=2, now=OPENS + timedelta(hours=5), by=None)
    present(host.id, replace(said, address="Rue Vieille 1", charging=2), version=3, now=NOW, by=None)
    assert len(promised("place_moved")) == 1


def test_a_cancelled_visit_offers_what_goes_with_the_evening(night: Edition, house: House) -> None:
    first, second = two_stops(night)
    a_booking(night, first, second, size=2)
    fits = a_slot(a_visit(a_host(night, "Scierie")), timedelta(minutes=75))
    a_slot(a_visit(a_host(night, "Laiterie")), timedelta(minutes=75), capacity=1)
    a_slot(a_visit(a_host(night, "Brasserie")), timedelta(hours=3, minutes=10))
    a_slot(a_visit(a_host(night, "Rideau", state="draft")), timedelta(minutes=75))
    cancel_slot(first, reason="Four en panne", people=2)
    mail = sent(one("slot_cancelled"), house)
    words = body(mail, "plain")
    assert f"18:15   Scierie\r\n        {URL}/fr/entreprises/{fits.visit.host.company.slug}" in words
    assert [name for name in ("Laiterie", "Brasserie", "Rideau") if name in words] == []
    statuses = {str(event["SUMMARY"]): str(event["STATUS"]) for event in calendar_in(mail).walk("VEVENT")}
    assert statuses == {"Câblerie": "CANCELLED", "Fonderie": "CONFIRMED"}


def test_the_last_visit_cancelled_empties_the_calendar(night: Edition, house: House) -> None:
    first, _second = two_stops(night)
    booking = a_booking(night, first)
    cancel_slot(first, people=1)
    file = calendar_in(sent(one("slot_cancelled"), house))
    assert (str(file["METHOD"]), [event["SEQUENCE"] for event in file.walk("VEVENT")]) == ("CANCEL", [1])
    assert db.session.get_one(Booking, booking.id).sequence == 1
