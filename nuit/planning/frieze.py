"""All departures of a night in one table: companies down, half hours across."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

MOST_COLUMNS = 48
"""A night has twelve to twenty half hours; a departure set to another day must not draw a thousand columns."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One departure; `waiting` people stand in its queue."""

    id: int
    company: str
    slug: str
    starts_at: datetime
    capacity: int
    taken: int
    status: str
    waiting: int

    @property
    def is_full(self) -> bool:
        return self.taken >= self.capacity


@dataclass(frozen=True, slots=True)
class Row:
    """One company: for each column what departs in it."""

    company: str
    slug: str
    cells: tuple[tuple[Mark, ...], ...]


@dataclass(frozen=True, slots=True)
class Frieze:
    """`columns` are the instants at which they begin."""

    columns: tuple[datetime, ...]
    rows: tuple[Row, ...]


def frieze(marks: Sequence[Mark]) -> Frieze:
    """The table of these departures, companies in the order in which they are met; only columns that hold something."""
    columns = sorted({_column(one) for one in marks})[:MOST_COLUMNS]
    companies: dict[str, list[Mark]] = {}
    for one in marks:
        companies.setdefault(one.slug, []).append(one)
    rows = (Row(found[0].company, slug, _cells(found, columns)) for slug, found in companies.items())
    return Frieze(tuple(columns), tuple(rows))


def _column(mark: Mark) -> datetime:
    at = mark.starts_at
    return at.replace(minute=at.minute // 30 * 30, second=0, microsecond=0)


def _cells(marks: Iterable[Mark], columns: Sequence[datetime]) -> tuple[tuple[Mark, ...], ...]:
    held: dict[datetime, list[Mark]] = {at: [] for at in columns}
    for one in marks:
        held.get(_column(one), []).append(one)
    return tuple(tuple(sorted(held[at], key=lambda one: (one.starts_at, one.id))) for at in columns)
