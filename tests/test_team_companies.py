"""Companies from the organisers' side: found, added, invited, published when nothing is missing, withdrawn."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from nuit.db import db
from nuit.models import Edition, Host, Membership, Message
from nuit.queries.team.companies import chosen, company_lines
from tests.factories import NOW, a_booking, a_host, a_slot, a_visit, an_edition, csrf
from tests.team import at_the_desk, cost, page, send, trail, words

LIST = "/equipe/entreprises/"


@pytest.fixture(autouse=True)
def before_the_night() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def a_ready_host(edition: Edition, name: str, **values: object) -> Host:
    """Nothing is missing there."""
    host = a_host(edition, name, **{"state": "draft", "contact_email": f"{name.lower()}@exemple.ch", **values})
    host.company.summary = {"fr": "On coule.", "de": "Man giesst.", "en": "We cast."}
    a_slot(a_visit(host, is_unconditional=True))
    return host


def state_of(host: Host) -> str:
    db.session.expire_all()
    return str(db.session.get_one(Host, host.id).state)


def names(edition: Edition, **asked: str) -> list[str]:
    return [line.name for line in chosen(company_lines(edition), **asked)]


def test_search_sort_and_filter(client: FlaskClient) -> None:
    edition = an_edition()
    a_ready_host(edition, "Écluse", district="Ronquoz")
    second = a_host(edition, "Fonderie", state="published")
    slot = a_slot(a_visit(second), timedelta(hours=1), capacity=20)
    a_slot(a_visit(second), timedelta(hours=2), capacity=20)
    a_booking(edition, slot, size=4)
    a_host(edition, "Atelier", state="withdrawn")
    assert names(edition) == ["Atelier", "Écluse", "Fonderie"]
    assert names(edition, text="ECL") == names(edition, text="ronqu") == ["Écluse"]
    assert names(edition, state="published") == ["Fonderie"]
    assert names(edition, missing="conditions") == ["Fonderie"]
    assert names(edition, order="taken")[0] == names(edition, order="places")[0] == "Fonderie"
    assert names(edition, order="left") == ["Fonderie", "Écluse", "Atelier"]
    assert names(edition, order="state") == ["Écluse", "Fonderie", "Atelier"]
    assert names(edition, order="nonsense") == names(edition)


def test_the_list_says_what_is_missing(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    a_host(edition, "Fonderie", state="draft")
    said = words(page(client, LIST))
    assert "la phrase de présentation, une visite" in said
    assert "un contact, un téléphone à la porte" in said
    assert "Aucune entreprise ne répond." in words(page(client, f"{LIST}?q=zzz"))


def test_a_company_is_added_where_it_stands(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    said = words(send(client, f"{LIST}ajouter", name="Câblerie de Sion", near="Champsec"))
    assert "Câblerie de Sion" in said
    host = db.session.scalars(select(Host)).one()
    assert (host.company.slug, host.state, host.edition_id) == ("cablerie-de-sion", "draft", edition.id)
    assert (host.lon, host.lat) == (7.3812, 46.23)
    assert trail()[-1] == ("add", "host")


def test_the_same_company_is_not_added_twice(client: FlaskClient) -> None:
    at_the_desk(client)
    send(client, f"{LIST}ajouter", name="Câblerie")
    html = send(client, f"{LIST}ajouter", expect=409, name="câblerie")
    assert "« Câblerie » existe déjà." in words(html)
    assert 'value="câblerie"' in html
    assert len(db.session.scalars(select(Host)).all()) == 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": " "}, "Tapez le nom de l’entreprise."),
        ({"name": "x" * 121}, "Au plus 120 signes."),
        ({"name": "Fonderie", "contact": "a@b"}, "Cette adresse n’est pas complète"),
        ({"name": "Fonderie", "invite": "y"}, "Pour inviter, il faut une adresse."),
    ],
)
def test_what_does_not_fit_is_said(client: FlaskClient, fields: dict[str, str], sentence: str) -> None:
    at_the_desk(client)
    assert sentence in words(send(client, f"{LIST}ajouter", expect=422, **fields))
    assert db.session.scalars(select(Host)).all() == []


def test_an_invitation_opens_the_desk_and_holds_no_secret(client: FlaskClient) -> None:
    at_the_desk(client)
    send(client, f"{LIST}ajouter", name="Fonderie", contact="Lea@exemple.ch", locale="de", invite="y")
    message = db.session.scalars(select(Message).where(Message.kind == "invitation")).one()
    assert (message.to, message.locale, message.payload["guided"]) == ("lea@exemple.ch", "de", True)
    assert parse_qs(urlsplit(message.payload["url"]).query) == {
        "email": ["Lea@exemple.ch"], "next": ["/espace/fonderie/guide"], "lang": ["de"]
    }  # fmt: skip
    assert message.payload["roles"] == [{"role": "host", "company": "Fonderie"}]
    role = db.session.scalars(select(Membership).where(Membership.role == "host")).one()
    assert role.company is not None
    assert role.company.name == "Fonderie"


def test_a_contact_is_invited_once_an_hour(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    host = a_host(edition, "Fonderie", contact_email="f@exemple.ch")
    token = csrf(page(client, LIST))
    for sentence in ("L’invitation part à f@exemple.ch.", "Déjà invitées il y a moins d’une heure : Fonderie."):
        answer = client.post(f"{LIST}{host.company.slug}/inviter", data={"csrf_token": token})
        assert sentence in words(page(client, answer.location))
    assert len(db.session.scalars(select(Message).where(Message.kind == "invitation")).all()) == 1


def ticked(client: FlaskClient, verb: str, *hosts: Host) -> str:
    answer = client.post(
        f"{LIST}{verb}", data={"csrf_token": csrf(page(client, LIST)), "tick": [one.company.slug for one in hosts]}
    )
    assert answer.status_code == 303
    return words(page(client, answer.location))


def test_those_that_lack_nothing_are_published_together(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    first, second = a_ready_host(edition, "Fonderie"), a_ready_host(edition, "Laiterie")
    lacking = a_host(edition, "Brouillon", state="draft")
    revision = edition.revision
    said = ticked(client, "publier", first, second, lacking)
    assert "2 entreprises sont publiées." in said
    assert "Pas encore publiées, car il y manque quelque chose : Brouillon." in said
    assert [state_of(one) for one in (first, second, lacking)] == ["published", "published", "draft"]
    assert trail()[-2:] == [("published", "host")] * 2
    assert db.session.get_one(Edition, edition.id).revision == revision + 2


def test_withdrawing_keeps_what_is_booked(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    host = a_ready_host(edition, "Fonderie", state="published")
    slot = company_lines(edition)[0]
    assert slot.places.taken == 0
    said = ticked(client, "retirer", host)
    assert "1 entreprise n’est plus visible. Ce qui est réservé le reste." in said
    assert state_of(host) == "withdrawn"
    assert client.get(f"/fr/entreprises/{host.company.slug}").status_code == 404


def test_many_are_invited_together_each_in_its_language(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    first = a_host(edition, "Fonderie", state="draft", contact_email="f@exemple.ch")
    second = a_host(edition, "Giesserei", state="draft", contact_email="g@exemple.ch", locale="de")
    silent = a_host(edition, "Muette", state="draft")
    said = ticked(client, "inviter", first, second, silent)
    assert "2 invitations partent." in said
    assert "Sans adresse de contact : Muette. Donnez-la d’abord." in said
    sent = db.session.scalars(select(Message).where(Message.kind == "invitation").order_by(Message.to)).all()
    assert [(one.to, one.locale) for one in sent] == [("f@exemple.ch", "fr"), ("g@exemple.ch", "de")]
    db.session.expire_all()
    assert [db.session.get_one(Host, one.id).invited_at for one in (first, second, silent)] == [NOW, NOW, None]
    assert "invitée le 20 septembre" in words(page(client, LIST))
    said = ticked(client, "inviter", first, second)
    assert "Déjà invitées il y a moins d’une heure : Fonderie et Giesserei." in said


def test_nothing_ticked_is_said(client: FlaskClient) -> None:
    at_the_desk(client)
    assert "Cochez d’abord au moins une entreprise." in ticked(client, "publier")


def test_another_edition_s_company_does_not_exist(client: FlaskClient) -> None:
    old = a_ready_host(an_edition(is_current=False), "Ancienne")
    at_the_desk(client)
    data = {"csrf_token": csrf(page(client, LIST + "ajouter")), "tick": old.company.slug}
    assert client.post(f"{LIST}publier", data=data).status_code == 404
    assert client.post(f"{LIST}{old.company.slug}/inviter", data=data).status_code == 404
    assert state_of(old) == "draft"


def test_the_list_costs_the_same_at_one_and_at_three(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    a_ready_host(edition, "Fonderie")
    at_one = cost(client, LIST)
    a_ready_host(edition, "Laiterie")
    a_slot(a_visit(a_ready_host(edition, "Forge")), timedelta(hours=3))
    assert cost(client, LIST) == at_one
