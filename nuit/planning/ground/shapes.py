"""What a ground is made of: rings and lines by kind, in columns of whole numbers, and names where they stand."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""
DEGREE = 1e6
"""Units of a coordinate: a millionth of a degree, about 0.1 m."""

# In drawing order, from below: the zoom from which it is drawn, and whether it is an area.
KINDS: dict[str, tuple[int, bool]] = {
    "base": (0, True), "slope": (0, True), "forest": (0, True), "contour": (12, False), "hill": (0, True),
    "vineyard": (12, True), "built": (0, True), "oldtown": (0, True), "industrial": (12, True),
    "airfield": (12, True), "runway": (12, True), "strip": (12, False), "park": (13, True), "square": (14, True),
    "pitch": (14, True), "river": (0, True), "riverline": (0, False), "stream": (13, False), "covered": (14, False),
    "lake": (0, True), "building": (16, True), "motorway": (0, False), "service": (16, False), "path": (16, False),
    "steps": (16, False), "cycleway": (14, False), "residential": (14, False), "tunnel": (14, False),
    "secondary": (12, False), "primary": (0, False), "bridge": (14, False), "railway": (0, False),
}  # fmt: skip
SPARSE = 2
"""A schematic ground has little of everything: it is shown this many zooms earlier."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name on the ground: `kind` is place, quarter, landmark or street-name; `rank` 1 is the town; angle in degrees."""

    kind: str
    text: str
    lon: float
    lat: float
    rank: int = 0
    angle: int = 0


@dataclass(frozen=True, eq=False)
class Ground:
    """Shapes of one region: shape i is of kind `kinds[i]` (its number in KINDS), points `starts[i]` to `starts[i+1]`.

    Points are longitude and latitude in units of DEGREE, shape (n, 2). Rings are closed by whoever draws them; outer
    ones turn one way and holes the other, so that the rule "nonzero" fills them rightly.
    """

    box: Box
    approximate: bool
    kinds: Ints
    starts: Ints
    points: Ints
    names: tuple[Name, ...]

    @cached_property
    def key(self) -> str:
        """A hash of everything, for addresses that are kept for ever."""
        found = hashlib.sha256(repr((self.box, self.approximate, self.names)).encode())
        for column in (self.kinds, self.starts, self.points):
            found.update(np.ascontiguousarray(column, dtype="<i8").tobytes())
        return found.hexdigest()[:12]

    @cached_property
    def boxes(self) -> Ints:
        """West, south, east, north of each shape, in units of DEGREE; shape (n, 4)."""
        low = np.minimum.reduceat(self.points, self.starts[:-1], axis=0)
        high = np.maximum.reduceat(self.points, self.starts[:-1], axis=0)
        return np.concatenate([low, high], axis=1)

    @cached_property
    def first(self) -> Ints:
        """The zoom from which each shape is drawn."""
        zooms = np.array([zoom for zoom, _ in KINDS.values()], dtype=np.int64)
        return zooms[self.kinds] - (SPARSE if self.approximate else 0)

    def shape(self, number: int) -> Ints:
        """The points of one shape, shape (n, 2)."""
        return self.points[self.starts[number] : self.starts[number + 1]]

    def seen(self, box: Box, zoom: int) -> Ints:
        """Numbers of the shapes that reach into the box and are drawn at this zoom, in drawing order."""
        west, south, east, north = (round(one * DEGREE) for one in box)
        boxes = self.boxes
        inside = (boxes[:, 0] <= east) & (boxes[:, 2] >= west) & (boxes[:, 1] <= north) & (boxes[:, 3] >= south)
        found = np.flatnonzero(inside & (self.first <= zoom))
        return found[np.argsort(self.kinds[found], kind="stable")]

    def lines(self, kinds: Sequence[str], box: Box) -> list[list[list[float]]]:
        """The outlines of what there is of these kinds in the box, as lines of [lon, lat]."""
        wanted = {number for number, kind in enumerate(KINDS) if kind in kinds}
        return [
            (self.shape(one) / DEGREE).tolist() for one in self.seen(box, 99) if int(self.kinds[one]) in wanted
        ]  # fmt: skip


Shape = tuple[str, Sequence[tuple[int, int]]]
"""Kind, and points in units of DEGREE."""


def ground_from(box: Box, shapes: Iterable[Shape], names: Iterable[Name], *, approximate: bool = False) -> Ground:
    """The ground of these shapes, with the base of the box under them; shapes of less than two points are left out."""
    west, south, east, north = (round(one * DEGREE) for one in box)
    base: Shape = ("base", [(west, south), (east, south), (east, north), (west, north)])
    number = {kind: i for i, kind in enumerate(KINDS)}
    kept = [base, *(shape for shape in shapes if len(shape[1]) > 1)]
    starts = np.cumsum([0, *(len(points) for _, points in kept)], dtype=np.int64)
    return Ground(
        box=box,
        approximate=approximate,
        kinds=np.array([number[kind] for kind, _ in kept], dtype=np.int64),
        starts=starts,
        points=np.array([point for _, points in kept for point in points], dtype=np.int64).reshape(-1, 2),
        names=tuple(names),
    )
