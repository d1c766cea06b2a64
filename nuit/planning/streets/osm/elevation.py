"""Heights from elevation tiles (SRTM .hgt, also .gz and .zip), and streets smoothed over them.

A tile is one degree square, rows from north to south, big-endian metres; its name says its south-west corner.
"""

import gzip
import re
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nuit.planning.streets.network import BrokenNetwork, Floats, Ints

VOID = -32768
SIDES = (3601, 1201)
REACH = 50.0
"""Metres λ of the smoothing kernel exp(−|x| / λ) / 2λ along the streets: what is shorter than about 2λ is noise."""
Applied = Callable[[Floats], Floats]
NAME = re.compile(r"([NS])(\d{2})([EW])(\d{3})", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Tile:
    """Heights in metres over one degree; `south` and `west` are its corner."""

    west: int
    south: int
    heights: NDArray[np.int16]

    def at(self, lon: Floats, lat: Floats) -> Floats:
        """Bilinear heights; NaN outside the tile and where it has none."""
        side = len(self.heights) - 1
        x, y = (lon - self.west) * side, (self.south + 1 - lat) * side
        inside = (x >= 0) & (x <= side) & (y >= 0) & (y <= side)
        x, y = np.where(inside, x, 0.0), np.where(inside, y, 0.0)
        i, j = np.minimum(y.astype(int), side - 1), np.minimum(x.astype(int), side - 1)
        v, u = y - i, x - j
        near = [self._known(i + a, j + b) for a in (0, 1) for b in (0, 1)]
        weights = [(1 - v) * (1 - u), (1 - v) * u, v * (1 - u), v * u]
        known = sum(w * ~np.isnan(n) for w, n in zip(weights, near, strict=True))
        total = sum(w * np.nan_to_num(n) for w, n in zip(weights, near, strict=True))
        good = inside & (known > 0.25)
        return np.where(good, total / np.where(good, known, 1.0), np.nan)

    def _known(self, rows: Ints, columns: Ints) -> Floats:
        found = self.heights[rows, columns].astype(np.float64)
        return np.where(found == VOID, np.nan, found)


def read_tile(path: Path) -> Tile:
    """An elevation tile; BrokenNetwork where it is none."""
    place = NAME.search(path.name)
    if place is None:
        raise BrokenNetwork("its name does not say where it lies, like N46E007.hgt")
    try:
        content = _unpacked(path)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, StopIteration, NotImplementedError) as error:
        raise BrokenNetwork(
            f"it cannot be read ({getattr(error, 'strerror', None) or error or type(error).__name__})"
        ) from error
    side = next((one for one in SIDES if len(content) == 2 * one * one), None)
    if side is None:
        raise BrokenNetwork(f"it holds {len(content):,} bytes; a tile has 3601 or 1201 heights a side")
    south, west = int(place[2]), int(place[4])
    heights = np.frombuffer(content, dtype=">i2").reshape(side, side)
    return Tile(-west if place[3] in "Ww" else west, -south if place[1] in "Ss" else south, heights.astype(np.int16))


def _unpacked(path: Path) -> bytes:
    most = 2 * SIDES[0] ** 2 + 1
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as folder:
            name = next(one for one in folder.namelist() if one.lower().endswith(".hgt"))
            with folder.open(name) as inner:
                return inner.read(most)
    with path.open("rb") as raw:
        if raw.read(2) != b"\x1f\x8b":
            raw.seek(0)
            return raw.read(most)
        raw.seek(0)
        with gzip.GzipFile(fileobj=raw) as file:
            return file.read(most)


def smoothed(heights: Floats, pairs: Ints, metres: Floats, lifted: NDArray[np.bool_]) -> Floats:
    """Heights of vertices smoothed along the streets; bridges and tunnels run straight between their ends.

    `pairs` of shape (n, 2) are neighbouring vertices, `metres` apart; `lifted` says which do not touch the ground.
    Solves (M + λ²·L)·h = M·h₀ by conjugate gradients: L is the streets' Laplacian with weights 1 / metres, M half the
    metres on the ground at each vertex. NaN heights count as unknown, like those of lifted vertices.
    """
    count, (a, b) = len(heights), pairs.T
    weights = REACH**2 / np.maximum(metres, 0.5)
    ground = np.where(lifted, 0.0, metres / 2)
    known = ~np.isnan(heights)
    held = np.bincount(a, ground, count) + np.bincount(b, ground, count)
    middle = float(np.mean(heights[known])) if known.any() else 0.0
    mass: Floats = np.where(known, held, 0.0) + 1e-6
    given = np.where(known, heights, middle) - middle
    diagonal: Floats = mass + np.bincount(a, weights, count) + np.bincount(b, weights, count)

    def applied(h: Floats) -> Floats:
        return diagonal * h - np.bincount(a, weights * h[b], count) - np.bincount(b, weights * h[a], count)

    return middle + _solved(applied, diagonal, mass * given, given)


def _solved(applied: Applied, diagonal: Floats, wanted: Floats, start: Floats) -> Floats:
    """Conjugate gradients with the diagonal as preconditioner, until nothing moves by a millimetre.

    Sums instead of dot products: the threads of a BLAS cost more than they give here.
    """
    found = start.copy()
    rest = wanted - applied(found)
    scaled = rest / diagonal
    direction, square = scaled.copy(), float(np.sum(rest * scaled))
    for _ in range(1000):
        if float(np.abs(scaled).max()) < 1e-3:
            break
        image = applied(direction)
        step = square / float(np.sum(direction * image))
        found += step * direction
        rest -= step * image
        scaled = rest / diagonal
        square, before = float(np.sum(rest * scaled)), square
        direction = scaled + square / before * direction
    return found
