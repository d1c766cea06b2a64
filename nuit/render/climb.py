"""The climb of one ride as a thin line: the sentence beside it says the same in figures."""

from collections.abc import Sequence

from markupsafe import Markup

WIDE, ROOM = 640, 10
FLAT = 40.0
"""Metres of height that the drawing spans at least: a flat ride looks flat."""
MOST_POINTS = 48


def climb_svg(profile: Sequence[tuple[float, float]], label: str) -> Markup:
    """A profile of (metres, height) as an SVG; "" where there is none. `label` says it to who cannot see it."""
    if len(profile) < 2 or profile[-1][0] <= 0:
        return Markup("")
    low, high = min(height for _, height in profile), max(height for _, height in profile)
    span = max(FLAT, high - low)
    tall = round(24 + min(56.0, (high - low) * 0.6))
    points = [
        f"{along / profile[-1][0] * WIDE:.0f} {tall - ROOM / 2 - (height - low) / span * (tall - ROOM):.0f}"
        for along, height in _thinned(profile)
    ]
    return Markup(
        '<svg class="profile" viewBox="0 0 {w} {h}" role="img" aria-label="{label}"><path class="fill" '
        'd="M{line}L{w} {h}L0 {h}Z"/><path class="axis" d="M0 {h}H{w}"/><path class="line" d="M{line}"/></svg>'
    ).format(w=WIDE, h=tall, label=label, line=" ".join(points))


def _thinned(profile: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Points far enough apart to be told apart, first and last included."""
    apart = profile[-1][0] / MOST_POINTS
    kept = [profile[0]]
    for point in profile[1:-1]:
        if point[0] - kept[-1][0] >= apart:
            kept.append(point)
    return [*kept, profile[-1]]
