"""Bookings from the organisers' side: anyone found, mails seen, confirmations sent again, evenings given back, exports."""

import csv
import io
from collections.abc import Iterator
from datetime import timedelta

import openpyxl
import pytest
import time_machine
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from nuit.actions.booking import give_back
from nuit.actions.letters import KINDS
from nuit.db import db
from nuit.models import Booking, Edition, Message, Scan, Seat, Slot, Ticket
from nuit.planning.door import WORDS
from nuit.queries.team.bookings import found_bookings
from nuit.render.sheet import csv_sheet, xlsx_sheet
from nuit.views.team.words import MAILS, VERDICTS
from tests.factories import NOW, OPENS, a_booking, a_host, a_slot, a_visit, an_edition, csrf, saved
from tests.team import at_the_desk, cost, page, trail, words

LIST = "/equipe/reservations/"
HOSTILE = '=HYPERLINK("https://ailleurs.example","Cliquez")'


@pytest.fixture(autouse=True)
def before_the_night() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def a_departure(edition: Edition, name: str = "Fonderie", hours: int = 1) -> Slot:
    return a_slot(a_visit(a_host(edition, name)), timedelta(hours=hours))


def found(edition: Edition, text: str) -> list[str]:
    return sorted(line.booking.name for line in found_bookings(edition.id, text).rows)


def test_anyone_is_found(client: FlaskClient) -> None:
    edition = an_edition()
    slot = a_departure(edition)
    first = a_booking(edition, slot, name="Zoé Müller", email="z@exemple.ch", size=2)
    second = a_booking(edition, slot, name="Éric d’Œuvre", email="eric.100%@exemple.ch")
    second.reference = "N-JKLJKLJK"
    ticket = first.tickets[1]
    ticket.label, first.reference = "Gaël", "N-ABCDEFGH"
    db.session.commit()
    both = ["Zoé Müller", "Éric d’Œuvre"]
    assert found(edition, "") == found(edition, "z") == both
    for text in ("mu", "MULLER", "müll", "z@", "gael", first.reference, first.reference[2:5].lower(), first.code,
                 first.code.lower()[:6], f"{ticket.code[:4]} {ticket.code[4:]}", ticket.code[:7]):  # fmt: skip
        assert found(edition, text) == ["Zoé Müller"], text
    assert found(edition, "eric") == found(edition, "00%") == ["Éric d’Œuvre"]
    for text in ("__", "%%", ticket.code[:3] + "????", "zz", "\\"):
        assert found(edition, text) == ([] if len(text) > 1 else both), text


def test_only_this_edition_s_bookings_are_found(client: FlaskClient) -> None:
    old, edition = an_edition(is_current=False), an_edition()
    booking = a_booking(old, a_departure(old), name="Zoé Müller")
    assert found(edition, "zo") == []
    at_the_desk(client)
    assert client.get(LIST + booking.reference).status_code == 404


def test_lists_tell_people_and_stops(client: FlaskClient) -> None:
    edition = an_edition()
    first, second = a_departure(edition), a_departure(edition, "Laiterie", hours=3)
    booking = a_booking(edition, first, second, size=3)
    line = found_bookings(edition.id).rows[0]
    assert (line.booking.id, line.people, line.stops) == (booking.id, 3, 2)
    give_back(booking.reference, now=NOW)
    assert found_bookings(edition.id).rows[0].stops == 0


def test_the_list_goes_by_pages(client: FlaskClient) -> None:
    edition = an_edition()
    slot = a_departure(edition)
    for number in range(5):
        a_booking(edition, slot, name=f"Groupe {number}", now=NOW + timedelta(minutes=number))
    pages = [found_bookings(edition.id, number=number, size=2) for number in (1, 2, 3)]
    assert [[line.booking.name[-1] for line in one.rows] for one in pages] == [["4", "3"], ["2", "1"], ["0"]]
    assert [one.has_more for one in pages] == [True, True, False]


