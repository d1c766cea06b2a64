"""Why not this company? Of all its departures the one that came nearest, and what stood in its way."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nuit.planning.night import (
    BARS,
    COMPANY,
    END,
    PLACE,
    SCORE,
    SLOT,
    START,
    Candidate,
    Night,
    Unserved,
    unserved,
)  # fmt: skip

_WORDS = (*BARS, "overlaps", "too_far", "not_chosen")
"""From the farthest to the nearest; the last three are about the evening as it is."""
_OVERLAPS, _FAR, _FITS = range(len(BARS), len(_WORDS))


def reasons(night: Night, visited: Sequence[Candidate]) -> tuple[Unserved, ...]:
    """One reason for each company that was wished for, locked or required and is not visited, by company."""
    t = night.table
    wanted = (t[:, SCORE] > 0) | night.among(night.locked, SLOT) | night.among(night.required, COMPANY)
    rows = np.flatnonzero(wanted & ~night.among(frozenset(one.company for one in visited), COMPANY))
    word, minutes = night.bars[0][rows], night.bars[1][rows]
    other = np.full(len(rows), -1)
    free = np.flatnonzero(word == 0)
    word[free], minutes[free], other[free] = _beside(night, rows[free], visited)
    minutes = np.where((word == BARS.index("too_far")) | (word == _FAR), minutes, 0)
    order = np.lexsort((t[rows, SLOT], minutes, -word, t[rows, COMPANY]))
    _, first = np.unique(t[rows, COMPANY][order], return_index=True)
    return tuple(
        unserved(
            night, int(rows[i]), _WORDS[word[i]], int(minutes[i]), visited[other[i]].slot if other[i] >= 0 else None
        )
        for i in order[first]
    )


def _beside(
    night: Night, rows: NDArray[np.int64], visited: Sequence[Candidate]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """For candidates that could be had alone: the word, the minutes and the stop in the way (−1: none)."""
    nothing = np.zeros(len(rows), np.int64)
    if not visited or not len(rows):
        return nothing + _FITS, nothing, nothing - 1
    start, end, place = (night.table[rows, column][:, None] for column in (START, END, PLACE))
    stops = night.table[[night.rows[one.slot] for one in visited]]
    after = night.ride[stops[:, PLACE], place] + night.slack + stops[:, END] - start
    before = night.ride[place, stops[:, PLACE]] + night.slack + end - stops[:, START]
    late = np.where(stops[:, END] <= start, after, before)
    crossing = (start < stops[:, END]) & (stops[:, START] < end)
    word = np.where(crossing.any(axis=1), _OVERLAPS, np.where(late.max(axis=1) > 0, _FAR, _FITS))
    other = np.where(word == _OVERLAPS, crossing.argmax(axis=1), late.argmax(axis=1))
    return word, late.max(axis=1), np.where(word == _FITS, -1, other)
