"""The frame of the night: saved as typed, and what contradicts itself is refused with a sentence."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from nuit.db import db
from nuit.models import Edition
from tests.factories import a_host, a_slot, a_visit
from tests.team import at_the_desk, page, trail, words

FRAME = "/equipe/edition/"


def at_a_sound_desk(client: FlaskClient) -> Edition:
    edition, _member = at_the_desk(client, start_name={"fr": "Gare"}, contact_email="nuit@exemple.ch")
    return edition


def fresh(edition: Edition) -> Edition:
    db.session.expire_all()
    return db.session.get_one(Edition, edition.id)


def change(client: FlaskClient, expect: int = 303, **changes: str) -> str:
    from tests.typed import typed

    fields = typed(page(client, FRAME), FRAME, changes)
    answer = client.post(FRAME, data=fields)
    assert answer.status_code == expect, words(answer.get_data(as_text=True))[:900]
    return words(page(client, FRAME) if expect == 303 else answer.get_data(as_text=True))


def test_saving_unchanged_changes_nothing(client: FlaskClient) -> None:
    edition = at_a_sound_desk(client)
    before = {one.name: getattr(edition, one.name) for one in Edition.__table__.columns}
    assert "Édition enregistrée." in change(client)
    after = fresh(edition)
    assert {one.name: getattr(after, one.name) for one in Edition.__table__.columns} == before
    assert ("change", "edition") not in trail()


def test_everything_is_saved(client: FlaskClient) -> None:
    edition = at_a_sound_desk(client)
    revision = edition.revision
    change(client, **{
        "name": "Sion 2028", "region": "Sion", "night": "2028-09-22", "opens": "16h30", "closes": "00:30",
        "booking_opens_at": "2028-06-01T08:00", "booking_closes_at": "2028-09-22T22:00", "summary-de": "Ein Abend",
        "contact_phone": "027 111 22 33", "near": "Gare", "ride_factor": "1,5", "ride_margin_minutes": "5",
        "door_early_minutes": "15", "door_late_minutes": "0", "max_party": "8", "max_stops": "5",
        "max_bookings_per_email": "1",
    })  # fmt: skip
    found = fresh(edition)
    assert (found.name, found.night) == ("Sion 2028", date(2028, 9, 22))
    assert (found.opens_at, found.closes_at) == (
        datetime(2028, 9, 22, 14, 30, tzinfo=UTC), datetime(2028, 9, 22, 22, 30, tzinfo=UTC)
    )  # fmt: skip
    assert (found.booking_opens_at, found.booking_closes_at) == (
        datetime(2028, 6, 1, 6, 0, tzinfo=UTC), datetime(2028, 9, 22, 20, 0, tzinfo=UTC)
    )  # fmt: skip
    assert (found.start_lon, found.start_lat) == (7.359, 46.22738)
    assert (found.summary, found.contact_phone) == ({"de": "Ein Abend"}, "027 111 22 33")
    assert (found.ride_factor, found.ride_margin_minutes, found.door_early_minutes, found.door_late_minutes) == (
        1.5,
        5,
        15,
        0,
    )
    assert (found.max_party, found.max_stops, found.max_bookings_per_email) == (8, 5, 1)
    assert (found.revision, trail()[-1]) == (revision + 1, ("change", "edition"))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"closes": "16:30"}, "La nuit finirait avant de commencer."),
        ({"opens": "11:00", "closes": "05:00"}, "La nuit durerait plus de quatorze heures"),
        ({"booking_opens_at": "2027-09-24T23:30"}, "Les réservations fermeraient avant d’ouvrir."),
        ({"booking_closes_at": "2027-09-25T12:00"}, "Les réservations fermeraient après la fin de la nuit."),
        ({"night": ""}, "Choisissez une date."),
        ({"night": "1066-10-14"}, "Cette date est trop loin."),
        ({"opens": "soir"}, "Tapez une heure, par exemple 17:30."),
        ({"booking_opens_at": "demain"}, "Tapez un jour et une heure."),
        ({"booking_opens_at": "0001-01-01T00:00"}, "Cette date est trop loin."),
        ({"booking_opens_at": "2027-03-28T02:30"}, "cette heure n’existe pas une seule fois"),
        ({"booking_opens_at": "2026-10-25T02:30"}, "cette heure n’existe pas une seule fois"),
        ({"ride_factor": "0.9"}, "Un nombre de 1 à 3"),
        ({"ride_factor": "nan"}, "Un nombre de 1 à 3"),
        ({"max_party": "0"}, "Un nombre de 1 à 12."),
        ({"max_stops": "9" * 30}, "Un nombre de 1 à 12."),
        ({"contact_email": ""}, "Tapez l’adresse où le public vous écrit."),
        ({"contact_phone": "appelez-moi"}, "Des chiffres, par exemple"),
        ({"start_name-fr": ""}, "Nommez le lieu d’où l’on part"),
        ({"lon": "2.35", "lat": "48.85"}, "Cette position est hors de Suisse"),
    ],
)
def test_contradictions_are_refused(client: FlaskClient, fields: dict[str, str], sentence: str) -> None:
    edition = at_a_sound_desk(client)
    revision = edition.revision
    said = change(client, 422, **fields)
    assert sentence in said
    assert fresh(edition).revision == revision


def test_no_departure_is_left_outside(client: FlaskClient) -> None:
    edition = at_a_sound_desk(client)
    visit = a_visit(a_host(edition, "Fonderie"))
    a_slot(visit, timedelta(hours=1))
    a_slot(visit, timedelta(hours=2))
    a_slot(visit, timedelta(hours=5), status="cancelled")
    said = change(client, 409, opens="18:30")
    assert "1 départ serait hors de la nuit, le premier chez Fonderie." in said
    assert "2 départs seraient hors de la nuit" in change(client, 409, night="2027-09-25")
    assert fresh(edition).night == date(2027, 9, 24)
    change(client, closes="21:30", booking_closes_at="2027-09-24T21:00")
    assert fresh(edition).closes_at == datetime(2027, 9, 24, 19, 30, tzinfo=UTC)


def test_what_was_typed_is_still_there(client: FlaskClient) -> None:
    at_a_sound_desk(client)
    from tests.typed import typed

    fields = typed(page(client, FRAME), FRAME, {"name": "Nouvelle", "closes": "16:00"})
    html = client.post(FRAME, data=fields).get_data(as_text=True)
    assert 'value="Nouvelle"' in html
    assert "<title>Erreur : Édition" in html.replace("\u00a0", " ")
