"""The ground of maps in what browsers read: squares for the map's script, and pictures where no script is wanted."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import cos, hypot, radians

from nuit.planning.ground import Ground, picture_piece, tile_piece
from nuit.planning.ground.cutting import TILE
from nuit.planning.streets import Point

UNIT = 111_195 / 4
"""Units of a picture in a degree of latitude: one unit is 4 m."""
LEAST = 250
"""Units that a drawing of an evening spans at least."""
MOST = 50_000
"""Units that a picture spans at most: 200 km."""

# Fills and strokes by kind: (day, night); widths in units of 4 m. The same roles as in static/css/map.css.
FILLS = {
    "slope": ("#e3e8e2", "#0f1a38"),
    "forest": ("#d3dfd0", "#0d1f38"),
    "hill": ("#d9d3c2", "#2b3d78"),
    "vineyard": ("#dfe4c8", "#18274a"),
    "built": ("#d9dde8", "#1e2a5a"),
    "oldtown": ("#c9c9d6", "#2a3669"),
    "industrial": ("#f3d9c8", "#3a2d4a"),
    "airfield": ("#e0e5de", "#1a2448"),
    "runway": ("#a9b2c2", "#4b5a96"),
    "park": ("#c6e0c0", "#15333f"),
    "square": ("#f7f8fa", "#3a4880"),
    "pitch": ("#9fd0a0", "#1d5a4a"),
    "river": ("#a5c9ee", "#0b3f70"),
    "lake": ("#a5c9ee", "#0b3f70"),
    "building": ("#c3c8d6", "#2d3a70"),
}
STROKES = {
    "contour": ("#cdd3cc", "#1d2a52", 1.2),
    "strip": ("#a9b2c2", "#4b5a96", 7.0),
    "riverline": ("#a5c9ee", "#0b3f70", 5.0),
    "stream": ("#7fb2e0", "#1d5c94", 2.0),
    "covered": ("#7fb2e0", "#1d5c94", 2.0),
    "motorway": ("#e5a36c", "#56639a", 6.0),
    "service": ("#ffffff", "#2b3970", 2.0),
    "path": ("#f4f5f8", "#2b3970", 1.4),
    "steps": ("#8d97a8", "#7c89ad", 1.4),
    "cycleway": ("#3c9a73", "#3f9f86", 2.0),
    "residential": ("#ffffff", "#33427f", 2.6),
    "tunnel": ("#c8cfd9", "#33427f", 2.0),
    "secondary": ("#ffffff", "#4d5ea6", 4.0),
    "primary": ("#ffffff", "#8293d2", 5.0),
    "bridge": ("#ffffff", "#8293d2", 4.0),
    "railway": ("#5b6478", "#aab6de", 3.0),
}
GROUND = ("#eceff3", "#0b1230")

Part = tuple[int, int, int, int]
"""Left, top, width and height of a part of the picture, in its units."""


@lru_cache(maxsize=1024)
def tile_json(ground: Ground, zoom: int, x: int, y: int) -> str | None:
    """One square of the map: its size in units, paths by kind in drawing order, and names in it; None off the map.

    A name is [kind, rank, angle, x, y, text], its place in thousandths of the square.
    """
    piece = tile_piece(ground, zoom, x, y)
    if piece is None:
        return None
    names = [
        [one.name.kind, one.name.rank, one.name.angle, round((one.x / TILE - x) * 1000), round((one.y / TILE - y) * 1000), one.name.text]
        for one in piece.labels
    ]  # fmt: skip
    told = {"size": piece.wide, "zoom": zoom, "paths": piece.paths, "names": names}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=256)
def picture_svg(ground: Ground, part: Part, night: bool) -> str:
    """A part of the ground as a picture, without names, by day or by night."""
    left, top, wide, high = part
    tone = int(night)
    west, north = _place(ground, left, top)
    east, south = _place(ground, left + wide, top + high)
    piece = picture_piece(ground, (west, south, east, north), wide)
    shapes = "".join(_shape(kind, path, tone) for kind, path in piece.paths)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" '
        f'fill="none" stroke-linecap="round" stroke-linejoin="round"><path fill="{GROUND[tone]}" '
        f'd="M0 0H{wide}V{high}H0Z"/>{shapes}</svg>'
    )


def _shape(kind: str, path: str, tone: int) -> str:
    if kind in FILLS:
        return f'<path fill="{FILLS[kind][tone]}" d="{path}"/>'
    if kind not in STROKES:
        return ""
    *colours, width = STROKES[kind]
    dashes = ' stroke-dasharray="4 6"' if kind == "covered" else ""
    return f'<path stroke="{colours[tone]}" stroke-width="{width}"{dashes} d="{path}"/>'


def whole(ground: Ground) -> Part:
    """The picture of all of it."""
    west, south, east, north = ground.box
    return 0, 0, round((east - west) * _stretch(ground) * UNIT), round((north - south) * UNIT)


def is_part(part: Part) -> bool:
    """Whether a picture of this part is drawn: of some size, and near the ground."""
    left, top, wide, high = part
    return 0 < wide <= MOST and 0 < high <= MOST and max(abs(left), abs(top)) <= 50 * MOST


def on_picture(ground: Ground, point: Point) -> tuple[float, float]:
    """Where a place lies on the picture, in its units from the top left."""
    west, _south, _east, north = ground.box
    return round((point[0] - west) * _stretch(ground) * UNIT, 1), round((north - point[1]) * UNIT, 1)


def _place(ground: Ground, x: float, y: float) -> Point:
    west, _south, _east, north = ground.box
    return west + x / _stretch(ground) / UNIT, north - y / UNIT


def _stretch(ground: Ground) -> float:
    return cos(radians((ground.box[1] + ground.box[3]) / 2))


@dataclass(frozen=True)
class Window:
    """A part of the picture: its view box, and the names of places in it with where they stand."""

    left: int
    top: int
    wide: int
    high: int
    names: tuple[tuple[str, float, float], ...]

    @property
    def box(self) -> str:
        return f"{self.left},{self.top},{self.wide},{self.high}"


@lru_cache(maxsize=16)
def place_names(ground: Ground, rank: int) -> tuple[tuple[str, float, float], ...]:
    """Names of places up to this rank (1: the town, 4: hamlets) and where they stand on the picture."""
    return tuple(
        (one.text, *on_picture(ground, (one.lon, one.lat)))
        for one in ground.names
        if one.kind in ("place", "quarter") and one.rank <= rank
    )


def frame(ground: Ground, points: Sequence[Point]) -> Window:
    """The part of the picture that holds all these places with some air around them, eight wide and five high."""
    spots = [on_picture(ground, point) for point in points]
    x = (min(u for u, _ in spots) + max(u for u, _ in spots)) / 2
    y = (min(v for _, v in spots) + max(v for _, v in spots)) / 2
    across = max(max(u for u, _ in spots) - min(u for u, _ in spots), LEAST)
    down = max(v for _, v in spots) - min(v for _, v in spots)
    wide = min(MOST, round(max(across * 1.25, down * 1.35 * 1.6)))
    high = round(wide / 1.6)
    left, top = round(x - wide / 2), round(y - high / 2)
    rank = 2 if wide > 1800 else 3
    names = tuple(
        (name, u, v)
        for name, u, v in place_names(ground, rank)
        if left + wide * 0.08 < u < left + wide * 0.92 and top + high * 0.1 < v < top + high * 0.95
    )
    return Window(left, top, wide, high, names)


@lru_cache(maxsize=512)
def window(ground: Ground, place: Point, metres: float) -> Window:
    """The part of the picture around a place, so many metres wide and three quarters of that high.

    Names too near the place or the edge are left out.
    """
    x, y = on_picture(ground, place)
    wide = round(metres / 111_195 * UNIT)
    high = round(wide * 0.75)
    left, top = round(x - wide / 2), round(y - high / 2)
    names: list[tuple[str, float, float]] = []
    for one in ground.names:
        if one.kind in ("place", "quarter", "landmark"):
            u, v = on_picture(ground, (one.lon, one.lat))
            inside = abs(u - x) < wide * 0.38 and abs(v - y) < high * 0.4
            if inside and hypot(u - x, v - y) > wide * 0.07 and v - y < high * 0.28:
                names.append((one.text, u, v))
    return Window(left, top, wide, high, tuple(names))


def line_on_picture(ground: Ground, points: Sequence[Sequence[float]], *, every: float = 6.0) -> str:
    """An SVG path of a line of [lon, lat], with points at least `every` units apart."""
    spots = [on_picture(ground, (point[0], point[1])) for point in points]
    kept = [(round(spots[0][0]), round(spots[0][1]))]
    for x, y in spots[1:-1]:
        if hypot(x - kept[-1][0], y - kept[-1][1]) >= every:
            kept.append((round(x), round(y)))
    kept.append((round(spots[-1][0]), round(spots[-1][1])))
    steps = [f"{b[0] - a[0]} {b[1] - a[1]}" for a, b in pairwise(kept)]
    return f"M{kept[0][0]} {kept[0][1]}l" + " ".join(steps).replace(" -", "-")
