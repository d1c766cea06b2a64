"""A public page is drawn once for everybody, and anew the moment a place moves."""

import gzip

from flask.testing import FlaskClient

from nuit.actions.booking import give_back
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
