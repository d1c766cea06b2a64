"""The festival: items by hour, in the calendar, and what is near by way rather than by air."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
import time_machine
from flask.testing import FlaskClient
from icalendar import Calendar

from nuit.db import db
from nuit.models import Edition, Festival, FestivalItem
from tests.factories import NOW, OPENS, a_host, a_slot, a_visit, an_edition, saved

PLANTA, MIDI = (7.3598, 46.2328), (7.3622, 46.2310)


@pytest.fixture(autouse=True)
def before_the_night() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def an_item(slug: str, after: timedelta, place: tuple[float, float] = PLANTA, **values: object) -> FestivalItem:
    return FestivalItem(**{
        "slug": slug, "title": {"fr": f"Titre {slug}", "de": f"Titel {slug}"}, "summary": {"fr": "Une phrase, et; une autre."},
        "place": {"fr": "Place de la Planta"}, "lon": place[0], "lat": place[1], "starts_at": OPENS + after,
        "ends_at": OPENS + after + timedelta(minutes=45), **values,
    })  # fmt: skip


def a_festival(night: Edition, *items: FestivalItem, **values: object) -> Festival:
    return saved(Festival(edition_id=night.id, name={"fr": "Festival de la transition"}, items=list(items), **values))


def words(page: str) -> str:
    page = re.sub(r"<svg.*?</svg>|<script.*?</script>", " ", page, flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " ").split())


def test_items_come_by_hour_with_their_anchor_and_pin(client: FlaskClient) -> None:
    a_festival(
        an_edition(),
        an_item("soupe", timedelta(hours=2)),
        an_item("fanfare", timedelta(hours=1), MIDI),
        an_item("conte", timedelta(hours=3), ends_at=None),
    )
    page = client.get("/fr/festival").get_data(as_text=True)
    assert re.findall(r'<li id="([\w-]+)"', page) == ["fanfare", "soupe", "conte"]
    said = words(page)
    assert "18:00 à 18:45 Titre fanfare" in said
    assert "20:00 Titre conte" in said
    pins = re.findall(r'data-show="([\w-]+)"', page)
    assert pins[1] == pins[2] != pins[0]
    address = re.search(r'data-names="([^"]+)"', page)
    assert address is not None
    on_map = {one["id"]: one["properties"] for one in client.get(address[1]).get_json()["features"]}
    assert set(pins) | {"start"} == set(on_map)
    assert on_map[pins[1]]["note"] == "19:00 Titre soupe\n20:00 Titre conte"
    assert on_map[pins[1]]["link"] == "/fr/festival#soupe"


def test_what_is_near_is_told_by_way_and_hour(client: FlaskClient) -> None:
    night = an_edition()
    close, middle, far = (
        a_host(night, "Tout près", lon=7.3600, lat=46.2310),
        a_host(night, "À vélo", lon=7.3466, lat=46.2222),
        a_host(night, "Trop loin", lon=7.4164, lat=46.2498),
    )
    for host in (close, middle, far):
        a_slot(a_visit(host), timedelta(hours=1))
    a_festival(night, an_item("fanfare", timedelta(hours=1)))
    said = words(client.get("/fr/festival").get_data(as_text=True))
    near = said.split("Tout près , Titre fanfare")[-1]
    assert re.search(r"\d+ m Tout près \d min à pied · prochain départ libre : 18:00", near)
    assert re.search(r"\d,\d km À vélo \d+ min à vélo · prochain départ libre : 18:00", near)
    assert "Trop loin" not in near


def test_the_whole_calendar_and_one_item_read_back(client: FlaskClient) -> None:
    night = an_edition()
    a_festival(
        night, an_item("fanfare", timedelta(hours=1), version=3), an_item("conte", timedelta(hours=3), ends_at=None)
    )
    answer = client.get("/de/festival.ics")
    assert answer.content_type == "text/calendar; charset=utf-8"
    events = [part for part in Calendar.from_ical(answer.get_data()).walk() if part.name == "VEVENT"]
    first, second = events
    assert first["summary"] == "Titel fanfare"
    assert first["description"] == "Une phrase, et; une autre."
    assert first["dtstart"].dt == datetime(2027, 9, 24, 16, 0, tzinfo=UTC)
    assert first["dtstart"].params["TZID"] == "Europe/Zurich"
    assert first["sequence"] == 2
    assert first["dtstamp"].dt == NOW
    assert first["url"] == "http://localhost/de/festival#fanfare"
    assert second["dtend"].dt - second["dtstart"].dt == timedelta(minutes=30)
    single = client.get("/fr/festival/conte.ics", headers={"Host": "evil.example"})
    (only,) = [part for part in Calendar.from_ical(single.get_data()).walk() if part.name == "VEVENT"]
    assert only["uid"] == second["uid"] == f"conte.{night.slug}@localhost"
    assert "evil.example" not in single.get_data(as_text=True)
    assert b"BEGIN:VTIMEZONE" in answer.get_data()


@pytest.mark.parametrize("address", ["/fr/festival", "/fr/festival.ics", "/fr/festival/fanfare.ics"])
def test_without_a_festival_there_is_nothing_to_show(client: FlaskClient, address: str) -> None:
    an_edition()
    answer = client.get(address)
    assert answer.status_code == 404


def test_another_editions_item_is_404(client: FlaskClient) -> None:
    old = an_edition(is_current=False)
    a_festival(old, an_item("fanfare", timedelta(hours=1)))
    now_on = an_edition()
    a_festival(now_on)
    assert client.get("/fr/festival/fanfare.ics").status_code == 404
    assert "pas encore connu" in words(client.get("/fr/festival").get_data(as_text=True))


def test_a_link_of_the_festival_is_a_web_address_or_none(client: FlaskClient) -> None:
    night = an_edition()
    festival = a_festival(night, an_item("fanfare", timedelta(hours=1)), website="javascript:alert(1)")
    assert "javascript:" not in client.get("/fr/festival").get_data(as_text=True)
    festival.website = "https://festival.example/"
    night.revision += 1
    db.session.commit()
    assert 'href="https://festival.example/"' in client.get("/fr/festival").get_data(as_text=True)


def test_an_item_that_is_over_says_so(client: FlaskClient) -> None:
    a_festival(an_edition(), an_item("fanfare", timedelta(hours=1)))
    assert "terminé" not in words(client.get("/fr/festival").get_data(as_text=True))
    with time_machine.travel(OPENS + timedelta(hours=2), tick=False):
        assert "Place de la Planta · terminé" in words(client.get("/fr/festival").get_data(as_text=True))
