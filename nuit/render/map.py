"""Maps: Folium draws what stands where, from numbers alone; names travel beside it, as GeoJSON for our own script.

What a page gets for a scene:

    drawing = drawn(scene, box)
    drawing.html      the empty box of the map (Folium's)
    drawing.script    Folium's script: map, tiles, lines and markers; to be served from our own origin
    drawing.names     GeoJSON of the same pins and lines with their names and links
    drawing.key       hash of the scene and of who draws it: the same scene always gives the same bytes

Nothing but numbers, colours and ids of our own goes through Folium, because it writes strings into JavaScript raw.
Its scripts and sheets from CDNs are replaced by the vendored Leaflet; its header (scaling forbidden, global styles)
is never used.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from markupsafe import Markup

from nuit.planning.ground import Box
from nuit.planning.streets import Point

LEAFLET = "/static/vendor/leaflet@1.9.4/"
TILES = "https://wmts.geo.admin.ch/1.0.0/ch.swisstopo.pixelkarte-farbe/default/current/3857/{z}/{x}/{y}.jpeg"
KINDS = ("company", "festival", "stop", "start", "via")
"""In drawing order: later ones lie on top."""
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
MOLTEN = "#ff6d1f"


@dataclass(frozen=True, slots=True)
class Pin:
    """One thing on the map. `id` is letters, figures and dashes; `number` is written on it where it is not 0."""

    id: str
    kind: str
    lon: float
    lat: float
    name: str
    note: str = ""
    link: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A ride on the map, in its direction; `colour` is #rrggbb, anything else becomes molten metal."""

    id: str
    points: tuple[Point, ...]
    colour: str = MOLTEN
    name: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """What one map shows. `tiles`: whether swisstopo's lie over our own ground when the map opens."""

    pins: tuple[Pin, ...]
    lines: tuple[Line, ...] = ()
    tiles: bool = True


@dataclass(frozen=True, slots=True)
class Drawing:
    """A scene for a page: its box, its key, and the names of the script's variables for our own: map, tiles, lines and
    each kind of pin. The script itself is drawn when it is asked for: the page does not wait for it.
    """

    scene: Scene
    box: Box
    html: Markup
    key: str
    globals: dict[str, str]

    @property
    def script(self) -> str:
        """Folium's script, byte for byte the same each time."""
        return _rendered(self.scene, self.box).script

    @property
    def names(self) -> str:
        """The pins and lines with their names, as GeoJSON."""
        return _names(self.scene)


@dataclass(frozen=True, slots=True)
class _Rendered:
    html: Markup
    script: str
    globals: dict[str, str]


def evening_map(start: Pin, stops: Sequence[Pin], legs: Sequence[Sequence[Point]]) -> Scene:
    """The scene of one party's evening: where it sets out, its stops in order, and the line of each ride.

    Stops get the numbers 1, 2, … in their order; a stop that comes twice is one pin with the first number.
    """
    seen: dict[str, Pin] = {}
    for number, stop in enumerate(stops, 1):
        seen.setdefault(stop.id, Pin(stop.id, "stop", stop.lon, stop.lat, stop.name, stop.note, stop.link, number))
    lines = tuple(Line(f"leg-{number}", tuple(line)) for number, line in enumerate(legs, 1) if len(line) > 1)
    return Scene(pins=(start, *seen.values()), lines=lines, tiles=False)


def drawn(scene: Scene, box: Box) -> Drawing:
    """The scene as a page shows it. `box` is the ground's: the map does not wander far off it.

    Folium counts its variables by what kinds of things a map has, not by how many: one small scene of each shape tells.
    """
    shape = _rendered(_least(scene), box)
    key = hashlib.sha256(f"{_version()}{box}{scene}".encode(errors="surrogatepass")).hexdigest()[:12]
    return Drawing(scene, box, shape.html, key, shape.globals)


def _least(scene: Scene) -> Scene:
    """A scene of the same shape that is the same for all of them: one pin of each kind, one line, where there are any."""
    pins = tuple(Pin(kind, kind, 0, 0, "") for kind in KINDS if any(pin.kind == kind for pin in scene.pins))
    return Scene(pins, (Line("line", ((0, 0), (1, 1))),) if scene.lines else (), scene.tiles)


@cache
def _version() -> str:
    """What draws: this very file and Folium's version; a map of another hand has another address."""
    source = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    return f"{source} {_folium().__version__}"


@lru_cache(maxsize=128)
def _rendered(scene: Scene, box: Box) -> _Rendered:
    folium = _folium()
    board = folium.Map(**_board(box))
    fit = folium.FitBounds(_frame(scene, box), padding=(32, 32), max_zoom=16)
    fit.options["animate"] = False
    fit.add_to(board)  # before the tiles, at once: they are asked for only where they are seen
    elements = {"map": board, **_layers(folium, scene)}
    for name, element in elements.items():
        if name != "map":
            element.add_to(board)
    figure = board.get_root()
    for number, element in enumerate(_everything(figure)):
        element._id = f"n{number}"
    figure.render()
    return _Rendered(
        html=Markup(figure.html.render().strip()),  # noqa: S704 - Folium's empty div, with an id of ours
        script=_compact(figure.script.render()),
        globals={name: element.get_name() for name, element in elements.items()},
    )


