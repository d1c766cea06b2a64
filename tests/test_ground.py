"""The ground of maps: made of an extract, cut into squares and pictures, served by version, and back when forgotten."""

import json
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient

from nuit.planning.ground import KINDS, Ground, ground_of, stored_ground, tile_piece
from nuit.planning.ground.cutting import thinned
from nuit.planning.ground.making import joined, kind_of
from nuit.planning.streets import BrokenNetwork
from nuit.planning.streets.osm import read_extract
from nuit.queries.ground import ground, ground_file
from nuit.render.ground import frame, on_picture, picture_svg, tile_json, whole, window
from tests.factories import an_edition
from tests.planning.osm_town import Town, as_json, as_pbf, as_xml

MORGE = (7.3140, 46.2241)


@pytest.fixture
def loaded(app: Flask, tmp_path: Path) -> Iterator[Ground]:
    """The generated town, loaded into the instance as an organiser would; gone at the end."""
    an_edition(region="Sion", start_lon=7.3340, start_lat=46.2030, start_name={"fr": "Gare"})
    done = app.test_cli_runner().invoke(args=["streets", "load", str(as_pbf(a_town(), tmp_path / "town.osm.pbf"))])
    assert done.exit_code == 0, done.output
    yield ground()
    shutil.rmtree(ground_file(app.config["NUIT_INSTANCE"]).parent, ignore_errors=True)
    assert ground().approximate


def a_town() -> Town:
    """Streets around a lake with an island, a river, a railway, houses and names."""
    town = Town()
    corner = [town.node(x, y) for x, y in ((0, 0), (8, 0), (8, 8), (0, 8))]
    for a, b in pairwise([*corner, corner[0]]):
        town.way(a, b, name="Rue du Tour")
    town.way(corner[0], corner[2], highway="motorway")
    shore = [town.node(x, y) for x, y in ((1, 1), (6, 1), (6, 6), (1, 6))]
    island = [town.node(x, y) for x, y in ((3, 3), (3, 4), (4, 4), (4, 3))]
    halves = [town.bare(shore[0], shore[1], shore[2]), town.bare(shore[0], shore[3], shore[2])]
    inner = town.bare(*island, island[0])
    town.relation([*(("way", one, "outer") for one in halves), ("way", inner, "inner")], type="multipolygon", natural="water")  # fmt: skip
    town.bare(town.node(0, 5), town.node(8, 5), waterway="river")
    town.bare(town.node(0, 7), town.node(8, 7), railway="rail")
    house = [town.node(x, y) for x, y in ((7, 1), (7.2, 1), (7.2, 1.2), (7, 1.2))]
    town.bare(*house, house[0], building="yes")
    town.node(4, 4, place="town", name="Bourg", population="1200")
    town.node(2, 2, place="town", name="Second", population="300")
    town.node(1, 7, place="hamlet", name="L’Écart")
    return town


def by_kind(found: Ground) -> dict[str, int]:
    kinds = [list(KINDS)[kind] for kind in found.kinds.tolist()]
    return {kind: kinds.count(kind) for kind in kinds}


EXPECTED = {
    "base": 1, "lake": 2, "building": 1, "motorway": 1, "residential": 1, "riverline": 1, "railway": 1,
}  # fmt: skip


@pytest.mark.parametrize("write", [as_json, as_xml, as_pbf])
def test_an_extract_becomes_the_same_ground_whatever_file_it_came_in(tmp_path: Path, write: Any) -> None:
    made = ground_of(read_extract(write(a_town(), tmp_path / "town")))
    assert by_kind(made) == EXPECTED
    assert [(one.kind, one.text, one.rank) for one in made.names] == [
        ("place", "Bourg", 1), ("place", "Second", 2), ("place", "L’Écart", 4), ("street-name", "Rue du Tour", 0),
    ]  # fmt: skip


def test_a_hole_turns_against_its_ring(tmp_path: Path) -> None:
    """So that an island stays dry under the rule "nonzero"."""
    made = ground_of(read_extract(as_json(a_town(), tmp_path / "town")))
    lake, island = (made.shape(i) for i, kind in enumerate(made.kinds.tolist()) if kind == list(KINDS).index("lake"))

    def turn(ring: Any) -> int:
        x, y = ring.T
        return int((x * [*y[1:], y[0]] - [*x[1:], x[0]] * y).sum())

    assert turn(lake) > 0 > turn(island)


@pytest.mark.parametrize(
    ("tags", "closed", "kind"),
    [
        ({"highway": "motorway_link"}, False, ("motorway", False)),
        ({"highway": "tertiary", "tunnel": "yes"}, False, ("tunnel", False)),
        ({"highway": "pedestrian", "area": "yes"}, True, ("square", True)),
        ({"highway": "proposed"}, False, ("", False)),
        ({"building": "no"}, True, ("", False)),
        ({"natural": "water", "water": "river"}, True, ("river", True)),
        ({"natural": "water"}, False, ("", False)),
        ({"waterway": "stream", "tunnel": "culvert"}, False, ("covered", False)),
        ({"railway": "rail", "service": "yard"}, False, ("", False)),
        ({"landuse": "vineyard"}, True, ("vineyard", True)),
    ],
)
def test_what_a_way_is_on_a_map(tags: dict[str, str], closed: bool, kind: tuple[str, bool]) -> None:
    assert kind_of(tags, closed=closed) == kind


