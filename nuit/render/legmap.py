"""One ride as a small drawing of its own: the streets around it, the way to take, its turns by number."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import atan2, cos, degrees, hypot, radians

import numpy as np
from markupsafe import Markup

from nuit.planning.along import distances_along
from nuit.planning.streets import Network
from nuit.planning.streets.network import EARTH, Floats

WIDE, LEAST, MOST = 360.0, 150.0, 340.0
EDGE = 34.0
"""Units kept free around the way."""
REACH = 260.0
"""Metres beside the way within which small streets are drawn."""
MAIN = ("primary", "secondary", "bridge")
TOLD = 15.0
"""Units that two numbers must be apart to stand both."""
APPROACH = 60.0
"""Metres of view around a way that hardly leaves its place."""

Line = Sequence[Sequence[float]]


@dataclass(frozen=True)
class Sheet:
    """Where places lie on the drawing: its west and north edge, units per metre, its height in units."""

    west: float
    north: float
    stretch: float
    scale: float
    high: float

    def put(self, points: Line | Floats) -> Floats:
        """Longitudes and latitudes as units from the top left, shape (n, 2)."""
        lon, lat = np.asarray(points, dtype=np.float64)[:, :2].T
        metre = radians(1) * EARTH * self.scale
        return np.stack([(lon - self.west) * self.stretch * metre, (self.north - lat) * metre], axis=1)


def leg_svg(
    streets: Network, line: Line, turns: Sequence[float], *, label: str, water: Sequence[Line] = (),
    rails: Sequence[Line] = (), colour: str = "#ff6d1f",
) -> Markup:  # fmt: skip
    """A ride of [lon, lat] over its streets, north up; `turns` are metres along it, numbered from 1.

    Colours stand in attributes, for paper; a style sheet may set its own by class. `label` says it to who cannot see
    it. An empty string for a line without two points.
    """
    if len(line) < 2:
        return Markup("")
    sheet = _sheet(line)
    way = sheet.put(line)
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="legmap" viewBox="0 0 {w:.0f} {h:.0f}" role="img" '
        'aria-label="{label}" fill="none" stroke-linecap="round" stroke-linejoin="round">'
        '<path class="l-ground" fill="#eceff3" d="M0 0H{w:.0f}V{h:.0f}H0Z"/>{ground}{streets}{way}{marks}</svg>'
    ).format(
        w=WIDE, h=sheet.high, label=label,
        ground=_ground(sheet, water, rails), streets=_streets(sheet, streets, line), way=_way(way, colour),
        marks=_marks(way, line, turns, colour),
    )  # fmt: skip


def _sheet(line: Line) -> Sheet:
    """The view that holds the whole way, turned to neither side: never narrower than what one sees on the spot."""
    lon, lat = np.asarray(line, dtype=np.float64)[:, :2].T
    stretch = cos(radians(float(lat.mean())))
    metre = radians(1) * EARTH
    wide = max(float(np.ptp(lon)) * stretch * metre, APPROACH)
    high = max(float(np.ptp(lat)) * metre, APPROACH)
    scale = min((WIDE - 2 * EDGE) / wide, (MOST - 2 * EDGE) / high)
    tall = min(MOST, max(LEAST, high * scale + 2 * EDGE))
    west = float(lon.min() + lon.max()) / 2 - WIDE / 2 / scale / metre / stretch
    north = float(lat.min() + lat.max()) / 2 + tall / 2 / scale / metre
    return Sheet(west, north, stretch, scale, tall)


def _ground(sheet: Sheet, water: Sequence[Line], rails: Sequence[Line]) -> Markup:
    rivers = "".join(_path(sheet.put(one), 1.0) + "Z" for one in water if _seen(sheet, sheet.put(one)))
    tracks = "".join(_path(sheet.put(one), 1.0) for one in rails if _seen(sheet, sheet.put(one)))
    return Markup(
        '<path class="l-water" fill="#a5c9ee" d="{}"/><path class="l-rail" stroke="#5b6478" stroke-width="1.4" '
        'stroke-dasharray="5 3" d="{}"/>'
    ).format(rivers, tracks)


def _streets(sheet: Sheet, streets: Network, line: Line) -> Markup:
    """Main streets of the view, and small ones beside the way."""
    place = sheet.put(np.stack([streets.lon, streets.lat], axis=1))
    seen = (place[:, 0] > -9) & (place[:, 0] < WIDE + 9) & (place[:, 1] > -9) & (place[:, 1] < sheet.high + 9)
    close = _beside(place, sheet.put(line), REACH * sheet.scale, seen)
    broad, small = [], []
    for link in streets.links:
        shape = list(link.shape)
        if link.kind in MAIN and seen[shape].any():
            broad.append(_path(place[shape], 1.0))
        elif close[shape].any():
            small.append(_path(place[shape], 1.0))
    return Markup(
        '<path class="l-small" stroke="#ffffff" stroke-width="2" d="{}"/>'
        '<path class="l-main" stroke="#ffffff" stroke-width="4.5" d="{}"/>'
    ).format("".join(small), "".join(broad))


def _beside(place: Floats, way: Floats, reach: float, among: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Floats:
    """Which of the places lie within `reach` units of the way."""
    found = np.zeros(len(place), dtype=bool)
    where = np.flatnonzero(among)
    lengths = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(way, axis=0).T))])
    steps = np.arange(0.0, lengths[-1] + reach / 3, reach / 3)
    along = np.stack([np.interp(steps, lengths, way[:, axis]) for axis in (0, 1)], axis=1)
    for begin in range(0, len(where), 4096):
        part = where[begin : begin + 4096]
        gaps = np.abs(place[part, None, :] - along[None, :, :])
        found[part] = (np.hypot(gaps[..., 0], gaps[..., 1]) <= reach).any(axis=1)
    return found


def _way(way: Floats, colour: str) -> Markup:
    path = _path(way, 0.8)
    return Markup(
        '<path class="l-edge" stroke="#ffffff" stroke-width="9" d="{path}"/>'
        '<path class="l-way" stroke="{colour}" stroke-width="4.5" d="{path}"/>{arrows}'
    ).format(path=path, colour=colour, arrows=_arrows(way))


def _arrows(way: Floats) -> Markup:
    """Small wedges that say which way the ride goes, about every 80 units."""
    lengths = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(way, axis=0).T))])
    found = Markup("")
    for at in np.arange(46.0, lengths[-1] - 24, 80.0):
        (x, y), (u, v) = (_at(way, lengths, float(step)) for step in (at, at + 3))
        found += Markup(
            '<path class="l-arrow" stroke="#0b1230" stroke-width="1.8" transform="translate({:.0f} {:.0f}) '
            'rotate({:.0f})" d="M-3-3.5L1 0L-3 3.5"/>'
        ).format(x, y, degrees(atan2(v - y, u - x)))
    return found


def _marks(way: Floats, line: Line, turns: Sequence[float], colour: str) -> Markup:
    """Where one sets out, where one arrives, and the numbers of the turns between."""
    metres, lengths = distances_along(line), np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(way, axis=0).T))])
    (x, y), (u, v) = way[0], way[-1]
    placed = [(float(u), float(v)), (float(x), float(y))]
    found = Markup("")
    for number, at in enumerate(turns, 1):
        if number == 1:
            continue
        p, q = _at(way, lengths, float(np.interp(at * metres[-1] / max(turns[-1], 1.0), metres, lengths)))
        if all(hypot(p - a, q - b) >= TOLD for a, b in placed):
            placed.append((p, q))
            found += Markup(
                '<circle class="l-disc" cx="{x:.0f}" cy="{y:.0f}" r="7.5" fill="#f7f8fa" stroke="#0b1230" stroke-width="1.2"/>'
                '<text class="l-number" x="{x:.0f}" y="{base:.0f}" text-anchor="middle" font-family="Archivo Nuit" font-size="9.5" font-weight="700" '
                'fill="#0b1230">{number}</text>'
            ).format(x=p, y=q, base=q + 3.4, number=number)
    return found + Markup(
        '<rect class="l-start" x="{:.0f}" y="{:.0f}" width="12" height="12" rx="1.5" fill="#0b1230" stroke="{colour}" '
        'stroke-width="3"/><circle class="l-goal" cx="{:.0f}" cy="{:.0f}" r="9" fill="{colour}" stroke="#0b1230" '
        'stroke-width="3"/>'
    ).format(x - 6, y - 6, u, v, colour=colour)


def _at(way: Floats, lengths: Floats, units: float) -> tuple[float, float]:
    return float(np.interp(units, lengths, way[:, 0])), float(np.interp(units, lengths, way[:, 1]))


def _seen(sheet: Sheet, points: Floats) -> bool:
    left, top = points.min(axis=0)
    right, bottom = points.max(axis=0)
    return bool(right > 0 and left < WIDE and bottom > 0 and top < sheet.high)


def _path(points: Floats, every: float) -> str:
    """Tenths of units, relative, with points at least `every` units apart."""
    tenths = [(round(float(x), 1), round(float(y), 1)) for x, y in points]
    kept = tenths[:1]
    for x, y in tenths[1:-1]:
        if hypot(x - kept[-1][0], y - kept[-1][1]) >= every:
            kept.append((x, y))
    kept.append(tenths[-1])
    steps = " ".join(f"{b[0] - a[0]:.1f} {b[1] - a[1]:.1f}" for a, b in pairwise(kept)).replace(".0 ", " ")
    return f"M{kept[0][0]} {kept[0][1]}l{steps.replace(' -', '-')}"
