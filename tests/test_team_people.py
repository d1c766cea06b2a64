"""People who sign in: roles given and taken, invitations, out of every browser."""

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from nuit.db import db
from nuit.models import Member, Membership, Message
from nuit.queries.map import spots
from nuit.queries.team.people import all_companies
from tests.factories import NOW, a_host, a_member, an_edition, csrf, signed_in
from tests.team import at_the_desk, cost, page, send, trail, words

LIST = "/equipe/membres/"


def push(client: FlaskClient, path: str) -> str:
    answer = client.post(LIST + path, data={"csrf_token": csrf(page(client, LIST))})
    assert answer.status_code == 303
    return words(page(client, answer.location))


def roles() -> set[tuple[str, str, str]]:
    return {
        (one.member.email, one.role, one.company.name if one.company else "")
        for one in db.session.scalars(select(Membership))
    }


def test_each_role_is_added(client: FlaskClient) -> None:
    edition, member = at_the_desk(client)
    host = a_host(edition, "Fonderie")
    company = str(host.company_id)
    send(client, LIST, LIST + "ajouter", email="Lea@exemple.ch", role="host", company=company, name="Léa", locale="de")
    send(client, LIST, LIST + "ajouter", email="lea@exemple.ch", role="volunteer", company="")
    send(client, LIST, LIST + "ajouter", email="paul@exemple.ch", role="volunteer", company=company)
    send(client, LIST, LIST + "ajouter", email="chef@exemple.ch", role="organiser", company="")
    assert roles() == {
        (member.email, "organiser", ""), ("chef@exemple.ch", "organiser", ""), ("lea@exemple.ch", "host", "Fonderie"),
        ("lea@exemple.ch", "volunteer", ""), ("paul@exemple.ch", "volunteer", "Fonderie"),
    }  # fmt: skip
    lea = db.session.scalars(select(Member).where(Member.email == "lea@exemple.ch")).one()
    assert (lea.name, lea.locale) == ("Léa", "de")


def test_what_does_not_fit_is_said_and_stays_typed(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    company = str(a_host(edition).company_id)
    before = roles()
    wrong = [
        ({"email": "lea", "role": "volunteer"}, "Cette adresse n’est pas complète"),
        ({"email": "l@exemple.ch", "role": "host", "company": ""}, "Choisissez l’entreprise de ce contact."),
        ({"email": "l@exemple.ch", "role": "organiser", "company": company}, "Ce rôle n’appartient à aucune"),
        ({"email": "l@exemple.ch", "role": "volunteer", "company": "99999"}, "Choisissez une entreprise de la liste."),
    ]
    for fields, sentence in wrong:
        html = send(client, LIST, LIST + "ajouter", expect=422, **fields)
        assert sentence in words(html)
        assert f'value="{fields["email"]}"' in html
    html = send(client, LIST, LIST + "ajouter", expect=422, email="l@exemple.ch", role="king")
    assert roles() == before


def test_an_invitation_is_sent_with_the_role(client: FlaskClient) -> None:
    at_the_desk(client)
    said = words(send(client, LIST, LIST + "ajouter", email="p@exemple.ch", role="volunteer", invite="y", locale="en"))
    assert "L’invitation part à p@exemple.ch." in said
    message = db.session.scalars(select(Message)).one()
    assert (message.kind, message.locale, message.payload) == (
        "invitation", "en",
        {"url": "http://localhost/connexion/?email=p@exemple.ch", "name": "",
         "roles": [{"role": "volunteer", "company": ""}], "guided": False},
    )  # fmt: skip
    member = db.session.scalars(select(Member).where(Member.email == "p@exemple.ch")).one()
    assert "moins d’une heure" in push(client, f"{member.id}/inviter")


def test_the_last_organiser_stays(client: FlaskClient) -> None:
    _edition, member = at_the_desk(client)
    role = member.memberships[0].id
    assert "C’est la dernière personne" in push(client, f"{member.id}/roles/{role}/retirer")
    other = a_member("organiser")
    assert "Rôle retiré." in push(client, f"{other.id}/roles/{other.memberships[0].id}/retirer")
    assert roles() == {(member.email, "organiser", "")}
    assert trail()[-1] == ("remove", "member")


def test_a_role_belongs_to_its_member(client: FlaskClient) -> None:
    _edition, member = at_the_desk(client)
    other = a_member("volunteer")
    data = {"csrf_token": csrf(page(client, LIST))}
    address = f"{LIST}{member.id}/roles/{other.memberships[0].id}/retirer"
    assert client.post(address, data=data).status_code == 404
    for path in (f"{10**30}/inviter", "999999/sortir", f"{2**63 - 1}/inviter"):
        assert client.post(LIST + path, data=data).status_code == 404


def test_out_of_every_browser_at_once(app: Flask) -> None:
    client, theirs = app.test_client(), app.test_client()
    edition, _member = at_the_desk(client)
    host = a_host(edition, "Fonderie")
    contact = a_member("host", host)
    signed_in(theirs, contact)
    assert theirs.get(f"/espace/{host.company.slug}").status_code == 200
    assert "n’est plus connecté nulle part" in push(client, f"{contact.id}/sortir")
    assert "/connexion/" in theirs.get(f"/espace/{host.company.slug}").location or ""
    assert trail()[-1] == ("sign_out", "member")


def test_people_are_found_by_name_address_or_company(client: FlaskClient) -> None:
    edition, member = at_the_desk(client)
    contact = a_member("host", a_host(edition, "Écluse Neuve"))
    for text in ("ecluse", contact.email[:5]):
        said = words(page(client, f"{LIST}?q={text}"))
        assert (contact.email in said, f"{member.email} Organisation" in said) == (True, False)
    assert "Personne ne répond." in words(page(client, LIST + "?q=zzzz"))


def test_the_list_costs_the_same_at_one_and_at_three(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    a_member("host", a_host(edition))
    at_one = cost(client, LIST)
    for _turn in range(3):
        a_member("volunteer", a_host(edition))
    assert cost(client, LIST) == at_one


def test_without_an_edition_people_can_still_be_added(client: FlaskClient) -> None:
    an_edition(is_current=False)
    signed_in(client, a_member("organiser"))
    assert "Ajouter quelqu’un" in words(page(client, LIST))


def test_accents_and_capitals_do_not_move_a_company(app: Flask) -> None:
    """As in a dictionary, whether the database orders or we do."""
    edition = an_edition()
    right = ["Brasserie", "écluse", "Élan", "Émaux", "Fonderie"]
    for name in ("Fonderie", "Émaux", "écluse", "Brasserie", "Élan"):
        a_host(edition, name)
    assert [name for _, name in all_companies()] == right
    assert [spot.name for spot in spots(edition.id, NOW)] == right
