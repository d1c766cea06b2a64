"""Streets from OpenStreetMap: three formats, one network; what a bicycle may do; files that are of no use."""

import gzip
import json
import zlib
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from nuit.planning.ride import MODES, Mode, top_speed
from nuit.planning.streets import BrokenNetwork, Network, metres_between, ride_between, ride_table, snap
from nuit.planning.streets.osm import Elsewhere, read_extract, streets_of
from nuit.planning.streets.osm.rules import Street, street_of, wait_at
from nuit.planning.streets.stored import store_network, stored_network
from tests.planning.osm_town import Town, as_json, as_pbf, as_xml, grid

HERE = (7.30, 46.17, 7.42, 46.28)


def made(town: Town, folder: Path) -> Network:
    return streets_of(read_extract(as_json(town, folder / "town.json")))


# --- the formats


@pytest.mark.parametrize("seed", range(4))
def test_one_town_is_one_network_whatever_file_it_came_in(tmp_path: Path, seed: int) -> None:
    town = grid(seed=seed)
    files = [
        as_json(town, tmp_path / "a.json"),
        as_xml(town, tmp_path / "a.osm"),
        as_pbf(town, tmp_path / "a.osm.pbf"),
        as_pbf(town, tmp_path / "b.osm.pbf", dense=False, packed=False),
    ]
    files.append(tmp_path / "any-name")
    files[-1].write_bytes(gzip.compress(files[1].read_bytes()))
    found = [streets_of(read_extract(file, box)) for file in files for box in (None, HERE)]
    assert len({network.revision for network in found}) == 1
    assert found[0].links == found[5].links
    assert len(found[0].links) > 60
    assert not found[0].approximate


def test_another_tag_is_another_revision(tmp_path: Path) -> None:
    town = grid()
    before = made(town, tmp_path).revision
    town.ways[7000][1]["lit"] = "yes"
    assert made(town, tmp_path).revision != before


def test_a_stored_network_comes_back_as_it_was(tmp_path: Path) -> None:
    network = made(grid(), tmp_path)
    assert len(network.waits) > 0
    store_network(network, tmp_path / "streets" / "network.npz", {"file": "x"})
    again, about = stored_network(tmp_path / "streets" / "network.npz")
    assert about == {"file": "x"}
    assert (again.revision, again.links, again.waits) == (network.revision, network.links, network.waits)
    assert [p.name for p in (tmp_path / "streets").iterdir()] == ["network.npz"]
    for mine, its in ((network.lon, again.lon), (network.height, again.height), (network.offsets, again.offsets)):
        assert np.array_equal(mine, its)


@pytest.mark.parametrize("cut", [0, 1, 30, 400, -1])
def test_a_stored_file_that_is_cut_is_refused(tmp_path: Path, cut: int) -> None:
    file = tmp_path / "network.npz"
    store_network(made(grid(), tmp_path), file, {})
    file.write_bytes(file.read_bytes()[:cut])
    with pytest.raises(BrokenNetwork):
        stored_network(file)


def test_only_the_box_is_taken(tmp_path: Path) -> None:
    town = grid(10)
    file = as_pbf(town, tmp_path / "a.osm.pbf")
    west = streets_of(read_extract(file, (7.32, 46.19, 7.3365, 46.22)))
    assert west.box[2] <= 7.3365 < streets_of(read_extract(file)).box[2]
    with pytest.raises(Elsewhere, match=r"covers 7\.33 to 7\.34 east, 46\.20 to 46\.21 north"):
        read_extract(file, (8.0, 46.3, 8.1, 46.4))


# --- files that are of no use


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty", b""),
        ("a page", b"<!doctype html><html><body>504</body></html>"),
        ("other xml", b"<gpx></gpx>"),
        ("cut xml", b"<osm><node id='1' lat='46' lon='7'>"),
        ("entities", b'<!DOCTYPE osm [<!ENTITY a "b">]><osm></osm>'),
        ("no elements", b"{}"),
        ("elements of text", b'{"elements": "abc"}'),
        ("deep", b'{"elements":' + b"[" * 100_000),
        ("nothing in it", b'{"elements": []}'),
        ("off the earth", b'{"elements": [{"type": "node", "id": 1, "lat": 99, "lon": 7}]}'),
        ("not a number", b'{"elements": [{"type": "node", "id": 1, "lat": NaN, "lon": 7}]}'),
        ("picture", b"\x89PNG\r\n\x1a\n" + bytes(100)),
        ("half a gzip", gzip.compress(b'{"elements": []}' * 99)[:30]),
        ("timed out", b'{"elements": [], "remark": "runtime error: Query timed out"}'),
    ],
)
def test_a_file_of_no_use_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    with pytest.raises(BrokenNetwork):
        read_extract(file)


