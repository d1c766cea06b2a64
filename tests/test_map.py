"""Maps: the same scene gives the same bytes, nothing but numbers goes through Folium, and no page waits for a stranger."""

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import event

from config import ROOT
from nuit.db import db
from nuit.models import Edition, Festival, FestivalItem, Host, Route, Stop
from nuit.planning.ground.schematic import SION
from nuit.planning.track import track
from nuit.queries.map import spots
from nuit.queries.ride import network
from nuit.render.map import MOLTEN, Line, Pin, Scene, _rendered, drawn, evening_map
from tests.factories import NOW, OPENS, a_booking, a_host, a_slot, a_visit, an_edition, saved

HOSTILE = "${window.__xss=1}</script><img src=x onerror=__xss=1>\"'`\\"
TILES = "wmts.geo.admin.ch"
GARE, RONQUOZ, MORGE = (7.3590, 46.2275), (7.3401, 46.2201), (7.3140, 46.2241)


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


def a_loop(night: Edition, *hosts: Host, name: str = "Boucle", **values: Any) -> Route:
    stops = [Stop(position=1, name={"fr": "Gare"}, lon=GARE[0], lat=GARE[1])]
    stops += [Stop(position=number, host_id=host.id) for number, host in enumerate(hosts, 2)]
    places = [GARE, *((host.lon, host.lat) for host in hosts)]
    given = {"slug": f"boucle-{len(hosts)}-{hosts[0].id}", "name": {"fr": name}, "is_published": True, **values}
    return saved(Route(edition_id=night.id, stops=stops, track=track(network(), places, closed=True), **given))


def a_festival(night: Edition, *titles: str) -> Festival:
    items = [
        FestivalItem(
            slug=f"item-{number}",
            title={"fr": title},
            place={"fr": "Place de la Planta"},
            lon=7.3598,
            lat=46.2328,
            starts_at=OPENS + timedelta(hours=number),
            ends_at=OPENS + timedelta(hours=number, minutes=45),
        )
        for number, title in enumerate(titles)
    ]
    return saved(Festival(edition_id=night.id, name={"fr": "Festival"}, items=items))


def a_night(companies: int, name: str = "Atelier") -> tuple[Edition, list[Host]]:
    night = an_edition()
    hosts = [a_host(night, f"{name} {n}", lon=7.34 + n / 500, lat=46.222) for n in range(companies)]
    for host in hosts:
        a_slot(a_visit(host))
    return night, hosts


def a_scene(name: str = "Atelier") -> Scene:
    pins = tuple(Pin(f"h{n}", "company", 7.34 + n / 300, 46.222, f"{name} {n}", name) for n in range(5))
    return Scene(pins, (Line("r1", (GARE, RONQUOZ), "#46c08d", name), Line("r2", (GARE, MORGE), "red;}", name)))


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def addresses(page: str, kind: str) -> str:
    """The address of the map's script (js) or names (json) on a page."""
    return str(re.search(rf'(?:src|data-names)="([^"]*/carte/[^"]*\.{kind})"', page)[1])  # type: ignore[index]


