"""Pieces of a ground: what reaches into a square is projected, thinned to what can be seen, clipped, and written as paths."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import atan, cos, degrees, inf, pi, radians, sinh

import numpy as np

from nuit.planning.ground.naming import Label, labels_at
from nuit.planning.ground.shapes import DEGREE, KINDS, Box, Floats, Ground, Ints

TILE = 512
"""Pixels of a square on a map, at its own zoom."""
LOWEST, HIGHEST = 12, 16
"""Zooms of squares; nearer and farther ones are scaled by whoever shows them."""
OFF, OFF_AREA = 0.8, 1.3
"""Pixels that a drawn line, and the edge of an area, may be off."""
EDGE = 16
"""Pixels drawn beyond a piece, so that broad lines and closed rings do not end inside it."""
SMALL, SMALL_HOUSE = 7.0, 1.5
"""Pixels below which an area, and a house, is not drawn."""
SHORT = 4.0
"""Pixels below which a line that ends in the open is not drawn."""
WIDTHS = ((3_500, 15), (10_000, 14), (20_000, 13), (inf, 12))
"""Metres up to which a picture shows what a map shows at this zoom."""
SHOWN = 700
"""Pixels in which a picture is shown, more or less."""
Project = Callable[[Ints], Floats]
KIND = list(KINDS)


@dataclass(frozen=True)
class Piece:
    """A part of a ground: its size in units, a path for each kind in drawing order, and the names that stand in it."""

    wide: int
    high: int
    paths: tuple[tuple[str, str], ...]
    labels: tuple[Label, ...] = ()


def tile_piece(ground: Ground, zoom: int, x: int, y: int) -> Piece | None:
    """A square of TILE pixels of the Mercator map: column x and row y at this zoom. None beyond LOWEST and HIGHEST."""
    if not LOWEST <= zoom <= HIGHEST:
        return None
    fine = 8 if zoom == HIGHEST else 2 if zoom == HIGHEST - 1 else 1
    world = 256.0 * 2**zoom
    if not (0 <= x < world / TILE and 0 <= y < world / TILE):
        return None

    def project(points: Ints) -> Floats:
        lon, lat = (points / DEGREE).T
        down = (1 - np.arcsinh(np.tan(np.radians(lat))) / pi) / 2
        return np.stack([((lon + 180) / 360 * world - x * TILE), down * world - y * TILE], axis=1) * fine

    margin = EDGE / TILE
    box = (_lon(x - margin, world), _lat(y + 1 + margin, world), _lon(x + 1 + margin, world), _lat(y - margin, world))
    paths = _paths(ground, ground.seen(box, zoom), project, (TILE * fine, TILE * fine), fine)
    here = [label for label in labels_at(ground, zoom) if (label.x // TILE, label.y // TILE) == (x, y)]
    return Piece(TILE * fine, TILE * fine, paths, tuple(here))


def picture_piece(ground: Ground, box: Box, wide: int) -> Piece:
    """The part of the ground in a box as a flat picture so many units wide; all its streets where it is small."""
    west, south, east, north = box
    stretch = cos(radians((ground.box[1] + ground.box[3]) / 2))
    scale = wide / ((east - west) * stretch)

    def project(points: Ints) -> Floats:
        lon, lat = (points / DEGREE).T
        return np.stack([(lon - west) * stretch * scale, (north - lat) * scale], axis=1)

    high, metres = round((north - south) * scale), 111_195 * (east - west) * stretch
    zoom = next(zoom for most, zoom in WIDTHS if metres <= most)
    return Piece(wide, high, _paths(ground, ground.seen(box, zoom), project, (wide, high), max(1.0, wide / SHOWN)))


def _paths(
    ground: Ground, seen: Ints, project: Project, size: tuple[int, int], fine: float
) -> tuple[tuple[str, str], ...]:
    found: dict[str, list[str]] = {}
    for number in seen.tolist():
        kind = KIND[int(ground.kinds[number])]
        points, is_area = project(ground.shape(number)), KINDS[kind][1]
        if _is_small(points / fine, kind, is_area=is_area):
            continue
        for line in _drawn(points, size, fine, is_area=is_area):
            found.setdefault(kind, []).append(_path(line) + ("z" if is_area else ""))
    return tuple((kind, "".join(paths)) for kind, paths in found.items())


def _is_small(points: Floats, kind: str, *, is_area: bool) -> bool:
    """Whether a shape in pixels is too small to be worth its bytes."""
    across = float((points.max(axis=0) - points.min(axis=0)).max())
    return across < (SHORT if not is_area else SMALL_HOUSE if kind == "building" else SMALL)


def _drawn(points: Floats, size: tuple[int, int], fine: float, *, is_area: bool) -> list[list[tuple[float, float]]]:
    """What of a shape shows in the piece, thinned."""
    low, high = points.min(axis=0), points.max(axis=0)
    edge = EDGE * fine
    spots = [(float(x), float(y)) for x, y in points]
    whole = low[0] >= -edge and low[1] >= -edge and high[0] <= size[0] + edge and high[1] <= size[1] + edge
    if is_area:
        ring = spots if whole else _clipped(spots, size, edge)
        kept = thinned([*ring, ring[0]], OFF_AREA * fine)[:-1] if ring else []
        return [kept] if len(kept) > 2 else []
    parts = [spots] if whole else _reaching(spots, size, edge)
    return [thinned(part, OFF * fine) for part in parts]


def _reaching(line: list[tuple[float, float]], size: tuple[int, int], edge: float) -> list[list[tuple[float, float]]]:
    """The stretches of a line that come near the piece."""
    found: list[list[tuple[float, float]]] = []
    going = False
    for a, b in pairwise(line):
        near = (
            max(a[0], b[0]) >= -edge and min(a[0], b[0]) <= size[0] + edge
            and max(a[1], b[1]) >= -edge and min(a[1], b[1]) <= size[1] + edge
        )  # fmt: skip
        if near and not going:
            found.append([a])
        if near:
            found[-1].append(b)
        going = near
    return found


def _clipped(ring: list[tuple[float, float]], size: tuple[int, int], edge: float) -> list[tuple[float, float]]:
    """A ring cut to the piece and its edge (Sutherland and Hodgman 1974)."""
    for axis, bound, sign in ((0, -edge, 1), (0, size[0] + edge, -1), (1, -edge, 1), (1, size[1] + edge, -1)):
        found: list[tuple[float, float]] = []
        for a, b in pairwise([ring[-1], *ring] if ring else []):
            a_in, b_in = (a[axis] - bound) * sign >= 0, (b[axis] - bound) * sign >= 0
            if a_in != b_in:
                share = (bound - a[axis]) / (b[axis] - a[axis])
                found.append((a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])))
            if b_in:
                found.append(b)
        ring = found
    return ring


def thinned(line: list[tuple[float, float]], off: float) -> list[tuple[float, float]]:
    """The fewest points that stay within `off` of the line (Douglas and Peucker 1973)."""
    keep = {0, len(line) - 1}
    todo = [(0, len(line) - 1)]
    while todo:
        first, last = todo.pop()
        far, away = 0, off
        (ax, ay), (bx, by) = line[first], line[last]
        east, south = bx - ax, by - ay
        length = (east * east + south * south) ** 0.5
        for i in range(first + 1, last):
            x, y = line[i][0] - ax, line[i][1] - ay
            gap = abs(east * y - south * x) / length if length else (x * x + y * y) ** 0.5
            if gap > away:
                far, away = i, gap
        if far:
            keep.add(far)
            todo += [(first, far), (far, last)]
    return [line[i] for i in sorted(keep)]


def _path(line: list[tuple[float, float]]) -> str:
    """Whole units, relative to the point before: a third of the size of plain coordinates."""
    spots = [(round(x), round(y)) for x, y in line]
    steps = [f"{b[0] - a[0]} {b[1] - a[1]}" for a, b in pairwise(spots) if a != b]
    return f"M{spots[0][0]} {spots[0][1]}l{' '.join(steps) or '0 0'}".replace(" -", "-")


def _lon(column: float, world: float) -> float:
    return column * TILE / world * 360 - 180


def _lat(row: float, world: float) -> float:
    return degrees(atan(sinh(pi * (1 - 2 * row * TILE / world))))
