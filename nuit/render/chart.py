"""Figures as a drawing: columns, each with the part of it that is taken; the same figures stand in a table beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDE, HIGH, GAP = 40, 160, 12
"""Of a column: its width, the height of the highest, and the space to the next, in units of the drawing."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: where it stands, how high it is, and how high the taken part of it is; from the top, as SVG counts."""

    x: int
    whole: int
    part: int

    @property
    def top(self) -> int:
        return HIGH - self.whole

    @property
    def part_top(self) -> int:
        return HIGH - self.part


@dataclass(frozen=True, slots=True)
class Chart:
    """The drawing's size and its columns."""

    width: int
    columns: tuple[Column, ...]
    height: int = HIGH
    column: int = WIDE


def columns(figures: Sequence[tuple[int, int]]) -> Chart:
    """Columns of (whole, part), all to the scale of the greatest whole; a part that is not nothing is seen."""
    greatest = max((whole for whole, _part in figures), default=0) or 1
    drawn = tuple(
        Column(number * (WIDE + GAP), _high(whole, greatest), _high(part, greatest))
        for number, (whole, part) in enumerate(figures)
    )
    return Chart(max(1, len(drawn)) * (WIDE + GAP) - GAP, drawn)


def _high(figure: int, greatest: int) -> int:
    return max(round(figure / greatest * HIGH), 2) if figure else 0