def test_a_town_without_streets_is_refused(tmp_path: Path) -> None:
    town = Town()
    town.way(town.node(0, 0), town.node(1, 0), highway="motorway")
    with pytest.raises(BrokenNetwork, match="no street"):
        made(town, tmp_path)


def test_a_pbf_cut_anywhere_is_refused_or_whole(tmp_path: Path) -> None:
    whole = as_pbf(grid(3), tmp_path / "a.osm.pbf", packed=False).read_bytes()
    file = tmp_path / "cut.osm.pbf"
    refused = 0
    for size in range(0, len(whole), 7):
        file.write_bytes(whole[:size])
        try:
            streets_of(read_extract(file))
        except BrokenNetwork:
            refused += 1
    assert refused == len(range(0, len(whole), 7))


def test_a_pbf_with_any_byte_changed_is_never_a_crash(tmp_path: Path) -> None:
    whole = as_pbf(grid(3), tmp_path / "a.osm.pbf", packed=False).read_bytes()
    file = tmp_path / "bent.osm.pbf"
    outcomes = {"read": 0, "refused": 0}
    for at in range(0, len(whole), 3):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        try:
            streets_of(read_extract(file))
            outcomes["read"] += 1
        except BrokenNetwork:
            outcomes["refused"] += 1
    assert min(outcomes.values()) > 20


def test_a_block_that_swells_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "bomb.osm.pbf"
    packed = zlib.compress(bytes(64 * 2**20), 9)
    body = b"\x1a" + bytes([len(packed) & 127 | 128, len(packed) >> 7 & 127 | 128, len(packed) >> 14]) + packed
    head = b"\x0a\x09OSMHeader\x18" + bytes([len(body) & 127 | 128, len(body) >> 7 & 127 | 128, len(body) >> 14])
    file.write_bytes(len(head).to_bytes(4, "big") + head + body)
    with pytest.raises(BrokenNetwork, match="too long"):
        read_extract(file)


def test_an_answer_that_is_too_large_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "huge.json"
    with file.open("wb") as sparse:
        sparse.write(b'{"elements": [')
        sparse.truncate(200 * 2**20)
    with pytest.raises(BrokenNetwork, match="too large"):
        read_extract(file)


# --- what a bicycle may do


def street(**tags: str) -> Street | None:
    return street_of({key.replace("__", ":"): value for key, value in tags.items()})


@pytest.mark.parametrize(
    ("tags", "rides"),
    [
        ({"highway": "residential"}, True),
        ({"highway": "primary"}, True),
        ({"highway": "trunk"}, True),
        ({"highway": "trunk", "motorroad": "yes"}, None),
        ({"highway": "motorway"}, None),
        ({"highway": "construction"}, None),
        ({"highway": "cycleway", "foot": "no"}, True),
        ({"highway": "footway"}, False),
        ({"highway": "footway", "bicycle": "yes"}, True),
        ({"highway": "footway", "footway": "sidewalk"}, None),
        ({"highway": "pedestrian"}, False),
        ({"highway": "pedestrian", "bicycle": "yes"}, True),
        ({"highway": "steps"}, False),
        ({"highway": "steps", "bicycle": "yes"}, False),
        ({"highway": "path"}, True),
        ({"highway": "path", "foot": "designated"}, False),
        ({"highway": "path", "foot": "designated", "bicycle": "designated"}, True),
        ({"highway": "path", "sac_scale": "mountain_hiking"}, False),
        ({"highway": "path", "sac_scale": "alpine_hiking"}, None),
        ({"highway": "track", "tracktype": "grade5"}, False),
        ({"highway": "service", "access": "private"}, None),
        ({"highway": "service", "access": "private", "bicycle": "yes"}, True),
        ({"highway": "service", "access": "private", "foot": "yes"}, False),
        ({"highway": "service", "access": "customers"}, True),
        ({"highway": "residential", "motor_vehicle": "no"}, True),
        ({"highway": "residential", "vehicle": "no"}, False),
        ({"highway": "residential", "bicycle": "no"}, False),
        ({"highway": "residential", "bicycle": "dismount"}, False),
        ({"highway": "primary", "bicycle": "no"}, None),
        ({"highway": "primary", "bicycle": "no", "sidewalk": "both"}, False),
        ({"highway": "secondary", "bicycle": "use_sidepath", "sidewalk": "right"}, False),
    ],
)
def test_where_a_bicycle_is_ridden_pushed_or_kept_out(tags: dict[str, str], rides: bool | None) -> None:
    found = street_of(tags)
    assert (found.bike if found else None) is rides


