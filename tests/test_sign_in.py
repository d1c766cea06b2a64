"""Signing in by mail: once, ten minutes, in the browser that asked; scanners change nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from nuit.actions.member import add_member, issue_link, remove_membership, sign_in, sign_out_everywhere
from nuit.db import db
from nuit.errors import LastOrganiser, LinkSpent, WrongBrowser, WrongCode
from nuit.models import Message, SignedIn
from tests.factories import a_member, an_edition, csrf, signed_in

NOON = datetime(2027, 9, 20, 12, 0, tzinfo=UTC)


def ask(client: FlaskClient, email: str) -> str:
    page = client.get("/connexion/").get_data(as_text=True)
    answer = client.post("/connexion/", data={"csrf_token": csrf(page), "email": email})
    assert answer.status_code == 303
    return client.get("/connexion/envoye").get_data(as_text=True)


def mailed() -> Message:
    return db.session.scalars(select(Message).order_by(Message.id.desc())).first() or pytest.fail("no mail")


def test_a_link_works_once(app: Flask) -> None:
    member = a_member()
    token, _code = issue_link(member, now=NOON, browser=None)
    assert sign_in(token, now=NOON + timedelta(minutes=9), browser=None)[0].id == member.id
    with pytest.raises(LinkSpent):
        sign_in(token, now=NOON + timedelta(minutes=9), browser=None)


def test_a_link_dies_after_ten_minutes(app: Flask) -> None:
    token, _code = issue_link(a_member(), now=NOON, browser=None)
    with pytest.raises(LinkSpent):
        sign_in(token, now=NOON + timedelta(minutes=10), browser=None)


def test_a_link_opens_only_where_it_was_asked_for(app: Flask) -> None:
    token, _code = issue_link(a_member(), now=NOON, browser="here")
    with pytest.raises(WrongBrowser):
        sign_in(token, now=NOON, browser="elsewhere")
    assert sign_in(token, now=NOON, browser="here")


def test_a_newer_link_voids_the_older(app: Flask) -> None:
    member = a_member()
    older, _code = issue_link(member, now=NOON, browser=None)
    issue_link(member, now=NOON, browser=None)
    with pytest.raises(LinkSpent):
        sign_in(older, now=NOON, browser=None)


def test_the_whole_way_by_mail(client: FlaskClient) -> None:
    an_edition()
    member = a_member()
    ask(client, member.email.upper())
    address = mailed().payload["url"].removeprefix("http://localhost")
    for _scanner in range(3):
        assert client.get(address).status_code == 200
    page = client.get(address).get_data(as_text=True)
    assert client.post(address, data={"csrf_token": csrf(page)}).status_code == 303
    assert client.get("/bureau").status_code in (200, 303)
    assert db.session.scalars(select(SignedIn.member_id)).all() == [member.id]


def test_the_code_works_in_the_asking_browser_alone(app: Flask) -> None:
    an_edition()
    member = a_member()
    mine, other = app.test_client(), app.test_client()
    page = ask(mine, member.email)
    code = mailed().payload["code"]
    elsewhere = other.get("/connexion/envoye").get_data(as_text=True)
    refused = other.post("/connexion/envoye", data={"csrf_token": csrf(elsewhere), "code": code})
    assert refused.status_code == WrongCode.status
    assert code in refused.get_data(as_text=True)
    assert (
        mine.post("/connexion/envoye", data={"csrf_token": csrf(page), "code": f"{code[:3]} {code[3:]}"}).status_code
        == 303
    )


def test_an_unknown_address_gets_the_same_answer_and_no_mail(client: FlaskClient) -> None:
    an_edition()
    known = ask(client, a_member().email)
    before = len(db.session.scalars(select(Message)).all())
    unknown = ask(client, "personne@exemple.ch")
    assert len(db.session.scalars(select(Message)).all()) == before
    assert unknown.replace(csrf(unknown), "") == known.replace(csrf(known), "")


def test_a_bad_address_loses_nothing(client: FlaskClient) -> None:
    an_edition()
    page = client.get("/connexion/").get_data(as_text=True)
    answer = client.post("/connexion/", data={"csrf_token": csrf(page), "email": "anne@exemple"})
    assert answer.status_code == 422
    assert 'value="anne@exemple"' in answer.get_data(as_text=True)


@pytest.mark.parametrize("where", ["https://ailleurs.example/", "//ailleurs.example", "/\\ailleurs.example", "x"])
def test_next_leads_only_home(client: FlaskClient, where: str) -> None:
    an_edition()
    page = client.get("/connexion/", query_string={"next": where}).get_data(as_text=True)
    assert 'name="next" value="/bureau"' in page


def test_signing_out_everywhere_ends_every_browser(app: Flask) -> None:
    an_edition()
    member = a_member()
    first, second = signed_in(app.test_client(), member), signed_in(app.test_client(), member)
    sign_out_everywhere(member.id)
    for browser in (first, second):
        assert "/connexion/" in browser.get("/bureau").headers.get("Location", "")


def test_the_last_organiser_stays(app: Flask) -> None:
    member = a_member("organiser")
    with pytest.raises(LastOrganiser):
        remove_membership(member.memberships[0].id, now=NOON, by=None)
    a_member("organiser")
    remove_membership(member.memberships[0].id, now=NOON, by=None)
    assert add_member(member.email, role="volunteer", now=NOON).memberships[-1].role == "volunteer"


def test_too_many_asks_are_refused(client: FlaskClient) -> None:
    an_edition()
    for _turn in range(5):
        ask(client, "anne@exemple.ch")
    page = client.get("/connexion/").get_data(as_text=True)
    assert client.post("/connexion/", data={"csrf_token": csrf(page), "email": "anne@exemple.ch"}).status_code == 429