def test_lines_that_meet_in_twos_become_one() -> None:
    a, b, c, d, e = (0, 0), (1, 0), (2, 0), (3, 0), (2, 5)
    assert joined([[a, b], [c, b]]) == [[a, b, c]]
    assert joined([[a, b], [b, c], [c, a]]) == [[c, a, b, c]]
    assert joined([[a, b], [b, c], [c, d], [c, e]]) == [[a, b, c], [c, d], [c, e]]


def test_a_thinned_line_stays_near_its_points() -> None:
    line = [(float(x), float(x * x % 7)) for x in range(200)]
    kept = thinned(line, 2.0)
    assert len(kept) < len(line)
    assert (kept[0], kept[-1]) == (line[0], line[-1])
    for x, y in line:
        before = max(i for i, (u, _) in enumerate(kept[:-1]) if u <= x)
        (ax, ay), (bx, by) = kept[before], kept[before + 1]
        assert abs((bx - ax) * (ay - y) - (ax - x) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5 <= 2.0


def test_all_squares_of_our_own_ground_are_light_and_name_each_place_once() -> None:
    here = ground()
    sizes, names = [], []
    for x in range(1064, 1068):
        for y in range(725, 729):
            told = tile_json(here, 12, x, y)
            assert told is not None
            sizes.append(len(brotli.compress(told.encode(), quality=5)))
            names += [name[5] for name in json.loads(told)["names"]]
    assert sum(sizes) <= 12_000
    assert len(set(names)) == len(names)
    assert "Sion" in names


def test_neighbours_draw_what_lies_across_their_border() -> None:
    """The Rhône leaves one square where it enters the next."""
    pieces = [tile_piece(ground(), 13, x, 1453) for x in (2130, 2131, 2132)]
    assert [[kind for kind, _ in piece.paths if kind == "river"] for piece in pieces if piece] == [["river"]] * 3


@pytest.mark.parametrize(("zoom", "x", "y"), [(11, 0, 0), (17, 0, 0), (12, 2048, 0), (12, 0, 4096)])
def test_there_is_no_square_off_the_map(client: FlaskClient, zoom: int, x: int, y: int) -> None:
    assert client.get(f"/carte/fond/abc/{zoom}-{x}-{y}.json").status_code == 404


@pytest.mark.parametrize("part", ["0,0,0,10", "0,0,99999999,10", "999999999,0,10,10", "0,0,10,0"])
def test_there_is_no_picture_of_anything(client: FlaskClient, part: str) -> None:
    assert client.get(f"/carte/fond/abc/{part}-jour.svg").status_code == 404


def test_squares_and_pictures_are_kept_for_ever_while_their_key_fits(client: FlaskClient) -> None:
    key = ground().key
    for name in ("12-1066-726.json", "0,0,800,600-jour.svg"):
        fits, stale = (client.get(f"/carte/fond/{one}/{name}") for one in (key, "before"))
        assert "immutable" in fits.headers["Cache-Control"]
        assert stale.headers["Cache-Control"] == "no-cache"
        assert stale.data == fits.data
        again = client.get(f"/carte/fond/{key}/{name}", headers={"If-None-Match": fits.headers["ETag"]})
        assert again.status_code == 304


def test_a_picture_is_drawn_by_day_and_by_night() -> None:
    here = ground()
    pictures = [picture_svg(here, whole(here), night) for night in (False, True)]
    assert pictures[0] != pictures[1]
    for content in pictures:
        assert len(brotli.compress(content.encode(), quality=5)) <= 15_000
        assert "http" not in content.replace("http://www.w3.org/2000/svg", "")


def test_a_window_has_its_place_in_the_middle() -> None:
    here = ground()
    part = window(here, MORGE, 2400)
    x, y = on_picture(here, MORGE)
    assert abs(part.left + part.wide / 2 - x) <= 1
    assert abs(part.top + part.high / 2 - y) <= 1
    assert part.wide == 600
    assert "Châteauneuf" in [name for name, _, _ in window(here, (7.3070, 46.2215), 2400).names]
    around = frame(here, [MORGE, (7.36, 46.23)])
    assert around.left < x < around.left + around.wide
    assert around.wide == pytest.approx(around.high * 1.6, abs=1)


def test_loaded_streets_bring_their_ground(client: FlaskClient, loaded: Ground, app: Flask) -> None:
    assert not loaded.approximate
    assert by_kind(loaded) == EXPECTED
    page = client.get("/fr/carte").get_data(as_text=True)
    assert f"/carte/fond/{loaded.key}/" in page
    assert "Schéma approximatif" not in page
    assert "schéma" not in page
    assert stored_ground(ground_file(app.config["NUIT_INSTANCE"])).key == loaded.key
    assert app.test_cli_runner().invoke(args=["streets", "forget"]).exit_code == 0
    assert ground().approximate
    assert "Schéma approximatif" in client.get("/fr/carte").get_data(as_text=True)


def test_a_stored_ground_that_breaks_leaves_the_built_in_one(
    app: Flask, loaded: Ground, caplog: pytest.LogCaptureFixture
) -> None:
    file = ground_file(app.config["NUIT_INSTANCE"])
    file.write_bytes(file.read_bytes()[:200])
    assert ground().approximate
    assert "the built-in one is shown" in caplog.text
    with pytest.raises(BrokenNetwork):
        stored_ground(file)