@pytest.mark.parametrize(
    ("tags", "direction"),
    [
        ({}, 0),
        ({"oneway": "yes"}, 1),
        ({"oneway": "-1"}, -1),
        ({"oneway": "no"}, 0),
        ({"oneway": "yes", "oneway__bicycle": "no"}, 0),
        ({"oneway__bicycle": "yes"}, 1),
        ({"oneway": "yes", "oneway__bicycle": "-1"}, -1),
        ({"oneway": "yes", "cycleway": "opposite"}, 0),
        ({"oneway": "yes", "cycleway": "opposite_lane"}, 0),
        ({"oneway": "yes", "cycleway__left": "opposite_track"}, 0),
        ({"oneway": "yes", "cycleway__left": "lane", "cycleway__left__oneway": "-1"}, 0),
        ({"oneway": "yes", "cycleway__both": "no"}, 1),
        ({"junction": "roundabout"}, 1),
        ({"junction": "roundabout", "oneway": "no"}, 0),
        ({"highway": "footway", "oneway": "yes"}, 0),
    ],
)
def test_one_way_streets_and_their_exceptions(tags: dict[str, str], direction: int) -> None:
    found = street(**({"highway": "residential"} | tags))
    assert found is not None
    assert found.direction == direction


@pytest.mark.parametrize(
    ("tags", "kind", "lifted", "rough", "lit"),
    [
        ({"highway": "tertiary", "lit": "yes"}, "secondary", False, False, True),
        ({"highway": "primary_link", "lit": "no"}, "primary", False, False, False),
        ({"highway": "residential", "bridge": "viaduct"}, "bridge", True, False, None),
        ({"highway": "residential", "tunnel": "yes"}, "tunnel", True, False, None),
        ({"highway": "residential", "tunnel": "building_passage"}, "residential", False, False, None),
        ({"highway": "steps", "bridge": "yes"}, "steps", True, False, None),
        ({"highway": "primary", "junction": "roundabout", "lit": "automatic"}, "roundabout", False, False, True),
        ({"highway": "path", "bicycle": "designated", "surface": "gravel"}, "cycleway", False, True, None),
        ({"highway": "track", "tracktype": "grade3"}, "path", False, True, None),
        ({"highway": "track", "surface": "asphalt", "tracktype": "grade3"}, "path", False, False, None),
    ],
)
def test_kinds_of_streets(tags: dict[str, str], kind: str, lifted: bool, rough: bool, lit: bool | None) -> None:
    found = street_of(tags)
    assert found is not None
    assert (found.kind, found.lifted, found.rough, found.lit) == (kind, lifted, rough, lit)


@pytest.mark.parametrize(
    ("tags", "wait"),
    [
        ({"barrier": "bollard"}, 1.0),
        ({"barrier": "gate"}, 10.0),
        ({"barrier": "gate", "access": "private"}, None),
        ({"barrier": "gate", "access": "private", "bicycle": "yes"}, 10.0),
        ({"barrier": "gate", "bicycle": "no"}, None),
        ({"barrier": "fence"}, None),
        ({"barrier": "kerb"}, 0.0),
    ],
)
def test_barriers(tags: dict[str, str], wait: float | None) -> None:
    assert wait_at(tags) == wait


# --- on the network


