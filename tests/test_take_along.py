"""Rides to take along: files whole and by leg, read back with other people's tools, and cards on paper."""

import gpxpy
import pypdfium2
import pytest
from flask import Flask
from flask.testing import FlaskClient

from nuit.planning.streets import metres_between
from nuit.planning.track import leg_track
from tests.world import World, a_world


def read(client: FlaskClient, address: str) -> gpxpy.gpx.GPX:
    answer = client.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "application/gpx+xml")
    return gpxpy.parse(answer.get_data(as_text=True))


def words(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    assert (round(document[0].get_width()), round(document[0].get_height())) == (420, 595)  # A5 in points
    return "\n".join(page.get_textpage().get_text_bounded() for page in document).replace("\u00a0", " ")


@pytest.fixture
def world(app: Flask) -> World:
    return a_world(app)


def test_the_legs_of_a_loop_make_the_whole(world: World) -> None:
    client = world.browser("anonymous")
    whole = read(client, "/fr/parcours/boucle.gpx")
    legs = [read(client, f"/fr/parcours/boucle.gpx?troncon={leg}") for leg in (1, 2)]
    assert [len(one.waypoints) for one in (whole, *legs)] == [2, 2, 2]
    points = [[(p.longitude, p.latitude) for p in one.tracks[0].segments[0].points] for one in (whole, *legs)]
    assert points[1] + points[2][1:] == points[0]
    assert sum(one.length_2d() for one in legs) == pytest.approx(whole.length_2d())
    heights = [p.elevation for one in legs for p in one.tracks[0].segments[0].points]
    assert None not in heights


@pytest.mark.parametrize("leg", ["0", "3", "x", "-1", "999"])
def test_a_leg_that_is_not_there_is_not_found(world: World, leg: str) -> None:
    client = world.browser("visitor")
    assert client.get(f"/fr/parcours/boucle.gpx?troncon={leg}").status_code == 404
    assert client.get(f"/fr/ma-soiree/{world.booking.reference}/trajets.gpx?troncon={leg}").status_code == 404


def test_the_rides_of_an_evening_go_from_the_start_to_the_door(world: World) -> None:
    path = f"/fr/ma-soiree/{world.booking.reference}/trajets"
    found = read(world.browser("visitor"), path + ".gpx")
    points = found.tracks[0].segments[0].points
    ends = [(points[n].longitude, points[n].latitude) for n in (0, -1)]
    places = [(world.edition.start_lon, world.edition.start_lat), (world.a.lon, world.a.lat)]
    assert [round(metres_between(*pair)) for pair in zip(ends, places, strict=True)] == [0, 0]
    line, *stops = world.browser("visitor").get(path + ".geojson").get_json()["features"]
    assert (line["geometry"]["type"], len(stops)) == ("LineString", 2)
    assert world.booking.name not in found.to_xml()


def test_the_evenings_card_says_when_to_leave(world: World) -> None:
    client = world.browser("visitor")
    page = client.get(f"/fr/ma-soiree/{world.booking.reference}").get_data(as_text=True)
    leave = page.split('class="beam">')[1].split("</time>")[0].rsplit(">", 1)[1]
    answer = client.get(f"/fr/ma-soiree/{world.booking.reference}/trajets.pdf")
    assert answer.mimetype == "application/pdf"
    assert f"Partir à {leave}" in words(answer.data)
    assert "Arrivée : Atelier A" in words(answer.data)
    assert b"pdfuaid" in answer.data


@pytest.mark.parametrize(("lang", "goal"), [("fr", "Arrivée"), ("de", "Ziel"), ("en", "Arriv")])
def test_a_loops_card_tells_every_turn(world: World, lang: str, goal: str) -> None:
    answer = world.browser("anonymous").get(f"/{lang}/parcours/boucle.pdf")
    told = words(answer.data)
    assert told.count(goal) == 2
    assert ("Atelier A → Atelier B" in told, b"pdfuaid" in answer.data) == (True, True)


def test_no_leg_of_nothing() -> None:
    assert leg_track({}, 0) == {}
