"""The exact search over a timetable; the compiled parts are loaded when the first evening is asked for."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .problem import Timetable
    from .solver import Answer


def solve(t: "Timetable", stop: Callable[[], bool], most_labels: int = 1 << 20) -> "Answer":
    """The best evening of a timetable with its bound; see `solver.solve`."""
    from .solver import solve as search  # numba takes 0.4 s to load: not every command of the house plans an evening

    return search(t, stop, most_labels)


def warm() -> None:
    """Load the compiled parts before somebody waits for them; see `solver.warm`."""
    from .solver import warm as load

    load()
