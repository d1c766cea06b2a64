"""A public page is drawn once for everybody, and anew the moment a place moves."""

import gzip
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event

from nuit.actions.booking import give_back
from nuit.actions.company import present
from nuit.db import db
from nuit.queries.desk import presentation_of
from tests.factories import NOW, OPENS, a_booking, a_host, a_slot, a_visit, an_edition


def page(client: FlaskClient, path: str, **head: str) -> str:
    answer = client.get(path, headers=head)
    assert answer.status_code == 200
    data = answer.get_data()
    return (gzip.decompress(data) if answer.headers.get("Content-Encoding") == "gzip" else data).decode()


def test_a_place_taken_and_given_back_shows_at_once(client: FlaskClient) -> None:
    edition = an_edition()
    host = a_host(edition, "Forge")
    slot = a_slot(a_visit(host), OPENS, capacity=9)
    path = f"/fr/entreprises/{host.company.slug}"
    assert "9 places" in page(client, path)
    assert "9 places" in page(client, path)
    booking = a_booking(edition, slot, size=5)
    assert "4 places" in page(client, path)
    give_back(booking.reference, now=NOW)
    assert "9 places" in page(client, path)


def test_a_page_drawn_anew_asks_for_the_edition_and_the_places_alone(client: FlaskClient) -> None:
    edition = an_edition()
    host = a_host(edition, "Forge")
    slot = a_slot(a_visit(host), OPENS, capacity=9)
    path = f"/fr/entreprises/{host.company.slug}"
    page(client, path)
    a_booking(edition, slot, size=5)
    asked: list[str] = []

    def note(*args: Any) -> None:
        asked.append(args[2])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        said = page(client, path)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert "4 places" in said
    assert len([one for one in asked if one.startswith("SELECT")]) == 2


def test_the_places_of_what_comes_after_are_as_they_are_now(client: FlaskClient) -> None:
    edition = an_edition()
    here, next_door = a_host(edition, "Forge"), a_host(edition, "Laiterie")
    a_slot(a_visit(here), OPENS, capacity=9)
    visit = a_visit(next_door)
    first = a_slot(visit, OPENS + timedelta(hours=2), capacity=9)
    a_slot(visit, OPENS + timedelta(hours=3), capacity=7)

    def after() -> str:
        return page(client, f"/fr/entreprises/{here.company.slug}").partition('id="suite"')[2]

    assert "9 places" in after()
    booking = a_booking(edition, first, size=5)
    assert "4 places" in after()
    a_booking(edition, first, size=4)
    assert "7 places" in after()
    give_back(booking.reference, now=NOW)
    a_booking(edition, first, size=1)
    assert "7 places" in after()  # still true; what has come free again is chosen at the next minute


def test_who_has_a_basket_sees_the_places_as_they_are_and_may_hold_the_page(client: FlaskClient) -> None:
    edition = an_edition()
    host = a_host(edition, "Forge")
    slot = a_slot(a_visit(host), OPENS, capacity=9)
    path = f"/fr/entreprises/{host.company.slug}"
    client.post("/fr/soiree/ajouter", data={"slot": slot.id})
    assert client.get_cookie("nuit") is not None
    assert "9 places" in page(client, path)
    tag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    a_booking(edition, slot, size=5)
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200
    assert "4 places" in page(client, path)


def test_what_is_said_once_is_kept_for_nobody(client: FlaskClient) -> None:
    host = a_host(an_edition(), "Forge")
    path = f"/fr/entreprises/{host.company.slug}"
    with client.session_transaction() as session:
        session["_flashes"] = [("go", "C’est noté.")]
    assert "C’est noté." in page(client, path)
    assert "C’est noté." not in page(client, path)


def test_a_part_is_kept_for_its_language_and_its_revision(client: FlaskClient) -> None:
    edition = an_edition()
    host = a_host(edition, "Forge")
    a_slot(a_visit(host), OPENS, capacity=9)
    paths = [f"/{lang}/entreprises/{host.company.slug}" for lang in ("fr", "de", "en")]
    titles = ("Voir le four", "Den Ofen sehen", "See the furnace")
    for _turn in range(2):
        for path, title in zip(paths, titles, strict=True):
            assert [one in page(client, path) for one in titles] == [one == title for one in titles]
    said = replace(presentation_of(host), about={"fr": "Depuis 1921."})
    present(host.id, said, version=host.version, now=NOW, by=None)
    assert "Depuis 1921." in page(client, paths[0])


def test_icons_of_kept_parts_are_drawn_on_the_page(client: FlaskClient) -> None:
    """A part that was kept brings the icons it uses to every page that shows it."""
    edition = an_edition()
    host = a_host(edition, "Forge")
    slot = a_slot(a_visit(host), OPENS, capacity=9)
    for path in ("/fr/", "/fr/entreprises", f"/fr/entreprises/{host.company.slug}"):
        for _turn in range(2):
            said = page(client, path)
            used = set(re.findall(r'href="#(i-[a-z0-9-]+)"', said))
            assert used == set(re.findall(r'<symbol id="(i-[a-z0-9-]+)"', said))
            assert "i-usine" in used
            a_booking(edition, slot, size=1)


def test_a_place_that_moves_from_one_slot_to_another_shows_at_once(client: FlaskClient) -> None:
    edition = an_edition()
    hosts = [a_host(edition, "Forge"), a_host(edition, "Laiterie")]
    slots = [a_slot(a_visit(host), OPENS, capacity=9) for host in hosts]
    first = a_booking(edition, slots[0], size=5)
    before = page(client, "/fr/entreprises")
    give_back(first.reference, now=NOW)
    a_booking(edition, slots[1], size=5)
    assert page(client, "/fr/entreprises") != before


def test_the_same_bytes_in_every_encoding(client: FlaskClient) -> None:
    a_host(an_edition(), "Forge")
    plain = page(client, "/fr/entreprises")
    assert page(client, "/fr/entreprises", **{"Accept-Encoding": "gzip"}) == plain
    packed = client.get("/fr/entreprises", headers={"Accept-Encoding": "br"})
    assert packed.headers["Content-Encoding"] == "br"
    assert "Accept-Encoding" in packed.headers["Vary"]


def test_who_holds_the_page_gets_304(client: FlaskClient) -> None:
    a_host(an_edition(), "Forge")
    tag = client.get("/fr/entreprises").headers["ETag"]
    assert client.get("/fr/entreprises", headers={"If-None-Match": tag}).status_code == 304
    assert client.get("/de/entreprises", headers={"If-None-Match": tag}).status_code == 200


def test_a_kept_page_keeps_its_policy(client: FlaskClient) -> None:
    """The map's tiles are admitted on the map alone, whether it is drawn, kept, or held by the browser."""
    a_host(an_edition(), "Forge")
    for path, admitted in (("/fr/carte", True), ("/fr/entreprises", False)):
        for _turn in range(2):
            answer = client.get(path)
            assert ("wmts.geo.admin.ch" in answer.headers["Content-Security-Policy"]) is admitted
        held = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert held.status_code == 304
        assert "Content-Security-Policy" not in held.headers