def square(**tags: str) -> tuple[Town, list[int]]:
    """Four corners; the south side has the tags."""
    town = Town()
    corners = [town.node(*place) for place in ((0, 0), (4, 0), (4, 2), (0, 2))]
    town.way(corners[0], corners[1], **tags)
    for a, b in ((1, 2), (2, 3), (3, 0)):
        town.way(corners[a], corners[b])
    return town, corners


def length(town: Town, *refs: int) -> float:
    return sum(metres_between(town.at(a), town.at(b)) for a, b in pairwise(refs))


@pytest.mark.parametrize(("tags", "there", "back"), [({"oneway": "yes"}, True, False), ({"oneway": "-1"}, False, True)])
def test_one_ways_are_respected_by_wheels_and_not_by_feet(
    tmp_path: Path, tags: dict[str, str], there: bool, back: bool
) -> None:
    town, (a, b, c, d) = square(**tags)
    network = made(town, tmp_path)
    straight, around = length(town, a, b), length(town, b, c, d, a)
    for mode in MODES:
        found = [ride_between(network, town.at(x), town.at(y), mode).metres for x, y in ((a, b), (b, a))]
        ways = [straight if mode == "foot" or free else around for free in (there, back)]
        assert found == pytest.approx(ways, rel=1e-4)


def test_a_closed_gate_is_gone_around_and_an_open_one_takes_its_time(tmp_path: Path) -> None:
    for tags, through in (({"barrier": "fence"}, False), ({"barrier": "gate"}, True)):
        town, (a, b, c, d) = square(highway="cycleway")
        gate = town.node(2, 0, **tags)
        town.ways[7000][0].insert(1, gate)
        ride = ride_between(made(town, tmp_path), town.at(a), town.at(b), "bike")
        assert ride.metres == pytest.approx(length(town, a, b) if through else length(town, a, d, c, b), rel=1e-3)
        if through:
            free = ride_between(made(square(highway="cycleway")[0], tmp_path), town.at(a), town.at(b), "bike")
            assert ride.seconds == pytest.approx(free.seconds + 10)


def test_streets_that_do_not_meet_in_a_node_do_not_meet(tmp_path: Path) -> None:
    town, (a, b, c, _d) = square()
    town.way(town.node(2, -1), town.node(2, 3))  # over the square, joined nowhere
    network = made(town, tmp_path)
    assert len(network.links) == 4  # and left out: nobody comes onto it
    assert ride_between(network, town.at(a), town.at(c), "foot").metres == pytest.approx(
        length(town, a, b, c), rel=1e-3
    )


def test_a_one_way_dead_end_is_left_out_so_that_every_place_can_be_left_again(tmp_path: Path) -> None:
    town, corners = square()
    trap = town.node(5, 5)
    town.way(corners[2], trap, oneway="yes")
    network = made(town, tmp_path)
    assert snap(network, town.at(trap)).point == pytest.approx(town.at(corners[2]))


def test_steps_are_pushed_and_said(tmp_path: Path) -> None:
    town, (a, b, _c, _d) = square(highway="steps", name="Escaliers du Scex")
    ride = ride_between(made(town, tmp_path), town.at(a), town.at(b), "foot")
    assert [(turn.kind, turn.name) for turn in ride.turns] == [("steps", "Escaliers du Scex")]
    wheels = ride_between(made(town, tmp_path), town.at(a), town.at(b), "ebike25")
    assert wheels.metres == pytest.approx(length(town, b, _c, _d, a), rel=1e-3)


def test_a_roundabout_is_one_turn_into_the_street_that_leaves_it(tmp_path: Path) -> None:
    town = Town()
    arms = {side: town.node(*at) for side, at in {"w": (-6, 0), "e": (6, 0), "n": (0, 6), "s": (0, -6)}.items()}
    ring = {side: town.node(*at) for side, at in {"w": (-0.3, 0), "s": (0, -0.3), "e": (0.3, 0), "n": (0, 0.3)}.items()}
    town.way(*ring.values(), ring["w"], junction="roundabout")
    for side, name in (("w", "Rue de Lausanne"), ("e", "Rue de Loèche"), ("n", "Rue du Nord"), ("s", "Rue du Sud")):
        town.way(arms[side], ring[side], name=name)
    network = made(town, tmp_path)
    for goal, name, change in (("s", "Rue du Sud", 90), ("e", "Rue de Loèche", 0), ("n", "Rue du Nord", -90)):
        ride = ride_between(network, town.at(arms["w"]), town.at(arms[goal]), "ebike25")
        said = [(turn.kind, turn.name, round(turn.change / 10) * 10) for turn in ride.turns]
        assert said == [("residential", "Rue de Lausanne", 0), ("roundabout", name, change)]
        assert sum(turn.metres for turn in ride.turns) == pytest.approx(ride.metres, abs=0.01)