@cache
def _folium() -> ModuleType:
    """Folium, imported at the first map (it takes 0.4 s), with the vendored Leaflet in the place of its CDNs."""
    import folium

    folium.Map.default_js = [("leaflet", f"{LEAFLET}leaflet.js")]
    folium.Map.default_css = [("leaflet_css", f"{LEAFLET}leaflet.css")]
    return folium


def _board(box: Box) -> dict[str, Any]:
    west, south, east, north = box
    moving = _folium().JsCode('!matchMedia("(prefers-reduced-motion: reduce)").matches')
    return {
        "location": ((south + north) / 2, (west + east) / 2),
        "tiles": None,
        "zoom_start": 13,
        "min_zoom": 11,
        "max_zoom": 18,
        "max_bounds": True,
        "min_lat": south - 0.05,
        "max_lat": north + 0.05,
        "min_lon": west - 0.08,
        "max_lon": east + 0.08,
        "zoom_control": False,
        "attribution_control": False,
        "zoom_snap": 0.5,
        "zoom_animation": moving,
        "fade_animation": moving,
        "marker_zoom_animation": moving,
    }


def _layers(folium: ModuleType, scene: Scene) -> dict[str, Any]:
    """What lies on the board, from below: our own ground and its names (filled by our script), tiles, lines, pins."""
    layers = {
        "ground": folium.map.CustomPane("ground", z_index=150),
        "labels": folium.map.CustomPane("labels", z_index=160),
        "tiles": folium.TileLayer(
            TILES, attr="swisstopo", max_zoom=18, overlay=True, control=False, show=scene.tiles, cross_origin=False
        ),
    }
    if scene.lines:
        layers["lines"] = folium.GeoJson(
            _collection(_line(line) for line in scene.lines), style_function=_ride_style, smooth_factor=0.8
        )
    for kind in KINDS:
        pins = [pin for pin in scene.pins if pin.kind == kind]
        if pins:
            layers[kind] = _pin_layer(folium, kind, pins)
    return layers


def _pin_layer(folium: ModuleType, kind: str, pins: Sequence[Pin]) -> Any:
    icon = folium.DivIcon(icon_size=(44, 44), icon_anchor=(22, 22), popup_anchor=(0, -12), class_name=f"pin pin-{kind}")
    features = (
        {
            "type": "Feature",
            "id": pin.id,
            "properties": {},
            "geometry": {"type": "Point", "coordinates": [round(pin.lon, 5), round(pin.lat, 5)]},
        }
        for pin in pins
    )
    return folium.GeoJson(_collection(features), marker=folium.Marker(icon=icon))


def _line(line: Line) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": line.id,
        "properties": {"colour": line.colour if COLOUR.fullmatch(line.colour) else MOLTEN},
        "geometry": {"type": "LineString", "coordinates": [[round(x, 5), round(y, 5)] for x, y in line.points]},
    }


def _ride_style(feature: dict[str, Any]) -> dict[str, Any]:
    return {"color": feature["properties"]["colour"], "weight": 5, "opacity": 1, "className": "ride"}


def _collection(features: Iterator[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def _frame(scene: Scene, box: Box) -> list[tuple[float, float]]:
    """South-west and north-east of all that is shown; the middle of our ground where there is nothing."""
    points = [(pin.lon, pin.lat) for pin in scene.pins] + [point for line in scene.lines for point in line.points]
    if not points:
        west, south, east, north = box
        wide, high = (east - west) / 4, (north - south) / 4
        return [(south + high, west + wide), (north - high, east - wide)]
    lons, lats = zip(*points, strict=True)
    return [(min(lats), min(lons)), (max(lats), max(lons))]


def _everything(element: Any) -> Iterator[Any]:
    """The element and all below it, and the parts it keeps outside its children."""
    yield element
    for part in ("header", "html", "script", "marker", "icon", "global_switches"):
        below = getattr(element, part, None)
        if hasattr(below, "_children"):
            yield from _everything(below)
    for child in element._children.values():
        yield from _everything(child)


def _compact(script: str) -> str:
    """The script without the indentation of Folium's templates."""
    lines = (line.strip() for line in script.splitlines())
    return "\n".join(line for line in lines if line) + "\n"


def _names(scene: Scene) -> str:
    """GeoJSON of pins and lines with what is said about them: strings, read by our script as text only."""
    features = [
        {
            "type": "Feature",
            "id": pin.id,
            "properties": {
                "name": pin.name,
                "note": pin.note,
                "link": pin.link,
                "kind": pin.kind,
                "number": pin.number,
            },
            "geometry": {"type": "Point", "coordinates": [round(pin.lon, 5), round(pin.lat, 5)]},
        }
        for pin in scene.pins
    ] + [
        {"type": "Feature", "id": line.id, "properties": {"name": line.name, "link": line.link}, "geometry": None}
        for line in scene.lines
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, separators=(",", ":"))
