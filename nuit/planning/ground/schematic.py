"""Our own ground of Sion, drawn for this project: a base map and the schematic streets, from GeoJSON."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nuit.planning.ground.making import street_labels
from nuit.planning.ground.shapes import DEGREE, Box, Ground, Name, Shape, ground_from

SION: Box = (7.27, 46.18, 7.46, 46.28)


def schematic_ground(folder: Path) -> Ground:
    """The ground of a folder with basemap.geojson and network.geojson."""
    ground = json.loads((folder / "basemap.geojson").read_text("utf-8"))["features"]
    streets = json.loads((folder / "network.geojson").read_text("utf-8"))["features"]
    named = [(one["properties"]["name"].replace("'", "’"), one["geometry"]["coordinates"]) for one in streets if one["properties"].get("name")]  # fmt: skip
    shapes = [shape for feature in ground for shape in _shapes(feature)]
    return ground_from(SION, shapes, [*_names(ground), *street_labels(named)], approximate=True)


def _shapes(feature: dict[str, Any]) -> Iterator[Shape]:
    told, form = feature["properties"], feature["geometry"]
    if form["type"] == "Point":
        return
    kind = "covered" if told.get("covered") else told.get("class") or told["kind"]
    lines = [form["coordinates"]] if form["type"] == "LineString" else form["coordinates"]
    for line in lines:
        points = [(round(lon * DEGREE), round(lat * DEGREE)) for lon, lat, *_ in line]
        yield kind, points[:-1] if form["type"] == "Polygon" else points


def _names(features: list[dict[str, Any]]) -> Iterator[Name]:
    for feature in features:
        told = feature["properties"]
        if feature["geometry"]["type"] == "Point":
            lon, lat = feature["geometry"]["coordinates"]
            yield Name(told["kind"], told["name"], lon, lat, told.get("rank", 0))
