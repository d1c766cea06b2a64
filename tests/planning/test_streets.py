"""The router on small towns whose answers are known, and its promises on generated ones."""

import json
from collections.abc import Sequence
from functools import cache
from itertools import pairwise, product
from math import inf
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nuit.planning.ride import MODES, PUSHING, PUSHING_ON_STEPS, Mode, ride_seconds, speed, top_speed
from nuit.planning.streets import (
    BrokenNetwork,
    Network,
    OutsideNetwork,
    Point,
    Ride,
    Unreachable,
    load_geojson,
    load_network,
    metres_between,
    ride_between,
    ride_table,
    snap,
)
from nuit.planning.streets.hierarchy import Access, Arc, Hierarchy, order
from nuit.planning.streets.timing import CROSSING, JUNCTION, LIT, UNLIT

WEST, SOUTH, STEP = 7.30, 46.20, 0.002
WHEELS: tuple[Mode, ...] = ("ebike25", "ebike45", "bike")
modes = st.sampled_from(MODES)
seeds = st.integers(0, 200)


def place(x: float, y: float) -> Point:
    """A point of the small towns, in blocks: about 154 m east, 222 m north."""
    return round(WEST + x * STEP, 5), round(SOUTH + y * STEP, 5)


def street(*points: Point, **props: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"kind": "residential", "name": None, "lit": True, "oneway": False, "bike": True} | props,
        "geometry": {"type": "LineString", "coordinates": [list(point) for point in points]},
    }


def level(features: Sequence[dict[str, Any]], height: float = 500.0) -> dict[str, float]:
    return {f"{x:.5f},{y:.5f}": height for one in features for x, y in one["geometry"]["coordinates"]}


def flat(*features: dict[str, Any]) -> Network:
    return load_geojson(features, level(features))


@cache
def town(seed: int, lit: bool | None = True, oneway: float = 0.0, hills: float = 60.0, size: int = 6) -> Network:
    """A crooked grid town, always in one piece: `lit` None mixes, `oneway` is a share, `hills` the metres of relief."""
    random = Random(seed)
    corner = {
        (i, j): place(i + random.uniform(-0.2, 0.2), j + random.uniform(-0.2, 0.2))
        for i, j in product(range(size), repeat=2)
    }
    features = [
        street(
            *(corner[end] for end in random.sample([a, b], 2)),
            kind=random.choice(["residential", "primary", "secondary", "cycleway"]),
            lit=random.random() < 0.5 if lit is None else lit,
            oneway=random.random() < oneway,
        )
        for a in corner
        for b in ((a[0] + 1, a[1]), (a[0], a[1] + 1))
        if b in corner and (random.random() < 0.8 or a[0] == 0 or b[1] == a[1])
    ]
    heights = {f"{x:.5f},{y:.5f}": 500 + round(random.uniform(0, hills), 1) for x, y in corner.values()}
    return load_geojson(features, heights)


def spots(seed: int, count: int = 5, size: int = 6) -> list[Point]:
    random = Random(f"spots {seed}")
    return [place(random.uniform(0, size - 1), random.uniform(0, size - 1)) for _ in range(count)]


# --- one street, whose figures can be worked out by hand


def test_ride_on_one_level_street_is_its_length_at_cruising_speed() -> None:
    ride = ride_between(flat(street(place(0, 0), place(4, 0))), place(0, 0), place(4, 0), "ebike25")
    metres = metres_between(place(0, 0), place(4, 0))
    assert (ride.metres, ride.seconds) == pytest.approx((metres, metres / speed("ebike25", 0)))
    assert (ride.climb, ride.descent, ride.lit_share, ride.approximate) == (0, 0, 1, False)
    assert ride.line == (place(0, 0), place(4, 0))
    assert ride.profile[0] == (0.0, 500.0)
    assert ride.profile[-1] == (pytest.approx(metres), 500.0)
    assert [(turn.kind, round(turn.bearing), turn.change) for turn in ride.turns] == [("residential", 90, 0)]


