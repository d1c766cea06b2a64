"""The climb of a ride as an accessible drawing; the same facts stand in words beside it."""

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from nuit.planning.streets.network import Floats

WIDE, HIGH, FLOOR, TOP = 900, 144, 120, 18
FLAT = 60.0
"""Metres of height that the drawing spans at least, so that a flat ride looks flat."""


def profile_svg(
    profile: Sequence[Sequence[float]], stops: Sequence[float], *, label: str, ends: tuple[str, str]
) -> Markup:
    """A profile of [metres, height] with numbered stops at these metres; `label` says it all to who cannot see it.

    `ends` are the words under its two ends. An empty string for a profile without any length.
    """
    if len(profile) < 2 or profile[-1][0] <= 0:
        return Markup("")
    along, height = np.array(profile, dtype=np.float64).T
    x = 16 + along / along[-1] * (WIDE - 32)
    low = float(height.min())
    y = (FLOOR - 10) - (height - low) / max(FLAT, float(height.max()) - low) * (FLOOR - TOP - 10)
    kept = _thinned(x)
    line = " ".join(f"{x[i]:.0f} {y[i]:.1f}" for i in kept)
    pins = [
        (float(np.interp(at, along, x)), float(np.interp(at, along, y)), number) for number, at in enumerate(stops, 1)
    ]
    return Markup(
        '<svg class="profile" viewBox="0 0 {w} {h}" role="img" aria-label="{label}">'
        '<path class="fill" d="M{line}L{end} {floor}L16 {floor}Z"/><path class="axis" d="M0 {floor}H{w}"/>'
        '<path class="line" d="M{line}"/>{pins}'
        '<text x="0" y="139">{first}</text><text x="{w}" y="139" text-anchor="end">{last}</text></svg>'
    ).format(
        w=WIDE, h=HIGH, floor=FLOOR, label=label, line=line, end=WIDE - 16, first=ends[0], last=ends[1],
        pins=Markup("").join(_pin(*pin) for pin in _apart(pins)),
    )  # fmt: skip


def _pin(x: float, y: float, number: int) -> Markup:
    return Markup(
        '<path class="axis" d="M{x} {y}V{floor}"/><circle cx="{x}" cy="{y}" r="14" fill="var(--accent)"/>'
        '<text x="{x}" y="{base}" text-anchor="middle" class="pin">{number}</text>'
    ).format(x=round(x), y=round(y), base=round(y) + 5, floor=FLOOR, number=number)


def _apart(pins: list[tuple[float, float, int]]) -> list[tuple[float, float, int]]:
    """Pins that would hide one another are raised in turn, by two thirds of a disc."""
    placed: list[tuple[float, float, int]] = []
    for x, y, number in pins:
        while any(abs(x - u) < 26 and abs(y - v) < 20 for u, v, _ in placed) and y > 14:
            y -= 20
        placed.append((x, max(y, 14.0), number))
    return placed


def _thinned(x: Floats) -> list[int]:
    """Indices of points at least 3 units apart, first and last included."""
    kept = [0]
    for i in range(1, len(x) - 1):
        if x[i] - x[kept[-1]] >= 3:
            kept.append(i)
    return [*kept, len(x) - 1]
