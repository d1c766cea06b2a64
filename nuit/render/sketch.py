"""A light drawing of the town for pages that are not the map: river, roads, hills, and a dot for each place."""

import json
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from math import cos, hypot, radians
from pathlib import Path
from typing import Any

from markupsafe import Markup

Point = tuple[float, float]

GROUND = Path(__file__).parents[2] / "geo" / "sion" / "basemap.geojson"
WEST, SOUTH, EAST, NORTH = 7.290, 46.199, 7.434, 46.262
WIDTH = 800
SCALE = WIDTH / ((EAST - WEST) * cos(radians((SOUTH + NORTH) / 2)))
"""Pixels per degree of latitude."""
HEIGHT = round((NORTH - SOUTH) * SCALE)
LAYERS: tuple[tuple[str, str, float, tuple[tuple[str, str | None], ...]], ...] = (
    ("built", "Z", 3.0, (("built", None), ("oldtown", None))),
    ("hill", "Z", 1.2, (("hill", None),)),
    ("water", "Z", 1.0, (("river", None), ("lake", None))),
    ("road", "", 1.6, (("street", "secondary"), ("street", "primary"), ("street", "bridge"))),
    ("rail", "", 1.0, (("railway", None),)),
)
"""Class, how its lines end, pixels one may be off, and the kinds of the base map that it shows; in drawing order."""
NAMES: tuple[tuple[str, float, float], ...] = (
    ("Sion", 7.3520, 46.2390), ("Uvrier", 7.4080, 46.2540), ("Bramois", 7.4020, 46.2275), ("Aproz", 7.3190, 46.2040),
    ("Savièse", 7.3496, 46.2525), ("Conthey", 7.3000, 46.2330), ("Tourbillon", 7.3720, 46.2380),
)  # fmt: skip


def sketch_svg(places: Iterable[Point], start: Point | None = None) -> Markup:
    """The town as an SVG of classes only (colours are the style sheet's), with a dot for each (lon, lat) inside it."""
    dots = "".join(f'<circle cx="{x}" cy="{y}" r="7"/>' for x, y in map(_spot, places) if _inside(x, y))
    marked = ""
    if start is not None:
        x, y = _spot(start)
        marked = f'<circle class="start" cx="{x}" cy="{y}" r="10"/>' if _inside(x, y) else ""
    return Markup(f'<svg class="sketch" viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true" focusable="false">{_ground()}<g class="spots">{marked}{dots}</g></svg>')  # noqa: S704 - numbers and our own words only  # fmt: skip


@cache
def _ground() -> str:
    features = json.loads(GROUND.read_text())["features"]
    drawn = "".join(_layer(features, *layer) for layer in LAYERS)
    names = "".join(f'<text x="{_spot((lon, lat))[0]}" y="{_spot((lon, lat))[1]}">{name}</text>' for name, lon, lat in NAMES)  # fmt: skip
    return f'{drawn}<g class="names">{names}</g>'


def _layer(features: list[Any], name: str, end: str, off: float, kinds: Sequence[tuple[str, str | None]]) -> str:
    shapes = []
    for feature in features:
        if (feature["properties"]["kind"], feature["properties"].get("class")) in kinds:
            shapes += [_path(line, off, end) for line in _lines(feature["geometry"])]
    return f'<path class="{name}" d="{"".join(shapes)}"/>'


def _lines(geometry: dict[str, Any]) -> list[list[Point]]:
    kind, coordinates = geometry["type"], geometry["coordinates"]
    if kind == "LineString":
        return [coordinates]
    found: list[list[Point]] = coordinates
    return found


def _path(line: list[Point], off: float, end: str) -> str:
    points = [_spot(point) for point in line]
    if not any(_inside(x, y, 80) for x, y in points):
        return ""
    kept = _thinned(points, off)
    if len(kept) < (3 if end else 2):
        return ""
    steps = "".join(f"{'l' if i else 'M'}{x} {y}" for i, (x, y) in enumerate(_relative(kept)))
    return f"{steps}{end}".replace(" -", "-")


def _relative(points: list[tuple[int, int]]) -> list[tuple[int, int]]:
    return [points[0], *((b[0] - a[0], b[1] - a[1]) for a, b in pairwise(points))]


def _spot(point: Sequence[float]) -> tuple[int, int]:
    lon, lat = point[0], point[1]
    return round((lon - WEST) * SCALE * cos(radians((SOUTH + NORTH) / 2))), round((NORTH - lat) * SCALE)


def _inside(x: int, y: int, margin: int = -8) -> bool:
    return -margin <= x <= WIDTH + margin and -margin <= y <= HEIGHT + margin


def _thinned(points: list[tuple[int, int]], off: float) -> list[tuple[int, int]]:
    """Douglas-Peucker: the fewest points that stay within `off` pixels of the line."""
    if len(points) < 3:
        return list(dict.fromkeys(points))
    (ax, ay), (bx, by) = points[0], points[-1]
    length = hypot(bx - ax, by - ay)

    def away(point: tuple[int, int]) -> float:
        if not length:
            return hypot(point[0] - ax, point[1] - ay)
        return abs((bx - ax) * (ay - point[1]) - (ax - point[0]) * (by - ay)) / length

    far = max(range(1, len(points) - 1), key=lambda i: away(points[i]))
    if away(points[far]) <= off:
        return list(dict.fromkeys((points[0], points[-1])))
    first, second = _thinned(points[: far + 1], off), _thinned(points[far:], off)
    return first + second[1:]
