"""The company desk: its page in three languages, saved as a whole, never over somebody else's words unseen."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from nuit.actions.company import present, propose, publish_ready, withdraw_all
from nuit.db import db
from nuit.errors import ChangedMeanwhile, LimitBelowCapacity, NotReady
from nuit.models import AuditLine, Edition, Host, Trade
from nuit.planning.offer import Engagement, Presentation
from nuit.queries.desk import gaps_of, host_for_desk, presentation_of
from tests.factories import NOW, a_host, a_member, a_slot, a_visit, an_edition, saved, signed_in
from tests.typed import typed

THREE = {"fr": "Le four à 720 °C", "de": "Der Ofen bei 720 °C", "en": "The furnace at 720 °C"}


def desk(client: FlaskClient, **values: object) -> tuple[Edition, Host, str]:
    """An edition, one host, its contact signed in, and the address of its desk."""
    edition = an_edition()
    host = a_host(edition, "Fonderie de la Morge", **values)
    signed_in(client, a_member("host", host))
    return edition, host, f"/espace/{host.company.slug}"


def text_of(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def test_one_company_leads_straight_to_its_desk(client: FlaskClient) -> None:
    _edition, _host, desk_address = desk(client)
    answer = client.get("/espace/")
    assert (answer.status_code, answer.location) == (303, desk_address)
    assert "Fonderie de la Morge" in text_of(client, desk_address)


def test_two_companies_are_a_choice(client: FlaskClient) -> None:
    edition = an_edition()
    first, second = a_host(edition, "Fonderie"), a_host(edition, "Laiterie")
    who = a_member("host", first)
    signed_in(client, a_member("host", second, email=who.email))
    page = text_of(client, "/espace/")
    assert (f"/espace/{first.company.slug}" in page, f"/espace/{second.company.slug}" in page) == (True, True)


def test_nobody_else_s_desk_exists(client: FlaskClient) -> None:
    edition, _host, _address = desk(client)
    other = a_host(edition, "Ailleurs")
    for room in ("", "/presentation", "/visites", "/visites/nouvelle", "/visiteurs", "/visiteurs.csv", "/porte"):
        assert client.get(f"/espace/{other.company.slug}{room}").status_code == 404


def test_the_page_is_saved_as_a_whole(client: FlaskClient) -> None:
    _edition, host, address = desk(client)
    saved(Trade(slug="fondeuse", name={"fr": "Fondeuse, fondeur"}))
    page = text_of(client, f"{address}/presentation")
    form = typed(
        page, "/presentation", summary__fr=" Le four  à 720 °C ", summary__de="Der Ofen", about__fr="Un.\r\n\r\nDeux.",
        website="https://exemple.ch/a", trades=["fondeuse"], lon="7,3301", lat="46.2311", bike_parking="12",
        access__en="Blue gate", contact_phone="027 000 00 00",
    )  # fmt: skip
    form.setlist("practices-0-kind", ["heat"])
    form.setlist("practices-0-text-fr", ["Le four chauffe la salle voisine."])
    answer = client.post(f"{address}/presentation", data=form)
    assert (answer.status_code, answer.location) == (303, address)
    fresh = host_for_desk(host.id)
    assert fresh is not None
    said = presentation_of(fresh)
    assert said.summary == {"fr": "Le four à 720 °C", "de": "Der Ofen"}
    assert said.about == {"fr": "Un.\n\nDeux."}
    assert said.access == {"en": "Blue gate"}
    assert (said.website, said.trades, said.lon, said.lat) == ("https://exemple.ch/a", ("fondeuse",), 7.3301, 46.2311)
    assert said.practices == (Engagement("heat", {"fr": "Le four chauffe la salle voisine."}),)
    assert (fresh.version, said.bike_parking, said.contact_phone) == (2, 12, "027 000 00 00")


def test_a_change_leaves_a_trail_and_a_new_revision(client: FlaskClient) -> None:
    edition, host, address = desk(client)
    before = edition.revision
    form = typed(text_of(client, f"{address}/presentation"), "/presentation", summary__fr="Neuf")
    client.post(f"{address}/presentation", data=form)
    line = db.session.scalars(select(AuditLine).where(AuditLine.noun == "host")).one()
    assert (line.verb, line.noun_id, line.change) == ("present", host.id, {"fields": ["summary"]})
    assert line.member_id is not None
    assert db.session.scalar(select(Edition.revision).where(Edition.id == edition.id)) == before + 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("summary__fr", ""), ("summary__de", "x" * 201), ("website", "javascript:alert(1)"), ("postcode", "19500"),
        ("lon", "174,2"), ("lat", "nord"), ("lat", "9" * 400), ("bike_parking", "-1"), ("safety_limit", "9" * 30),
        ("safety_limit", "1.5"), ("contact_email", "anne@exemple"), ("trades", ["inconnu"]), ("address", "\u202e "),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_and_nothing_is_lost(client: FlaskClient, name: str, value: str) -> None:
    _edition, host, address = desk(client)
    changes = {"summary__fr": "Neuf", "access__fr": "Portail bleu", name: value}
    form = typed(text_of(client, f"{address}/presentation"), "/presentation", **changes)
    answer = client.post(f"{address}/presentation", data=form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "<title>Erreur" in page
    assert 'role="alert"' in page
    again = typed(page, "/presentation")
    assert again["access-fr"] == "Portail bleu"
    if name in ("website", "postcode", "lat", "lon", "bike_parking", "safety_limit", "contact_email"):
        assert again[name] == value
    assert db.session.scalar(select(Host.version).where(Host.id == host.id)) == 1


def test_two_people_edit_the_first_to_save_wins(client: FlaskClient) -> None:
    _edition, host, address = desk(client)
    mine = typed(text_of(client, f"{address}/presentation"), "/presentation", summary__fr="Le mien")
    organiser = client.application.test_client()
    signed_in(organiser, a_member("organiser", email="chef@exemple.ch"))
    theirs = typed(text_of(organiser, f"{address}/presentation"), "/presentation", summary__fr="Le sien", town="Aproz")
    assert organiser.post(f"{address}/presentation", data=theirs).status_code == 303
    answer = client.post(f"{address}/presentation", data=mine)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Quelqu’un a modifié cette fiche entre-temps" in page
    assert "chef@exemple.ch" in page
    assert "Le sien" in page
    assert "Aproz" in page
    again = typed(page, "/presentation")
    assert again["summary-fr"] == "Le mien"
    assert client.post(f"{address}/presentation", data=again).status_code == 303
    fresh = host_for_desk(host.id)
    assert fresh is not None
    assert fresh.company.summary == {"fr": "Le mien"}


def test_rows_come_and_go_without_a_script(client: FlaskClient) -> None:
    _edition, _host, address = desk(client)
    form = typed(text_of(client, f"{address}/presentation"), "/presentation", summary__fr="Neuf", action="more")
    page = client.post(f"{address}/presentation", data=form).get_data(as_text=True)
    form = typed(page, "/presentation", practices__0__kind="water", practices__0__text__fr="Un", action="more")
    page = client.post(f"{address}/presentation", data=form).get_data(as_text=True)
    form = typed(page, "/presentation", practices__1__kind="heat", practices__1__text__fr="Deux", action="drop-0")
    page = client.post(f"{address}/presentation", data=form).get_data(as_text=True)
    left = typed(page, "/presentation")
    assert left["summary-fr"] == "Neuf"
    assert [(k, v) for k, v in left.items() if k.endswith("text-fr")] == [("practices-1-text-fr", "Deux")]
    assert client.post(f"{address}/presentation", data=left).status_code == 303


def test_the_door_is_placed_by_name_or_by_a_touch(client: FlaskClient) -> None:
    _edition, _host, address = desk(client)
    page = text_of(client, f"{address}/presentation")
    near = client.post(f"{address}/presentation", data=typed(page, "/presentation", near="Champsec", action="near"))
    form = typed(near.get_data(as_text=True), "/presentation")
    assert (float(form["lon"]), float(form["lat"])) == (7.3812, 46.23)
    form.setlist("map.x", ["160"])
    form.setlist("map.y", ["0"])
    touched = typed(client.post(f"{address}/presentation", data=form).get_data(as_text=True), "/presentation")
    assert float(touched["lon"]) == 7.3812
    assert float(touched["lat"]) == pytest.approx(46.23 + 600 / 111_195, abs=1e-5)


def test_the_safety_limit_goes_with_every_departure(app: Flask) -> None:
    edition = an_edition()
    host = a_host(edition, safety_limit=20)
    slot = a_slot(a_visit(host), capacity=12)
    with pytest.raises(LimitBelowCapacity):
        present(host.id, said(host, safety_limit=11), version=1, now=NOW, by=None)
    assert db.session.get_one(Host, host.id).version == 1
    present(host.id, said(host, safety_limit=12), version=1, now=NOW, by=None)
    db.session.refresh(slot)
    assert (slot.safety_limit, slot.capacity) == (12, 12)


def said(host: Host, **values: object) -> Presentation:
    fresh = host_for_desk(host.id)
    assert fresh is not None
    return replace(presentation_of(fresh), **values)  # type: ignore[arg-type]


def test_an_old_version_changes_nothing(app: Flask) -> None:
    host = a_host(an_edition())
    present(host.id, said(host, town="Aproz"), version=1, now=NOW, by=None)
    with pytest.raises(ChangedMeanwhile):
        present(host.id, said(host, town="Vex"), version=1, now=NOW, by=None)
    assert db.session.get_one(Host, host.id).town == "Aproz"


def ready(edition: Edition, **values: object) -> Host:
    host = a_host(edition, state="draft", **values)
    host.company.summary = THREE
    a_slot(a_visit(host, is_unconditional=True, title=THREE))
    db.session.commit()
    return host


def test_what_is_missing_is_named(app: Flask) -> None:
    edition = an_edition()
    bare = a_host(edition, state="draft", address="", lon=edition.start_lon, lat=edition.start_lat)
    assert [one.kind for one in gaps_of(edition, bare)] == ["summary", "address", "place", "visit"]
    a_visit(bare, title={"fr": "Seul"})
    assert [one.kind for one in gaps_of(edition, bare)][3:] == ["slot", "conditions", "visit_translation"]
    assert gaps_of(edition, ready(edition)) == []


def test_a_draft_is_proposed_then_published_by_the_organisers(app: Flask) -> None:
    edition = an_edition()
    bare, host = a_host(edition, state="draft"), ready(edition)
    with pytest.raises(NotReady):
        propose(edition, bare.id, now=NOW, by=None)
    assert propose(edition, host.id, now=NOW, by=None).proposed_at == NOW
    assert propose(edition, host.id, now=NOW + timedelta(hours=1), by=None).proposed_at == NOW
    assert publish_ready(edition, [host.id], now=NOW, by=None) == ([host], [])
    assert host.state == "published"
    [left] = withdraw_all([host.id], now=NOW, by=None)
    assert (left.state, left.proposed_at) == ("withdrawn", None)


def test_the_overview_leads_to_what_is_missing(client: FlaskClient) -> None:
    _edition, host, address = desk(client, state="draft")
    page = text_of(client, address)
    assert f"{address}/presentation#summary" in page
    assert f"{address}/visites/nouvelle" in page
    assert client.post(f"{address}/proposer", data=typed(page, "/sortie")).status_code == 303
    assert db.session.get_one(Host, host.id, populate_existing=True).proposed_at is None


def test_proposing_from_the_overview(client: FlaskClient) -> None:
    edition = an_edition()
    host = ready(edition)
    signed_in(client, a_member("host", host))
    address = f"/espace/{host.company.slug}"
    assert client.post(f"{address}/proposer", data=typed(text_of(client, address), "/proposer")).status_code == 303
    assert "Proposée le" in text_of(client, address)
    before = db.session.get_one(Host, host.id, populate_existing=True)
    assert before.proposed_at is not None
    assert abs(before.proposed_at - datetime.now(UTC)) < timedelta(minutes=1)
