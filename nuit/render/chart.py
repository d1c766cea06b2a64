"""Figures as a drawing: columns, each with the part of it that is taken; the same figures stand in a table beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

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


@dataclass(frozen=True, slots=True)
class Flow:
    """Two areas over time in a drawing of WIDTH × HIGH: as planned, and as it came until now; points as SVG says them.

    `now` is where the present stands, `hours` where full hours do; `head` is the end of what has come.
    """

    width: int
    planned: str
    came: str
    line: str
    now: int
    head: tuple[int, int]
    hours: tuple[tuple[int, datetime], ...]
    height: int = HIGH


def flow(figures: Sequence[tuple[datetime, int, int]], now: datetime) -> Flow:
    """The evening as a stream; `figures` are (instant, planned, came) in order, at least one."""
    first, last = figures[0][0], figures[-1][0]
    width = max(1, len(figures) - 1) * WIDE
    greatest = max((max(planned, came) for _at, planned, came in figures), default=0) or 1

    def across(at: datetime) -> int:
        return round(min(max((at - first) / (last - first), 0), 1) * width) if last > first else 0

    def down(figure: int) -> int:
        return HIGH - round(figure / greatest * (HIGH - 6))

    planned = [(across(at), down(figure)) for at, figure, _came in figures]
    came = [(across(at), down(figure)) for at, _planned, figure in figures if at <= now] or [(0, HIGH)]
    came.append((across(now), came[-1][1]))
    return Flow(
        width, _area(planned), _area(came), _points(came), across(now), came[-1],
        tuple((across(at), at) for at, _planned, _came in figures if at.minute == 0),
    )  # fmt: skip


def _points(places: Sequence[tuple[int, int]]) -> str:
    return " ".join(f"{x},{y}" for x, y in places)


def _area(places: Sequence[tuple[int, int]]) -> str:
    return _points([(places[0][0], HIGH), *places, (places[-1][0], HIGH)])


@dataclass(frozen=True, slots=True)
class Curves:
    """Curves that grow towards the night, in one drawing; `days` are (x, days before) to be written below."""

    curves: tuple[str, ...]
    days: tuple[tuple[int, int], ...]
    greatest: int
    width: int = 640
    height: int = HIGH


def curves(series: Sequence[Sequence[tuple[int, int]]]) -> Curves:
    """Each series is (days before, figure), the earliest first; all share one scale, the night stands at the right."""
    longest = max((row[0][0] for row in series if row), default=0) or 1
    greatest = max((figure for row in series for _days, figure in row), default=0) or 1
    drawn = tuple(
        _points([(_across(days, longest), HIGH - _high(figure, greatest)) for days, figure in row]) for row in series
    )
    step = max(1, longest // 6)
    return Curves(drawn, tuple((_across(days, longest), days) for days in range(0, longest + 1, step)), greatest)


def _across(days: int, longest: int) -> int:
    return round((1 - days / longest) * 640)