@pytest.mark.parametrize("grade", [-0.10, -0.06, -0.03, 0.0, 0.02, 0.04, 0.06, 0.08, 0.10, 0.12])
@pytest.mark.parametrize("mode", MODES)
def test_ride_on_a_constant_grade_takes_the_time_of_the_physics(mode: Mode, grade: float) -> None:
    low, high = place(0, 0), place(0, 3)
    metres = metres_between(low, high)
    network = load_geojson([street(low, high)], {"7.30000,46.20000": 500, "7.30000,46.20600": 500 + grade * metres})
    assert ride_between(network, low, high, mode).seconds == pytest.approx(ride_seconds(mode, metres, grade * metres))


def test_place_snaps_onto_the_middle_of_a_street_not_its_end() -> None:
    network = flat(street(place(0, 0), place(4, 0)))
    found = snap(network, place(1, 0.1))
    assert found.point == pytest.approx(place(1, 0))
    assert found.access == pytest.approx(metres_between(place(1, 0.1), place(1, 0)), rel=1e-6)
    ride = ride_between(network, place(1, 0.1), place(3, 0), "ebike25")
    assert ride.metres == pytest.approx(found.access + metres_between(place(1, 0), place(3, 0)), rel=1e-6)
    assert ride.seconds == pytest.approx(
        found.access / PUSHING + metres_between(place(1, 0), place(3, 0)) / speed("ebike25", 0), rel=1e-6
    )
    assert ride.line == (place(1, 0.1), pytest.approx(place(1, 0)), place(3, 0))


def test_place_to_itself_is_a_ride_of_zero() -> None:
    network = flat(street(place(0, 0), place(4, 0)))
    ride = ride_between(network, place(1, 0.2), place(1, 0.2), "foot")
    assert (ride.seconds, ride.metres, ride.climb, ride.turns) == (0, 0, 0, ())
    assert ride.line == (place(1, 0.2), place(1, 0.2))
    assert ride.profile == ((0, 500), (0, 500))


def test_heights_between_the_ends_are_interpolated() -> None:
    network = load_geojson([street(place(0, 0), place(4, 0))], {"7.30000,46.20000": 500, "7.30800,46.20000": 520})
    ride = ride_between(network, place(1, 0), place(3, 0), "ebike25")
    assert ride.climb == pytest.approx(10)
    assert [height for _, height in ride.profile] == pytest.approx([505, 515])
    back = ride_between(network, place(3, 0), place(1, 0), "ebike25")
    assert (back.climb, back.descent) == pytest.approx((0, 10))


# --- junctions, light, steps, barriers


def test_junctions_cost_what_they_say() -> None:
    """One side street gives 1.5 s; three main arms give 5 s; on foot only the main crossing counts."""
    west, middle, east, north = place(0, 0), place(2, 0), place(4, 0), place(2, 2)
    for kind, seconds, walking in (("residential", JUNCTION, 0.0), ("primary", CROSSING, 3.0)):
        network = flat(*(street(end, middle, kind=kind) for end in (west, east, north)))
        metres = metres_between(west, east)
        for mode, lost in (("ebike25", seconds), ("foot", walking)):
            ride = ride_between(network, west, east, mode)
            assert ride.seconds == pytest.approx(metres / speed(mode, 0) + lost, rel=1e-6)


@pytest.mark.parametrize(("detour", "taken"), [(1.1, "lit"), (1.3, "unlit")])
def test_lit_way_is_taken_when_the_detour_is_small(detour: float, taken: str) -> None:
    """1.15 / 0.97 = 1.19: light is worth a detour of a tenth, not of a third. Its seconds stay seconds."""
    assert 1.1 < UNLIT / LIT < 1.3
    a, b = place(0, 0), place(4, 0)
    bend = next(
        place(2, y / 100)
        for y in range(400)
        if metres_between(a, place(2, y / 100)) * 2 >= detour * metres_between(a, b)
    )
    network = flat(street(a, b, name="unlit", lit=False), street(a, bend, b, name="lit"))
    ride = ride_between(network, a, b, "ebike25")
    assert {turn.name for turn in ride.turns} == {taken}
    assert ride.lit_share == (taken == "lit")
    assert ride.seconds == pytest.approx(ride.metres / speed("ebike25", 0))


