"""Names on a ground: which are written at a zoom without covering one another."""

from dataclasses import dataclass
from functools import lru_cache
from math import asinh, cos, pi, radians, sin, tan

from nuit.planning.ground.shapes import Ground, Name

FIRST = {"quarter": 13, "landmark": 14, "street-name": 16}
PLACES = (0, 0, 11, 12, 14)
"""The zoom from which a place of this rank is named."""
LETTER = {1: 15.0, 2: 9.5}
"""Pixels of a letter of a place's name by rank; others take 7.5."""
LINE = 18.0
ROOM = 1.4
"""A map between two zooms is drawn smaller: names keep so much more distance."""


@dataclass(frozen=True, slots=True)
class Label:
    """A name and where its middle stands, in pixels from the map's top left corner at its zoom."""

    name: Name
    x: float
    y: float


@lru_cache(maxsize=12)
def labels_at(ground: Ground, zoom: int) -> tuple[Label, ...]:
    """The names that are written at a zoom; where two would meet, the one of the larger place stays."""
    taken: dict[tuple[int, int], list[tuple[float, float, float, float]]] = {}
    found = []
    for name in sorted(ground.names, key=_weight):
        if _first(name) > zoom:
            continue
        label = Label(name, *_spot(name, zoom))
        box = _box(label)
        cells = [(i, j) for i in range(int(box[0] // 256), int(box[2] // 256) + 1) for j in range(int(box[1] // 256), int(box[3] // 256) + 1)]  # fmt: skip
        if any(_meet(box, other) for cell in cells for other in taken.get(cell, ())):
            continue
        for cell in cells:
            taken.setdefault(cell, []).append(box)
        found.append(label)
    return tuple(found)


def _weight(name: Name) -> tuple[int, int, int, str, float]:
    order = ("place", "landmark", "quarter", "street-name").index(name.kind)
    return (order, name.rank, -len(name.text) if order == 3 else 0, name.text, name.lon)


def _first(name: Name) -> int:
    return FIRST.get(name.kind, PLACES[min(name.rank, 4)])


def _spot(name: Name, zoom: int) -> tuple[float, float]:
    world = 256.0 * 2**zoom
    down = (1 - asinh(tan(radians(name.lat))) / pi) / 2
    return round((name.lon + 180) / 360 * world, 1), round(down * world, 1)


def _box(label: Label) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of what a name covers, with air."""
    name = label.name
    long = len(name.text) * (LETTER.get(name.rank, 7.5) if name.kind == "place" else 7.0)
    turn = radians(name.angle)
    wide = (long * abs(cos(turn)) + LINE * abs(sin(turn))) * ROOM / 2
    high = (long * abs(sin(turn)) + LINE * abs(cos(turn))) * ROOM / 2
    return label.x - wide, label.y - high, label.x + wide, label.y + high


def _meet(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
