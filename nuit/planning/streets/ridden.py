"""What a ride looks like: its line, its heights, its climbs and the turns to take."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import atan2, cos, degrees, radians, sin
from typing import NamedTuple

from nuit.planning.ride import Mode
from nuit.planning.streets.network import Network, Piece, Point
from nuit.planning.streets.snapping import Snap

STRAIGHT = 40.0
"""Degrees of bend up to which the same street goes on and nothing is said."""
SAID = ("steps", "tunnel", "bridge")
"""Kinds that a rider wants to hear of although the street keeps its name."""
AROUND = "roundabout"
NEAR = 0.001
"""Metres within which two points of a link are one."""
TRIFLE = 3.0
"""Metres of street that are not worth a line of the turn list."""


class Turn(NamedTuple):
    """One line of the turn list: the street to take, for how long, and how to come into it.

    `bearing` is the compass direction at its beginning in degrees (0 north, 90 east); `change` the bend from the
    street before, −180 to 180, right positive, 0 for the first. `pushed`: a bicycle is pushed here. A roundabout is one
    turn with the street that leaves it: its kind is "roundabout", its name that street's, its change the whole one's.
    """

    name: str | None
    kind: str
    metres: float
    bearing: float
    change: float
    pushed: bool


@dataclass(frozen=True)
class Ride:
    """A ride between two places. `seconds` are model time (see `ride.shown_minutes`), `line` is longitude and latitude
    from place to place, `profile` metres ridden and height above the sea; `lit_share` and `cycle_share` (cycle ways) are
    shares of the metres on streets."""

    mode: Mode
    seconds: float
    metres: float
    climb: float
    descent: float
    lit_share: float
    line: tuple[Point, ...]
    profile: tuple[tuple[float, float], ...]
    turns: tuple[Turn, ...]
    approximate: bool
    cycle_share: float = 0.0


class Trace(NamedTuple):
    """A piece with its length, its points, their heights, their metres from its beginning, and its first and last bearing."""

    piece: Piece
    metres: float
    points: list[Point]
    heights: list[float]
    along: list[float]
    bearings: tuple[float, float]


class Drawing(NamedTuple):
    """The shapes of a network as lists, which are quicker to cut than arrays; `bearings` ahead and back, of each link.

    `whole` keeps what was cut of links that were ridden from end to end: ahead (link) and back (~link).
    """

    points: list[Point]
    heights: list[float]
    along: list[float]
    offsets: list[int]
    bearings: tuple[list[tuple[float, float]], list[tuple[float, float]]]
    whole: dict[int, Trace]


def drawn(
    network: Network,
    mode: Mode,
    pushed: Sequence[bool],
    ends: tuple[Snap, Snap],
    pieces: Sequence[Piece],
    seconds: float,
) -> Ride:
    """The ride over these pieces, from the first place to the last."""
    start, end = ends
    drawing = _drawing(network)
    traces = [_trace(drawing, piece) for piece in pieces]
    street = sum(trace.metres for trace in traces)
    lit = sum(trace.metres for trace in traces if network.links[trace.piece.link].lit)
    cycled = sum(trace.metres for trace in traces if network.links[trace.piece.link].kind == "cycleway")
    rises = [b - a for trace in traces for a, b in pairwise(trace.heights)]
    return Ride(
        mode=mode,
        seconds=seconds,
        metres=start.access + street + end.access,
        climb=sum(rise for rise in rises if rise > 0),
        descent=-sum(rise for rise in rises if rise < 0),
        lit_share=lit / street if street > 0 else _lit(network, start),
        line=_line(start, end, traces),
        profile=_profile(start, end, traces),
        turns=_turns(network, pushed, traces),
        approximate=network.approximate,
        cycle_share=cycled / street if street > 0 else 0.0,
    )


def standing(network: Network, mode: Mode, here: Snap) -> Ride:
    """The ride from a place to itself: nothing, on a line of two equal points."""
    return Ride(
        mode=mode,
        seconds=0.0,
        metres=0.0,
        climb=0.0,
        descent=0.0,
        lit_share=_lit(network, here),
        line=(here.place, here.place),
        profile=((0.0, here.height), (0.0, here.height)),
        turns=(),
        approximate=network.approximate,
    )


def bearing(a: Point, b: Point) -> float:
    """Compass direction from a to b in degrees, 0 to 360."""
    east, lat_a, lat_b = radians(b[0] - a[0]), radians(a[1]), radians(b[1])
    x = sin(east) * cos(lat_b)
    return degrees(atan2(x, cos(lat_a) * sin(lat_b) - sin(lat_a) * cos(lat_b) * cos(east))) % 360


def _lit(network: Network, place: Snap) -> float:
    return 1.0 if network.links[place.link].lit else 0.0


def forget_drawings() -> None:
    """Lets go of what was kept of networks."""
    _drawing.cache_clear()


@lru_cache(maxsize=4)
def _drawing(network: Network) -> Drawing:
    lon, lat = network.lon[network.shape].round(6), network.lat[network.shape].round(6)
    points = list(zip(lon.tolist(), lat.tolist(), strict=True))
    heights = network.height[network.shape].tolist()
    offsets: list[int] = network.offsets.tolist()
    ahead = [(bearing(*points[a : a + 2]), bearing(*points[b - 2 : b])) for a, b in pairwise(offsets)]
    back = [((last + 180) % 360, (first + 180) % 360) for first, last in ahead]
    return Drawing(points, heights, network.along.tolist(), offsets, (ahead, back), {})


def _trace(drawing: Drawing, piece: Piece) -> Trace:
    """The shape of the link between both distances, in the direction of the ride."""
    link, begin, end = piece
    first, stop = drawing.offsets[link], drawing.offsets[link + 1]
    turn, low, high = (-1, end, begin) if begin > end else (1, begin, end)
    if low <= 0 and high >= drawing.along[stop - 1]:
        key = link if turn > 0 else ~link
        found = drawing.whole.get(key)
        if found is None:
            found = drawing.whole[key] = _whole(drawing, piece, slice(first, stop), turn)
        return found
    a = bisect_right(drawing.along, low + NEAR, first, stop)
    b = max(a, bisect_left(drawing.along, high - NEAR, first, stop))
    (start, rise), (goal, fall) = _at(drawing, first, stop, low), _at(drawing, first, stop, high)
    points = [start, *drawing.points[a:b], goal][::turn]
    heights = [rise, *drawing.heights[a:b], fall]
    along = [abs(one - begin) for one in [low, *drawing.along[a:b], high][::turn]]
    bearings = bearing(*points[:2]), bearing(*points[-2:])
    return Trace(piece, high - low, points, heights[::turn], along, bearings)


def _whole(drawing: Drawing, piece: Piece, own: slice, turn: int) -> Trace:
    """A link from end to end, in the direction of the ride."""
    along = [abs(one - piece.begin) for one in drawing.along[own][::turn]]
    metres = abs(piece.end - piece.begin)
    bearings = drawing.bearings[turn < 0][piece.link]
    return Trace(piece, metres, drawing.points[own][::turn], drawing.heights[own][::turn], along, bearings)


def _at(drawing: Drawing, first: int, stop: int, metres: float) -> tuple[Point, float]:
    """Point and height at so many metres along the link that owns the positions from `first` to `stop`."""
    after = min(max(bisect_right(drawing.along, metres, first, stop), first + 1), stop - 1)
    (x, y), (u, v) = drawing.points[after - 1 : after + 1]
    low, high = drawing.heights[after - 1 : after + 1]
    share = (metres - drawing.along[after - 1]) / (drawing.along[after] - drawing.along[after - 1])
    point = (round(x + share * (u - x), 6), round(y + share * (v - y), 6))
    return point, low + share * (high - low)


def _line(start: Snap, end: Snap, traces: list[Trace]) -> tuple[Point, ...]:
    """All points in order without immediate repetitions, at least two."""
    points = [start.place, *(point for trace in traces for point in trace.points), end.place]
    line = points[:1] + [b for a, b in pairwise(points) if b != a]
    return tuple(line) if len(line) > 1 else (start.place, end.place)


def _profile(start: Snap, end: Snap, traces: list[Trace]) -> tuple[tuple[float, float], ...]:
    """Metres and heights; the ways between places and streets are taken as level."""
    profile, before = [(0.0, start.height)], start.access
    for trace in traces:
        steps = [(before + along, height) for along, height in zip(trace.along, trace.heights, strict=True)]
        profile += steps if steps[0][0] > profile[-1][0] + NEAR else steps[1:]
        before += trace.metres
    if end.access > NEAR or len(profile) == 1:
        profile.append((before + end.access, end.height))
    return tuple(profile)


def _turns(network: Network, pushed: Sequence[bool], traces: list[Trace]) -> tuple[Turn, ...]:
    """The turn list; a trifle (a corner cut, a place just beside a junction) counts with a street beside it."""
    turns: list[Turn] = []
    metres: list[float] = []
    before: Turn | None = None
    leaving = trifles = 0.0
    for trace in traces:
        if trace.metres < TRIFLE:
            trifles += trace.metres
            continue
        turn = _turn(network, pushed, trace, leaving if turns else None)
        if before is not None and _leaves(before, turn):
            turns[-1] = _through(turns[-1], turn)
        elif before is None or not _goes_on(before, turn):
            turns.append(turn)
            metres.append(0.0)
        metres[-1] += turn.metres + trifles
        trifles, before, leaving = 0.0, turn, trace.bearings[1]
    if turns:
        metres[-1] += trifles
    return tuple(turn._replace(metres=length) for turn, length in zip(turns, metres, strict=True))


def _leaves(before: Turn, turn: Turn) -> bool:
    """True when a street leaves the roundabout that was ridden before it."""
    return before.kind == AROUND != turn.kind and turn.kind not in SAID and before.pushed == turn.pushed


def _through(around: Turn, turn: Turn) -> Turn:
    """A roundabout with the street that leaves it."""
    change = (turn.bearing - around.bearing + around.change + 180) % 360 - 180
    return around._replace(name=turn.name, change=change)


def _turn(network: Network, pushed: Sequence[bool], trace: Trace, leaving: float | None) -> Turn:
    link, entering = network.links[trace.piece.link], trace.bearings[0]
    change = 0.0 if leaving is None else (entering - leaving + 180) % 360 - 180
    return Turn(link.name, link.kind, trace.metres, entering, change, pushed[trace.piece.link])


def _goes_on(before: Turn, turn: Turn) -> bool:
    """True when the next link is the same street, nearly straight on, and nothing worth saying begins or ends."""
    if before.kind == turn.kind == AROUND:
        return before.pushed == turn.pushed
    same = before.name == turn.name and (turn.name is not None or before.kind == turn.kind)
    told = before.kind != turn.kind and (before.kind in SAID or turn.kind in SAID)
    return same and not told and before.pushed == turn.pushed and abs(turn.change) <= STRAIGHT
