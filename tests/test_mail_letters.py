"""What the letters say, in three languages, and what nobody can make them say."""

import io
import re
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
import time_machine
import zxingcpp
from flask import Flask
from icalendar import Calendar
from PIL import Image
from sqlalchemy import select

from nuit.actions.booking import give_back
from nuit.actions.letters import House, letter_of
from nuit.actions.member import ask_for_link, invite
from nuit.actions.tickets import ask_for_tickets
from nuit.db import db, transaction
from nuit.ledger.outbox import promise
from nuit.models import Booking, Edition, Message, Slot
from nuit.planning.delivery import Unwritable
from nuit.planning.evening import Person
from nuit.queries.booking import codes_of
from nuit.render.mail import Envelope, letter, message_id
from tests.factories import NOW, a_booking, a_host, a_member, a_slot, a_visit, an_edition, cancel_slot

URL, SENDER = "https://nuit.exemple.ch", "La nuit de l’industrie <nuit@exemple.ch>"


@pytest.fixture
def night(app: Flask) -> Edition:
    return an_edition(contact_email="equipe@exemple.ch", start_name={"fr": "Gare de Sion", "de": "Bahnhof Sitten"})


@pytest.fixture
def house(app: Flask) -> House:
    return House(URL, SENDER, app.extensions["nuit.keys"])


def slots(night: Edition) -> list[Slot]:
    conditions = [{"kind": "closed_shoes"}, {"kind": "steps", "value": 32}]
    access = {"fr": "Portail bleu.", "de": "Blaues Tor.", "en": "Blue gate."}
    return [
        a_slot(a_visit(a_host(night, "Câblerie", access=access), conditions=conditions)),
        a_slot(a_visit(a_host(night, "Fonderie", lon=7.3101)), timedelta(minutes=150)),
    ]


def evening(night: Edition, locale: str = "fr", **values: object) -> Booking:
    party = (Person("Anne", "18+"), Person("Karim", "18+"), Person("Lou", "12-13"))
    return a_booking(night, *slots(night), party=party, locale=locale, email="anne@exemple.ch", **values)


def promised(kind: str) -> Message:
    return db.session.scalars(select(Message).where(Message.kind == kind)).one()


