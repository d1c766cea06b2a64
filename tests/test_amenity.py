"""Places of use on the way: read from files, put on the map by organisers, listed; a file of no use changes nothing."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from nuit.db import db
from nuit.models import Edition
from nuit.planning.amenity import AmenityDraft, NoAmenities, read_amenities
from nuit.queries.amenity import amenities, amenity_counts
from tests.factories import NOW, a_host
from tests.planning.osm_town import Town, as_json
from tests.team import at_the_desk, page, trail, words
from tests.typed import typed

DESK = "/equipe/alentours/"
BOX = (7.2, 46.1, 7.5, 46.3)
GARE, PLANTA = (7.3590, 46.2275), (7.3598, 46.2328)


@pytest.fixture(autouse=True)
def before_the_night() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def gbfs(*stations: dict[str, Any]) -> bytes:
    return json.dumps({"last_updated": 1, "ttl": 0, "version": "2.3", "data": {"stations": stations}}).encode()


def station(number: int, name: Any = "Gare", place: tuple[float, float] = GARE, **more: Any) -> dict[str, Any]:
    return {"station_id": str(number), "name": name, "lon": place[0], "lat": place[1], **more}


def points(*tags: dict[str, Any], place: tuple[float, float] = PLANTA) -> bytes:
    features = [
        {"type": "Feature", "properties": one, "geometry": {"type": "Point", "coordinates": [place[0] + n / 1e4, place[1]]}}
        for n, one in enumerate(tags)
    ]  # fmt: skip
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def post(client: FlaskClient, content: bytes, kind: str = "", expect: int = 303) -> str:
    fields = dict(typed(page(client, DESK), DESK, kind=kind)) | {"file": (io.BytesIO(content), "lieux.json")}
    answer = client.post(DESK, data=fields, content_type="multipart/form-data")
    assert answer.status_code == expect, words(answer.get_data(as_text=True))
    return page(client, DESK) if expect == 303 else answer.get_data(as_text=True)


def kept(night: Edition) -> list[tuple[str, str, int | None]]:
    db.session.expire_all()
    return [(one.kind, one.name, one.capacity) for one in amenities(night.id)]


def test_stations_of_gbfs_two_and_three() -> None:
    found = read_amenities(gbfs(station(1, capacity=12), station(2, [{"text": "Planta", "language": "fr"}])), BOX)
    assert found == [AmenityDraft("share", "1", "Gare", *GARE, 12), AmenityDraft("share", "2", "Planta", *GARE, None)]


def test_geojson_says_its_kind_or_is_told() -> None:
    told = [{"amenity": "bicycle_parking", "capacity": "8"}, {"highway": "bus_stop", "name": "Planta"}, {"shop": "x"}]
    assert [(one.kind, one.capacity) for one in read_amenities(points(*told), BOX)] == [("rack", 8), ("bus", None)]
    assert [one.kind for one in read_amenities(points({}, {}), BOX, "charger")] == ["charger", "charger"]


def test_an_overpass_answer_gives_nodes_and_the_middle_of_areas(tmp_path: Path) -> None:
    town = Town()
    town.node(0, 0, amenity="charging_station", capacity="4")
    town.node(0, 1, amenity="charging_station", bicycle="no")
    town.node(0, 2, highway="bus_stop", name="Gare")
    corners = [town.node(x, y) for x, y in ((2, 2), (4, 2), (4, 4), (2, 4))]
    town.bare(*corners, amenity="bicycle_parking", capacity="40")
    found = read_amenities(as_json(town, tmp_path / "a.json").read_bytes(), BOX)
    assert [(one.kind, one.name, one.capacity) for one in found] == [
        ("charger", "", 4), ("bus", "Gare", None), ("rack", "", 40),
    ]  # fmt: skip
    west, south = town.at(corners[0])
    east, north = town.at(corners[2])
    assert (found[2].lon, found[2].lat) == pytest.approx(((west + east) / 2, (south + north) / 2), abs=1e-6)


def test_names_are_one_clean_line_and_numbers_are_numbers() -> None:
    hostile = "a\x00b\u202e\ud800<b>\n" + "x" * 500
    (found,) = read_amenities(gbfs(station(1, hostile, capacity="1e9")), BOX)
    assert found.name == ("a b <b> " + "x" * 500)[:120]
    assert found.capacity is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "unreadable"), (b"[]", "unreadable"), (b"null", "unreadable"), (b"\x1f\x8b\x00", "unreadable"),
        (b'{"data": {"stations": [{}]}}', "unreadable"), (b"[" * 100_000, "unreadable"),
        (gbfs(station(1, place=(7.35, 1e400))), "unreadable"), (gbfs(station(1, place=(720.0, 46.2))), "unreadable"),
        (gbfs(), "empty"), (points({"shop": "x"}), "empty"), (gbfs(station(1, place=(8.5, 47.4))), "elsewhere"),
        (gbfs(*(station(n) for n in range(2001))), "too_many"), (b" " * (5 * 2**20 + 1), "too_heavy"),
    ],
)  # fmt: skip
def test_a_file_of_no_use_says_why(content: bytes, reason: str) -> None:
    with pytest.raises(NoAmenities) as fault:
        read_amenities(content, BOX)
    assert fault.value.reason == reason


def test_an_organiser_puts_a_file_on_the_map_and_takes_it_off(client: FlaskClient) -> None:
    night, _ = at_the_desk(client)
    a_host(night, "Atelier", lon=GARE[0], lat=GARE[1])
    revision = night.revision
    html = post(client, gbfs(station(1, capacity=12), station(2, "Ailleurs", (9.0, 47.0))))
    assert "Vélos en libre-service : 1" in words(html)
    assert kept(night) == [("share", "Gare", 12)]
    assert (night.revision, trail()[-1]) == (revision + 1, ("change", "amenity"))
    post(client, points({"name": "Rack"}), "rack")
    post(client, gbfs(station(7, "Planta")))
    assert kept(night) == [("rack", "Rack", None), ("share", "Planta", None)]

    shown = words(client.get("/fr/carte/alentours").get_data(as_text=True))
    assert "0 m Planta jusqu’à Atelier" in shown
    assert "– Rack" in shown
    assert 'data-layer="rack"' in client.get("/fr/carte").get_data(as_text=True)
    told = client.get(f"/fr/carte/alentours.{night.revision}.json")
    assert [[one[3] for one in told.json[kind]] for kind in ("share", "rack", "charger", "bus")] == [["Planta"], ["Rack"], [], []]  # type: ignore[index]  # fmt: skip
    assert "immutable" in told.headers["Cache-Control"]

    fields = typed(page(client, DESK), f"{DESK}share/retirer")
    assert client.post(f"{DESK}share/retirer", data=fields).status_code == 303
    assert amenity_counts(night.id) == {"rack": 1}
    assert client.post(f"{DESK}tree/retirer", data=fields).status_code == 404


@pytest.mark.parametrize(("content", "sentence"), [(b"{", "Ce fichier ne se lit pas"), (gbfs(station(1, place=(8.5, 47.4))), "hors de la région")])  # fmt: skip
def test_a_file_of_no_use_changes_nothing(client: FlaskClient, content: bytes, sentence: str) -> None:
    night, _ = at_the_desk(client)
    post(client, gbfs(station(1)))
    assert sentence in words(post(client, content, expect=422))
    assert kept(night) == [("share", "Gare", None)]


def test_the_command_takes_all_files_or_none(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    night, _ = at_the_desk(client)
    good, other, bad = tmp_path / "a.json", tmp_path / "b.geojson", tmp_path / "c.json"
    good.write_bytes(gbfs(station(1)))
    other.write_bytes(points({"highway": "bus_stop"}))
    bad.write_bytes(b"{")
    run = app.test_cli_runner().invoke
    done = run(args=["places", "load", str(good), str(bad)])
    assert (done.exit_code, kept(night)) == (1, [])
    assert done.output.strip().endswith("Nothing has changed.")
    assert run(args=["places", "load", str(tmp_path / "none.json")]).exit_code == 1
    done = run(args=["places", "load", str(good), str(other)])
    assert done.output.strip() == "1 share, 0 rack, 0 charger, 1 bus"
    assert run(args=["places", "info"]).output.strip() == "1 share, 0 rack, 0 charger, 1 bus"
