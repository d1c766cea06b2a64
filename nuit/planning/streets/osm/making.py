"""A street network from an extract: ways cut at junctions and barriers, dead ends of law left out, heights laid on."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nuit.planning.streets.network import BrokenNetwork, Floats, Ints, Link, Network, distances
from nuit.planning.streets.osm.elevation import Tile, smoothed
from nuit.planning.streets.osm.extract import DEGREE, Extract
from nuit.planning.streets.osm.rules import Street, street_of, turn_rule, wait_at

LONGEST = 60.0
"""Metres between two points of a street whose heights are known: a longer straight line would hide a hump."""


class Run(NamedTuple):
    """A stretch of one street over vertices, in the direction in which wheels may go."""

    street: Street
    shape: tuple[int, ...]
    way: int = 0


@dataclass
class Ground:
    """Vertices while streets are made: where they lie, in units of 1e-7 degrees, and the seconds lost at some."""

    lon: list[int]
    lat: list[int]
    waits: dict[int, float]

    def copy(self, vertex: int) -> int:
        """A second vertex at the place of one: what meets there does not meet any more."""
        self.lon.append(self.lon[vertex])
        self.lat.append(self.lat[vertex])
        return len(self.lon) - 1


def streets_of(extract: Extract, tiles: Sequence[Tile] = (), *, name: str = "OpenStreetMap") -> Network:
    """The network that one can ride in and out of everywhere; heights from the tiles, 0 m without any.

    BrokenNetwork where there is no street.
    """
    ground = Ground(extract.lon.tolist(), extract.lat.tolist(), {})
    runs = _linked(_connected(_cut(list(_runs(extract, ground)), ground.waits)))
    if not runs:
        raise BrokenNetwork("there is no street in it")
    if tiles:
        runs = _finer(runs, ground)
    used = sorted({vertex for run in runs for vertex in run.shape})
    number = {vertex: i for i, vertex in enumerate(used)}
    runs = [run._replace(shape=tuple(number[vertex] for vertex in run.shape)) for run in runs]
    lon, lat = _apart(np.array(ground.lon)[used], np.array(ground.lat)[used])
    height = _heights(runs, lon, lat, tiles)
    waits = {number[vertex]: seconds for vertex, seconds in ground.waits.items() if vertex in number}
    links = tuple(_link(run) for run in runs)
    made = Network(name, False, "", lon, lat, height, links, waits, _bans(extract, runs, number))
    return replace(made, revision=_revision(made))


def _runs(extract: Extract, ground: Ground) -> Iterator[Run]:
    """Every way that is a street to us, broken where nodes are missing and at barriers that are closed."""
    row = {node: i for i, node in enumerate(extract.ids.tolist())}
    barriers = {row[node]: wait_at(tags) for node, tags in extract.barriers.items() if node in row}
    ground.waits.update({vertex: wait for vertex, wait in barriers.items() if wait})
    closed = {vertex for vertex, wait in barriers.items() if wait is None}
    for way in extract.ways:
        street = street_of(way.tags)
        if street is None:
            continue
        refs = [row.get(ref, -1) for ref in (way.refs if street.direction >= 0 else way.refs[::-1])]
        for part in _known(refs):
            for shape in _between_barriers(part, closed, ground):
                yield Run(street, shape, way.id)


def _known(refs: list[int]) -> Iterator[list[int]]:
    """Stretches of vertices that are there (−1: missing), without immediate repetitions."""
    part: list[int] = []
    for vertex in [*refs, -1]:
        if vertex >= 0 and vertex not in part[-1:]:
            part.append(vertex)
        elif vertex < 0:
            if len(part) > 1:
                yield part
            part = []


def _between_barriers(part: list[int], closed: set[int], ground: Ground) -> Iterator[tuple[int, ...]]:
    """The part cut at every closed barrier; each piece ends there at a vertex of its own."""
    cuts = [0, *(i for i in range(1, len(part) - 1) if part[i] in closed), len(part) - 1]
    for a, b in pairwise(cuts):
        yield tuple(ground.copy(one) if one in closed else one for one in part[a : b + 1])


def _cut(runs: list[Run], waits: dict[int, float]) -> list[Run]:
    """Runs cut wherever an inner vertex is used more than once, or time is lost there."""
    used = Counter(vertex for run in runs for vertex in run.shape)
    used.update(dict.fromkeys(waits, 2))
    found = []
    for run in runs:
        shape = run.shape
        cuts = [0, *(i for i in range(1, len(shape) - 1) if used[shape[i]] > 1), len(shape) - 1]
        found += [run._replace(shape=shape[a : b + 1]) for a, b in pairwise(cuts)]
    return found


def _linked(runs: list[Run]) -> list[Run]:
    """Runs without those that another one repeats exactly (a way drawn twice)."""
    return list({(run.shape, run.street): run for run in runs}.values())


def _connected(runs: list[Run]) -> list[Run]:
    """The runs of the largest part of town in which every wheel can reach every place and come back."""
    ahead: dict[int, list[int]] = {}
    back: dict[int, list[int]] = {}
    for run in runs:
        a, b = run.shape[0], run.shape[-1]
        for tail, head in [(a, b)] if run.street.direction else [(a, b), (b, a)]:
            ahead.setdefault(tail, []).append(head)
            ahead.setdefault(head, [])
            back.setdefault(head, []).append(tail)
            back.setdefault(tail, [])
    part = _parts(ahead, back)
    weight = Counter(part[run.shape[0]] for run in runs for _ in run.shape if part[run.shape[0]] == part[run.shape[-1]])
    if not weight:
        return []
    largest = max(weight, key=lambda one: (weight[one], -one))
    return [run for run in runs if part[run.shape[0]] == largest == part[run.shape[-1]]]


def _parts(ahead: dict[int, list[int]], back: dict[int, list[int]]) -> dict[int, int]:
    """The strongly connected part of each node, named after one of its nodes (Kosaraju)."""
    finished: list[int] = []
    seen: set[int] = set()
    for root in ahead:
        todo = [(root, False)]
        while todo:
            node, done = todo.pop()
            if done:
                finished.append(node)
            elif node not in seen:
                seen.add(node)
                todo.append((node, True))
                todo += [(head, False) for head in ahead[node] if head not in seen]
    part: dict[int, int] = {}
    for root in reversed(finished):
        queue = [root]
        while queue:
            node = queue.pop()
            if node not in part:
                part[node] = root
                queue += back[node]
    return part


def _finer(runs: list[Run], ground: Ground) -> list[Run]:
    """Runs with points put in so that none lie farther apart than LONGEST."""
    lon, lat = np.array(ground.lon) / DEGREE, np.array(ground.lat) / DEGREE
    found = []
    for run in runs:
        at = np.array(run.shape)
        metres = distances(lon[at[:-1]], lat[at[:-1]], lon[at[1:]], lat[at[1:]])
        if metres.max() <= LONGEST:
            found.append(run)
            continue
        shape = [run.shape[0]]
        for (a, b), length in zip(pairwise(run.shape), metres.tolist(), strict=True):
            shape += [*_points_between(a, b, int(length // LONGEST), ground), b]
        found.append(run._replace(shape=tuple(shape)))
    return found


def _points_between(a: int, b: int, count: int, ground: Ground) -> Iterator[int]:
    for i in range(1, count + 1):
        share = i / (count + 1)
        ground.lon.append(round(ground.lon[a] + share * (ground.lon[b] - ground.lon[a])))
        ground.lat.append(round(ground.lat[a] + share * (ground.lat[b] - ground.lat[a])))
        yield len(ground.lon) - 1


def _apart(lon: Ints, lat: Ints) -> tuple[Floats, Floats]:
    """Degrees; vertices at one place are put a centimetre apart, so that no street has length 0."""
    seen: dict[tuple[int, int], int] = {}
    east, north = lon.tolist(), lat.tolist()
    for i, place in enumerate(zip(east, north, strict=True)):
        if place in seen:
            seen[place] += 1
            north[i] += seen[place]
        else:
            seen[place] = 0
    return np.array(east) / DEGREE, np.array(north) / DEGREE


def _heights(runs: list[Run], lon: Floats, lat: Floats, tiles: Sequence[Tile]) -> Floats:
    """Smoothed metres above the sea, to the decimetre."""
    height = np.full(len(lon), np.nan)
    for tile in tiles:
        height = np.where(np.isnan(height), tile.at(lon, lat), height)
    if np.isnan(height).all():
        return np.zeros(len(lon))
    pairs = np.array([pair for run in runs for pair in pairwise(run.shape)], dtype=np.int64)
    lifted: NDArray[np.bool_] = np.array([run.street.lifted for run in runs for _ in run.shape[1:]])
    a, b = pairs.T
    return np.round(smoothed(height, pairs, distances(lon[a], lat[a], lon[b], lat[b]), lifted), 1)


def _bans(extract: Extract, runs: list[Run], number: dict[int, int]) -> tuple[tuple[int, int], ...]:
    """The turns at one junction that relations forbid to wheels, from arc to arc; pushed streets are free."""
    arriving: dict[tuple[int, int], list[int]] = {}
    leaving: dict[tuple[int, int], list[int]] = {}
    onward: dict[int, list[int]] = {}
    for i, run in enumerate(runs):
        ways = ((2 * i, run.shape[0], run.shape[-1]), (2 * i + 1, run.shape[-1], run.shape[0]))
        for arc, tail, head in ways[: 1 if run.street.direction else 2] if run.street.bike else ():
            arriving.setdefault((run.way, head), []).append(arc)
            leaving.setdefault((run.way, tail), []).append(arc)
            onward.setdefault(tail, []).append(arc)
    row = {int(node): i for i, node in enumerate(extract.ids)} if extract.relations else {}
    found = set()
    for relation in extract.relations:
        rule, part = turn_rule(relation.tags), {role: ref for _, ref, role in relation.members}
        if not rule or sorted(role for _, _, role in relation.members) != ["from", "to", "via"]:
            continue
        via = number.get(row.get(part["via"], -1), -1)
        before, after = arriving.get((part["from"], via), []), leaving.get((part["to"], via), [])
        if len(before) == len(after) == 1:
            others = [arc for arc in onward[via] if arc not in (after[0], before[0] ^ 1)]
            found |= {(before[0], arc) for arc in (after if rule == "no" else others)}
    return tuple(sorted(found))


def _link(run: Run) -> Link:
    street = run.street
    return Link(
        run.shape, street.name, street.kind, street.lit, street.direction != 0, street.bike, street.rough
    )  # fmt: skip


def _revision(network: Network) -> str:
    found = hashlib.sha256()
    for values in (network.lon, network.lat, network.height, network.shape, network.offsets):
        found.update(values.tobytes())
    for link in network.links:
        found.update(repr((link.name, link.kind, link.lit, link.oneway, link.bike, link.rough)).encode())
    found.update(repr((sorted(network.waits.items()), network.bans)).encode())
    return found.hexdigest()[:16]
