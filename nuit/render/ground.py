"""Our own ground of Sion: what lies under every map, and the same as a picture where no script is wanted."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from math import atan2, cos, degrees, hypot, radians
from pathlib import Path
from typing import Any

from nuit.planning.streets import Point

GEO = Path(__file__).parents[2] / "geo" / "sion"
WEST, SOUTH, EAST, NORTH = 7.27, 46.18, 7.46, 46.28
STRETCH = cos(radians(46.23))
UNIT = 111_195 / 4
"""Units of the picture in a degree of latitude: one unit is 4 m."""
LEAST = 250
"""Units that a drawing of an evening spans at least."""
WIDE, HIGH = round((EAST - WEST) * STRETCH * UNIT), round((NORTH - SOUTH) * UNIT)

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
}
STROKES = {
    "contour": ("#cdd3cc", "#1d2a52", 1.2),
    "stream": ("#7fb2e0", "#1d5c94", 2.0),
    "motorway": ("#e5a36c", "#56639a", 6.0),
    "railway": ("#5b6478", "#aab6de", 3.0),
}
STREETS = {
    "service": ("#ffffff", "#2b3970", 2.0),
    "path": ("#f4f5f8", "#2b3970", 1.4),
    "steps": ("#8d97a8", "#7c89ad", 1.4),
    "cycleway": ("#3c9a73", "#3f9f86", 2.0),
    "residential": ("#ffffff", "#33427f", 2.6),
    "tunnel": ("#c8cfd9", "#33427f", 2.0),
    "secondary": ("#ffffff", "#4d5ea6", 4.0),
    "primary": ("#ffffff", "#8293d2", 5.0),
    "bridge": ("#ffffff", "#8293d2", 4.0),
}
GROUND = ("#eceff3", "#0b1230")


@cache
def ground_json() -> str:
    """The ground as GeoJSON, in drawing order, with labels of named streets (`street-name`, `angle` in degrees)."""
    ground = json.loads((GEO / "basemap.geojson").read_text("utf-8"))
    streets = json.loads((GEO / "network.geojson").read_text("utf-8"))
    found = {
        "type": "FeatureCollection",
        "approximate": bool(ground.get("approximate")),
        "features": ground["features"] + _street_names(streets["features"]),
    }
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))


@cache
def ground_svg(night: bool) -> str:
    """The ground as a picture of WIDE × HIGH units, without names, by day or by night."""
    tone = int(night)
    shapes = [_shape(feature, tone) for feature in json.loads((GEO / "basemap.geojson").read_text("utf-8"))["features"]]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" width="{WIDE}" height="{HIGH}" '
        f'fill="none" stroke-linecap="round" stroke-linejoin="round"><path fill="{GROUND[tone]}" '
        f'd="M0 0H{WIDE}V{HIGH}H0Z"/>{"".join(shapes)}</svg>'
    )


@cache
def ground_key() -> str:
    """A hash of everything above, for addresses that are kept for ever."""
    content = ground_json() + ground_svg(False) + ground_svg(True)
    return hashlib.sha256(content.encode()).hexdigest()[:12]


@cache
def lines_of(*kinds: str) -> tuple[list[list[float]], ...]:
    """The outlines of what the ground has of these kinds, as lines of [lon, lat]."""
    found: list[list[list[float]]] = []
    for feature in json.loads(ground_json())["features"]:
        if feature["properties"]["kind"] in kinds:
            shape = feature["geometry"]["coordinates"]
            found += [shape] if feature["geometry"]["type"] == "LineString" else shape
    return tuple(found)


def on_picture(point: Point) -> tuple[float, float]:
    """Where a place lies on the picture, in its units from the top left."""
    return round((point[0] - WEST) * STRETCH * UNIT, 1), round((NORTH - point[1]) * UNIT, 1)


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


@cache
def place_names(rank: int) -> tuple[tuple[str, float, float], ...]:
    """Names of places up to this rank (1: the town, 4: hamlets) and where they stand on the picture."""
    return tuple(
        (feature["properties"]["name"], *on_picture(tuple(feature["geometry"]["coordinates"])))
        for feature in json.loads(ground_json())["features"]
        if feature["properties"]["kind"] in ("place", "quarter") and feature["properties"]["rank"] <= rank
    )


def frame(points: Sequence[Point]) -> Window:
    """The part of the picture that holds all these places with some air around them, eight wide and five high."""
    spots = [on_picture(point) for point in points]
    x = (min(u for u, _ in spots) + max(u for u, _ in spots)) / 2
    y = (min(v for _, v in spots) + max(v for _, v in spots)) / 2
    across = max(max(u for u, _ in spots) - min(u for u, _ in spots), LEAST)
    down = max(v for _, v in spots) - min(v for _, v in spots)
    wide = round(max(across * 1.25, down * 1.35 * 1.6))
    high = round(wide / 1.6)
    left, top = round(x - wide / 2), round(y - high / 2)
    names = tuple(
        (name, u, v)
        for name, u, v in place_names(3)
        if left + wide * 0.08 < u < left + wide * 0.92 and top + high * 0.1 < v < top + high * 0.95
    )
    return Window(left, top, wide, high, names)


@lru_cache(maxsize=512)
def window(place: Point, metres: float) -> Window:
    """The part of the picture around a place, so many metres wide and three quarters of that high.

    Names too near the place or the edge are left out.
    """
    x, y = on_picture(place)
    wide = round(metres / 111_195 * UNIT)
    high = round(wide * 0.75)
    left, top = round(x - wide / 2), round(y - high / 2)
    names = []
    for feature in json.loads(ground_json())["features"]:
        if feature["properties"]["kind"] in ("place", "quarter", "landmark"):
            u, v = on_picture(tuple(feature["geometry"]["coordinates"]))
            inside = abs(u - x) < wide * 0.38 and abs(v - y) < high * 0.4
            if inside and hypot(u - x, v - y) > wide * 0.07 and v - y < high * 0.28:
                names.append((feature["properties"]["name"], u, v))
    return Window(left, top, wide, high, tuple(names))


def line_on_picture(points: list[list[float]], *, every: float = 6.0) -> str:
    """An SVG path of a line of [lon, lat], with points at least `every` units apart."""
    return "M" + _relative([on_picture((lon, lat)) for lon, lat in points], every)


def _shape(feature: dict[str, Any], tone: int) -> str:
    kind, geometry = feature["properties"]["kind"], feature["geometry"]
    if kind in FILLS:
        return f'<path fill="{FILLS[kind][tone]}" d="{_path(geometry["coordinates"], "Z")}"/>'
    if kind == "street":
        return _street(feature["properties"]["class"], geometry["coordinates"], tone)
    if kind in STROKES:
        *colours, width = STROKES[kind]
        dashes = ' stroke-dasharray="4 6"' if feature["properties"].get("covered") else ""
        lines = _path([geometry["coordinates"]], "")
        return f'<path stroke="{colours[tone]}" stroke-width="{width}"{dashes} d="{lines}"/>'
    return ""


def _street(kind: str, lines: list[list[list[float]]], tone: int) -> str:
    *colours, width = STREETS[kind]
    return f'<path stroke="{colours[tone]}" stroke-width="{width}" d="{_path(lines, "")}"/>'


def _path(lines: list[list[list[float]]], end: str) -> str:
    return "".join("M" + _relative([on_picture((x, y)) for x, y, *_ in line], 1.0) + end for line in lines)


def _relative(points: list[tuple[float, float]], every: float) -> str:
    """Whole units, relative to the point before: a third of the size of plain coordinates."""
    kept = [(round(points[0][0]), round(points[0][1]))]
    for x, y in points[1:-1]:
        if hypot(x - kept[-1][0], y - kept[-1][1]) >= every:
            kept.append((round(x), round(y)))
    kept.append((round(points[-1][0]), round(points[-1][1])))
    steps = [f"{b[0] - a[0]} {b[1] - a[1]}" for a, b in pairwise(kept)]
    return f"{kept[0][0]} {kept[0][1]}l" + " ".join(steps).replace(" -", "-")


def _street_names(features: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One label for each named street, at the middle of its longest straight piece."""
    best: dict[str, tuple[float, list[float], float]] = {}
    for feature in features:
        name, line = feature["properties"].get("name"), feature["geometry"]["coordinates"]
        for (x, y), (u, v) in pairwise(line if name else ()):
            east, north = (u - x) * STRETCH, v - y
            length = hypot(east, north)
            if length > best.get(name, (0.0, [], 0.0))[0]:
                angle = -degrees(atan2(north, east))
                upright = (angle + 90) % 180 - 90
                best[name] = (length, [round((x + u) / 2, 5), round((y + v) / 2, 5)], round(upright))
    return [
        {
            "type": "Feature",
            "properties": {"kind": "street-name", "name": name.replace("'", "’"), "angle": angle},
            "geometry": {"type": "Point", "coordinates": place},
        }
        for name, (_, place, angle) in sorted(best.items())
    ]
