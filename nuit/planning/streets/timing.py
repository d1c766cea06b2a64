"""How long every link takes, each way, in one mode; and the hierarchy that finds the cheapest way over them.

Cost is time with a preference: it decides which way is taken, the seconds that are told stay seconds.
"""

from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nuit.planning.ride import PUSHING, PUSHING_ON_STEPS, WALKING, WALKING_ON_STEPS, Mode, speeds
from nuit.planning.streets.hierarchy import Access, Arc, Hierarchy, Order, order
from nuit.planning.streets.network import Floats, Ints, Network, Piece
from nuit.planning.streets.snapping import Snap
from nuit.planning.streets.turning import Turning, forget_turnings, turning

LIT, UNLIT = 0.97, 1.15
"""It is a night event: cost of a lit and of an unlit second; where the light is unknown, 1."""
PUSHED = 1.5
"""Cost of a second beside a bicycle: people get off for a short cut, not for a trifle."""

ROUGH = 0.8
"""Share of their speed that wheels keep on gravel, earth and cobbles: our estimate of comfort, not of power."""

JUNCTION, CROSSING = 1.5, 5.0
"""Seconds lost where streets meet, and where at least three arms of main roads do (lights, giving way)."""
CROSSING_ON_FOOT = 3.0
MAIN = ("primary", "secondary")


@dataclass(frozen=True, eq=False)
class Timing:
    """Seconds of one mode. `ahead` and `back` run from the beginning of a link to each point of its shape, ridden in
    the drawn direction and towards the beginning; `delays` are lost at the first and last node of each link, half of
    what the junction costs; `weights` make cost of seconds; where `against` is false a link is ridden ahead only."""

    mode: Mode
    ahead: Floats
    back: Floats
    delays: Floats
    weights: Floats
    against: tuple[bool, ...]
    pushed: tuple[bool, ...]
    off_street: float
    hierarchy: Hierarchy
    turning: Turning | None = None


def forget_timings() -> None:
    """Lets go of what was kept of networks."""
    forget_turnings()
    timing.cache_clear()
    _order.cache_clear()


@lru_cache(maxsize=16)
def timing(network: Network, mode: Mode) -> Timing:
    """The timing of a network in a mode, kept for the next question."""
    ahead, back = _running_seconds(network, mode)
    delays = _delays(network, on_foot=mode == "foot")
    pushed = tuple(mode != "foot" and (not link.bike or link.kind == "steps") for link in network.links)
    weights = np.array([_light(link.lit) for link in network.links]) * np.where(pushed, PUSHED, 1.0)
    against = tuple(mode == "foot" or not link.oneway for link in network.links)
    last = network.offsets[1:] - 1
    arcs = _arcs(network, (ahead[last] + delays.sum(1), back[last] + delays.sum(1)), weights, against)
    off_street = WALKING if mode == "foot" else PUSHING
    turns = turning(network) if network.bans and mode != "foot" else None
    if turns is not None:
        rows = zip(turns.tails, turns.heads, turns.base, strict=True)
        arcs = [replace(arcs[arc], tail=tail, head=head) for tail, head, arc in rows]
    hierarchy = Hierarchy(_order(network), arcs)
    return Timing(mode, ahead, back, delays, weights, against, pushed, off_street, hierarchy, turns)


class Door(NamedTuple):
    """An end of a place's link where the rest of the streets begins, and the piece between the place and it."""

    access: Access
    piece: Piece


def doors(network: Network, times: Timing, place: Snap, leaving: bool) -> list[Door]:
    """The ends of the place's link that can be left by (or come in by), with the way from the place's own door."""
    length = float(network.metres[place.link])
    found = []
    for side, end in ((0, 0.0), (1, length)):
        begin, goal = (place.along, end) if leaving else (end, place.along)
        if (side == 1) == leaving or times.against[place.link]:
            piece = Piece(place.link, begin, goal)
            seconds = _seconds(network, times, piece) + float(times.delays[place.link, side])
            access = _access(network, times, place, side, seconds, abs(end - place.along))
            arc = 2 * place.link + (begin > goal)
            found += [Door(replace(access, node=node), piece) for node in _nodes(times, access.node, arc, leaving)]
    return found


def _nodes(times: Timing, node: int, arc: int, leaving: bool) -> list[int]:
    """Where one stands who has ridden this arc to a junction, or who may ride it from there."""
    if times.turning is None:
        return [node]
    if leaving:
        return [times.turning.heads[arc]]
    return [node, *(own for own, banned in times.turning.barred.get(node, ()) if arc not in banned)]


