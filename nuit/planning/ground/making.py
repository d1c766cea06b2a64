"""A ground from an extract of OpenStreetMap: what its ways, relations and places are on a map."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from math import atan2, cos, degrees, hypot, radians

from nuit.planning.ground.shapes import Box, Ground, Name, Shape, ground_from
from nuit.planning.streets.osm.extract import Extract, Tags, Way

PER_UNIT = 10
"""An extract's units of 1e-7 degrees in one of ours."""
MOST_SHAPES = 400_000
MOST_NAMES = 20_000
ROADS = {
    "motorway": "motorway", "trunk": "motorway", "primary": "primary", "secondary": "secondary",
    "tertiary": "secondary", "unclassified": "residential", "residential": "residential", "road": "residential",
    "living_street": "residential", "pedestrian": "residential", "busway": "service", "service": "service",
    "cycleway": "cycleway", "track": "path", "path": "path", "footway": "path", "bridleway": "path", "steps": "steps",
}  # fmt: skip
AREAS = {
    "natural": {"water": "lake", "wood": "forest"},
    "waterway": {"riverbank": "river", "dock": "lake"},
    "landuse": {
        "forest": "forest", "vineyard": "vineyard", "orchard": "vineyard", "residential": "built", "commercial": "built",
        "retail": "built", "industrial": "industrial", "railway": "industrial", "quarry": "industrial", "port": "industrial",
        "reservoir": "lake", "basin": "lake", "cemetery": "park", "allotments": "park", "village_green": "park",
        "recreation_ground": "park",
    },
    "leisure": {"park": "park", "garden": "park", "golf_course": "park", "pitch": "pitch", "stadium": "pitch", "track": "pitch", "swimming_pool": "lake"},
    "aeroway": {"aerodrome": "airfield", "runway": "runway"},
    "place": {"square": "square"},
}  # fmt: skip
LINES = {
    "waterway": {"river": "riverline", "stream": "stream", "canal": "stream"},
    "railway": {"rail": "railway", "narrow_gauge": "railway", "light_rail": "railway", "tram": "railway", "funicular": "railway"},
    "aeroway": {"runway": "strip"},
}  # fmt: skip
PLACES = {"city": ("place", 1), "town": ("place", 1), "village": ("place", 2), "suburb": ("quarter", 3),
          "quarter": ("quarter", 3), "neighbourhood": ("quarter", 4), "hamlet": ("place", 4)}  # fmt: skip
YARDS = {"yard", "siding", "spur", "crossover"}
Spots = Mapping[int, tuple[int, int]]
"""Where each node lies, in units of a ground."""


def ground_of(extract: Extract, box: Box | None = None) -> Ground:
    """The ground of an extract in its own box, or in this one: streets by class, water, rail, green, houses, names."""
    spots = {
        node: (round(lon / PER_UNIT), round(lat / PER_UNIT))
        for node, lon, lat in zip(extract.ids.tolist(), extract.lon.tolist(), extract.lat.tolist(), strict=True)
    }
    lines: dict[str, list[list[tuple[int, int]]]] = {}
    areas: list[Shape] = []
    for way in (*extract.ways, *extract.scenery):
        kind, is_area = kind_of(way.tags, closed=way.refs[:1] == way.refs[-1:])
        for part in _parts(way.refs, spots) if kind else ():
            if is_area:
                areas.append((kind, _turned(part, outer=True)))
            else:
                lines.setdefault(kind, []).append(part)
    areas += _relations(extract, spots)
    drawn = areas + [(kind, line) for kind, pieces in lines.items() for line in joined(pieces)]
    if len(drawn) > MOST_SHAPES:
        drawn = [shape for shape in drawn if shape[0] != "building"][:MOST_SHAPES]
    return ground_from(box or extract.box or (0, 0, 0, 0), drawn, _names(extract, spots))


def kind_of(tags: Tags, *, closed: bool) -> tuple[str, bool]:
    """What a way is on a map, and whether it is an area; an empty kind for what is not drawn."""
    if "highway" in tags:
        if closed and tags.get("area") == "yes":
            return "square", True
        kind = ROADS.get(tags["highway"].removesuffix("_link"), "")
        dug = tags.get("tunnel", "no") not in ("no", "building_passage") and kind not in (
            "",
            "path",
            "steps",
            "service",
        )
        return ("tunnel" if dug and kind != "motorway" else kind), False
    if tags.get("building", "no") != "no":
        return ("building", True) if closed else ("", False)
    if closed:
        for key, kinds in AREAS.items():
            if tags.get(key) in kinds:
                kind = kinds[tags[key]]
                is_river = kind == "lake" and tags.get("water") in ("river", "canal", "stream")
                return ("river" if is_river else kind), True
    return _line(tags), False