def test_steps_are_pushed_and_foot_ways_too() -> None:
    a, b, c, d = (place(x, 0) for x in (0, 1, 2, 3))
    network = flat(street(a, b), street(b, c, kind="steps"), street(c, d, kind="path", bike=False))
    ride = ride_between(network, a, d, "ebike25")
    assert [(turn.kind, turn.pushed) for turn in ride.turns] == [
        ("residential", False),
        ("steps", True),
        ("path", True),
    ]
    expected = metres_between(a, b) / speed("ebike25", 0) + metres_between(b, c) / PUSHING_ON_STEPS
    assert ride.seconds == pytest.approx(expected + metres_between(c, d) / PUSHING)
    assert not any(turn.pushed for turn in ride_between(network, a, d, "foot").turns)


def test_nobody_gets_off_for_a_trifle() -> None:
    a, b = place(0, 0), place(1, 0)
    network = flat(street(a, b, kind="path", bike=False, name="passage"), street(a, place(0.5, 1), b, name="round"))
    assert [turn.name for turn in ride_between(network, a, b, "foot").turns] == ["passage"]
    assert {turn.name for turn in ride_between(network, a, b, "ebike25").turns} == {"round"}


def test_oneway_street_is_for_wheels_only() -> None:
    a, b = place(0, 0), place(3, 0)
    network = flat(street(a, b, oneway=True), street(a, place(1, 2), b, name="back"))
    straight = metres_between(a, b)
    assert ride_between(network, a, b, "bike").metres == pytest.approx(straight)
    assert ride_between(network, b, a, "foot").metres == pytest.approx(straight)
    assert {turn.name for turn in ride_between(network, b, a, "bike").turns} == {"back"}
    assert ride_between(network, place(2, 0), place(1, 0), "bike").metres > straight


def test_places_without_a_way_between_them() -> None:
    network = flat(street(place(0, 0), place(1, 0)), street(place(3, 0), place(4, 0)))
    with pytest.raises(Unreachable, match="no way leads"):
        ride_between(network, place(0, 0), place(4, 0), "ebike25")
    table = ride_table(network, [place(0, 0), place(4, 0), place(1, 0)], "ebike25")
    assert (table.seconds == inf).tolist() == [[False, True, False], [True, False, True], [False, True, False]]


def test_end_of_a_oneway_dead_end_cannot_be_left() -> None:
    network = flat(street(place(0, 0), place(1, 0)), street(place(1, 0), place(2, 0), oneway=True))
    assert ride_between(network, place(0, 0), place(2, 0), "ebike25").metres > 300
    with pytest.raises(Unreachable):
        ride_between(network, place(2, 0), place(0, 0), "ebike25")


@pytest.mark.parametrize("far", [(7.5, 46.2), (46.2, 7.3), (float("nan"), 46.2), (7.3, float("inf"))])
def test_place_far_from_any_street_is_refused_but_does_not_spoil_the_table(far: Point) -> None:
    network = flat(street(place(0, 0), place(4, 0)))
    with pytest.raises(OutsideNetwork, match="no street within reach"):
        ride_between(network, place(0, 0), far, "ebike25")
    table = ride_table(network, [place(0, 0), far, place(4, 0)], "ebike25")
    assert np.isinf(table.seconds).tolist() == [[False, True, False], [True, True, True], [False, True, False]]


def test_nobody_starts_in_the_tunnel_below() -> None:
    network = flat(street(place(0, 0), place(4, 0), kind="tunnel"), street(place(0, 0), place(0, 1), place(4, 1)))
    assert snap(network, place(2, 0.1)).point == pytest.approx(place(2, 1))


# --- turns


