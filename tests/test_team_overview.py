"""The organisers' first page: figures, what is missing, demand by hour; anyone in two keystrokes; the trail."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask.testing import FlaskClient

from nuit.db import db
from nuit.models import Message, Slot
from nuit.queries.team.companies import company_lines
from nuit.queries.team.overview import Figures, Hour, demand, figures, missing
from nuit.render.chart import HIGH, columns
from nuit.views.team.words import NOUNS, VERBS
from tests.factories import NOW, OPENS, a_booking, a_host, a_member, a_slot, a_visit, an_edition, saved
from tests.team import at_the_desk, cost, page, send, words

ROOT = Path(__file__).parents[1]
ALL = {"fr": "Voir", "de": "Sehen", "en": "See"}


@pytest.fixture(autouse=True)
def before_the_night() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def a_departure(edition: object, name: str = "Fonderie", minutes: int = 60, **values: object) -> Slot:
    host = a_host(edition, name)  # type: ignore[arg-type]
    return a_slot(a_visit(host), timedelta(minutes=minutes), **values)


def test_the_figures_count_what_stands(client: FlaskClient) -> None:
    edition = an_edition()
    first, second = a_departure(edition, minutes=60), a_departure(edition, "Laiterie", minutes=150)
    a_slot(first.visit, timedelta(minutes=200), status="cancelled", capacity=7)
    a_host(edition, "Brouillon", state="draft")
    a_host(edition, "Attente", state="draft", proposed_at=NOW)
    a_booking(edition, first, second, size=3)
    a_booking(edition, first, size=2)
    found = figures(edition.id, company_lines(edition))
    assert found == Figures({"published": 2, "draft": 1, "proposed": 1}, 2, 24, 8, 2, 5)
    assert found.left == 16


def test_demand_goes_by_the_hour_of_the_wall_clock(client: FlaskClient) -> None:
    edition = an_edition()
    first = a_departure(edition, minutes=10)
    a_slot(first.visit, timedelta(minutes=50))
    a_slot(first.visit, timedelta(minutes=60))
    a_slot(first.visit, timedelta(minutes=61), status="cancelled")
    a_booking(edition, first, size=4)
    assert demand(edition.id) == [Hour(OPENS, 2, 24, 4), Hour(OPENS + timedelta(hours=1), 1, 12, 0)]


def test_columns_share_one_scale() -> None:
    drawn = columns([(100, 50), (50, 1), (0, 0)])
    assert [(one.whole, one.part) for one in drawn.columns] == [(HIGH, HIGH // 2), (HIGH // 2, 2), (0, 0)]
    assert [one.top + one.whole for one in drawn.columns] == [HIGH] * 3
    assert columns([]).columns == ()


def test_what_is_missing_is_named_and_linked(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    a_host(edition, "Sans rien", state="draft", proposed_at=NOW)
    saved(Message(kind="confirmation", key="k", to="x@exemple.ch", locale="fr", due_at=NOW, state="bounced"))
    kinds = {one.kind: one.count for one in missing(edition, company_lines(edition))}
    assert kinds == {
        "proposed": 1, "mails": 1, "organiser_phone": 1, "organiser_email": 1, "summary": 1, "visit": 1, "contact": 1,
        "phone": 1, "routes": 1, "festival": 1, "volunteers": 1, "streets": 1,
    }  # fmt: skip
    html = page(client, "/equipe/")
    for address in ("?etat=proposed", "/equipe/reservations/messages", "#contact_phone", "?manque=visit", "#ajouter"):
        assert address in html


def test_a_finished_edition_misses_nothing_urgent(client: FlaskClient) -> None:
    edition = an_edition(contact_email="a@exemple.ch", contact_phone="027 000 00 00")
    host = a_host(edition, "Fonderie", contact_email="f@exemple.ch")
    host.company.summary = ALL
    a_slot(a_visit(host, is_unconditional=True))
    db.session.commit()
    assert [one.kind for one in missing(edition, company_lines(edition)) if one.is_urgent] == []


def test_the_page_says_its_figures(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    slot = a_departure(edition)
    a_booking(edition, slot, size=3, name="Zoé Exemple")
    said = words(page(client, "/equipe/"))
    for part in ("entreprise publiée 1", "places 12", "réservées 3", "libres 9", "réservation 1", "personnes 3"):
        assert part in said
    assert "Zoé Exemple" in said


def test_anyone_in_two_keystrokes(client: FlaskClient) -> None:
    edition, member = at_the_desk(client)
    slot = a_departure(edition, "Écluse Neuve")
    a_booking(edition, slot, name="Zoé Müller")
    said = words(page(client, "/equipe/trouver?q=mu"))
    assert ("Zoé Müller" in said, "1 réponse" in said) == (True, True)
    assert "Écluse Neuve" in words(page(client, "/equipe/trouver?q=ECLU"))
    assert member.email in words(page(client, f"/equipe/trouver?q={member.email[:6]}"))
    assert "Rien ne répond à « zzzz »." in words(page(client, "/equipe/trouver?q=zzzz"))


def test_one_letter_shows_the_latest(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    a_booking(edition, a_departure(edition), name="Zoé Müller")
    assert "Zoé Müller" in words(page(client, "/equipe/trouver?q=x"))


def test_the_overview_costs_the_same_at_one_and_at_three(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    a_booking(edition, a_departure(edition))
    at_one = {address: cost(client, address) for address in ("/equipe/", "/equipe/trouver?q=an")}
    for number in (1, 2):
        a_booking(edition, a_departure(edition, f"Atelier {number}"))
        a_member("volunteer", a_host(edition, f"Forge {number}"), email=f"an{number}@exemple.ch")
    assert {address: cost(client, address) for address in at_one} == at_one


def test_the_journal_tells_who_and_what(client: FlaskClient) -> None:
    _edition, member = at_the_desk(client)
    send(client, "/equipe/entreprises/ajouter", name="Fonderie de la Morge")
    said = words(page(client, "/equipe/journal/"))
    assert "Fonderie de la Morge Entreprise · ajouté" in said
    assert member.email in said
    assert "Fonderie" not in words(page(client, "/equipe/journal/?objet=member"))


def test_the_journal_goes_by_pages_and_costs_the_same(client: FlaskClient) -> None:
    at_the_desk(client)
    send(client, "/equipe/entreprises/ajouter", name="Atelier 1")
    at_one = cost(client, "/equipe/journal/")
    for number in range(2, 55):
        a_member("volunteer", email=f"b{number}@exemple.ch")
    for number in (2, 3):
        send(client, "/equipe/entreprises/ajouter", name=f"Atelier {number}")
    assert cost(client, "/equipe/journal/") == at_one
    assert "?page=2" in page(client, "/equipe/journal/")
    assert "Atelier 1" in words(page(client, "/equipe/journal/?page=2"))
    assert "Rien encore." in words(page(client, "/equipe/journal/?page=9999"))


def test_the_journal_has_words_for_all_that_is_noted() -> None:
    """Every verb and noun that an action writes into the trail, as far as its code names them."""
    pattern = re.compile(r'\bnote\(\s*(?:"(\w+)"|\w+),\s*"(\w+)"')
    noted = [found for path in (ROOT / "nuit").rglob("*.py") for found in pattern.findall(path.read_text())]
    assert len(noted) > 20
    assert {verb for verb, _noun in noted if verb} - set(VERBS) == set()
    assert {noun for _verb, noun in noted} - set(NOUNS) == set()
    assert {"open", "closed", "cancelled", "draft", "published", "withdrawn"} - set(VERBS) == set()
