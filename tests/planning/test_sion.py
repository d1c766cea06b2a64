"""The schematic network and base map of Sion: exact joins, one component, grades, lengths, box, sample routes."""

import heapq
import json
from collections import Counter, defaultdict
from itertools import pairwise
from math import cos, hypot, inf, radians
from pathlib import Path
from typing import Any

import pytest

from nuit.planning.streets import Network, OutsideNetwork, Point, load_network, metres_between, ride_between, ride_table

SION = Path(__file__).parents[2] / "geo" / "sion"
BOX = (7.27, 46.18, 7.46, 46.28)
DETAIL = (7.30, 46.205, 7.42, 46.255)
KX, KY = 111195.0 * cos(radians(46.23)), 111195.0
KINDS = {"primary", "secondary", "residential", "cycleway", "path", "bridge", "tunnel", "steps", "service"}
GARE = (7.3590, 46.2276)
SAMPLES = [  # from, to, km of the shortest ride, longest ratio to the straight line: the table of geo/sion/README.md
    pytest.param(GARE, (7.340, 46.220), 1.87, 1.7, id="Ronquoz"),
    pytest.param(GARE, (7.4164, 46.2498), 5.42, 1.7, id="Uvrier"),
    pytest.param(GARE, (7.3843, 46.2315), 2.44, 1.7, id="hôpital"),
    pytest.param(GARE, (7.3123, 46.2057), 5.03, 1.7, id="Aproz"),
    pytest.param((7.3598, 46.2328), (7.3502, 46.2507), 4.85, 2.6, id="Savièse"),
    pytest.param((7.3812, 46.2300), (7.3662, 46.2212), 1.68, 1.7, id="Chandoline"),
]
DRAWN = [
    "slope", "forest", "contour", "hill", "vineyard", "built", "oldtown", "industrial", "airfield", "runway", "park",
    "square", "pitch", "river", "stream", "lake", "motorway", "street", "railway", "place", "quarter", "landmark",
]  # fmt: skip

Edges = dict[tuple[Point, Point], dict[str, Any]]


def read(name: str) -> Any:
    return json.loads((SION / name).read_text("utf-8"))


def distance(a: Point, b: Point) -> float:
    return hypot((a[0] - b[0]) * KX, (a[1] - b[1]) * KY)


def inside(p: Point, box: tuple[float, float, float, float]) -> bool:
    return box[0] <= p[0] <= box[2] and box[1] <= p[1] <= box[3]


def key(p: Point) -> str:
    return f"{p[0]:.5f},{p[1]:.5f}"


def crosses(a: Point, b: Point, c: Point, d: Point) -> bool:
    """True when the open segments ab and cd cross."""

    def side(p: Point, q: Point, r: Point) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0


@pytest.fixture(scope="module")
def edges() -> Edges:
    found: Edges = {}
    for feature in read("network.geojson")["features"]:
        line = [tuple(point) for point in feature["geometry"]["coordinates"]]
        for a, b in pairwise(line):
            pair = (min(a, b), max(a, b))
            assert pair not in found, f"stored twice: {pair}"
            found[pair] = feature["properties"]
    return found


@pytest.fixture(scope="module")
def heights() -> dict[str, float]:
    return read("heights.json")


@pytest.fixture(scope="module")
def bike_graph(edges: Edges) -> dict[Point, dict[Point, float]]:
    graph: dict[Point, dict[Point, float]] = defaultdict(dict)
    for (a, b), props in edges.items():
        if props["bike"]:
            graph[a][b] = graph[b][a] = distance(a, b)
    return graph


@pytest.fixture(scope="module")
def network() -> Network:
    return load_network(SION)


def shortest(graph: dict[Point, dict[Point, float]], a: Point, b: Point) -> float:
    best, todo = {a: 0.0}, [(0.0, a)]
    while todo:
        d, p = heapq.heappop(todo)
        if p == b:
            return d
        if d > best[p]:
            continue
        for q, w in graph[p].items():
            if d + w < best.get(q, inf):
                best[q] = d + w
                heapq.heappush(todo, (d + w, q))
    return inf


def test_drawing_has_the_size_it_says(edges: Edges) -> None:
    degree = Counter(point for pair in edges for point in pair)
    assert (len(degree), sum(1 for n in degree.values() if n != 2), len(edges)) == (1043, 365, 1259)
    assert round(sum(distance(*pair) for pair in edges) / 1000) == 165
    assert {props["kind"] for props in edges.values()} == KINDS


def test_every_vertex_lies_in_the_box_on_five_decimals(edges: Edges) -> None:
    points = {point for pair in edges for point in pair}
    assert [p for p in points if not inside(p, BOX) or any(round(c, 5) != c for c in p)] == []


def test_no_two_nodes_are_nearly_one(edges: Edges) -> None:
    points = sorted({point for pair in edges for point in pair})
    close = [(p, q) for i, p in enumerate(points) for q in points[i + 1 : i + 60] if distance(p, q) < 5]
    assert close == []


def test_no_streets_cross_without_a_shared_node(edges: Edges) -> None:
    segments = sorted(pair for pair, props in edges.items() if props["kind"] not in ("bridge", "tunnel"))
    bad = []
    for i, (a, b) in enumerate(segments):
        for c, d in segments[i + 1 :]:
            if c[0] > b[0]:
                break
            if len({a, b, c, d}) == 4 and crosses(a, b, c, d):
                bad.append((a, c))
    assert bad == []