def test_turns_say_where_to_go() -> None:
    a, b, c, d, e = place(0, 0), place(2, 0), place(2, 2), place(4, 2), place(6, 2.1)
    network = flat(
        street(a, b, name="Rue A"),
        street(b, c, name="Rue B"),
        street(c, d, name="Rue C"),
        street(d, e, name="Rue C", kind="secondary"),
        street(b, place(3, 0)),
        street(c, place(2, 3)),
    )
    ride = ride_between(network, a, e, "ebike25")
    assert [(turn.name, round(turn.change / 90)) for turn in ride.turns] == [("Rue A", 0), ("Rue B", -1), ("Rue C", 1)]
    assert sum(turn.metres for turn in ride.turns) == pytest.approx(ride.metres)


def test_bridge_is_told_although_the_street_keeps_its_name() -> None:
    network = flat(
        street(place(0, 0), place(1, 0), name="Rue A"),
        street(place(1, 0), place(2, 0), name="Rue A", kind="bridge"),
        street(place(2, 0), place(3, 0), name="Rue A"),
    )
    turns = ride_between(network, place(0, 0), place(3, 0), "ebike25").turns
    assert [turn.kind for turn in turns] == ["residential", "bridge", "residential"]


# --- promises on generated towns


@settings(max_examples=60, deadline=None)
@given(seeds, modes)
def test_no_ride_beats_the_straight_line_at_top_speed(seed: int, mode: Mode) -> None:
    a, b = spots(seed, 2)
    ride, straight = ride_between(town(seed, lit=None), a, b, mode), metres_between(a, b)
    assert ride.metres >= straight * (1 - 1e-6)
    assert ride.seconds >= straight / top_speed(mode) * (1 - 1e-6)


@settings(max_examples=40, deadline=None)
@given(seeds, modes)
def test_triangle_inequality_of_the_table(seed: int, mode: Mode) -> None:
    """Of the cost always, of the seconds wherever all streets are lit alike."""
    mixed = ride_table(town(seed, lit=None, oneway=0.2), spots(seed), mode).cost
    alike = ride_table(town(seed), spots(seed), mode).seconds
    for a, b, c in product(range(5), repeat=3):
        assert alike[a, c] <= alike[a, b] + alike[b, c] + 1e-6
        assert mixed[a, c] <= mixed[a, b] + mixed[b, c] + 1e-6


@settings(max_examples=40, deadline=None)
@given(seeds, modes)
def test_detour_is_never_shorter(seed: int, mode: Mode) -> None:
    a, b, c = spots(seed, 3)
    network = town(seed)
    straight = ride_between(network, a, c, mode)
    assert straight.seconds <= sum(ride_between(network, *leg, mode).seconds for leg in ((a, b), (b, c))) + 1e-6


@settings(max_examples=40, deadline=None)
@given(seeds, modes)
def test_reversing_a_hill_costs_more_uphill(seed: int, mode: Mode) -> None:
    low, high = place(0, 0), place(0, 3)
    climb = 5 + seed % 60
    network = load_geojson([street(low, high)], {"7.30000,46.20000": 500, "7.30000,46.20600": 500 + climb})
    up, down = ride_between(network, low, high, mode), ride_between(network, high, low, mode)
    assert up.seconds > down.seconds
    assert (up.climb, up.descent) == (down.descent, down.climb) == (climb, 0)


@settings(max_examples=40, deadline=None)
@given(seeds, modes)
def test_level_two_way_town_is_the_same_both_ways(seed: int, mode: Mode) -> None:
    table = ride_table(town(seed, lit=None, hills=0), spots(seed), mode)
    assert np.allclose(table.seconds, table.seconds.T)
    assert np.allclose(table.metres, table.metres.T)


@settings(max_examples=40, deadline=None)
@given(seeds, modes)
def test_table_holds_the_rides(seed: int, mode: Mode) -> None:
    network, places = town(seed, lit=None, oneway=0.15), spots(seed)
    table = ride_table(network, places, mode)
    assert np.diag(table.seconds).tolist() == [0.0] * 5
    for i, j in product(range(5), repeat=2):
        if table.seconds[i, j] == inf:
            with pytest.raises(Unreachable):
                ride_between(network, places[i], places[j], mode)
        else:
            ride = ride_between(network, places[i], places[j], mode)
            assert (ride.seconds, ride.metres) == pytest.approx((table.seconds[i, j], table.metres[i, j]))


