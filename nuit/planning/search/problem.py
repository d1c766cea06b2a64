"""The solver's problem in arrays; loads no compiled code."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

FINE = 1024
"""Inner units per unit of reward: prices are integers of this grain, so that every bound is exact and repeatable."""
NONE = -(1 << 60)
"""The value of what cannot be."""


GROUP, LENGTH, OUT, HOME, FIRST, END = range(6)


class Timetable(NamedTuple):
    """Nodes with departures; of each group at most one node is visited. Times in whole ticks, rewards in whole units.

    Columns of `node`: GROUP, LENGTH (ticks a visit takes), OUT (ride from the start), HOME (ride to the end), and its
    departures FIRST to END. Per departure: `starts` (ascending within a node), `reward` (above zero). `ride` is nodes ×
    nodes. `fare` is what one tick of ride costs, in units. Every departure listed lets the visitor be home in time;
    the first ride begins at `begin` at the earliest.
    """

    node: Ints
    starts: Ints
    reward: Ints
    ride: Ints
    begin: int
    fare: int


def timetable(
    group: Ints, length: Ints, out: Ints, home: Ints, first: Ints, starts: Ints, reward: Ints, ride: Ints, begin: int,
    fare: int,
) -> Timetable:  # fmt: skip
    """A timetable of its columns; `first` has one entry more than there are nodes, and none of them is empty."""
    node = np.column_stack([group, length, out, home, first[:-1], first[1:]]).astype(np.int64)
    starts, reward, ride = (np.ascontiguousarray(table, np.int64) for table in (starts, reward, ride))
    return Timetable(np.ascontiguousarray(node), starts, reward, ride, begin, fare)