def test_bicycles_reach_everything(bike_graph: dict[Point, dict[Point, float]]) -> None:
    start = min(bike_graph)
    seen, todo = {start}, [start]
    while todo:
        for near in bike_graph[todo.pop()].keys() - seen:
            seen.add(near)
            todo.append(near)
    assert len(seen) == len(bike_graph) == 1039


def test_heights_fit_the_nodes_and_the_valley(edges: Edges, heights: dict[str, float]) -> None:
    assert set(heights) == {key(point) for pair in edges for point in pair}
    assert (min(heights.values()), max(heights.values())) == (479, 938)
    steep = [
        (a, b)
        for a, b in edges
        if distance(a, b) >= 8 and abs(heights[key(a)] - heights[key(b)]) / distance(a, b) > 0.10
    ]
    assert steep == []


@pytest.mark.parametrize("name", ["Route de Savièse", "Route du Rawyl", "Route de Salins", "Route d'Hérens"])
def test_hill_roads_climb_evenly(edges: Edges, heights: dict[str, float], name: str) -> None:
    pieces = [pair for pair, props in edges.items() if props["name"] == name]
    rise = sum(abs(heights[key(a)] - heights[key(b)]) for a, b in pieces)
    assert 0.05 < rise / sum(distance(*pair) for pair in pieces) <= 0.10


def test_no_edge_of_the_town_is_long(edges: Edges) -> None:
    assert max(distance(a, b) for a, b in edges if inside(a, DETAIL) or inside(b, DETAIL)) < 320


@pytest.mark.parametrize(("start", "end", "km", "most"), SAMPLES)
def test_sample_routes(
    network: Network, bike_graph: dict[Point, dict[Point, float]], start: Point, end: Point, km: float, most: float
) -> None:
    """The shortest is the README's within 1 %; the ride, which prefers lit streets, is at most 2 % longer."""
    a, b = (min(bike_graph, key=lambda node: distance(node, place)) for place in (start, end))
    least = shortest(bike_graph, a, b)
    assert least / 1000 == pytest.approx(km, rel=0.01)
    assert 1.05 <= least / distance(a, b) <= most
    assert 0.999 * least <= ride_between(network, a, b, "ebike25").metres <= 1.02 * least


def test_network_of_the_router_is_the_drawing(network: Network, edges: Edges) -> None:
    assert (network.approximate, network.name) == (True, "Sion, schéma")
    assert len(network.lon) == 1043
    assert len(network.shape) - len(network.links) == len(edges)
    assert network.metres.sum() == pytest.approx(sum(distance(*pair) for pair in edges), rel=0.001)
    assert load_network(SION).revision == network.revision


def test_up_to_saviese_takes_longer_than_down(network: Network) -> None:
    planta, saviese = (7.3598, 46.2328), (7.3502, 46.2507)
    up, down = ride_between(network, planta, saviese, "ebike25"), ride_between(network, saviese, planta, "ebike25")
    assert up.seconds > 2 * down.seconds
    assert up.climb == pytest.approx(down.descent)
    assert 290 < up.climb < 320
    assert up.approximate


def test_castle_is_reached_by_pushing_the_bicycle(network: Network) -> None:
    path = next(link for link in network.links if link.kind == "path" and not link.bike)
    top = max(path.shape, key=lambda vertex: network.height[vertex])
    castle = (float(network.lon[top]), float(network.lat[top]))
    ride = ride_between(network, GARE, castle, "ebike25")
    assert [turn.pushed for turn in ride.turns][-1]
    assert not any(turn.pushed for turn in ride_between(network, GARE, castle, "foot").turns)


@pytest.mark.parametrize("place", [(7.60, 46.30), (7.27, 46.27), (46.2276, 7.3590), (float("nan"), 46.2)])
def test_places_without_a_street_are_refused(network: Network, place: Point) -> None:
    with pytest.raises(OutsideNetwork, match="no street within reach"):
        ride_between(network, GARE, place, "ebike25")


def test_table_of_a_whole_evening_is_the_rides_themselves(network: Network) -> None:
    """Light makes the seconds of a detour shorter at times, never its cost."""
    places = [(float(network.lon[i]) + 0.0004, float(network.lat[i]) + 0.0003) for i in range(0, 1043, 35)]
    table = ride_table(network, places, "ebike25")
    assert ((table.cost[:, None, :] - table.cost[:, :, None] - table.cost[None, :, :]) < 1e-6).all()
    for i in range(0, 30, 4):
        ride = ride_between(network, places[i], places[-1], "ebike25")
        assert (table.seconds[i, -1], table.metres[i, -1]) == pytest.approx((ride.seconds, ride.metres))
        assert ride.metres >= metres_between(places[i], places[-1])


def test_base_map_is_drawn_from_ground_to_names() -> None:
    kinds = [feature["properties"]["kind"] for feature in read("basemap.geojson")["features"]]
    assert list(dict.fromkeys(kinds)) == DRAWN
    assert kinds == sorted(kinds, key=DRAWN.index)


def test_base_map_shows_the_streets_of_the_network(edges: Edges) -> None:
    drawn = Counter(
        (feature["properties"]["class"], min(a, b), max(a, b))
        for feature in read("basemap.geojson")["features"]
        if feature["properties"]["kind"] == "street"
        for line in feature["geometry"]["coordinates"]
        for a, b in pairwise([tuple(point) for point in line])
    )
    assert drawn == Counter((props["kind"], a, b) for (a, b), props in edges.items())
