"""The e-bike loops: what they say is what the router found, in words, in pictures and in files."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import gpxpy
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from nuit.db import db
from nuit.models import Edition, Host, Route, Stop
from nuit.planning.ride import shown_minutes
from nuit.planning.streets import metres_between
from nuit.planning.track import track
from nuit.queries.ride import network
from nuit.render.gpx import Waypoint, ride_gpx
from nuit.render.profile import profile_svg
from nuit.render.turns import street, turn_lines
from tests.factories import NOW, a_booking, a_host, a_slot, a_visit, an_edition, saved

GARE, RONQUOZ, MORGE = (7.3590, 46.2275), (7.3401, 46.2201), (7.3140, 46.2241)


@pytest.fixture(autouse=True)
def before_the_night() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def a_loop(night: Edition, *hosts: Host, closed: bool = True, **values: object) -> Route:
    stops = [Stop(position=1, name={"fr": "Gare", "de": "Bahnhof"}, lon=GARE[0], lat=GARE[1])]
    stops += [Stop(position=number, host_id=host.id) for number, host in enumerate(hosts, 2)]
    places = [GARE, *((host.lon, host.lat) for host in hosts)]
    given = {
        "slug": "la-boucle",
        "name": {"fr": "La boucle", "de": "Die Runde"},
        "is_published": True,
        "is_closed": closed,
        "track": track(network(), places, closed=closed),
        **values,
    }
    return saved(Route(edition_id=night.id, stops=stops, **given))


@pytest.fixture
def night(app: Flask) -> Edition:
    return an_edition()


@pytest.fixture
def hosts(night: Edition) -> list[Host]:
    made = [
        a_host(night, "Câblerie & fils", lon=RONQUOZ[0], lat=RONQUOZ[1]),
        a_host(night, "Fonderie <Morge>", lon=MORGE[0], lat=MORGE[1]),
    ]
    for host in made:
        a_slot(a_visit(host), timedelta(hours=1))
    return made


def words(page: str) -> str:
    page = re.sub(r"<svg.*?</svg>|<script.*?</script>", " ", page, flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " ").split())


def test_the_figures_are_those_of_the_ride(client: FlaskClient, night: Edition, hosts: list[Host]) -> None:
    kept = a_loop(night, *hosts).track
    minutes = sum(shown_minutes(leg["seconds"], 1.25, 4) for leg in kept["legs"])
    said = words(client.get("/fr/parcours/la-boucle").get_data(as_text=True))
    assert f"{kept['metres'] / 1000:.1f} km".replace(".", ",") in said
    assert f"{minutes} min" in said
    assert f"{kept['climb']} m de montée" in words(client.get("/fr/parcours").get_data(as_text=True))
    assert len(kept["legs"]) == 3
    assert said.count("Tourner où") == 3
    assert "Retour : Gare" in said
    assert said.index("1. Gare") < said.index("2. Câblerie & fils") < said.index("3. Fonderie <Morge>")


def test_an_open_loop_ends_where_it_ends(client: FlaskClient, night: Edition, hosts: list[Host]) -> None:
    a_loop(night, *hosts, closed=False)
    said = words(client.get("/fr/parcours/la-boucle").get_data(as_text=True))
    assert "Retour" not in said
    assert said.count("Tourner où") == 2


def test_companies_on_the_way_tell_their_next_free_hour(client: FlaskClient, night: Edition, hosts: list[Host]) -> None:
    a_loop(night, *hosts)
    a_host(night, "Ailleurs", lon=7.4039, lat=46.2322)
    visit = a_visit(hosts[0])
    a_booking(night, a_slot(visit, timedelta(minutes=30), capacity=2), size=2)
    passed = client.get("/fr/parcours/la-boucle").get_data(as_text=True).split('id="chemin"')[1]
    assert "Ailleurs" not in passed
    assert words(passed).index("18:00 Câblerie & fils") < words(passed).index("18:00 Fonderie <Morge>")
    assert "17:30" not in passed


def test_a_loop_is_drawn_anew_when_the_streets_have_changed(
    client: FlaskClient, night: Edition, hosts: list[Host]
) -> None:
    route = a_loop(night, *hosts)
    right = route.track["metres"]
    route.track = {**route.track, "revision": "older", "metres": 1}
    db.session.commit()
    line, *_ = json.loads(client.get("/fr/parcours/la-boucle.geojson").get_data())["features"]
    assert line["properties"]["metres"] == right


def test_a_stop_off_the_streets_leaves_a_page_without_a_line(client: FlaskClient, night: Edition) -> None:
    far = a_host(night, "Loin", lon=8.9, lat=47.2)
    saved(
        Route(
            edition_id=night.id, slug="loin", name={"fr": "Loin"}, is_published=True,
            stops=[Stop(position=1, name={"fr": "Gare"}, lon=GARE[0], lat=GARE[1]), Stop(position=2, host_id=far.id)],
        )
    )  # fmt: skip
    assert "Loin" in words(client.get("/fr/parcours/loin").get_data(as_text=True))
    assert client.get("/fr/parcours").status_code == 200
    assert client.get("/fr/carte").status_code == 200
    assert client.get("/fr/parcours/loin.gpx").status_code == 404


@pytest.mark.parametrize("ending", ["", ".gpx", ".geojson"])
def test_what_is_not_published_is_404(client: FlaskClient, night: Edition, hosts: list[Host], ending: str) -> None:
    a_loop(night, *hosts, is_published=False)
    assert client.get(f"/fr/parcours/la-boucle{ending}").status_code == 404
    assert client.get(f"/fr/parcours/rien{ending}").status_code == 404
    assert "La boucle" not in client.get("/fr/parcours").get_data(as_text=True)


def test_the_gpx_reads_back_with_line_heights_and_stops(client: FlaskClient, night: Edition, hosts: list[Host]) -> None:
    kept = a_loop(night, *hosts).track
    answer = client.get("/fr/parcours/la-boucle.gpx")
    assert answer.content_type == "application/gpx+xml; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="la-boucle.gpx"'
    document = gpxpy.parse(answer.get_data(as_text=True))
    points = document.tracks[0].segments[0].points
    assert [(point.longitude, point.latitude) for point in points] == [tuple(point) for point in kept["line"]]
    assert document.length_2d() == pytest.approx(kept["metres"], rel=0.01)
    heights = [height for _, height in kept["profile"]]
    assert all(min(heights) <= point.elevation <= max(heights) for point in points)
    assert [point.name for point in document.waypoints] == ["1. Gare", "2. Câblerie & fils", "3. Fonderie <Morge>"]
    assert metres_between((document.waypoints[1].longitude, document.waypoints[1].latitude), RONQUOZ) < 2
    assert "approximatif" in document.description
    assert document.time is None
    assert document.copyright_author == "© OpenStreetMap contributors"


def test_the_geojson_carries_line_and_stops_and_says_that_it_is_approximate(
    client: FlaskClient, night: Edition, hosts: list[Host]
) -> None:
    kept = a_loop(night, *hosts).track
    answer = client.get("/fr/parcours/la-boucle.geojson")
    assert answer.content_type == "application/geo+json; charset=utf-8"
    line, *stops = json.loads(answer.get_data())["features"]
    assert [point[:2] for point in line["geometry"]["coordinates"]] == kept["line"]
    assert line["properties"]["approximate"] is True
    assert "approximatif" in line["properties"]["description"]
    assert line["properties"]["climb"] == kept["climb"]
    assert [stop["properties"]["number"] for stop in stops] == [1, 2, 3]


def test_exports_name_the_public_address_whatever_the_request_says(
    client: FlaskClient, night: Edition, hosts: list[Host]
) -> None:
    a_loop(night, *hosts)
    for ending in ("gpx", "geojson"):
        text = client.get(f"/fr/parcours/la-boucle.{ending}", headers={"Host": "evil.example"}).get_data(as_text=True)
        assert "http://localhost/fr/parcours/la-boucle" in text
        assert "evil.example" not in text


def test_characters_that_xml_cannot_hold_are_left_out_of_gpx() -> None:
    kept = track(network(), [GARE, RONQUOZ], closed=False)
    text = ride_gpx(kept, [Waypoint(*GARE, "Ga\x0bre\x00 \ufffe]]>")], name="L\x1b’été", note="n\x02ote")
    document = gpxpy.parse(text)
    assert document.name == "L’été"
    assert document.waypoints[0].name == "1. Gare ]]>"


def a_turn(change: float, **values: object) -> dict[str, object]:
    return {
        "name": "Rue de l'Industrie", "kind": "residential", "metres": 100, "bearing": 90, "change": change,
        "pushed": False, **values,
    }  # fmt: skip


def test_turns_are_said_in_words(app: Flask) -> None:
    turns = [
        a_turn(0, bearing=44),
        a_turn(-80),
        a_turn(95, name=None, kind="cycleway"),
        a_turn(10, name="Avenue de la Gare", pushed=True),
        a_turn(170, name=None, kind="bridge"),
        a_turn(30, name=None, kind="roundabout"),
        a_turn(-90, kind="roundabout"),
    ]
    with app.test_request_context("/fr/"):
        lines = turn_lines(turns, "Fonderie")
    assert [(line.metres, line.icon, line.words, line.note) for line in lines] == [
        (0, "velo", "Partez vers le nord-est, rue de l’Industrie", ""),
        (100, "gauche", "À gauche, rue de l’Industrie", ""),
        (200, "droite", "À droite, piste cyclable", ""),
        (300, "toutdroit", "Tout droit, avenue de la Gare", "Poussez le vélo."),
        (400, "rendre", "Demi-tour, pont", ""),
        (500, "rond", "Au rond-point, tout droit", ""),
        (600, "rond", "Au rond-point, à gauche, rue de l’Industrie", ""),
        (700, "lieu", "Arrivée\u00a0: Fonderie", ""),
    ]


@pytest.mark.parametrize(
    ("lang", "name", "said"),
    [
        ("fr", "Rue du Scex", "rue du Scex"),
        ("fr", "Grand-Pont", "Grand-Pont"),
        ("de", "Rue du Scex", "Rue du Scex"),
        ("en", "Route d'Aproz", "Route d’Aproz"),
    ],
)
def test_streets_keep_their_french_names(app: Flask, lang: str, name: str, said: str) -> None:
    from flask_babel import force_locale

    with app.test_request_context(), force_locale(lang):
        assert street(name, "primary") == said


def test_the_profile_names_itself_and_its_numbers_do_not_hide_one_another() -> None:
    profile = [(0, 500), (1000, 520), (1010, 520), (4000, 490)]
    drawing = profile_svg(profile, [0, 1000, 1010, 4000], label='de "500" à <520>', ends=("500 m", "490 m"))
    assert 'role="img" aria-label="de &#34;500&#34; à &lt;520&gt;"' in drawing
    pins = [(int(x), int(y)) for x, y in re.findall(r'<circle cx="(\d+)" cy="(\d+)"', drawing)]
    assert len(pins) == 4
    assert all(abs(x - u) >= 26 or abs(y - v) >= 20 for n, (x, y) in enumerate(pins) for u, v in pins[:n])
    assert profile_svg([], [], label="", ends=("", "")) == ""


def test_what_one_should_know_is_said_only_where_it_is_so(
    client: FlaskClient, night: Edition, hosts: list[Host]
) -> None:
    route = a_loop(night, *hosts)
    assert "Sans éclairage" not in words(client.get("/fr/parcours/la-boucle").get_data(as_text=True))
    steep = {**route.track, "lit": 0.5, "profile": [[0, 480], [500, 480], [700, 500], [route.track["metres"], 500]]}
    steep["legs"][0]["turns"][0]["pushed"] = True
    route.track = steep
    night.revision += 1
    db.session.commit()
    said = words(client.get("/fr/parcours/la-boucle").get_data(as_text=True))
    assert "Sans éclairage public sur" in said
    assert re.search(r"Une pente de 10 % au kilomètre 0,[67]\b", said)
    assert "Le vélo se pousse sur" in said