def test_rough_ground_is_slower_for_wheels_alone(tmp_path: Path) -> None:
    for mode in MODES:
        seconds = []
        for surface in ("asphalt", "gravel"):
            town = Town()
            a, b = town.node(0, 0), town.node(5, 0)
            town.way(a, b, surface=surface)
            seconds.append(ride_between(made(town, tmp_path), town.at(a), town.at(b), mode).seconds)
        assert seconds[1] / seconds[0] == pytest.approx(1.0 if mode == "foot" else 1.25)


def test_two_nodes_at_one_place_are_no_division_by_zero(tmp_path: Path) -> None:
    town = Town()
    a, b, c = town.node(0, 0), town.node(1, 0), town.node(1, 0)
    d = town.node(2, 0)
    town.way(a, b, c, d)
    network = made(town, tmp_path)
    ride = ride_between(network, town.at(a), town.at(d), "ebike25")
    assert ride.metres == pytest.approx(length(town, a, b, d), rel=1e-3)
    assert ride_between(network, town.at(b), town.at(a), "foot").metres == pytest.approx(length(town, a, b), rel=1e-3)


def test_ways_out_of_the_answer_are_ridden_as_far_as_they_are_known(tmp_path: Path) -> None:
    town, (a, *_) = square()
    town.ways[7000][0].append(999_999)
    town.way(888_888, a)
    assert len(made(town, tmp_path).links) == 4


# --- promises, on generated towns


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("seed", range(3))
def test_the_table_keeps_its_promises(tmp_path: Path, mode: Mode, seed: int) -> None:
    town = grid(seed=seed)
    network = made(town, tmp_path)
    places = [town.at(one) for one in list(town.nodes)[::9]]
    table = ride_table(network, places, mode)
    assert np.isfinite(table.cost).all()  # every place is reached from every other
    assert (table.cost[:, None, :] <= table.cost[:, :, None] + table.cost[None, :, :] + 1e-6).all()
    for i, a in enumerate(places):
        for j, b in enumerate(places):
            assert table.metres[i, j] >= metres_between(a, b) - 0.01
            assert table.seconds[i, j] >= metres_between(a, b) / top_speed(mode) - 0.01
    ride = ride_between(network, places[0], places[-1], mode)
    assert (ride.seconds, ride.metres) == pytest.approx((table.seconds[0, -1], table.metres[0, -1]))


def test_wheels_never_go_against_a_one_way(tmp_path: Path) -> None:
    town = grid(seed=5)
    network = made(town, tmp_path)
    wrong = {(a, b) for link in network.links if link.oneway for b, a in pairwise(link.shape)}
    assert len(wrong) > 20
    point = {(round(x, 6), round(y, 6)): i for i, (x, y) in enumerate(zip(network.lon, network.lat, strict=True))}
    places = [town.at(one) for one in list(town.nodes)[::13]]
    ridden = 0
    for a in places:
        for b in places:
            line = [point.get((round(x, 6), round(y, 6)), -1) for x, y in ride_between(network, a, b, "ebike25").line]
            ridden += len(line)
            assert not wrong & set(pairwise(line))
    assert ridden > 500


def test_overpass_out_geom_is_read_too(tmp_path: Path) -> None:
    town, _ = square()
    answer = json.loads(as_json(town, tmp_path / "a.json").read_text())
    places = {one["id"]: {"lat": one["lat"], "lon": one["lon"]} for one in answer["elements"] if one["type"] == "node"}
    ways = [one | {"geometry": [places[ref] for ref in one["nodes"]]} for one in answer["elements"] if "nodes" in one]
    (tmp_path / "b.json").write_text(json.dumps({"elements": ways}))
    assert streets_of(read_extract(tmp_path / "b.json")).revision == made(town, tmp_path).revision
