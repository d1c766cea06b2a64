"""Turns that wheels may not take, from relations of OpenStreetMap: in the ride, in the table, kept in the file."""

from itertools import pairwise
from math import inf
from pathlib import Path

import pytest

from nuit.planning.ride import Mode
from nuit.planning.streets import Network, ride_between, ride_table
from nuit.planning.streets.osm import read_extract, streets_of
from nuit.planning.streets.stored import store_network, stored_network
from tests.planning.osm_town import Town, as_json, as_pbf, as_xml

WRITERS = {"json": as_json, "xml": as_xml, "pbf": as_pbf}


def crossing(**rule: str) -> tuple[Town, dict[str, int]]:
    """A crossing in the middle of a square of streets; the relation speaks of coming from the west and turning north."""
    town = Town()
    middle = town.node(4, 4)
    at = {
        name: town.node(x, y)
        for name, (x, y) in {"west": (0, 4), "east": (8, 4), "south": (4, 0), "north": (4, 8)}.items()
    }
    arm = {name: town.way(node, middle) for name, node in at.items()}
    corner = [town.node(x, y) for x, y in ((0, 0), (8, 0), (8, 8), (0, 8))]
    ring = [at["west"], corner[0], at["south"], corner[1], at["east"], corner[2], at["north"], corner[3], at["west"]]
    for a, b in pairwise(ring):
        town.way(a, b)
    if rule:
        tags = {key.replace("__", ":"): value for key, value in rule.items()}
        members = [("way", arm["west"], "from"), ("node", middle, "via"), ("way", arm["north"], "to")]
        town.relation(members, type="restriction", **tags)
    return town, at


def made(town: Town, folder: Path, kind: str = "json") -> Network:
    return streets_of(read_extract(WRITERS[kind](town, folder / "town")))


def metres(network: Network, town: Town, mode: Mode = "bike") -> dict[str, float]:
    """From a place on the western arm to one on each other arm; the table says the same."""
    start, goals = town_place(town, -2, 0), {"north": (0, 2), "east": (2, 0), "south": (0, -2)}
    found = {name: ride_between(network, start, town_place(town, x, y), mode).metres for name, (x, y) in goals.items()}
    table = ride_table(network, [start, *(town_place(town, x, y) for x, y in goals.values())], mode)
    assert table.metres[0, 1:].tolist() == pytest.approx(list(found.values()), rel=1e-6)
    assert table.cost.max() < inf
    return {name: round(length, -2) for name, length in found.items()}


def town_place(town: Town, x: float, y: float) -> tuple[float, float]:
    """So many blocks east and north of the crossing, on its arms."""
    lon, lat = town.at(100)
    return lon + x * 13_000 / 1e7, lat + y * 9_000 / 1e7


FREE = {"north": 400.0, "east": 400.0, "south": 400.0}


def test_without_a_rule_every_turn_is_short(tmp_path: Path) -> None:
    town, _ = crossing()
    assert metres(made(town, tmp_path), town) == FREE


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("rule", [{"restriction": "no_left_turn"}, {"restriction__bicycle": "no_left_turn"}])
def test_a_forbidden_turn_is_ridden_around(tmp_path: Path, kind: str, rule: dict[str, str]) -> None:
    town, _ = crossing(**rule)
    found = metres(made(town, tmp_path, kind), town)
    assert found["north"] > 700
    assert (found["east"], found["south"]) == (400.0, 400.0)
    back = ride_between(made(town, tmp_path), town_place(town, 0, 2), town_place(town, -2, 0), "bike")
    assert round(back.metres, -2) == 400.0  # the other way is free


def test_only_one_turn_is_left(tmp_path: Path) -> None:
    town, _ = crossing(restriction="only_left_turn")
    found = metres(made(town, tmp_path), town)
    assert found["north"] == 400.0
    assert min(found["east"], found["south"]) > 700


@pytest.mark.parametrize(
    "rule",
    [
        {"restriction": "no_left_turn", "except": "bus;bicycle"}, {"restriction__hgv": "no_left_turn"},
        {"restriction": "no_u_turn"}, {"restriction__conditional": "no_left_turn @ (07:00-09:00)"},
    ],
)  # fmt: skip
def test_a_rule_that_is_not_for_bicycles_bars_nothing(tmp_path: Path, rule: dict[str, str]) -> None:
    town, _ = crossing(**rule)
    network = made(town, tmp_path)
    assert network.bans == ()
    assert metres(network, town) == FREE


def test_who_walks_turns_as_they_like(tmp_path: Path) -> None:
    town, _ = crossing(restriction="no_left_turn")
    assert metres(made(town, tmp_path), town, "foot") == FREE


def test_barred_turns_are_kept_in_the_file_and_change_the_revision(tmp_path: Path) -> None:
    town, _ = crossing(restriction="no_left_turn")
    network = made(town, tmp_path)
    store_network(network, tmp_path / "network.npz", {})
    again, _ = stored_network(tmp_path / "network.npz")
    assert len(network.bans) == 1
    assert again.bans == network.bans
    assert made(crossing()[0], tmp_path).revision != network.revision
    assert metres(again, town)["north"] > 700
