"""Posters and door signs: one a page, in three languages, each with a code that leads to its company and nowhere else."""

import pypdfium2
import pytest
import zxingcpp
from flask.testing import FlaskClient

from nuit.db import db
from tests.factories import a_host, a_member, a_slot, a_visit, an_edition, signed_in
from tests.team import at_the_desk, page, words

A4, A3 = (595, 842), (842, 1191)


def pages(client: FlaskClient, address: str) -> list[tuple[str, tuple[int, int], list[str]]]:
    """Of each page: its words, its size in points, the codes that a camera reads on it."""
    answer = client.get(address)
    assert (answer.status_code, answer.content_type) == (200, "application/pdf")
    found = []
    for one in pypdfium2.PdfDocument(answer.data):
        text = " ".join(one.get_textpage().get_text_range().split())
        size = (round(one.get_width()), round(one.get_height()))
        picture = one.render(scale=2).to_pil()
        found.append((text, size, [code.text for code in zxingcpp.read_barcodes(picture)]))
    return found


@pytest.mark.parametrize("kind", ["affiche", "porte"])
@pytest.mark.parametrize(("paper", "size"), [("a4", A4), ("a3", A3)])
def test_one_page_a_company(client: FlaskClient, kind: str, paper: str, size: tuple[int, int]) -> None:
    edition, _member = at_the_desk(client)
    long = "Manufacture valaisanne de câbles et d’instruments de précision"
    hosts = [a_host(edition, name) for name in ("Atelier", long)]
    a_host(edition, "Brouillon", state="draft")
    a_slot(a_visit(hosts[0]))
    found = pages(client, f"/equipe/affiches/{kind}-{paper}.pdf")
    assert [(at, codes) for _text, at, codes in found] == [
        (size, [f"http://localhost/fr/entreprises/{one.company.slug}"]) for one in hosts
    ]
    said = ("Réservez", "Reservieren", "Book") if kind == "affiche" else ("Entrée", "Eingang", "Entrance", "18:00")
    assert [word for word in said if word not in found[0][0]] == []
    assert f"localhost/fr/entreprises/{hosts[0].company.slug}" in found[0][0]


def test_names_are_never_markup(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    host = a_host(edition, '#panic("x") $x$ <b>&</b> \\ `raw`')
    host.company.summary = {"fr": '#import "/etc/passwd"'}
    db.session.commit()
    text = pages(client, "/equipe/affiches/affiche-a4.pdf")[0][0]
    assert '#panic("x")' in text
    assert '#import "/etc/passwd"' in text


def test_a_company_prints_its_own_and_no_other(client: FlaskClient) -> None:
    edition = an_edition()
    mine, other = a_host(edition, "Fonderie"), a_host(edition, "Laiterie")
    signed_in(client, a_member("host", mine))
    assert "Fonderie" in pages(client, f"/espace/{mine.company.slug}/porte-a4.pdf")[0][0]
    assert client.get(f"/espace/{other.company.slug}/porte-a4.pdf").status_code == 404
    assert client.get("/equipe/affiches/porte-a4.pdf").status_code == 404


def test_where_they_are_found(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    assert "Aucune entreprise n’est encore publiée." in words(page(client, "/equipe/affiches/"))
    a_host(edition, "Fonderie")
    assert "Toutes d’un coup : 1 page" in words(page(client, "/equipe/affiches/"))


def test_the_programme_is_printed_in_each_language(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    slot = a_slot(a_visit(a_host(edition, "Fonderie #1")))
    a_slot(slot.visit, slot.ends_at, status="cancelled")
    for tongue, title in (("fr", "Voir le four"), ("de", "Den Ofen sehen"), ("en", "See the furnace")):
        [(text, size, _codes)] = pages(client, f"/equipe/affiches/programme-{tongue}.pdf")
        assert (size, [text.count(one) for one in ("Fonderie #1", title, "18:00", "18:40")]) == (A4, [1, 1, 1, 0])


def test_everybody_who_works_has_a_badge_and_each_company_one_for_its_guide(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    hosts = [a_host(edition, f"Atelier {number}") for number in range(10)]
    volunteer, reader = a_member("volunteer", hosts[0]), a_member("reader")
    volunteer.name, reader.name = "Zoé Exemple", "Presse Exemple"
    db.session.commit()
    found = pages(client, "/equipe/affiches/badges.pdf")
    text = " ".join(one[0] for one in found)
    said = [text.count(one) for one in ("Zoé Exemple", "Bénévole", "Presse Exemple", "Guide", "Organisation")]
    assert (len(found), said) == (2, [1, 1, 0, 10, 1])