def _line(tags: Tags) -> str:
    kind = next((kinds[tags[key]] for key, kinds in LINES.items() if tags.get(key) in kinds), "")
    hidden = tags.get("tunnel", "no") != "no"
    if kind == "railway" and (hidden or tags.get("service") in YARDS):
        return ""
    return "covered" if hidden and kind in ("stream", "riverline") else kind


def _parts(refs: Sequence[int], spots: Spots) -> Iterator[list[tuple[int, int]]]:
    """The stretches of a way whose nodes are known."""
    part: list[tuple[int, int]] = []
    for ref in refs:
        spot = spots.get(ref)
        if spot is not None:
            part.append(spot)
        elif part:
            if len(part) > 1:
                yield part
            part = []
    if len(part) > 1:
        yield part


def _turned(ring: list[tuple[int, int]], *, outer: bool) -> list[tuple[int, int]]:
    """The ring, open, outer ones counter-clockwise and holes clockwise."""
    ring = ring[:-1] if ring[0] == ring[-1] else ring
    twice = sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairwise([*ring, ring[0]]))
    return ring if (twice > 0) == outer else ring[::-1]


def _relations(extract: Extract, spots: Spots) -> list[Shape]:
    """Areas made of several ways; rings that do not close are left out."""
    ways = {way.id: way.refs for way in (*extract.ways, *extract.scenery)} | dict(extract.members)
    found: list[Shape] = []
    for relation in extract.relations:
        kind, is_area = kind_of(relation.tags, closed=True)
        if relation.tags.get("type") != "multipolygon" or not is_area:
            continue
        for inner in (False, True):
            pieces = [
                part
                for what, ref, role in relation.members
                if what == "way" and (role == "inner") == inner
                for part in _parts(ways.get(ref, ()), spots)
            ]
            rings = [ring for ring in joined(pieces) if len(ring) > 3 and ring[0] == ring[-1]]
            found += [(kind, _turned(ring, outer=not inner)) for ring in rings]
    return found


def joined(pieces: Iterable[list[tuple[int, int]]]) -> list[list[tuple[int, int]]]:
    """Lines put together where exactly two of them end at one place."""
    lines = [list(piece) for piece in pieces]
    ends: dict[tuple[int, int], set[int]] = {}
    for number, line in enumerate(lines):
        if line[0] != line[-1]:
            for end in (line[0], line[-1]):
                ends.setdefault(end, set()).add(number)
    gone: set[int] = set()
    for place, meeting in ends.items():
        if len(meeting) != 2:
            continue
        first, second = sorted(meeting)
        a, b = lines[first], lines[second]
        a = a if a[-1] == place else a[::-1]
        b = b if b[0] == place else b[::-1]
        lines[first] = a + b[1:]
        gone.add(second)
        end = b[-1]
        if end != place and second in ends.get(end, ()):
            ends[end].discard(second)
            ends[end].add(first)
    return [line for number, line in enumerate(lines) if number not in gone]


def _names(extract: Extract, spots: Spots) -> list[Name]:
    found = []
    towns = [_people(tags) for tags in extract.places.values() if tags.get("place") == "town"]
    for node, tags in extract.places.items():
        kind, rank = PLACES.get(tags.get("place", ""), ("", 0))
        if kind and node in spots and tags.get("name"):
            lon, lat = spots[node]
            is_second = tags["place"] == "town" and _people(tags) < max(towns)
            found.append(Name(kind, tags["name"], lon / 1e6, lat / 1e6, 2 if is_second else rank))
    named = [(way.tags["name"], _degrees(way, spots)) for way in extract.ways if way.tags.get("name") and way.tags["highway"] in ROADS]  # fmt: skip
    return [*found[:MOST_NAMES], *street_labels(named)[:MOST_NAMES]]


def _people(tags: Tags) -> int:
    told = tags.get("population", "")
    return int(told) if told.isascii() and told.isdecimal() and len(told) < 10 else 0


def _degrees(way: Way, spots: Spots) -> list[tuple[float, float]]:
    return [(lon / 1e6, lat / 1e6) for part in _parts(way.refs, spots) for lon, lat in part]


def street_labels(streets: Iterable[tuple[str, Sequence[Sequence[float]]]]) -> list[Name]:
    """One label for each named street, in the middle of its longest straight piece and along it."""
    best: dict[str, tuple[float, float, float, float]] = {}
    for name, line in streets:
        for (x, y, *_), (u, v, *_) in pairwise(line):
            east, north = (u - x) * cos(radians(y)), v - y
            length = hypot(east, north)
            if length > best.get(name, (0.0,))[0]:
                upright = (-degrees(atan2(north, east)) + 90) % 180 - 90
                best[name] = (length, round((x + u) / 2, 5), round((y + v) / 2, 5), upright)
    return [Name("street-name", name, lon, lat, 0, round(angle)) for name, (_, lon, lat, angle) in sorted(best.items())]
