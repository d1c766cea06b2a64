"""The guide's sheets on paper: a page a departure, who comes, what to recall; this company's own visitors only."""

from datetime import timedelta

import pypdfium2
import pytest
from flask import Flask
from flask.testing import FlaskClient

from nuit.planning.evening import Person
from tests.factories import a_booking, a_host, a_member, a_slot, a_visit, an_edition, signed_in


def words(content: bytes) -> list[str]:
    """The text of each page, in lines."""
    return [" ".join(page.get_textpage().get_text_range().split()) for page in pypdfium2.PdfDocument(content)]


@pytest.fixture
def door(app: Flask, client: FlaskClient) -> tuple[str, int]:
    edition = an_edition()
    host, other = a_host(edition, "Fonderie"), a_host(edition, "Câblerie")
    visit = a_visit(host, conditions=[{"kind": "closed_shoes"}])
    slot = a_slot(visit, timedelta(hours=1))
    a_slot(visit, timedelta(hours=3))
    party = (Person("Zébulon", "18+"), Person("Fridolin", "0-11"))
    a_booking(edition, slot, name="O’Brien #set *gras*", party=party, locale="de")
    a_booking(edition, a_slot(a_visit(other), timedelta(hours=1)), name="Quelqu’un d’ailleurs")
    signed_in(client, a_member("host", host))
    return host.company.slug, slot.id


@pytest.mark.parametrize(
    ("lang", "title", "facts", "shoes"),
    [
        ("fr", "Feuille du guide", "2 personnes · 1 groupe · 1 enfant de moins de 14 ans · Deutsch 1", "Chaussures fermées"),
        ("de", "Blatt für die Führung", "2 Personen · 1 Gruppe · 1 Kind unter 14 Jahren · Deutsch 1", "Geschlossene Schuhe"),
        ("en", "Guide’s sheet", "2 people · 1 group · 1 child under 14 · Deutsch 1", "Closed shoes"),
    ],
)  # fmt: skip
def test_one_departure(
    client: FlaskClient, door: tuple[str, int], lang: str, title: str, facts: str, shoes: str
) -> None:
    slug, slot = door
    answer = client.get(f"/espace/{slug}/visiteurs/{slot}.pdf?lang={lang}")
    assert (answer.status_code, answer.content_type) == (200, "application/pdf")
    (page,) = words(answer.data)
    told = ("18:00", "Fonderie", title, facts, shoes, "O’Brien #set *gras*", "Zébulon", "Fridolin")
    assert [one for one in told if one not in page] == []
    assert "ailleurs" not in page


def test_every_departure_of_the_evening_has_its_page(client: FlaskClient, door: tuple[str, int]) -> None:
    pages = words(client.get(f"/espace/{door[0]}/visiteurs.pdf?lang=fr").data)
    assert [("18:00" in page, "Personne encore." in page) for page in pages] == [(True, False), (False, True)]


def test_a_house_without_departures_still_gets_a_file(app: Flask, client: FlaskClient) -> None:
    host = a_host(an_edition(), "Fonderie")
    signed_in(client, a_member("host", host))
    assert client.get(f"/espace/{host.company.slug}/visiteurs.pdf").status_code == 200
