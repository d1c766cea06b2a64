"""Composing, booking and looking after an evening through the pages, as a browser without any script would."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from nuit.actions.booking import Wanted, book
from nuit.actions.letters import House, letter_of
from nuit.db import db
from nuit.keys import manage_token
from nuit.models import Booking, Edition, Message, Seat, Slot, Ticket
from nuit.queries.booking import booking_by_reference, codes_of
from tests.factories import (
    NOW,
    OPENS,
    a_booking,
    a_host,
    a_member,
    a_slot,
    a_visit,
    an_edition,
    csrf,
    saved,
    signed_in,
    wanted,
)
from tests.team import statements
from tests.typed import typed

HOSTILE = [
    "O'Brien", '<script>alert("x")</script>', "مرحبا بالعالم", "👩‍👩‍👧‍👦 Müller-Çağ 漢字", "a\u202etxt.exe\u2066\u200b",
    "x" * 120, "{{ 7*7 }} ${7*7} #{7*7} %s %(x)s", "Robert'); DROP TABLE booking;--", "\x00\x07\x1b[31m", "../../etc",
    "  ", "Anne\r\nBcc: all@exemple.ch", "&lt;b&gt; &amp;", "\ufeffİıſß",
]  # fmt: skip


@pytest.fixture(autouse=True)
def before_the_night() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def night(app: Flask) -> Edition:
    return an_edition(start_name={"fr": "Gare de Sion", "de": "Bahnhof Sitten", "en": "Sion station"})


def slot(night: Edition, at: int = 60, name: str | None = None, **values: Any) -> Slot:
    conditions, lon = values.pop("conditions", []), values.pop("lon", 7.3401)
    return a_slot(a_visit(a_host(night, name, lon=lon), conditions=conditions), timedelta(minutes=at), **values)


def said(answer: TestResponse) -> str:
    """What a page says; no-break spaces as blanks."""
    page = re.sub(r"<svg.*?</svg>|<script.*?</script>", " ", answer.get_data(as_text=True), flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " ").split())


def add(client: FlaskClient, *slots: Slot) -> None:
    for one in slots:
        assert client.post("/fr/soiree/ajouter", data={"slot": one.id}).status_code == 303


def basket(client: FlaskClient) -> list[int]:
    with client.session_transaction() as session:
        return list(session.get("basket", []))


def form(client: FlaskClient, lang: str = "fr", **changes: Any) -> MultiDict[str, str]:
    """The booking form as the page shows it, filled in and ticked."""
    page = client.get(f"/{lang}/reservation").get_data(as_text=True)
    fields = typed(page, "/reservation", {"name": "Anne Exemple", "email": "anne@exemple.ch"}, **changes)
    if "accept" not in changes:
        fields.setlist("accept", re.findall(r'name="accept" value="([^"]+)"', page))
    return fields


def post(client: FlaskClient, fields: MultiDict[str, str], lang: str = "fr") -> TestResponse:
    return client.post(f"/{lang}/reservation", data=fields)


def booked(client: FlaskClient, *slots: Slot, **changes: Any) -> str:
    add(client, *slots)
    answer = post(client, form(client, **changes))
    assert answer.status_code == 303, said(answer)
    return answer.location.rpartition("/")[2]


def count(model: type[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


# Composing


def test_an_empty_evening_is_answered_by_evenings(client: FlaskClient, night: Edition) -> None:
    slot(night, 60, "Câblerie")
    answer = client.get("/fr/soiree")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")
    words = said(answer)
    assert words.count("18:00 Câblerie") == 1
    assert "Rien n’est encore réservé." not in words


def test_before_there_is_an_edition(client: FlaskClient, app: Flask) -> None:
    assert client.get("/fr/soiree").status_code == 200
    assert client.get("/fr/ma-soiree").status_code == 200
    assert client.get("/fr/reservation").status_code == 404


def test_chosen_slots_become_a_timetable(client: FlaskClient, night: Edition) -> None:
    first, second = slot(night, 60, "Câblerie"), slot(night, 150, "Fonderie", lon=7.3301, capacity=3)
    add(client, second, first)
    words = said(client.get("/fr/soiree"))
    assert words.index("18:00 à 18:40 Câblerie") < words.index("19:30 à 20:10 Fonderie")
    assert "Départ : Gare de Sion." in words
    leave = re.findall(r"Partez à (\d\d:\d\d) au plus tard", words)
    assert leave == sorted(leave)
    assert (len(leave), leave[1] < "19:30") == (2, True)
    assert "2 visites, 1 personne" in words
    assert "Réserver pour une personne" in words


def test_adding_needs_no_cookie_but_our_own_site(client: FlaskClient, night: Edition) -> None:
    one = slot(night)
    foreign = client.post("/fr/soiree/ajouter", data={"slot": one.id}, headers={"Sec-Fetch-Site": "cross-site"})
    assert (foreign.status_code, basket(client)) == (403, [])
    own = client.post("/fr/soiree/ajouter", data={"slot": one.id}, headers={"Sec-Fetch-Site": "same-origin"})
    assert (own.status_code, own.location, basket(client)) == (303, f"/fr/soiree#etape-{one.id}", [one.id])
    assert client.post("/fr/soiree/vider").status_code == 400


def test_the_same_visit_at_another_hour_takes_its_place(client: FlaskClient, night: Edition) -> None:
    visit = a_visit(a_host(night, "Câblerie"))
    early, late = a_slot(visit, timedelta(minutes=60)), a_slot(visit, timedelta(minutes=120))
    add(client, early, late)
    assert basket(client) == [late.id]
    assert "Câblerie : l’heure est maintenant 19:00." in said(client.get("/fr/soiree"))


@pytest.mark.parametrize("value", ["", "0", "-1", "x", "9" * 30, "99999", "1.5", "٣", "1' OR '1'='1"])
def test_what_is_no_slot_changes_nothing(client: FlaskClient, night: Edition, value: str) -> None:
    one = slot(night)
    add(client, one)
    assert client.post("/fr/soiree/ajouter", data={"slot": value}).status_code == 303
    assert basket(client) == [one.id]
    assert "Un des créneaux choisis n’existe pas" in said(client.get("/fr/soiree"))


def test_an_answer_that_changes_nothing_leaves_the_cookie_alone(client: FlaskClient, night: Edition) -> None:
    """The kept evening asks for itself in the background: its late answer must not put back what the browser held before."""
    reference = booked(client, slot(night))
    client.get(f"/fr/ma-soiree/{reference}")
    for page in ("", "/poche"):
        assert "Set-Cookie" not in client.get(f"/fr/ma-soiree/{reference}{page}").headers


def test_eight_stops_and_no_more(client: FlaskClient, night: Edition) -> None:
    host = a_host(night)
    slots = [a_slot(a_visit(host, minutes=5), timedelta(minutes=10 * number)) for number in range(1, 10)]
    add(client, *slots)
    assert len(basket(client)) == 8
    assert "Une soirée tient 8 visites au plus." in said(client.get("/fr/soiree"))


def test_stops_leave_one_by_one_or_all(client: FlaskClient, night: Edition) -> None:
    first, second = slot(night, 60), slot(night, 150)
    add(client, first, second)
    token = csrf(client.get("/fr/soiree").get_data(as_text=True))
    client.post("/fr/soiree/retirer", data={"slot": first.id, "csrf_token": token})
    assert basket(client) == [second.id]
    client.post("/fr/soiree/vider", data={"csrf_token": token})
    assert basket(client) == []


def test_faults_show_at_once_with_hours_that_would_do(client: FlaskClient, night: Edition) -> None:
    first = slot(night, 60, "Câblerie")
    visit = a_visit(a_host(night, "Fonderie"))
    clash, fits = a_slot(visit, timedelta(minutes=80)), a_slot(visit, timedelta(minutes=120))
    full = a_slot(visit, timedelta(minutes=180), capacity=0)
    add(client, first, clash)
    answer = client.get("/fr/soiree")
    page, words = answer.get_data(as_text=True), said(answer)
    assert "Câblerie et Fonderie se chevauchent." in words
    assert "Réserver pour" not in words
    assert f'value="{clash.id}-{fits.id}"' in page
    assert f'value="{clash.id}-{full.id}"' not in page
    client.post("/fr/soiree/changer", data={"change": f"{clash.id}-{fits.id}", "csrf_token": csrf(page)})
    assert basket(client) == [first.id, fits.id]
    assert "Réserver pour une personne" in said(client.get("/fr/soiree"))


def test_a_slot_that_fills_meanwhile_is_told_for_this_many_people(client: FlaskClient, night: Edition) -> None:
    one = slot(night, 60, capacity=2)
    add(client, one)
    token = csrf(client.get("/fr/soiree").get_data(as_text=True))
    client.post("/fr/soiree/groupe", data={"personnes": "3", "mode": "foot", "csrf_token": token})
    words = said(client.get("/fr/soiree"))
    assert "Il ne reste que 2 places pour 3 personnes." in words
    assert "à pied" in words
    client.post("/fr/soiree/groupe", data={"personnes": "99", "mode": "rocket", "csrf_token": token})
    assert "3 personnes" in said(client.get("/fr/soiree"))


def test_what_still_fits_is_reachable_and_has_places(client: FlaskClient, night: Edition) -> None:
    chosen = slot(night, 120, "Câblerie")
    before, after = slot(night, 60, "Avant"), slot(night, 200, "Après")
    too_close = slot(night, 161, "Trop près", lon=7.41)
    slot(night, 210, "Pleine", capacity=0)
    slot(night, 220, "Fermée", status="closed")
    slot(night, 230, "Annulée", status="cancelled")
    add(client, chosen)
    page = client.get("/fr/soiree").get_data(as_text=True)
    offered = re.search(r'action="/fr/soiree/ajouter">(.*?)</form>', page, re.S)
    assert offered
    assert re.findall(r'name="slot" value="(\d+)"', offered[1]) == [str(before.id), str(after.id)]
    assert str(too_close.id) not in re.findall(r'name="slot" value="(\d+)"', offered[1])


def test_a_withdrawn_company_is_told_and_not_booked(client: FlaskClient, night: Edition) -> None:
    one, gone = slot(night, 60), slot(night, 150)
    add(client, one, gone)
    gone.visit.host.state = "withdrawn"
    saved(gone.visit.host)
    assert "Une visite choisie n’est plus au programme." in said(client.get("/fr/soiree"))


def test_composing_costs_the_same_for_one_stop_and_for_three(client: FlaskClient, night: Edition) -> None:
    costs = []
    for number in range(3):
        add(client, slot(night, 60 + 90 * number))
        client.get("/fr/soiree")
        with statements() as found:
            client.get("/fr/soiree")
        costs.append(len(found))
    assert costs[0] == costs[2] <= 5


# Booking


def test_a_party_books_its_evening(client: FlaskClient, night: Edition) -> None:
    first, second = slot(night, 60), slot(night, 150)
    reference = booked(client, first, second, people__0__label="Anne")
    booking = booking_by_reference(reference)
    assert booking is not None
    assert (booking.name, booking.email, booking.locale) == ("Anne Exemple", "anne@exemple.ch", "fr")
    assert [ticket.label for ticket in booking.tickets] == ["Anne"]
    assert basket(client) == []
    page = client.get(f"/fr/ma-soiree/{reference}")
    assert (page.headers["Cache-Control"], page.headers["Referrer-Policy"]) == ("no-store", "strict-origin")
    assert "C’est réservé." in said(page)


def test_people_join_and_leave_without_a_script(client: FlaskClient, night: Edition) -> None:
    add(client, slot(night))
    fields = form(client, people__0__label="Anne")
    page = ""
    for label in ("Karim", "Lou"):
        fields.setlist("action", ["ajouter"])
        answer = post(client, fields)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 200
        number = len(re.findall(r'id="people-\d+-label"', page)) - 1
        fields = typed(page, "/reservation", {f"people-{number}-label": label})
    assert "Réserver pour 3 personnes" in said(answer)
    fields.setlist("action", ["enlever-1"])
    page = post(client, fields).get_data(as_text=True)
    fields = typed(page, "/reservation")
    assert [value for name, value in fields.items() if name.endswith("-label")] == ["Anne", "Lou"]
    assert (fields["name"], fields["email"]) == ("Anne Exemple", "anne@exemple.ch")
    assert post(client, fields).status_code == 303
    assert list(db.session.scalars(select(Ticket.label).order_by(Ticket.position))) == ["Anne", "Lou"]


def test_a_seventh_person_is_never_booked(client: FlaskClient, night: Edition) -> None:
    add(client, slot(night))
    fields = form(client)
    for number in range(9):
        fields[f"people-{number}-label"], fields[f"people-{number}-age_band"] = f"P{number}", "18+"
    fields.setlist("action", ["ajouter"])
    assert len(re.findall(r'id="people-\d+-label"', post(client, fields).get_data(as_text=True))) == 6


def test_the_size_of_the_basket_is_the_size_of_the_form(client: FlaskClient, night: Edition) -> None:
    add(client, slot(night))
    token = csrf(client.get("/fr/soiree").get_data(as_text=True))
    client.post("/fr/soiree/groupe", data={"personnes": "3", "mode": "bike", "csrf_token": token})
    fields = form(client)
    assert (len([name for name in fields if name.endswith("-label")]), fields["mode"]) == (3, "bike")


def test_nothing_typed_is_lost(client: FlaskClient, night: Edition) -> None:
    add(client, slot(night, conditions=[{"kind": "closed_shoes"}, {"kind": "no_photos"}]))
    sent = form(client, people__0__label="Léa", people__0__age_band="14-15", mode="foot", accept=["no_photos-0"])
    sent["email"] = "lea@exemple"
    answer = post(client, sent)
    assert answer.status_code == 422
    page, words = answer.get_data(as_text=True), said(answer)
    assert "<title>Erreur" in page
    assert "Il manque la fin de l’adresse, par exemple « .ch »." in words
    assert "1 condition n’est pas acceptée." in words
    assert "Cochez cette ligne, ou retirez la visite." in words
    kept = typed(page, "/reservation")
    for name in ("people-0-label", "people-0-age_band", "mode", "name", "email", "key", "slots", "accept"):
        assert kept.getlist(name) == sent.getlist(name), name
    assert count(Booking) == 0


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("", "Tapez votre adresse : les billets y arrivent."),
        ("anne", "Il manque le signe @, par exemple « nom@domaine.ch »."),
        ("anne@exemple", "Il manque la fin de l’adresse, par exemple « .ch »."),
        ("anne@", "Cette adresse n’est pas complète, par exemple « nom@domaine.ch »."),
        ("a b@exemple.ch", "Cette adresse n’est pas complète, par exemple « nom@domaine.ch »."),
        ("anne@exemple.ch\r\nBcc: b@exemple.ch", "Cette adresse n’est pas complète, par exemple « nom@domaine.ch »."),
        ("é@exemple.ch", "Cette adresse n’est pas complète, par exemple « nom@domaine.ch »."),
    ],
)
def test_an_address_that_would_not_arrive(client: FlaskClient, night: Edition, address: str, sentence: str) -> None:
    add(client, slot(night))
    answer = post(client, form(client, email=address))
    assert answer.status_code == 422
    assert sentence in said(answer)


def test_addresses_are_kept_as_servers_write_them(client: FlaskClient, night: Edition) -> None:
    booked(client, slot(night), email=" Anne.Exemple@Bücher.EXEMPLE.ch ")
    assert db.session.scalar(select(Booking.email)) == "anne.exemple@xn--bcher-kva.exemple.ch"


def test_demands_by_age_concern_who_is_young_enough(client: FlaskClient, night: Edition) -> None:
    conditions = [{"kind": "min_age", "value": 8}, {"kind": "accompanied_under", "value": 14}]
    add(client, slot(night, conditions=conditions))
    alone = form(client, accept=[])
    assert post(client, alone).status_code == 303
    add(client, slot(night, 150, conditions=conditions))
    family = form(client, accept=[], email="b@exemple.ch")
    family["people-1-label"], family["people-1-age_band"] = "Lou", "0-11"
    answer = post(client, family)
    assert answer.status_code == 422
    assert "2 conditions ne sont pas acceptées." in said(answer)
    family.setlist("accept", ["min_age-8", "accompanied_under-14"])
    assert post(client, family).status_code == 303


def test_a_child_without_an_adult_and_one_too_young(client: FlaskClient, night: Edition) -> None:
    conditions = [{"kind": "min_age", "value": 12}, {"kind": "accompanied_under", "value": 16}]
    add(client, slot(night, 60, "Fonderie", conditions=conditions))
    answer = post(client, form(client, people__0__label="Lou", people__0__age_band="12-13"))
    assert answer.status_code == 409
    assert "Fonderie : avant 16 ans, on vient avec un adulte." in said(answer)
    answer = post(client, form(client, people__0__label="Mia", people__0__age_band="0-11"))
    assert "Fonderie reçoit dès 12 ans. Retirez cette visite, ou Mia." in said(answer)
    assert count(Booking) == 0


def test_a_seat_that_is_gone_offers_other_hours_on_the_same_page(client: FlaskClient, night: Edition) -> None:
    visit = a_visit(a_host(night, "Fonderie"))
    wish, other = a_slot(visit, timedelta(minutes=60), capacity=3), a_slot(visit, timedelta(minutes=150))
    add(client, wish)
    fields = form(client)
    fields["people-1-label"], fields["people-1-age_band"] = "Karim", "18+"
    a_booking(night, wish, size=2)
    answer = post(client, fields)
    page, words = answer.get_data(as_text=True), said(answer)
    assert answer.status_code == 409
    assert "Il ne reste que 1 place pour 2 personnes." in words
    assert "Ces heures gardent votre soirée possible :" in words
    assert f'id="etape-{wish.id}" data-tone="stop"' in page
    assert basket(client) == [wish.id]
    again = typed(page, "/reservation", action=f"echanger-{wish.id}-{other.id}")
    swapped = post(client, again)
    assert (swapped.status_code, basket(client)) == (200, [other.id])
    fields = typed(swapped.get_data(as_text=True), "/reservation")
    assert fields["people-1-label"] == "Karim"
    assert post(client, fields).status_code == 303
    assert db.session.scalar(select(Slot.taken).where(Slot.id == other.id)) == 2


def test_a_stop_leaves_the_form_and_the_basket(client: FlaskClient, night: Edition) -> None:
    first, second = slot(night, 60), slot(night, 80)
    add(client, first, second)
    fields = form(client, action=f"retirer-{second.id}")
    assert (post(client, fields).status_code, basket(client)) == (200, [first.id])


def test_the_form_books_what_it_shows_not_what_another_tab_chose(client: FlaskClient, night: Edition) -> None:
    shown, other = slot(night, 60), slot(night, 150)
    add(client, shown)
    fields = form(client)
    add(client, other)
    assert post(client, fields).status_code == 303
    assert list(db.session.scalars(select(Seat.slot_id))) == [shown.id]


def test_sent_twice_it_is_one_booking(client: FlaskClient, night: Edition) -> None:
    add(client, slot(night))
    fields = form(client)
    first, second = post(client, fields), post(client, fields)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert (count(Booking), count(Message)) == (1, 1)


def test_going_back_and_changing_makes_another_only_when_sent_again(client: FlaskClient, night: Edition) -> None:
    add(client, slot(night))
    fields = form(client)
    post(client, fields)
    fields["name"] = "Anne Autrement"
    answer = post(client, fields)
    assert answer.status_code == 422
    assert "Cette page a déjà donné une réservation." in said(answer)
    again = typed(answer.get_data(as_text=True), "/reservation")
    assert again["key"] != fields["key"]
    assert post(client, again).status_code == 303
    assert count(Booking) == 2


@pytest.mark.parametrize("key", ["", "x", "é" * 20, "a" * 65, "a b c d e f g h i j"])
def test_a_key_of_ones_own_making_is_refused(client: FlaskClient, night: Edition, key: str) -> None:
    add(client, slot(night))
    assert post(client, form(client, key=key)).status_code == 422
    assert count(Booking) == 0


def test_what_machines_fill_in(client: FlaskClient, night: Edition) -> None:
    add(client, slot(night))
    answer = post(client, form(client, website="https://exemple.com"))
    assert answer.status_code == 422
    assert "Videz ce champ" in said(answer)


def test_too_many_bookings_of_one_address(client: FlaskClient, night: Edition) -> None:
    for number in range(3):
        booked(client, slot(night, 60 + 90 * number))
    add(client, slot(night, 330))
    answer = post(client, form(client))
    assert answer.status_code == 409
    assert "Cette adresse a déjà 3 réservations." in said(answer)


def test_too_many_attempts_from_one_place(client: FlaskClient, night: Edition) -> None:
    night.attempts_per_network = 20
    db.session.commit()
    add(client, slot(night, capacity=0))
    fields = form(client)
    answers = [post(client, fields).status_code for _ in range(21)]
    assert set(answers[:20]) == {409}
    assert answers[20] == 429


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"booking_opens_at": NOW + timedelta(days=1)}, "Les réservations ouvrent le mardi 21 septembre à 12:00."),
        ({"booking_opens_at": NOW - timedelta(days=9), "booking_closes_at": NOW}, "Les réservations sont closes."),
    ],
)
def test_before_and_after_bookings_are_open(
    client: FlaskClient, app: Flask, values: dict[str, Any], sentence: str
) -> None:
    one = slot(an_edition(**values))
    add(client, one)
    for address in ("/fr/soiree", "/fr/reservation"):
        words = said(client.get(address))
        assert sentence in words
        assert "Réserver pour" not in words


def test_booking_nothing(client: FlaskClient, night: Edition) -> None:
    assert "Votre soirée est encore vide." in said(client.get("/fr/reservation"))
    add(client, slot(night))
    for slots in ("", "0", "x,y", "9" * 30, "1" * 5000, ",".join(str(one) for one in range(500))):
        answer = post(client, form(client, slots=slots))
        assert answer.status_code in (409, 422), slots[:20]
    assert count(Booking) == 0


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_in_every_field(client: FlaskClient, app: Flask, night: Edition, text: str) -> None:
    add(client, slot(night))
    fields = form(client)
    for name in ("people-0-label", "name"):
        fields[name] = text
    answer = post(client, fields)
    assert answer.status_code in (303, 422)
    if answer.status_code == 422:
        assert count(Booking) == 0
        return
    page = client.get(answer.location)
    paper, agenda = (client.get(f"{answer.location}/{name}") for name in ("soiree.pdf", "agenda.ics"))
    assert (page.status_code, paper.status_code, agenda.status_code) == (200, 200, 200)
    assert paper.get_data().startswith(b"%PDF")
    label = db.session.scalar(select(Ticket.label)) or ""
    assert not set(label) & set("\u202e\u2066\u200b\x00\x07\x1b\r\n")
    body = page.get_data(as_text=True)
    assert "<script>alert" not in body
    assert f"<bdi>{label}</bdi>".replace("'", "&#39;") in unescape(body).replace("'", "&#39;")
    house = House("https://nuit.exemple.ch", "La nuit <nuit@exemple.ch>", app.extensions["nuit.keys"])
    letter = letter_of(db.session.scalars(select(Message)).one(), house, now=NOW)
    assert letter["To"] == "anne@exemple.ch"
    assert letter["Bcc"] is None
    assert "<script>alert" not in letter.get_body(("html",)).get_content()  # type: ignore[union-attr]


@pytest.mark.parametrize("field", ["people-0-age_band", "mode", "email", "key", "slots", "action", "accept", "website"])
def test_hostile_values_where_a_page_offers_a_choice(client: FlaskClient, night: Edition, field: str) -> None:
    one = slot(night)
    for text in HOSTILE:
        add(client, one)
        fields = form(client)
        fields.setlist(field, [text])
        assert post(client, fields).status_code < 500, text


# Looking after it


def test_another_browser_sees_nothing(client: FlaskClient, app: Flask, night: Edition) -> None:
    reference = booked(client, slot(night))
    seat = db.session.scalar(select(Seat.id))
    stranger = app.test_client()
    for path in ("", "/rendre", "/agenda.ics", "/soiree.pdf", "/ouvrir", "/ouvrir?cle=" + "0" * 32, "/ouvrir?cle=é"):
        assert stranger.get(f"/fr/ma-soiree/{reference}{path}").status_code == 404, path
    token = csrf(stranger.get("/fr/ma-soiree").get_data(as_text=True))
    for path in ("/rendre", f"/places/{seat}/rendre", "/etapes/1/rendre"):
        assert stranger.post(f"/fr/ma-soiree/{reference}{path}", data={"csrf_token": token}).status_code == 404
    assert db.session.scalar(select(Slot.taken)) == 1
    unknown, foreign = (stranger.get(f"/fr/ma-soiree/{one}") for one in ("N-XXXXXXXX", reference))
    assert said(unknown) == said(foreign)
    assert "Recevoir mes billets encore une fois" in said(foreign)


def test_one_booking_is_opened_at_once_several_are_listed(client: FlaskClient, night: Edition) -> None:
    assert "Aucune réservation dans ce navigateur." in said(client.get("/fr/ma-soiree"))
    first = booked(client, slot(night))
    assert client.get("/fr/ma-soiree").location == f"/fr/ma-soiree/{first}"
    second = booked(client, slot(night, 150))
    words = said(client.get("/fr/ma-soiree"))
    assert first in words
    assert second in words


def letters_links(app: Flask, lang: str) -> list[str]:
    house = House("https://nuit.exemple.ch", "La nuit <nuit@exemple.ch>", app.extensions["nuit.keys"])
    found = []
    for message in db.session.scalars(select(Message)).all():
        letter = letter_of(message, house, now=NOW)
        for kind in ("plain", "html"):
            body = letter.get_body((kind,))
            assert body is not None
            found += re.findall(r"https://nuit\.exemple\.ch(/[^\s\"<]+)", unescape(body.get_content()))
    assert all(link.startswith(f"/{lang}/") for link in found)
    return found


def test_a_scanner_that_opens_every_link_changes_nothing(client: FlaskClient, app: Flask, night: Edition) -> None:
    reference = booked(client, slot(night))
    links = letters_links(app, "fr")
    assert len(links) >= 5
    before = [(one.id, one.status, one.changed_at) for one in db.session.scalars(select(Seat))]
    scanner = app.test_client()
    for link in links * 2:
        for method in ("HEAD", "GET", "OPTIONS"):
            answer = scanner.open(link, method=method)
            assert answer.status_code < 400, (method, link)
            if method == "GET" and answer.status_code == 303:
                page = scanner.get(answer.location)
                assert page.status_code == 200
                assert "cle=" not in page.request.url
    db.session.expire_all()
    assert [(one.id, one.status, one.changed_at) for one in db.session.scalars(select(Seat))] == before
    assert (count(Booking), count(Message), db.session.scalar(select(Booking.state))) == (1, 1, "confirmed")
    human = app.test_client()
    opened = human.get(next(link for link in links if "/ouvrir" in link))
    assert opened.location == f"/fr/ma-soiree/{reference}"
    assert human.get(opened.location).status_code == 200


def test_the_link_to_give_back_leads_to_a_question(client: FlaskClient, app: Flask, night: Edition) -> None:
    reference = booked(client, slot(night))
    link = next(link for link in letters_links(app, "fr") if "vers=rendre" in link)
    human = app.test_client()
    where = human.get(link).location
    assert where == f"/fr/ma-soiree/{reference}/rendre"
    page = human.get(where)
    assert "Tout rendre" in said(page)
    answer = human.post(where, data={"csrf_token": csrf(page.get_data(as_text=True))})
    assert answer.location == f"/fr/ma-soiree/{reference}"
    page = human.get(answer.location)
    assert "Cette soirée est rendue." in said(page)
    assert 'class="ticket"' not in page.get_data(as_text=True)
    assert db.session.scalar(select(Slot.taken)) == 0
    assert "Il n’y a plus rien à rendre" in said(human.get(where))


def test_one_person_then_one_stop(client: FlaskClient, night: Edition) -> None:
    first, second = slot(night, 60), slot(night, 150)
    add(client, first, second)
    fields = form(client, people__0__label="Anne")
    fields["people-1-label"], fields["people-1-age_band"] = "Karim", "18+"
    where = post(client, fields).location
    page = client.get(where).get_data(as_text=True)
    seat = re.findall(r'action="(/fr/ma-soiree/[^"]+/places/\d+/rendre)"', page)[0]
    answer = client.post(seat, data={"csrf_token": csrf(page)})
    assert answer.location == where
    words = said(client.get(where))
    assert "C’est rendu." in words
    assert db.session.execute(select(Slot.taken).order_by(Slot.id)).scalars().all() == [1, 2]
    stop = f"{where}/etapes/{second.id}/rendre"
    client.post(stop, data={"csrf_token": csrf(page)})
    words = said(client.get(where))
    assert "19:30" in words
    assert "Rendue" in words
    assert db.session.execute(select(Slot.taken).order_by(Slot.id)).scalars().all() == [1, 0]


def test_what_has_begun_is_not_given_back(client: FlaskClient, night: Edition) -> None:
    first, second = slot(night, 60, "Câblerie"), slot(night, 150, "Fonderie")
    reference = booked(client, first, second)
    seat = db.session.scalar(select(Seat.id).where(Seat.slot_id == first.id))
    with time_machine.travel(OPENS + timedelta(minutes=70), tick=False):
        page = client.get(f"/fr/ma-soiree/{reference}")
        answer = client.post(
            f"/fr/ma-soiree/{reference}/places/{seat}/rendre", data={"csrf_token": csrf(page.get_data(as_text=True))}
        )
        assert answer.status_code == 409
        assert "Câblerie, 18:00 : la visite a déjà commencé." in said(answer)
        assert "Fonderie , visite à 19:30." in said(page)
        assert "Il est 18:10." in said(page)
    with time_machine.travel(OPENS + timedelta(minutes=155), tick=False):
        assert "Votre dernière visite a commencé." in said(client.get(f"/fr/ma-soiree/{reference}"))


def test_a_mail_that_came_back_is_told(client: FlaskClient, night: Edition) -> None:
    reference = booked(client, slot(night))
    message = db.session.scalars(select(Message)).one()
    message.state = "bounced"
    saved(message)
    words = said(client.get(f"/fr/ma-soiree/{reference}"))
    assert "Notre message n’a pas pu être remis à anne@exemple.ch." in words


def test_asking_for_ones_tickets_says_the_same_to_everybody(client: FlaskClient, night: Edition) -> None:
    a_booking(night, slot(night), email="anne@exemple.ch")
    token = csrf(client.get("/fr/ma-soiree").get_data(as_text=True))
    answers = []
    for email in ("anne@exemple.ch", "Anne@Exemple.ch", "personne@exemple.ch"):
        answer = client.post("/fr/ma-soiree", data={"email": email, "csrf_token": token})
        answers.append((answer.status_code, answer.location, said(client.get(answer.location))))
    assert len(set(answers)) == 1
    assert [one.to for one in db.session.scalars(select(Message).where(Message.kind == "resend"))] == [
        "anne@exemple.ch"
    ]
    with time_machine.travel(NOW + timedelta(minutes=61), tick=False):
        client.post("/fr/ma-soiree", data={"email": "anne@exemple.ch", "csrf_token": token})
    assert len(db.session.scalars(select(Message).where(Message.kind == "resend")).all()) == 2


def test_asking_too_often(client: FlaskClient, night: Edition) -> None:
    token = csrf(client.get("/fr/ma-soiree").get_data(as_text=True))
    codes = [
        client.post("/fr/ma-soiree", data={"email": f"a{n}@exemple.ch", "csrf_token": token}).status_code
        for n in range(21)
    ]
    assert (set(codes[:20]), codes[20]) == ({303}, 429)
    assert client.post("/fr/ma-soiree", data={"email": "x", "csrf_token": token}).status_code == 422


def test_papers_of_an_evening(client: FlaskClient, night: Edition) -> None:
    reference = booked(client, slot(night))
    agenda = client.get(f"/fr/ma-soiree/{reference}/agenda.ics")
    assert agenda.content_type == "text/calendar; charset=utf-8"
    assert f"UID:{reference}-" in agenda.get_data(as_text=True)
    paper = client.get(f"/fr/ma-soiree/{reference}/soiree.pdf")
    assert (paper.content_type, paper.headers["Cache-Control"]) == ("application/pdf", "no-store")


def test_an_evening_costs_the_same_for_one_stop_and_for_three(client: FlaskClient, night: Edition) -> None:
    short = booked(client, slot(night, 60))
    long = booked(client, slot(night, 60), slot(night, 150), slot(night, 240))
    costs = []
    for reference in (short, long):
        client.get(f"/fr/ma-soiree/{reference}")
        with statements() as found:
            client.get(f"/fr/ma-soiree/{reference}")
        costs.append(len(found))
    assert costs[0] == costs[1] <= 8


# Tickets


@pytest.fixture
def ticketed(app: Flask, night: Edition) -> tuple[Booking, str, str]:
    """A booking of somebody else's browser: (booking, path of its party's ticket, path of its person's)."""
    booking = booking_by_reference(a_booking(night, slot(night), name="Zoé Exemple").reference)
    assert booking is not None
    codes = codes_of(booking, night, app.extensions["nuit.keys"], "https://nuit.exemple.ch")
    return booking, urlsplit(codes.party.address).path, urlsplit(codes.people[0].address).path