def sent(message: Message, house: House) -> EmailMessage:
    """The letter as the other side parses it."""
    parsed = message_from_bytes(letter_of(message, house, now=NOW).as_bytes(), policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    assert not parsed.defects
    return parsed


def body(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found is not None
    return str(found.get_content()).replace("\u00a0", " ")


def test_the_confirmation_has_all_one_needs_without_a_network(app: Flask, night: Edition, house: House) -> None:
    booking = evening(night)
    mail = sent(promised("confirmation"), house)
    codes = codes_of(booking, night, house.keys, URL)
    assert mail["Subject"] == "Votre soirée du 24 septembre\u00a0: 2 visites, 3 personnes"
    assert (mail["To"], mail["Reply-To"], mail["Auto-Submitted"]) == (
        "anne@exemple.ch", "equipe@exemple.ch", "auto-generated",
    )  # fmt: skip
    assert mail["Content-Language"] == "fr"
    for kind in ("plain", "html"):
        words = body(mail, kind)
        for part in ("18:00", "Câblerie", "19:30", "Fonderie", "Portail bleu.", "Chaussures fermées", "32 marches",
                     codes.party.code, booking.reference, "Vendredi 24 septembre 2027"):  # fmt: skip
            assert part in words, (kind, part)
    pictures = {
        part["Content-ID"]: part.get_content() for part in mail.walk() if part.get_content_maintype() == "image"
    }
    assert set(pictures) == {"<mark@nuit>", "<qr@nuit>"}
    assert re.findall(r'src="cid:([^"]+)"', body(mail, "html")) == ["mark@nuit", "qr@nuit"]
    read = zxingcpp.read_barcodes(Image.open(io.BytesIO(pictures["<qr@nuit>"])))
    assert [one.text for one in read] == [codes.party.address]


def test_its_calendar_is_the_evening(night: Edition, house: House) -> None:
    booking = evening(night)
    mail = sent(promised("confirmation"), house)
    file = next(part for part in mail.iter_attachments())
    assert (file.get_content_type(), file.get_param("method"), file.get_filename()) == (
        "text/calendar", "PUBLISH", f"nuit-{night.slug}.ics",
    )  # fmt: skip
    content = file.get_payload(decode=True)
    assert isinstance(content, bytes)
    found = Calendar.from_ical(content).walk("VEVENT")  # type: ignore[union-attr]
    assert [str(one["UID"]).startswith(booking.reference) for one in found] == [True, True]


@pytest.mark.parametrize(
    ("locale", "said"),
    [("fr", ["Anne, Karim et Lou", "Portail bleu."]), ("de", ["Anne, Karim und Lou", "Blaues Tor."]),
     ("en", ["Anne, Karim and Lou", "Blue gate."])],
)  # fmt: skip
def test_letters_speak_the_language_of_the_booking(night: Edition, house: House, locale: str, said: list[str]) -> None:
    evening(night, locale)
    mail = sent(promised("confirmation"), house)
    for kind in ("plain", "html"):
        words = body(mail, kind)
        assert [one for one in said if one not in words] == []
        assert f"{URL}/{locale}/ma-soiree/" in words
    assert f'<html lang="{locale}-CH">' in body(mail, "html")


def test_who_is_alone_has_a_code_of_ones_own(night: Edition, house: House) -> None:
    a_booking(night, slots(night)[0])
    assert "Votre code : " in body(sent(promised("confirmation"), house), "plain")


def test_the_same_promise_has_the_same_name(night: Edition, house: House) -> None:
    evening(night)
    message = promised("confirmation")
    first, second = sent(message, house), sent(message, house)
    assert first["Message-ID"] == second["Message-ID"] == message_id(message.key, SENDER)
    assert first["Message-ID"].endswith("@exemple.ch>")
    assert message_id("other", SENDER) != first["Message-ID"]


def test_giving_back_is_confirmed_and_cleans_the_calendar(night: Edition, house: House) -> None:
    booking = evening(night)
    give_back(booking.reference, now=NOW)
    mail = sent(promised("given_back"), house)
    assert "Votre soirée est rendue." in body(mail, "plain")
    file = next(part for part in mail.iter_attachments())
    assert file.get_param("method") == "CANCEL"


def test_a_confirmation_that_comes_after_giving_back_says_so(night: Edition, house: House) -> None:
    booking = evening(night)
    give_back(booking.reference, now=NOW)
    assert "Votre soirée est rendue." in body(sent(promised("confirmation"), house), "html")


def test_a_company_that_cancels(night: Edition, house: House) -> None:
    booking = evening(night)
    first, second = db.session.scalars(select(Slot).order_by(Slot.id)).all()
    other = a_slot(first.visit, timedelta(minutes=300))
    cancel_slot(first, reason="Four <en> panne", people=3)
    mail = sent(promised("slot_cancelled"), house)
    assert mail["Subject"] == "Visite annulée\u00a0: Câblerie, 18:00"
    html, plain = body(mail, "html"), body(mail, "plain")
    assert "Four &lt;en&gt; panne" in html
    assert "Four <en> panne" in plain
    assert "22:00" in plain
    assert other.starts_at > second.starts_at
    assert f"{URL}/fr/entreprises/{first.visit.host.company.slug}" in plain
    assert booking.reference in plain


def test_tickets_asked_for_again_come_with_a_link_each(night: Edition, house: House) -> None:
    booking = evening(night)
    other = a_booking(night, slots(night)[0], email="anne@exemple.ch")
    ask_for_tickets(night, "anne@exemple.ch", locale="fr", now=NOW)
    mail = sent(promised("resend"), house)
    links = re.findall(r"/ma-soiree/(N-[A-Z0-9]+)/ouvrir\?cle=[0-9a-f]{32}", body(mail, "plain"))
    assert links == [booking.reference, other.reference]
    assert "Vos 2 réservations" in body(mail, "html")


def test_signing_in(night: Edition, house: House) -> None:
    ask_for_link(a_member(email="orga@exemple.ch").email, now=NOW, browser="b", url=f"{URL}/connexion/{{token}}")
    message = promised("sign_in")
    mail = sent(message, house)
    code = message.payload["code"]
    assert mail["Subject"] == f"Votre code\u00a0: {code[:3]} {code[3:]}"
    assert message.payload["url"] in body(mail, "plain")
    assert f'href="{message.payload["url"]}"' in body(mail, "html")


def test_an_invitation_carries_no_secret(night: Edition, house: House) -> None:
    member = a_member("host", a_host(night, "Câblerie"), "contact@exemple.ch")
    invite(member.id, url=f"{URL}/connexion/?email=contact@exemple.ch", now=NOW, by=None)
    mail = sent(promised("invitation"), house)
    assert "Entreprise, Câblerie" in body(mail, "plain")
    assert re.findall(r"https://\S+", body(mail, "plain")) == [f"{URL}/connexion/?email=contact@exemple.ch"]


def test_a_message_whose_booking_is_gone_cannot_be_written(night: Edition, house: House) -> None:
    with transaction():
        promise("confirmation", key="k", to="a@exemple.ch", locale="fr", due_at=NOW)
    with pytest.raises(Unwritable):
        letter_of(promised("confirmation"), house, now=NOW)
    with transaction():
        promise("resend", key="r", to="a@exemple.ch", locale="fr", due_at=NOW, references=["N-XXXXXXXX"])
    with pytest.raises(Unwritable):
        letter_of(promised("resend"), house, now=NOW)


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "O'Brien", "مرحبا", "👩‍👩‍👧 漢字", "x" * 120, "{{ 7*7 }}%(x)s"]
)
def test_hostile_names_are_words(night: Edition, house: House, name: str) -> None:
    a_booking(night, a_slot(a_visit(a_host(night, name))), name=name, party=(Person(name, "18+"), Person("B", "18+")))
    mail = sent(promised("confirmation"), house)
    assert name in body(mail, "plain")
    assert "<script>alert" not in body(mail, "html")
    assert "49" not in body(mail, "plain").split("{{ 7*7 }}")[0] or "7*7" not in name


