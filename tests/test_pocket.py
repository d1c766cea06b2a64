"""The evening in the pocket: what the page holds, and how a browser forgets it."""

import re
from xml.etree import ElementTree

from flask import Flask
from flask.testing import FlaskClient

from nuit.planning.streets import Network, load_geojson
from nuit.render.legmap import leg_svg
from tests.factories import csrf
from tests.world import a_world

LINE = [[7.35, 46.22], [7.352, 46.221], [7.354, 46.2215], [7.358, 46.223]]


def streets(*lines: tuple[str, list[list[float]]]) -> Network:
    features = [
        {"geometry": {"type": "LineString", "coordinates": line}, "properties": {"kind": kind}} for kind, line in lines
    ]
    heights = {f"{lon:.5f},{lat:.5f}": 500.0 for _, line in lines for lon, lat in line}
    return load_geojson(features, heights)


def parts(drawing: str, name: str) -> list[ElementTree.Element]:
    return [one for one in ElementTree.fromstring(drawing).iter() if one.get("class") == name]


def test_a_ride_is_drawn_with_its_numbers_and_its_ends() -> None:
    drawing = leg_svg(streets(("residential", LINE)), LINE, [0, 250, 600, 760], label="De A à B")
    assert ElementTree.fromstring(drawing).get("aria-label") == "De A à B"
    assert [one.text for one in parts(drawing, "l-number")] == ["2", "3"]
    assert [len(parts(drawing, name)) for name in ("l-start", "l-goal", "l-way")] == [1, 1, 1]


def test_small_streets_far_from_the_way_are_left_out_and_main_ones_stay() -> None:
    far = [[7.3585, 46.2285], [7.3595, 46.2288]]
    near = [[7.3511, 46.2305], [7.3515, 46.2312]]
    long = [[7.35, 46.22], [7.35, 46.24]]
    small = leg_svg(streets(("residential", far), ("residential", near)), long, [0], label="")
    assert parts(small, "l-small")[0].get("d", "").count("M") == 1
    main = leg_svg(streets(("primary", far), ("residential", near)), long, [0], label="")
    assert parts(main, "l-main")[0].get("d", "").count("M") == 1


def test_nothing_is_drawn_of_a_point_and_words_are_escaped() -> None:
    network = streets(("residential", LINE))
    assert leg_svg(network, LINE[:1], [0], label="") == ""
    assert "<b>" not in leg_svg(network, LINE, [0], label="<b>")


def test_the_page_holds_the_stops_and_no_address(app: Flask) -> None:
    world = a_world(app)
    page = world.browser("visitor").get(f"/fr/ma-soiree/{world.booking.reference}/poche").get_data(as_text=True)
    assert re.findall(r'data-stop="(\d+)"', page) == [str(world.booking.tickets[0].seats[0].slot_id)]
    assert world.booking.email not in page
    assert page.count('<svg class="legmap"') + page.count('class="legmap"') >= 1


def test_forgetting_takes_the_key_and_leaves_the_booking(app: Flask) -> None:
    world = a_world(app)
    client: FlaskClient = world.browser("visitor")
    path = f"/fr/ma-soiree/{world.booking.reference}"
    token = csrf(client.get(path).get_data(as_text=True))
    answer = client.post(f"{path}/oublier", data={"csrf_token": token})
    assert (answer.status_code, answer.location) == (303, "/fr/ma-soiree?toutes=1")
    assert client.get(path).status_code == 404
    assert world.browser("visitor").get(path).status_code == 200


def test_the_worker_reaches_the_visitors_pages_only(app: Flask) -> None:
    answer = app.test_client().get("/de/ma-soiree/veille.js")
    assert answer.headers["Service-Worker-Allowed"] == "/de/ma-soiree"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.mimetype == "text/javascript"