def parts(ride: Ride) -> set[tuple[Point, Point]]:
    return set(pairwise(ride.line))


@settings(max_examples=60, deadline=None)
@given(seeds, st.sampled_from(WHEELS))
def test_wheels_never_ride_against_a_oneway_street(seed: int, mode: Mode) -> None:
    network = town(seed, oneway=0.4)
    corners = list(zip(network.lon.tolist(), network.lat.tolist(), strict=True))
    forbidden = {(corners[b], corners[a]) for link in network.links if link.oneway for a, b in pairwise(link.shape)}
    table = ride_table(network, corners[:4], mode)
    for i, j in product(range(4), repeat=2):
        if table.seconds[i, j] < inf:
            assert parts(ride_between(network, corners[i], corners[j], mode)) & forbidden == set()


@settings(max_examples=60, deadline=None)
@given(seeds, modes)
def test_ride_adds_up(seed: int, mode: Mode) -> None:
    """Line, profile, climbs and turns tell the same ride."""
    a, b = spots(seed, 2)
    ride = ride_between(town(seed, lit=None), a, b, mode)
    assert (ride.line[0], ride.line[-1]) == (a, b)
    assert sum(metres_between(*step) for step in pairwise(ride.line)) == pytest.approx(ride.metres, rel=1e-3)
    assert ride.profile[-1][0] == pytest.approx(ride.metres)
    assert [metre for metre, _ in ride.profile] == sorted(metre for metre, _ in ride.profile)
    assert ride.climb - ride.descent == pytest.approx(ride.profile[-1][1] - ride.profile[0][1], abs=1e-6)
    access = snap(town(seed, lit=None), a).access + snap(town(seed, lit=None), b).access
    assert sum(turn.metres for turn in ride.turns) == pytest.approx(ride.metres - access)
    assert 0 <= ride.lit_share <= 1
    assert all(-180 <= turn.change < 180 for turn in ride.turns)


# --- the hierarchy against Floyd and Warshall


@st.composite
def graphs(draw: st.DrawFn) -> tuple[int, list[Arc]]:
    nodes = draw(st.integers(1, 12))
    ends = st.integers(0, nodes - 1)
    arc = st.builds(Arc, ends, ends, st.integers(1, 50).map(float) | st.just(inf), st.just(1.0), st.just(10.0))
    return nodes, draw(st.lists(arc, max_size=40))


@settings(max_examples=200, deadline=None)
@given(graphs())
def test_hierarchy_finds_what_floyd_and_warshall_find(graph: tuple[int, list[Arc]]) -> None:
    nodes, arcs = graph
    least = np.full((nodes, nodes), inf)
    np.fill_diagonal(least, 0)
    for arc in arcs:
        least[arc.tail, arc.head] = min(least[arc.tail, arc.head], arc.cost)
    for middle in range(nodes):
        least = np.minimum(least, least[:, [middle]] + least[middle])
    hierarchy = Hierarchy(order(nodes, [(arc.tail, arc.head) for arc in arcs]), arcs)
    doors = [[Access(node, 0, 0, 0)] for node in range(nodes)]
    cost, seconds, metres = hierarchy.table(doors, doors)
    assert cost.tolist() == least.tolist()
    for a, b in product(range(nodes), repeat=2):
        found = hierarchy.cheapest(doors[a], doors[b])
        if found is None:
            assert least[a, b] == inf
            continue
        ridden = [arcs[arc] for arc in found.arcs]
        assert found.cost == sum(arc.cost for arc in ridden) == least[a, b]
        assert [a, *(arc.head for arc in ridden)] == [*(arc.tail for arc in ridden), b]
        assert (seconds[a, b], metres[a, b]) == (len(ridden), 10 * len(ridden))


# --- reading