def test_the_list_costs_the_same_at_one_and_at_three(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    first = a_booking(edition, a_departure(edition), size=2)
    at_one = (cost(client, LIST), cost(client, LIST + "?q=anne"), cost(client, LIST + first.reference))
    third = a_booking(edition, *(a_departure(edition, f"Atelier {n}", hours=n) for n in (2, 4, 5)), size=6)
    a_booking(edition, a_departure(edition, "Laiterie"))
    assert (cost(client, LIST), cost(client, LIST + "?q=anne"), cost(client, LIST + third.reference)) == at_one


def test_one_booking_tells_all(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    slot = a_departure(edition)
    booking = a_booking(edition, slot, size=2, name="Zoé Müller", mode="bike", locale="de")
    saved(Message(kind="resend", key="r", to=booking.email, locale="de", due_at=NOW, booking_id=booking.id,
                  state="bounced", error="550 no such user"))  # fmt: skip
    saved(Scan(nonce="n-12345678", edition_id=edition.id, host_id=slot.host_id, booking_id=booking.id, at=OPENS,
               ticket_id=booking.tickets[1].id, corrected_at=OPENS, received_at=OPENS, verdict="too_early"))  # fmt: skip
    said = words(page(client, LIST + booking.reference))
    for part in ("Zoé Müller", booking.reference, "1 étape", "2 personnes", "Fonderie", "2 places", "Billets redemandés",
                 "550 no such user", "Revenu", "Confirmation", "En route", "Trop tôt", "vélo", "Deutsch",
                 *(f"{one.code[:4]} {one.code[4:]}" for one in booking.tickets)):  # fmt: skip
        assert part in said, part


def act(client: FlaskClient, booking: Booking, verb: str, **fields: str) -> str:
    address = LIST + booking.reference
    answer = client.post(f"{address}/{verb}", data={"csrf_token": csrf(page(client, address)), **fields})
    assert (answer.status_code, answer.location) == (303, address)
    return words(page(client, address))


def test_a_confirmation_is_sent_again_once_the_first_has_left(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    booking = a_booking(edition, a_departure(edition))
    assert "La confirmation est encore en route." in act(client, booking, "renvoyer")
    for message in db.session.scalars(select(Message)):
        message.state, message.sent_at = "sent", NOW
    db.session.commit()
    assert f"La confirmation repart à {booking.email}." in act(client, booking, "renvoyer")
    sent = db.session.scalars(select(Message).where(Message.kind == "confirmation").order_by(Message.id)).all()
    assert [(one.to, one.state, one.booking_id) for one in sent] == [
        (booking.email, "sent", booking.id), (booking.email, "due", booking.id)
    ]  # fmt: skip
    assert trail()[-1] == ("send_again", "booking")


def test_an_evening_is_given_back_only_when_confirmed(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    slot = a_departure(edition)
    booking = a_booking(edition, slot, size=3)
    assert "Cochez d’abord que le groupe le veut." in act(client, booking, "rendre")
    assert db.session.get_one(Slot, slot.id).taken == 3
    assert "La soirée est rendue" in act(client, booking, "rendre", confirm="yes")
    db.session.expire_all()
    assert db.session.get_one(Slot, slot.id).taken == 0
    assert set(db.session.scalars(select(Seat.status))) == {"given_back"}
    assert trail()[-1] == ("give_back", "booking")
    assert "Places qui ne valent plus" in words(page(client, LIST + booking.reference))


def test_mails_that_did_not_arrive_are_listed(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    booking = a_booking(edition, a_departure(edition), name="Zoé Müller")
    assert "Tous les messages sont arrivés" in words(page(client, LIST + "messages"))
    message = db.session.scalars(select(Message)).one()
    message.state, message.error = "failed", "connexion refusée"
    db.session.commit()
    said = words(page(client, LIST + "messages"))
    assert ("Zoé Müller" in said, "connexion refusée" in said, booking.email in said) == (True, True, True)


def exported(client: FlaskClient, kind: str) -> bytes:
    answer = client.get(LIST + kind)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.data


def test_the_exports_hold_every_place_and_no_formula(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    first, second = a_departure(edition), a_departure(edition, "Laiterie", hours=3)
    booking = a_booking(edition, first, second, size=2, name=HOSTILE)
    code = booking.tickets[0].code
    rows = list(csv.reader(io.StringIO(exported(client, "csv").decode("utf-8-sig")), delimiter=";"))
    assert [len(rows), {len(row) for row in rows}] == [5, {14}]
    assert {row[1] for row in rows[1:]} == {f"'{HOSTILE}"}
    assert [row[9] for row in rows[1:]] == ["Fonderie", "Laiterie"] * 2
    sheet = openpyxl.load_workbook(io.BytesIO(exported(client, "xlsx"))).active
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if cell.value} == {"s"}
    assert sheet["B2"].value == HOSTILE
    assert code not in {cell.value for cell in cells}


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc"))), min_size=1, max_size=5))
def test_no_cell_is_ever_computed(cells: list[str]) -> None:
    row = next(csv.reader(io.StringIO(csv_sheet(["x"], [cells]).decode("utf-8-sig")), delimiter=";"), [])
    assert row == ["x"]
    rows = list(csv.reader(io.StringIO(csv_sheet(["x"], [cells]).decode("utf-8-sig"), newline=""), delimiter=";"))
    assert not any(cell.lstrip(" ").startswith(("=", "+", "-", "@")) for row in rows[1:] for cell in row)
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_sheet("x", ["x"], [cells]))).active
    assert sheet is not None
    assert {cell.data_type for cell in next(sheet.iter_rows(min_row=2), ()) if cell.value} <= {"s"}


def test_departures_are_counted_by_hour_and_company(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    first, second = a_departure(edition), a_departure(edition, "Laiterie", hours=3)
    booking = a_booking(edition, first, second, size=2)
    seat = db.session.scalars(select(Seat).where(Seat.slot_id == first.id)).first()
    assert seat is not None
    seat.entered_at = OPENS + timedelta(hours=1)
    ticket = db.session.scalars(select(Ticket)).first()
    assert ticket is not None
    saved(Seat(ticket_id=ticket.id, booking_id=booking.id, slot_id=a_slot(second.visit, timedelta(hours=4)).id,
               status="waiting", changed_at=NOW))  # fmt: skip
    said = words(page(client, "/equipe/creneaux/"))
    assert "départs 3 places 36 réservées 4 entrée 1" in said
    assert "18:00 Fonderie Voir le four 2 12 1 – 10 places" in said
    assert "21:00 Laiterie Voir le four 0 12 0 1 1 groupe 12 places" in said
    only = words(page(client, f"/equipe/creneaux/?entreprise={second.host.company.slug}"))
    assert "départs 2 places 24 réservées 2" in only
    hour = words(page(client, f"/equipe/creneaux/?heure={first.starts_at:%Y%m%d%H}"))
    assert "départ 1 places 12 réservées 2 entrée 1" in hour
    assert "départs 3" in words(page(client, "/equipe/creneaux/?heure=99999999999&entreprise=zzz"))


def test_departures_cost_the_same_at_one_and_at_three(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    a_booking(edition, a_departure(edition))
    at_one = cost(client, "/equipe/creneaux/")
    for hours in (2, 3):
        a_booking(edition, a_departure(edition, f"Atelier {hours}", hours=hours))
    assert cost(client, "/equipe/creneaux/") == at_one


def test_every_mail_and_verdict_has_its_words() -> None:
    assert set(MAILS) == set(KINDS)
    assert set(VERDICTS) == set(WORDS)