@pytest.mark.parametrize("text", ["a\r\nBcc: all@exemple.ch", "a\nX: 1", "a\x00b", "a\u2028b", " " * 50])
def test_no_header_can_be_injected(app: Flask, text: str) -> None:
    envelope = Envelope(sender=SENDER, to="a@exemple.ch", key="k", locale="fr", at=NOW)
    mail = letter("sign_in", envelope, {"code": text, "url": URL})
    assert "\n" not in mail["Subject"]
    assert mail["Bcc"] is None
    assert [line for line in mail.as_string().splitlines() if line.startswith(("Bcc:", "X:"))] == []
    for to in ("a@exemple.ch\r\nBcc: b@exemple.ch", "a@exemple.ch, b@exemple.ch", "<a@exemple.ch>"):
        with pytest.raises(Unwritable):
            letter("sign_in", Envelope(SENDER, to, "k", "fr", NOW), {"code": "123456", "url": URL})


def test_the_command_sends_what_is_due_into_files(app: Flask, night: Edition) -> None:
    with time_machine.travel(NOW, tick=True):
        evening(night)
        run = app.test_cli_runner()
        assert run.invoke(args=["mail", "send"]).output.strip() == "1 sent"
        files = sorted(Path(app.config["NUIT_INSTANCE"], "mail").glob("*.eml"))
        found = [message_from_bytes(one.read_bytes(), policy=policy.default) for one in files]
        assert "anne@exemple.ch" in [one["To"] for one in found]
        assert run.invoke(args=["mail", "send"]).output.strip() == "Nothing is due."
        assert run.invoke(args=["work", "--once"]).exit_code == 0
    assert promised("confirmation").state == "sent"
