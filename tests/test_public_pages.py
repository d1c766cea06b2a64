"""The public pages: what they show in each state, what they cost, and that nothing typed can break them."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import event

from config import ROOT
from nuit.db import db
from nuit.models import Edition, Host, Practice, Trade
from tests.factories import NOW, OPENS, a_booking, a_host, a_slot, a_visit, an_edition, saved

TEXTS = {"fr": "Voir", "de": "Sehen", "en": "See"}


@pytest.fixture(autouse=True)
def before_the_night() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@contextmanager
def statements() -> Iterator[list[str]]:
    found: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        found.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def words(client: FlaskClient, address: str, status: int = 200) -> str:
    """What a page says, without its tags; one blank between words, no-break spaces as blanks."""
    answer = client.get(address)
    assert answer.status_code == status, address
    page = re.sub(r"<svg.*?</svg>|<script.*?</script>", " ", answer.get_data(as_text=True), flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " ").split())


def names(client: FlaskClient, query: str) -> list[str]:
    """The companies a list shows, in its order."""
    page = client.get(f"/fr/entreprises{query}").get_data(as_text=True)
    return re.findall(r'<h3><a href="[^"]*">([^<]*)</a></h3>', page)


def a_company(night: Edition, name: str, *, at: datetime = OPENS, left: int = 12, **values: Any) -> Host:
    """A company with one visit and one departure."""
    host = a_host(night, name, **{key: value for key, value in values.items() if key in ("lon", "lat", "district")})
    visit = a_visit(
        host, **{key: value for key, value in values.items() if key in ("languages", "wheelchair", "conditions")}
    )
    a_slot(visit, at, taken=12 - left)
    return host


# No edition, and the stages of one


@pytest.mark.parametrize("address", ["/fr/", "/fr/entreprises", "/fr/metiers"])
def test_without_an_edition_the_pages_are_calm(client: FlaskClient, address: str) -> None:
    assert "La date arrive." in words(client, address)


@pytest.mark.parametrize("address", ["/fr/infos", "/fr/infos/donnees", "/de/infos", "/en/infos/donnees"])
def test_practical_pages_stand_without_an_edition(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 200


def test_home_says_what_when_where_and_how_many(client: FlaskClient) -> None:
    night = an_edition()
    a_company(night, "Fonderie", left=5)
    said = words(client, "/fr/")
    assert "Vendredi 24 septembre 2027, de 17 h à 23 h, à Sion." in said
    assert "1 entreprise ouvre ses portes." in said
    assert "Il reste 5 places sur 12." in said
    assert "4 jours 05 heures 00" in said
    assert "17:00 Fonderie Voir le four · 40 min" in said


def test_home_says_when_bookings_open(client: FlaskClient) -> None:
    an_edition(booking_opens_at=NOW + timedelta(days=1))
    said = words(client, "/fr/")
    assert "Les réservations ouvrent le mardi 21 septembre à 12:00." in said
    assert "Composer ma soirée" not in said
    assert "Les horaires arrivent." in said


def test_home_during_the_night_shows_what_leaves_next_and_afterwards_thanks(client: FlaskClient) -> None:
    night = an_edition()
    a_company(night, "Matin", at=OPENS + timedelta(minutes=5))
    a_company(night, "Soir", at=OPENS + timedelta(hours=2))
    with time_machine.travel(OPENS + timedelta(hours=1), tick=False):
        said = words(client, "/fr/")
        assert "Les portes sont ouvertes." in said
        assert "Prochaines places libres" in said
        assert "19:00 Soir" in said
        assert "Matin Voir" not in said
    with time_machine.travel(night.closes_at, tick=False):
        assert "La nuit est passée." in words(client, "/fr/")


def test_home_with_every_place_taken_says_so(client: FlaskClient) -> None:
    a_company(an_edition(), "Fonderie", left=0)
    assert "Aucune place libre en ce moment." in words(client, "/fr/")


# The list and its questions


def test_the_list_is_ordered_by_next_departure_name_or_distance(client: FlaskClient) -> None:
    night = an_edition()
    a_company(night, "Zinc", at=OPENS, lon=7.40)
    a_company(night, "Acier", at=OPENS + timedelta(hours=2), lon=7.30)
    a_company(night, "Cuivre", at=OPENS + timedelta(hours=1), lon=7.359, lat=46.2275)
    assert names(client, "") == ["Zinc", "Cuivre", "Acier"]
    assert names(client, "?tri=nom") == ["Acier", "Cuivre", "Zinc"]
    assert names(client, "?pres=ici&lon=7.31&lat=46.22") == ["Acier", "Cuivre", "Zinc"]
    assert names(client, "?pres=ici&lon=7.31&lat=46.22&tri=depart") == ["Zinc", "Cuivre", "Acier"]


def test_the_list_answers_each_question(client: FlaskClient) -> None:
    night = an_edition()
    forge = a_company(night, "Forge", left=2, languages=["fr"], conditions=[{"kind": "min_age", "value": 12}])
    a_company(night, "Moulin", left=8, languages=["en"], wheelchair="yes", district="Ronquoz")
    forge.company.trades.append(saved(Trade(slug="forge", name={"fr": "Forgeronne, forgeron"})))
    db.session.commit()
    assert names(client, "?places=3") == ["Moulin"]
    assert names(client, "?langue=fr") == ["Forge"]
    assert names(client, "?fauteuil=1") == ["Moulin"]
    assert names(client, "?age=11") == ["Moulin"]
    assert names(client, "?age=12") == ["Forge", "Moulin"]
    assert names(client, "?metier=forge") == ["Forge"]
    assert names(client, "?q=FORGERONNE") == ["Forge"]
    assert names(client, "?q=ronquoz") == ["Moulin"]


def test_the_form_keeps_what_was_asked_and_each_part_can_be_taken_away(client: FlaskClient) -> None:
    a_company(an_edition(), "Moulin", wheelchair="yes", languages=["fr", "de"])
    page = client.get("/fr/entreprises?places=3&langue=de&fauteuil=1&age=9&q=moulin").get_data(as_text=True)
    assert '<option selected value="3">' in page
    assert '<option selected value="de">' in page
    assert re.search(r'<input checked id="fauteuil"', page)
    assert re.search(r'id="age"[^>]* value="9"', page)
    chips = page.split('<ul class="chips"')[1].split("</ul>")[0].replace("&amp;", "&")
    asked = {"q=moulin", "places=3", "langue=de", "fauteuil=1", "age=9"}
    kept = [set(urlsplit(way).query.split("&")) for way in re.findall(r'<a href="([^"]*)"', chips)]
    assert [asked - one for one in kept] == [
        {"q=moulin"}, {"places=3"}, {"langue=de"}, {"fauteuil=1"}, {"age=9"}, asked,
    ]  # fmt: skip


def test_an_empty_answer_names_the_nearest_question_that_has_one(client: FlaskClient) -> None:
    night = an_edition()
    a_company(night, "Forge", left=2, languages=["fr"])
    said = words(client, "/fr/entreprises?places=4&langue=fr")
    assert "0 entreprise sur 1" in said
    assert "Pour 2 personnes : 1 entreprise" in said
    said = words(client, "/fr/entreprises?fauteuil=1")
    assert "Sans « Accessible en fauteuil roulant » : 1 entreprise" in said


@pytest.mark.parametrize(
    "query",
    [
        "places=99999999999999999999&langue=xx&metier=rien&tri=prix&pres=Mars",
        "places=-1&age=abc&fauteuil=peut-%C3%AAtre",
        "age=999",
        "age=%D9%A3",
        "pres=ici",
        "pres=ici&lon=nan&lat=inf",
        "pres=ici&lon=1e999&lat=91",
        "lon=%01&lat=%ED%A0%80&q=%01%ED%A0%80%E2%80%AE",
        "q=" + "a" * 5000,
        "q=%3Cscript%3Ealert(1)%3C/script%3E",
        "q=a&q=b&places=1&places=2",
        "tri=distance",
    ],
)
def test_what_makes_no_sense_asks_nothing_and_breaks_nothing(client: FlaskClient, query: str) -> None:
    a_company(an_edition(), "Forge")
    answer = client.get(f"/fr/entreprises?{query}")
    assert answer.status_code == 200
    assert "<script>alert" not in answer.get_data(as_text=True)


def test_an_age_that_is_none_is_said(client: FlaskClient) -> None:
    a_company(an_edition(), "Forge")
    assert "Un âge en années, par exemple « 9 »." in words(client, "/fr/entreprises?age=abc")


# One company


def test_departures_are_buttons_only_where_there_is_a_place(client: FlaskClient) -> None:
    night = an_edition()
    host = a_host(night, "Fonderie")
    visit = a_visit(host)
    slots = [
        a_slot(visit, timedelta(hours=1)),
        a_slot(visit, timedelta(hours=2), taken=10),
        a_slot(visit, timedelta(hours=3), taken=12),
        a_slot(visit, timedelta(hours=4), status="closed"),
        a_slot(visit, timedelta(hours=5), status="cancelled"),
        a_slot(visit, NOW - timedelta(hours=1)),
    ]
    page = client.get(f"/fr/entreprises/{host.company.slug}").get_data(as_text=True)
    assert re.findall(r'<button class="slot" name="slot" value="(\d+)" data-state="(\w+)"', page) == [
        (str(slots[0].id), "many"),
        (str(slots[1].id), "few"),
    ]
    assert re.findall(r'<div class="slot" data-state="(\w+)"', page) == ["past", "closed", "cancelled"]
    assert re.findall(r'name="wait" value="(\d+)" data-state="(\w+)"', page) == [(str(slots[2].id), "full")]


def test_after_the_last_hour_of_booking_nothing_is_a_button(client: FlaskClient) -> None:
    night = an_edition(booking_closes_at=NOW - timedelta(minutes=1))
    host = a_company(night, "Fonderie")
    assert '<button class="slot"' not in client.get(f"/fr/entreprises/{host.company.slug}").get_data(as_text=True)


def test_a_company_says_all_one_must_know(client: FlaskClient) -> None:
    night = an_edition(start_name={"fr": "Gare de Sion"})
    host = a_host(night, "Fonderie", bike_parking=40, charging=2, access={"fr": "Portail bleu."}, district="Ronquoz")
    company = host.company
    company.fact, company.about = {"fr": "L’aluminium fond à 660 °C."}, {"fr": "Un.\n\nDeux."}
    company.trades.append(
        saved(Trade(slug="forge", name={"fr": "Forgeronne, forgeron"}, training={"fr": "CFC, 4 ans"}))
    )
    company.practices.append(Practice(kind="recycling", text={"fr": "92 % de métal recyclé"}))
    db.session.commit()
    a_visit(
        host,
        wheelchair="partly",
        conditions=[
            {"kind": "min_age", "value": 10},
            {"kind": "accompanied_under", "value": 14},
            {"kind": "steps", "value": 32, "note": {"fr": "passerelle"}},
        ],
    )
    said = words(client, f"/fr/entreprises/{company.slug}")
    for wanted in (
        "Entreprises · Ronquoz · Exemple",
        "Dès 10 ans accompagné jusqu’à 14 ans",
        "32 marches passerelle",
        "Fauteuil roulant : en partie",
        "Français, allemand",
        "Portail bleu.",
        "40 places pour vélos, 2 prises pour recharger.",
        "« Tu savais ça ? » L’aluminium fond à 660 °C.",
        "Un. Deux.",
        "Forgeronne, forgeron CFC, 4 ans",
        "Engagement : Recyclage 92 % de métal recyclé",
        "Les heures de cette visite ne sont pas encore fixées.",
    ):
        assert wanted in said


def test_a_company_tells_what_is_in_reach_after_it(client: FlaskClient) -> None:
    night = an_edition()
    first = a_company(night, "Fonderie", at=OPENS)
    a_company(night, "Trop tôt", at=OPENS + timedelta(minutes=41), lon=7.41, lat=46.25)
    a_company(night, "Plus tard", at=OPENS + timedelta(hours=2), lon=7.41, lat=46.25)
    said = words(client, f"/fr/entreprises/{first.company.slug}")
    assert "après la visite de 17:00, qui finit à 17:40." in said
    assert "19:00 Plus tard" in said
    assert "Trop tôt" not in said


@pytest.mark.parametrize("state", ["draft", "withdrawn"])
def test_only_published_companies_are_on_show(client: FlaskClient, state: str) -> None:
    host = a_host(an_edition(), "Caché", state=state)
    assert names(client, "") == []
    words(client, f"/fr/entreprises/{host.company.slug}", 404)


def test_hostile_texts_stay_texts(client: FlaskClient) -> None:
    night = an_edition()
    host = a_company(night, "<img src=x onerror=alert(1)>")
    host.company.website = "javascript:alert(1)"
    host.company.summary = {"fr": "</p><script>alert(1)</script>%(x)s {{ 7*7 }}"}
    host.company.fact = {"fr": "‮<b>"}
    host.access = {"fr": "<svg onload=alert(1)>"}
    db.session.commit()
    for address in ("/fr/", "/fr/entreprises", f"/fr/entreprises/{host.company.slug}", "/de/entreprises"):
        page = client.get(address).get_data(as_text=True)
        assert not re.search(r"<img src=x|<script>alert|<svg onload|javascript:|>49<", page)


# Trades


def test_trades_tell_who_shows_them_and_which_nobody_shows(client: FlaskClient) -> None:
    night = an_edition()
    host = a_host(night, "Forge")
    host.company.trades.append(saved(Trade(slug="forge", name={"fr": "Forgeronne"}, gesture={"fr": "Battre."})))
    saved(Trade(slug="verre", name={"fr": "Verrière"}))
    db.session.commit()
    said = words(client, "/fr/metiers")
    assert "Forgeronne Battre. Forge Verrière Pas au programme cette année." in said
    assert 'id="forge"' in client.get("/fr/metiers").get_data(as_text=True)


# What it costs


def test_every_public_page_asks_the_database_as_often_for_three_companies_as_for_one(client: FlaskClient) -> None:
    night = an_edition()
    trade = saved(Trade(slug="forge", name=TEXTS))
    counted = []
    for name in ("Un", "Deux", "Trois"):
        host = a_company(night, name)
        host.company.trades.append(trade)
        host.company.practices.append(Practice(kind="water", text=TEXTS))
        host.company.fact = TEXTS
        db.session.commit()
        if name == "Deux":
            continue
        addresses = ["/fr/", "/fr/entreprises", f"/fr/entreprises/{host.company.slug}", "/fr/metiers", "/sitemap.xml"]
        for address in addresses:
            client.get(address)
        counted.append([count(client, address) for address in addresses])
    assert counted[0] == counted[1]
    assert max(counted[1]) <= 16


def count(client: FlaskClient, address: str) -> int:
    with statements() as found:
        assert client.get(address).status_code == 200
    return len([one for one in found if not one.startswith(("BEGIN", "PRAGMA"))])


PUBLIC = ["/fr/", "/fr/entreprises", "/de/entreprises?q=a&pres=ici&lon=7.3&lat=46.2", "/en/metiers", "/fr/infos", "/fr/infos/donnees", "/fr/rien", "/rien", "/sitemap.xml"]  # fmt: skip


def test_reading_sets_no_cookie(client: FlaskClient) -> None:
    host = a_company(an_edition(), "Fonderie")
    for address in [*PUBLIC, f"/fr/entreprises/{host.company.slug}"]:
        assert client.get(address).headers.get("Set-Cookie") is None, address


def test_a_page_the_browser_holds_is_not_sent_again_until_a_place_is_taken(client: FlaskClient) -> None:
    night = an_edition()
    host = a_host(night, "Fonderie")
    slot = a_slot(a_visit(host))
    for address in ("/fr/", "/fr/entreprises", f"/fr/entreprises/{host.company.slug}"):
        first = client.get(address)
        held = {"If-None-Match": first.headers["ETag"]}
        assert first.headers["Cache-Control"] == "no-cache"
        again = client.get(address, headers=held)
        assert (again.status_code, again.data) == (304, b"")
        assert client.get(address.replace("/fr/", "/de/"), headers=held).status_code == 200
    a_booking(night, slot)
    assert client.get(f"/fr/entreprises/{host.company.slug}", headers=held).status_code == 200


def test_a_page_is_held_no_longer_than_its_minute(client: FlaskClient) -> None:
    a_company(an_edition(), "Fonderie")
    held = {"If-None-Match": client.get("/fr/").headers["ETag"]}
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        assert client.get("/fr/", headers=held).status_code == 200


# Addresses


def test_the_sitemap_has_each_public_page_in_three_languages(client: FlaskClient) -> None:
    host = a_company(an_edition(), "Fonderie")
    page = client.get("/sitemap.xml").get_data(as_text=True)
    found = re.findall(r"<loc>([^<]*)</loc>", page)
    assert f"http://localhost/de/entreprises/{host.company.slug}" in found
    assert len(found) == 3 * len({re.sub(r"/(fr|de|en)/", "/xx/", one) for one in found})
    assert "Sitemap: http://localhost/sitemap.xml" in client.get("/robots.txt").get_data(as_text=True)


@pytest.mark.parametrize(
    ("address", "lang"), [("/fr/rien", "fr"), ("/de/rien", "de"), ("/rien", "en"), ("/en/entreprises/rien", "en")]
)
def test_what_does_not_exist_is_a_page_with_a_way_on(client: FlaskClient, address: str, lang: str) -> None:
    an_edition()
    answer = client.get(address, headers={"Accept-Language": "en"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 404
    assert f'<html lang="{lang}-CH"' in page
    assert f'<a class="btn" href="/{lang}/">' in page
    assert "noindex" in page


def test_every_page_tells_its_own_title_description_and_address(client: FlaskClient) -> None:
    host = a_company(an_edition(), "Fonderie")
    host.company.summary = {"fr": "Du lingot à la pièce."}
    db.session.commit()
    addresses = [
        "/fr/",
        "/fr/entreprises",
        f"/fr/entreprises/{host.company.slug}",
        "/fr/metiers",
        "/fr/infos",
        "/fr/infos/donnees",
    ]
    pages = [client.get(address + "?q=1").get_data(as_text=True) for address in addresses]
    titles = [re.search(r"<title>(.*?)</title>", page)[1] for page in pages]  # type: ignore[index]
    told = [re.search(r'<meta name="description" content="(.*?)"', page)[1] for page in pages]  # type: ignore[index]
    assert len(set(titles)) == len(set(told)) == len(addresses)
    assert told[2] == "Du lingot à la pièce."
    for address, page in zip(addresses, pages, strict=True):
        assert f'<link rel="canonical" href="http://localhost{address}">' in page


def test_every_disc_of_the_example_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="d-([a-z]+)"', (ROOT / "static/img/disques.svg").read_text()))
    asked = [json.loads((ROOT / "example" / name).read_text()) for name in ("companies.json", "trades.json")]
    assert set(re.findall(r"'disc': '([a-z]+)'", str(asked))) - drawn == set()
    assert len(drawn) == 18