def test_any_phone_sees_what_a_ticket_is_and_nobodys_name(
    client: FlaskClient, ticketed: tuple[Booking, str, str]
) -> None:
    _booking, party, person = ticketed
    for path, title in ((party, "Billet d’un groupe"), (person, "Billet de la nuit"), (person.lower(), "Billet de la")):
        answer = client.get(path)
        words = said(answer)
        assert (answer.status_code, answer.headers["Referrer-Policy"]) == (200, "strict-origin")
        assert title in words
        assert "Zoé" not in words
        assert "Ouvrir ma soirée" not in words
        assert "Pointer ce billet" not in words


def test_its_holder_gets_to_the_evening(client: FlaskClient, app: Flask, ticketed: tuple[Booking, str, str]) -> None:
    booking, _party, person = ticketed
    key = manage_token(app.extensions["nuit.keys"].secret, booking.reference, booking.epoch)
    client.get(f"/fr/ma-soiree/{booking.reference}/ouvrir?cle={key}")
    assert f"/ma-soiree/{booking.reference}" in client.get(person).get_data(as_text=True)


def test_who_stands_at_a_door_gets_to_the_door(
    client: FlaskClient, app: Flask, ticketed: tuple[Booking, str, str]
) -> None:
    with time_machine.travel(NOW, tick=True):
        page = signed_in(client, a_member("volunteer")).get(ticketed[2]).get_data(as_text=True)
    assert f"/porte#{ticketed[2].rpartition('/')[2]}" in page


def test_bad_tickets_all_look_alike(client: FlaskClient, ticketed: tuple[Booking, str, str]) -> None:
    booking, party, _person = ticketed
    forged = party[:-2] + ("A" if party[-2] != "A" else "B") + party[-1]
    pages = {client.get(path).get_data() for path in ("/T/X", forged, "/T/" + "A" * 138, "/T/" + "9" * 600)}
    assert len(pages) == 1
    ticket = booking.tickets[0]
    ticket.revoked_at = NOW
    saved(ticket)
    assert client.get(ticketed[2]).status_code == 404
    assert client.get(party).status_code == 200


def test_guessing_tickets_is_slowed_down(client: FlaskClient, night: Edition) -> None:
    answers = [client.get(f"/T/{number}").status_code for number in range(61)]
    assert (set(answers[:60]), answers[60]) == ({404}, 429)


def test_the_api_and_the_page_agree_on_who_may_open_a_booking(app: Flask, night: Edition) -> None:
    asked = wanted(slot(night))
    assert isinstance(asked, Wanted)
    booking = book(night, asked, now=NOW)
    token = manage_token(app.extensions["nuit.keys"].secret, booking.reference, booking.epoch)
    answer = app.test_client().get(f"/fr/ma-soiree/{booking.reference}", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