def test_a_scene_is_always_the_same_bytes() -> None:
    """Also in another process with other hashes: the key in an address means the same to every worker."""
    first = drawn(a_scene(), SION)
    said = "from tests.test_map import *; one = drawn(a_scene(), SION); print(one.key, hash_of(one.script))"
    again = subprocess.run(
        [sys.executable, "-c", said],
        env={**os.environ, "PYTHONHASHSEED": "7"}, cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert again.stdout.split() == [first.key, hash_of(first.script)]
    assert drawn(a_scene("Autre"), SION).key != first.key


def test_a_page_knows_its_maps_variables_before_the_map_is_drawn() -> None:
    """What a small scene of the same shape says is what Folium says of the whole one."""
    whole, here = a_scene(), Pin("start", "start", *GARE, "Gare")
    for scene in (whole, replace(whole, lines=()), replace(whole, pins=(here, *whole.pins), tiles=False), Scene(())):
        drawing, rendered = drawn(scene, SION), _rendered(scene, SION)
        assert (drawing.html, drawing.globals, drawing.script) == (rendered.html, rendered.globals, rendered.script)


def test_only_numbers_and_colours_go_through_folium() -> None:
    drawing = drawn(a_scene(HOSTILE), SION)
    assert drawing.script == drawn(a_scene("Atelier"), SION).script
    assert drawing.html == drawn(a_scene("Atelier"), SION).html
    assert "red;}" not in drawing.script
    assert MOLTEN in drawing.script
    names = json.loads(drawing.names)
    assert [one["properties"]["name"] for one in names["features"]] == [
        *(f"{HOSTILE} {n}" for n in range(5)),
        HOSTILE,
        HOSTILE,
    ]


def test_folium_names_no_outside_host_but_the_tiles() -> None:
    import folium

    drawn(a_scene(), SION)
    board = folium.Map(tiles=None)
    assert re.findall(r"https?://([\w.-]+)", board.get_root().render()) == []
    assert set(re.findall(r"https?://([\w.-]+)", drawn(a_scene(), SION).script)) == {TILES}


def test_an_evening_numbers_its_stops_and_a_place_comes_once() -> None:
    start = Pin("start", "start", *GARE, "Gare")
    stops = [
        Pin("h1", "company", *RONQUOZ, "Un"),
        Pin("h2", "company", *MORGE, "Deux"),
        Pin("h1", "company", *RONQUOZ, "Un"),
    ]
    scene = evening_map(start, stops, [(GARE, RONQUOZ), (RONQUOZ, MORGE), (MORGE,)])
    assert [(pin.id, pin.number) for pin in scene.pins] == [("start", 0), ("h1", 1), ("h2", 2)]
    assert [line.id for line in scene.lines] == ["leg-1", "leg-2"]
    assert not scene.tiles


@pytest.mark.parametrize(
    ("capacities", "taken", "state", "left"),
    [((12,), 0, "many", 12), ((6,), 0, "few", 6), ((3,), 3, "full", 0), ((), 0, "over", 0), ((3, 12), 3, "many", 12)],
)
def test_the_state_of_a_company(
    client: FlaskClient, capacities: tuple[int, ...], taken: int, state: str, left: int
) -> None:
    night = an_edition()
    host = a_host(night)
    slots = [a_slot(a_visit(host), timedelta(hours=hour), capacity=size) for hour, size in enumerate(capacities, 1)]
    if taken:
        a_booking(night, slots[0], size=taken)
    (spot,) = spots(night.id, NOW)
    assert (spot.state, spot.left) == (state, left)
    assert spot.next_at == (slots[-1].starts_at if left else None)
    assert f'data-pin="h{host.id}" data-state="{state}"' in client.get("/fr/carte").get_data(as_text=True)


def test_drafts_stay_off_the_map(client: FlaskClient) -> None:
    night, (shown,) = a_night(1)
    hidden = a_host(night, "Cachée", state="draft")
    page = client.get("/fr/carte").get_data(as_text=True)
    assert "Cachée" not in page
    assert "Cachée" not in client.get(addresses(page, "json")).get_data(as_text=True)
    assert client.get(f"/fr/carte/soiree-ebike25-{hidden.id}.0.json").json["features"][0]["id"] == "start"  # type: ignore[index]
    assert f"h{shown.id}" in client.get(addresses(page, "js")).get_data(as_text=True)


def test_a_deep_link_opens_its_company_and_a_wrong_one_nothing(client: FlaskClient) -> None:
    _, (host,) = a_night(1)
    assert f'data-open="h{host.id}"' in client.get(f"/fr/carte?entreprise={host.company.slug}").get_data(as_text=True)
    assert "data-open=" not in client.get("/fr/carte?entreprise=%22%3E%3Cscript%3E").get_data(as_text=True)


def test_script_and_names_are_kept_for_ever_while_their_hash_fits(client: FlaskClient) -> None:
    night, (host,) = a_night(1)
    page = client.get("/fr/carte").get_data(as_text=True)
    for kind, content in (("js", "text/javascript"), ("json", "application/json")):
        answer = client.get(addresses(page, kind))
        assert answer.status_code == 200
        assert answer.content_type.startswith(content)
        assert "immutable" in answer.headers["Cache-Control"]
        assert client.get(addresses(page, kind), headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    host.lon += 0.01
    db.session.commit()
    stale = client.get(addresses(page, "js"))
    assert stale.headers["Cache-Control"] == "no-cache"
    assert f"{host.lon:.2f}" in stale.get_data(as_text=True)
    assert night.id


@pytest.mark.parametrize(
    "kind",
    ["rien", "boucle-rien", "festival", "soiree-ebike25-", "soiree-avion-1", "soiree-ebike25-" + "9" * 30,
     "soiree-ebike25-" + "-".join(str(n) for n in range(1, 40)), "soiree", "boucle", "%00", "tout-1"],
)  # fmt: skip
def test_what_is_not_on_show_is_404(client: FlaskClient, kind: str) -> None:
    a_night(1)
    for ending in ("js", "json"):
        assert client.get(f"/fr/carte/{kind}.abc.{ending}").status_code == 404


def test_every_answer_of_a_map_page_admits_the_tiles_and_no_other_page_does(client: FlaskClient) -> None:
    """Also the second one, which is not drawn again."""
    night, hosts = a_night(2)
    route = a_loop(night, *hosts)
    a_festival(night, "Fanfare")
    for address in ("/fr/carte", f"/fr/parcours/{route.slug}", "/fr/festival"):
        for _ in range(2):
            answer = client.get(address)
            assert f"img-src 'self' data: blob: https://{TILES};" in answer.headers["Content-Security-Policy"]
    assert TILES not in client.get("/fr/parcours").headers["Content-Security-Policy"]


def test_pages_scripts_and_sheets_name_no_outside_host_to_fetch_from(client: FlaskClient) -> None:
    night, hosts = a_night(2)
    route = a_loop(night, *hosts)
    a_festival(night, "Fanfare")
    for address in ("/fr/carte", f"/fr/parcours/{route.slug}", "/fr/festival", "/fr/parcours"):
        page = client.get(address).get_data(as_text=True)
        fetched = re.findall(r'(?:src|data-[a-z]+|rel="(?:stylesheet|preload)[^>]*href)="([^"]+)"', page)
        assert [one for one in fetched if "//" in one] == []
        assert not re.search(r"<style|\sstyle=|<script(?![^>]* src=)|\son\w+=", page)
        for one in fetched:
            if one.startswith("/") and one.split("?")[0].endswith((".js", ".json", ".css", ".svg")):
                with client.get(one.split("#")[0]) as answer:
                    content = answer.get_data(as_text=True)
                hosts_named = set(re.findall(r"https?://([\w.-]+)", content))
                assert hosts_named <= {TILES, "leafletjs.com", "www.w3.org"}, one


def test_hostile_names_stay_text_in_every_page(client: FlaskClient) -> None:
    night, hosts = a_night(2, HOSTILE)
    route = a_loop(night, *hosts, name=HOSTILE)
    a_festival(night, HOSTILE)
    for address in ("/fr/carte", "/fr/parcours", f"/fr/parcours/{route.slug}", "/fr/festival"):
        page = client.get(address).get_data(as_text=True)
        assert "onerror=__xss=1>" not in page
        assert "</script><img" not in page


def test_a_map_page_asks_as_often_for_one_company_as_for_three(client: FlaskClient) -> None:
    counts = []
    for companies in (1, 3):
        night, hosts = a_night(companies)
        route = a_loop(night, *hosts)
        a_festival(night, *"abc"[:companies])
        found = []
        for address in ("/fr/carte", "/fr/parcours", f"/fr/parcours/{route.slug}", "/fr/festival"):
            with statements() as asked:
                assert client.get(address).status_code == 200
            found.append(len(asked))
        counts.append(found)
        night.is_current = False
        db.session.commit()
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 12


def test_without_an_edition_the_pages_are_calm(client: FlaskClient) -> None:
    for address in ("/fr/carte", "/de/parcours", "/en/festival"):
        assert client.get(address).status_code == 200
