"""A ride to take along: GPX 1.1 for bicycle computers, GeoJSON for everything else."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nuit.planning.along import distances_along

UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
LICENCE = "https://opendatacommons.org/licenses/odbl/"
SOURCE = "© OpenStreetMap contributors"


@dataclass(frozen=True)
class Waypoint:
    """A stop of the ride."""

    lon: float
    lat: float
    name: str
    note: str = ""


def ride_gpx(track: Mapping[str, Any], stops: Sequence[Waypoint], *, name: str, note: str, link: str = "") -> str:
    """GPX 1.1: one track with heights, and the stops as way-points in their order.

    `note` should say "approximatif" where the streets are a schematic; nothing in the file depends on the clock.
    """
    import gpxpy.gpx as gpx

    document: Any = gpx.GPX()
    document.creator = "La nuit de l’industrie"
    document.name, document.description = _text(name), _text(note)
    document.copyright_author, document.copyright_license = SOURCE, LICENCE
    document.link = link or None
    for number, stop in enumerate(stops, 1):
        point = gpx.GPXWaypoint(stop.lat, stop.lon, name=_text(f"{number}. {stop.name}"), description=_text(stop.note))
        document.waypoints.append(point)
    way: Any = gpx.GPXTrack(name=_text(name), description=_text(note))
    way.type = "cycling"
    way.segments.append(
        gpx.GPXTrackSegment([gpx.GPXTrackPoint(lat, lon, elevation=up) for (lon, lat), up in _raised(track)])
    )
    document.tracks.append(way)
    return str(document.to_xml(version="1.1"))


def ride_geojson(track: Mapping[str, Any], stops: Sequence[Waypoint], *, name: str, note: str, link: str = "") -> str:
    """The same as a GeoJSON collection: the line with its figures, then the stops."""
    line = {
        "type": "Feature",
        "properties": {
            "name": name,
            "description": note,
            "link": link,
            "approximate": bool(track.get("approximate", True)),
            **{key: track.get(key) for key in ("metres", "climb", "descent", "seconds", "lit", "cycle", "mode")},
        },
        "geometry": {"type": "LineString", "coordinates": [[*point, up] for point, up in _raised(track)]},
    }
    points = [
        {
            "type": "Feature",
            "properties": {"name": stop.name, "description": stop.note, "number": number},
            "geometry": {"type": "Point", "coordinates": [round(stop.lon, 5), round(stop.lat, 5)]},
        }
        for number, stop in enumerate(stops, 1)
    ]
    found = {"type": "FeatureCollection", "name": name, "attribution": SOURCE, "features": [line, *points]}
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))


def _raised(track: Mapping[str, Any]) -> list[tuple[tuple[float, float], float]]:
    """The points of the track's line with their heights, read from its profile."""
    line, profile = track.get("line", []), track.get("profile", [])
    if len(line) < 2 or not profile:
        return []
    at = distances_along(line)
    along, height = np.array(profile, dtype=np.float64).T
    heights = np.interp(at * (along[-1] / max(at[-1], 1e-9)), along, height)
    return [((lon, lat), round(float(up), 1)) for (lon, lat), up in zip(line, heights, strict=True)]


def _text(words: str) -> str:
    """Words without the characters that XML 1.0 cannot hold."""
    return UNPRINTABLE.sub("", words)