def direct(network: Network, times: Timing, start: Snap, end: Snap) -> Access | None:
    """The way between two places on one link without leaving it; None when there is none."""
    if start.link != end.link or (end.along < start.along and not times.against[start.link]):
        return None
    seconds = _seconds(network, times, Piece(start.link, start.along, end.along))
    way = _access(network, times, start, 0, seconds, abs(end.along - start.along))
    walked = end.access / times.off_street
    return Access(way.node, way.cost + walked, way.seconds + walked, way.metres + end.access)


def whole(network: Network, times: Timing, arc: int) -> Piece:
    """The piece that an arc of the hierarchy rides: link `arc // 2` from end to end, backwards when odd."""
    arc = times.turning.base[arc] if times.turning else arc
    link, length = arc // 2, float(network.metres[arc // 2])
    return Piece(link, length, 0.0) if arc % 2 else Piece(link, 0.0, length)


def _access(network: Network, times: Timing, place: Snap, side: int, seconds: float, metres: float) -> Access:
    """From a place to its street, and then so many seconds and metres along it to one side."""
    walked = place.access / times.off_street
    node = int(network.ends[place.link, side])
    return Access(node, walked + seconds * float(times.weights[place.link]), walked + seconds, place.access + metres)


def _seconds(network: Network, times: Timing, piece: Piece) -> float:
    """Seconds along a piece, without its junctions."""
    own = slice(network.offsets[piece.link], network.offsets[piece.link + 1])
    running = times.ahead if piece.begin <= piece.end else times.back
    at = np.interp([piece.begin, piece.end], network.along[own], running[own])
    return abs(float(at[1] - at[0]))


def _light(lit: bool | None) -> float:
    return 1.0 if lit is None else LIT if lit else UNLIT


def _running_seconds(network: Network, mode: Mode) -> tuple[Floats, Floats]:
    """Seconds from the beginning of its link to each point of the shape, and from that point back."""
    grades = network.rises / np.maximum(network.steps, 1e-9)
    kinds = [_pace(mode, link.kind, link.bike) for link in network.links]
    fixed = np.repeat(kinds, np.diff(network.offsets))
    rough = np.repeat([link.rough for link in network.links], np.diff(network.offsets))
    ahead = np.where(fixed > 0, fixed, _going(mode, grades, rough))
    back = np.where(fixed > 0, fixed, _going(mode, -grades, rough))
    return network.summed(network.steps / ahead), network.summed(network.steps / back)


def _going(mode: Mode, grades: Floats, rough: NDArray[np.bool_]) -> Floats:
    """Speeds in m/s: those of the physics, for wheels less on rough ground, but never less than pushing."""
    found = speeds(mode, grades)
    return found if mode == "foot" else np.maximum(np.where(rough, ROUGH * found, found), PUSHING)


def _pace(mode: Mode, kind: str, bike: bool) -> float:
    """The speed in m/s of a link that is walked whatever its grade; 0 where the physics decide."""
    if kind == "steps":
        return WALKING_ON_STEPS if mode == "foot" else PUSHING_ON_STEPS
    return 0.0 if mode == "foot" or bike else PUSHING


def _delays(network: Network, on_foot: bool) -> Floats:
    """Half the seconds lost at the first and last node of each link, shape (links, 2)."""
    arms = Counter(network.ends.ravel().tolist())
    main = Counter(
        node
        for link, ends in zip(network.links, network.ends.tolist(), strict=True)
        if link.kind in MAIN
        for node in ends
    )
    plain, crossing = (0.0, CROSSING_ON_FOOT) if on_foot else (JUNCTION, CROSSING)
    lost = np.zeros(len(network.nodes))
    for node, meeting in arms.items():
        lost[node] = crossing if main[node] >= 3 else plain if meeting >= 3 else 0.0
    for vertex, seconds in network.waits.items():
        lost[network.nodes[vertex]] += seconds
    return lost[network.ends] / 2


def _arcs(network: Network, seconds: tuple[Floats, Floats], weights: Floats, against: tuple[bool, ...]) -> list[Arc]:
    """Arc 2i rides link i ahead, arc 2i + 1 rides it back; a forbidden one costs infinitely much."""
    arcs = []
    rows = zip(
        network.ends.tolist(),
        seconds[0].tolist(),
        seconds[1].tolist(),
        weights.tolist(),
        network.metres.tolist(),
        against,
        strict=True,
    )
    for (first, last), ahead, back, weight, metres, both in rows:
        arcs.append(Arc(first, last, ahead * weight, ahead, metres))
        arcs.append(Arc(last, first, back * weight if both else float("inf"), back, metres))
    return arcs


@lru_cache(maxsize=4)
def _order(network: Network) -> Order:
    """One order for all modes: with the nodes of barred turns, where there are any."""
    ends: Ints = network.ends
    pairs = [(first, last) for first, last in ends.tolist()]
    if not network.bans:
        return order(len(network.nodes), pairs)
    turns = turning(network)
    return order(turns.nodes, [*pairs, *zip(turns.tails, turns.heads, strict=True)])