def test_lines_meet_only_where_they_share_a_vertex() -> None:
    cross = [street(place(0, 1), place(2, 1)), street(place(1, 0), place(1, 2))]
    assert len(flat(*cross).nodes) == 4
    joined = [street(place(0, 1), place(1, 1), place(2, 1)), street(place(1, 0), place(1, 1), place(1, 2))]
    assert (len(flat(*joined).nodes), len(flat(*joined).links)) == (5, 4)


def test_ring_and_repeated_points_are_read() -> None:
    a, b, c = place(0, 0), place(2, 0), place(1, 2)
    network = flat(street(a, a, b, c, a))
    ride = ride_between(network, place(1, 0), place(0.25, 0.5), "ebike25")
    assert (len(network.links), len(network.nodes)) == (1, 1)
    assert ride.metres < metres_between(a, b) + metres_between(b, c)
    assert ride.line[1] == a


def test_light_that_nobody_knows_is_neither_lit_nor_unlit() -> None:
    network = flat(street(place(0, 0), place(4, 0), lit=None))
    table = ride_table(network, [place(0, 0), place(4, 0)], "ebike25")
    assert table.cost[0, 1] == table.seconds[0, 1]
    assert ride_between(network, place(0, 0), place(4, 0), "ebike25").lit_share == 0


def test_revision_is_of_the_content() -> None:
    features = [street(place(0, 0), place(4, 0))]
    same, lit = load_geojson(features, level(features)), [street(place(0, 0), place(4, 0), lit=False)]
    revisions = {
        load_geojson(features, level(features)).revision,
        same.revision,
        load_geojson(lit, level(lit)).revision,
        load_geojson(features, level(features, 501)).revision,
        load_geojson(features, level(features), approximate=True).revision,
    }
    assert len(revisions) == 4


@pytest.mark.parametrize(
    "features",
    [
        [],
        [{}],
        [None],
        [{"geometry": None, "properties": {}}],
        [{"geometry": {"coordinates": [[7.3, 46.2]]}, "properties": {}}],
        [{"geometry": {"coordinates": [[7.3], [7.4]]}, "properties": {}}],
        [{"geometry": {"coordinates": [[7.3, "x"], [7.4, 46.2]]}, "properties": {}}],
        [{"geometry": {"coordinates": [[7.3, float("inf")], [7.4, 46.2]]}, "properties": {}}],
        [{"geometry": {"coordinates": [[2592000, 1120000], [2592100, 1120000]]}, "properties": {}}],
        [{"geometry": {"coordinates": [[7.3, 46.2], [7.4, 46.2]]}, "properties": [1]}],
    ],
)
def test_broken_lines_are_refused(features: list[Any]) -> None:
    with pytest.raises(BrokenNetwork):
        load_geojson(features, {"7.30000,46.20000": 500, "7.40000,46.20000": 500})


@pytest.mark.parametrize("heights", [{}, {"7.30000,46.20000": "high"}, {"7.30000,46.20000": float("nan")}])
def test_broken_heights_are_refused(heights: dict[str, Any]) -> None:
    with pytest.raises(BrokenNetwork, match="height"):
        load_geojson([street(place(0, 0), place(0, 1))], {"7.30000,46.20200": 500} | heights)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"features": 3}', "[" * 100_000])
def test_broken_files_are_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "network.geojson").write_text(content)
    (tmp_path / "heights.json").write_text("{}")
    with pytest.raises(BrokenNetwork):
        load_network(tmp_path)


def test_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokenNetwork):
        load_network(tmp_path / "nowhere")


def test_folder_is_read(tmp_path: Path) -> None:
    features = [street(place(0, 0), place(4, 0))]
    (tmp_path / "network.geojson").write_text(json.dumps({"name": "Ville", "approximate": True, "features": features}))
    (tmp_path / "heights.json").write_text(json.dumps(level(features)))
    network = load_network(tmp_path)
    assert (network.name, network.approximate) == ("Ville", True)
    assert ride_between(network, place(0, 0), place(4, 0), "ebike25").approximate
