"""Places of use on the way, read from files: GBFS (station_information.json), GeoJSON, an Overpass answer, an extract."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from nuit.planning.streets import BrokenNetwork
from nuit.planning.streets.osm import Box, Extract
from nuit.planning.streets.osm.extract import DEGREE, Gathering, Tags
from nuit.planning.streets.osm.texts import read_json

KINDS = ("share", "rack", "charger", "bus")
MOST = 2000
"""Places of one kind that are taken."""
MOST_BYTES = 5 * 2**20
LONGEST = 120
UNREADABLE, EMPTY, ELSEWHERE, TOO_MANY, TOO_HEAVY = "unreadable", "empty", "elsewhere", "too_many", "too_heavy"


class NoAmenities(Exception):
    """A file of no use; `reason` is one of the words above."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class AmenityDraft:
    """One place: its kind, its number in its file, its name (may be empty), where it is, how many fit (None: unknown)."""

    kind: str
    ref: str
    name: str
    lon: float
    lat: float
    capacity: int | None = None


def read_amenities(content: bytes, box: Box, kind: str | None = None) -> list[AmenityDraft]:
    """The places of a file that lie in the box; `kind` is what a GeoJSON file holds that does not say so itself.

    Raises NoAmenities: nothing of such a file is taken.
    """
    if len(content) > MOST_BYTES:
        raise NoAmenities(TOO_HEAVY)
    try:
        told = json.loads(content)
        if isinstance(told.get("data"), dict) and "stations" in told["data"]:
            found = list(_stations(told["data"]["stations"]))
        elif told.get("type") == "FeatureCollection":
            found = list(_features(told["features"], kind))
        else:
            gathered = Gathering()
            read_json(content, gathered)
            found = amenities_of(gathered.extract())
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, BrokenNetwork) as error:
        raise NoAmenities(UNREADABLE) from error
    return _fitting(found, box)


def amenities_of(extract: Extract) -> list[AmenityDraft]:
    """What an extract of OpenStreetMap says of such places: nodes, and areas at their middle."""
    row = {node: i for i, node in enumerate(extract.ids.tolist())}
    lon, lat = extract.lon / DEGREE, extract.lat / DEGREE
    found = [
        draft
        for node, tags in extract.places.items()
        if node in row and (draft := _told(f"n{node}", tags, [(float(lon[row[node]]), float(lat[row[node]]))]))
    ]
    for way in extract.scenery:
        points = [(float(lon[row[ref]]), float(lat[row[ref]])) for ref in way.refs if ref in row]
        if points and (draft := _told(f"w{way.id}", way.tags, points)):
            found.append(draft)
    return found


def fitting_extract(extract: Extract, box: Box | None) -> list[AmenityDraft]:
    """The racks, sockets and bus stops of an extract in the box (anywhere without one), the first where there are too many.

    Bike-share stations come from who runs them.
    """
    found = [one for one in amenities_of(extract) if one.kind != "share" and (box is None or _inside(one, box))]
    return [one for kind in KINDS for one in [draft for draft in found if draft.kind == kind][:MOST]]


def kind_of(tags: Tags) -> str | None:
    """Which of our kinds these tags of OpenStreetMap speak of."""
    told = tags.get("amenity")
    if told == "charging_station" and tags.get("bicycle") == "no":
        return None
    if tags.get("highway") == "bus_stop":
        return "bus"
    return {"bicycle_rental": "share", "bicycle_parking": "rack", "charging_station": "charger"}.get(told or "")


def _told(ref: str, tags: Mapping[str, Any], points: Sequence[tuple[float, float]]) -> AmenityDraft | None:
    kind = kind_of(tags)
    if kind is None or tags.get("access") in ("private", "no"):
        return None
    lon, lat = (sum(point[axis] for point in points) / len(points) for axis in (0, 1))
    return _draft(kind, ref, tags.get("name") or tags.get("operator") or "", lon, lat, tags.get("capacity"))


def _stations(stations: Iterable[Mapping[str, Any]]) -> Iterator[AmenityDraft]:
    for one in stations:
        name = one.get("name", "")
        if isinstance(name, list):  # GBFS 3: one text a language
            name = name[0]["text"] if name else ""
        yield _draft("share", str(one["station_id"]), name, one["lon"], one["lat"], one.get("capacity"))


def _features(features: Iterable[Mapping[str, Any]], kind: str | None) -> Iterator[AmenityDraft]:
    for one in features:
        told, form = one.get("properties") or {}, one["geometry"]
        found = kind or kind_of(told) or (told.get("kind") if told.get("kind") in KINDS else None)
        if form is None or found is None or form["type"] not in ("Point", "Polygon"):
            continue
        points = [form["coordinates"]] if form["type"] == "Point" else form["coordinates"][0]
        lon, lat = (sum(float(point[axis]) for point in points) / len(points) for axis in (0, 1))
        name = told.get("name") or told.get("Name") or told.get("operator") or ""
        yield _draft(found, str(one.get("id") or f"{lon:.6f},{lat:.6f}"), name, lon, lat, told.get("capacity"))


def _draft(kind: str, ref: str, name: Any, lon: Any, lat: Any, capacity: Any) -> AmenityDraft:
    east, north = float(lon), float(lat)
    if not (isfinite(east) and isfinite(north) and abs(east) <= 180 and abs(north) <= 90):
        raise ValueError("not on the earth")
    return AmenityDraft(kind, _clean(ref), _clean(str(name)), round(east, 6), round(north, 6), _number(capacity))


def _number(told: Any) -> int | None:
    text = str(told)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else None


def _clean(text: str) -> str:
    """One line of writing: no control signs, no halves of characters, not endless."""
    kept = "".join(one if one.isprintable() else " " for one in text.encode("utf-8", "ignore").decode())
    return " ".join(kept.split())[:LONGEST]


def _fitting(found: Sequence[AmenityDraft], box: Box) -> list[AmenityDraft]:
    if not found:
        raise NoAmenities(EMPTY)
    inside = list({(one.kind, one.ref): one for one in found if _inside(one, box)}.values())
    if not inside:
        raise NoAmenities(ELSEWHERE)
    if any(sum(one.kind == kind for one in inside) > MOST for kind in KINDS):
        raise NoAmenities(TOO_MANY)
    return inside


def _inside(one: AmenityDraft, box: Box) -> bool:
    west, south, east, north = box
    return west <= one.lon <= east and south <= one.lat <= north
