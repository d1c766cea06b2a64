"""Long lists, a page at a time: one row more than is shown tells whether there is a next page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
LAST = 10_000
"""No page beyond this one: whoever wants more searches or exports."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list, counted from 1."""

    rows: Sequence[T]
    number: int = 1
    has_more: bool = False


def page_of(rows: Sequence[T], number: int, size: int) -> Page[T]:
    """A page out of rows that were asked for with `size + 1`."""
    return Page(rows[:size], number, len(rows) > size)


def begin(number: int, size: int) -> int:
    """How many rows stand before this page."""
    return (min(max(number, 1), LAST) - 1) * size
