"""The festival: its texts, and its items added, changed, deleted; two people at once are told."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from nuit.actions.festival import add_item, change_item
from nuit.db import db
from nuit.models import Festival, FestivalItem
from nuit.planning.draft import ItemDraft
from tests.factories import NOW, OPENS
from tests.team import at_the_desk, cost, page, send, trail, words
from tests.typed import typed

SHOW = "/equipe/festival/"
NEW = SHOW + "ajouter"
BRASS = {"title-fr": "Fanfare de tôle", "place-fr": "Place de la Planta", "kind": "music", "starts": "21:45",
         "ends": "22:45"}  # fmt: skip


@pytest.fixture(autouse=True)
def before_the_night() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def draft(title: str = "Soupe", hours: int = 1) -> ItemDraft:
    starts_at = OPENS + timedelta(hours=hours)
    return ItemDraft({"fr": title}, {}, {"fr": "Planta"}, "food", 7.3598, 46.2328, starts_at, None)


def only_item() -> FestivalItem:
    db.session.expire_all()
    return db.session.scalars(select(FestivalItem)).one()


def test_the_texts_are_saved(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    revision = edition.revision
    send(client, SHOW, **{"name-fr": "Festival", "name-de": "Fest", "website": "https://exemple.ch/f"})
    found = db.session.scalars(select(Festival)).one()
    assert (found.name, found.website) == ({"fr": "Festival", "de": "Fest"}, "https://exemple.ch/f")
    db.session.refresh(edition)
    assert (edition.revision, trail()[-1]) == (revision + 1, ("change", "festival"))
    send(client, SHOW)
    assert trail().count(("change", "festival")) == 1


def test_what_does_not_fit_is_said(client: FlaskClient) -> None:
    at_the_desk(client)
    assert "Donnez un nom au festival" in words(send(client, SHOW, expect=422, **{"name-fr": ""}))
    html = send(client, SHOW, expect=422, **{"name-fr": "F", "website": "javascript:alert(1)"})
    assert "Une adresse complète" in words(html)
    assert db.session.scalars(select(Festival)).all() == []


def test_an_item_is_added_at_a_known_place(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    send(client, NEW, **BRASS, near="Cathédrale")
    item = only_item()
    assert (item.slug, item.kind, item.lon, item.lat) == ("fanfare-de-tole", "music", 7.36005, 46.2338)
    assert (item.starts_at, item.ends_at) == (
        datetime(2027, 9, 24, 19, 45, tzinfo=UTC), datetime(2027, 9, 24, 20, 45, tzinfo=UTC)
    )  # fmt: skip
    assert edition.night == date(2027, 9, 24)
    assert trail()[-1] == ("add", "festival_item")
    assert "21:45 Fanfare de tôle" in words(page(client, SHOW))
    assert "Fanfare de tôle" in page(client, "/fr/festival")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title-fr": ""}, "Donnez un titre, en français."),
        ({"place-fr": ""}, "Nommez le lieu, en français."),
        ({"ends": "21:45"}, "Ce rendez-vous finirait avant de commencer."),
        ({"starts": ""}, "Tapez une heure, par exemple 17:30."),
        ({"day": "hier"}, "Choisissez une date."),
        ({"day": "2027-12-24"}, "Le festival entoure la nuit"),
        ({"day": "9999-12-31"}, "Cette date est trop loin."),
        ({"lon": "0", "lat": "0"}, "Cette position est hors de Suisse"),
        ({"lon": "7,36", "lat": "x"}, "Cette position est hors de Suisse"),
    ],
)
def test_an_item_that_does_not_fit_is_refused(client: FlaskClient, changes: dict[str, str], sentence: str) -> None:
    at_the_desk(client)
    html = send(client, NEW, expect=422, **{**BRASS, **changes})
    assert sentence in words(html)
    assert db.session.scalars(select(FestivalItem)).all() == []


def test_hours_after_midnight_belong_to_the_evening(client: FlaskClient) -> None:
    at_the_desk(client)
    send(client, NEW, **{**BRASS, "starts": "23:30", "ends": "01:00"})
    item = only_item()
    assert item.ends_at == datetime(2027, 9, 24, 23, 0, tzinfo=UTC)
    send(client, SHOW + item.slug, starts="00:15", ends="")
    assert (only_item().starts_at, only_item().ends_at) == (datetime(2027, 9, 24, 22, 15, tzinfo=UTC), None)
    assert 'value="2027-09-24"' in page(client, SHOW + item.slug)


def test_opening_and_saving_an_item_changes_nothing(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    item = add_item(edition.id, draft(), now=NOW, by=None)
    before = {one.name: getattr(item, one.name) for one in FestivalItem.__table__.columns if one.name != "version"}
    fields = typed(page(client, SHOW + item.slug), SHOW + item.slug)
    assert client.post(SHOW + item.slug, data=fields).status_code == 303
    after = only_item()
    assert {
        one.name: getattr(after, one.name) for one in FestivalItem.__table__.columns if one.name != "version"
    } == before


def test_the_second_to_save_is_told_and_compares(client: FlaskClient) -> None:
    edition, member = at_the_desk(client)
    item = add_item(edition.id, draft(), now=NOW, by=None)
    address = SHOW + item.slug
    fields = typed(page(client, address), address, {"title-fr": "Ma soupe"})
    change_item(edition.id, item.id, draft("Ta soupe", hours=2), version=1, now=NOW, by=member.id)
    answer = client.post(address, data=fields)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert ("Ta soupe" in html, 'value="Ma soupe"' in html) == (True, True)
    assert only_item().title == {"fr": "Ta soupe"}
    assert client.post(address, data=typed(html, address)).status_code == 303
    assert only_item().title == {"fr": "Ma soupe"}


def test_an_item_is_deleted_by_who_has_seen_it(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    item = add_item(edition.id, draft(), now=NOW, by=None)
    address = f"{SHOW}{item.slug}/supprimer"
    fields = typed(page(client, SHOW + item.slug), address)
    assert client.post(address, data={**fields, "version": "7"}).status_code == 409
    assert client.post(address, data=fields).status_code == 303
    assert db.session.scalars(select(FestivalItem)).all() == []
    assert trail()[-1] == ("remove", "festival_item")


def test_the_page_costs_the_same_at_one_and_at_three(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    add_item(edition.id, draft(), now=NOW, by=None)
    at_one = cost(client, SHOW)
    for hours in (2, 3):
        add_item(edition.id, draft(hours=hours), now=NOW, by=None)
    assert cost(client, SHOW) == at_one
