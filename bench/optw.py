"""Published orienteering instances with time windows: python -m bench.optw [--limit SECONDS] FILE.txt… prints one JSON line per file.

The same solver as for a night: every window is cut into departures, one a tick, and the ride costs nothing. Distances are
rounded down, to one decimal (Solomon) or two (Cordeau's pr…); a window's close is the latest start; the evening ends at
node 0's close; the two window numbers are the last of a line. `seconds` is processor time (the time of one core), and so
is the limit; `wall` goes by the clock.
"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np

from nuit.planning.search import solve, warm
from nuit.planning.search.problem import Timetable, timetable

MOST_LABELS = 1 << 23


def read(path: Path) -> tuple[Timetable, list[int]]:
    """An instance as a timetable, and the number of the customer of each of its nodes."""
    ticks = 100 if path.stem.startswith("pr") else 10
    rows = [[float(word) for word in line.split()] for line in path.read_text().splitlines()[2:] if line.split()]
    place = np.array([row[1:3] for row in rows])
    apart = np.hypot(*(place[:, None] - place[None]).transpose(2, 0, 1))
    ride = np.floor(apart * ticks + 1e-9).astype(np.int64)
    length, reward, opens, shuts = (
        np.round(np.array([row[column] for row in rows]) * scale).astype(np.int64)
        for column, scale in ((3, ticks), (4, 1), (-2, ticks), (-1, ticks))
    )
    opens = np.maximum(opens, ride[0])
    shuts = np.minimum(shuts, shuts[0] - length - ride[:, 0])
    kept = [i for i in range(1, len(rows)) if opens[i] <= shuts[i] and reward[i] > 0]
    counts = (shuts - opens + 1)[kept]
    starts = np.concatenate([np.arange(opens[i], shuts[i] + 1) for i in kept])
    made = timetable(
        np.arange(len(kept)), np.maximum(1, length[kept]), ride[0][kept], ride[:, 0][kept],
        np.concatenate([[0], np.cumsum(counts)]), starts, np.repeat(reward[kept], counts), ride[np.ix_(kept, kept)], 0, 0,
    )  # fmt: skip
    return made, [int(rows[i][0]) for i in kept]


def deadline(limit: float | None) -> Callable[[], bool]:
    """True once this process has worked so many seconds from now."""
    begin = process_time()
    return lambda: limit is not None and process_time() - begin >= limit


def answer(path: Path, limit: float | None) -> dict[str, Any]:
    """The line of one file."""
    wall, cpu, stop = perf_counter(), process_time(), deadline(limit)
    made, customers = read(path)
    found = solve(made, stop, MOST_LABELS)
    wall, cpu = perf_counter() - wall, process_time() - cpu
    node = np.searchsorted(made.node[:, 4], found.stops, "right") - 1
    return {
        "name": path.stem, "value": found.value, "bound": found.bound, "proven": found.is_proven,
        "seconds": round(cpu, 2), "route": [customers[i] for i in node], "wall": round(wall, 2),
    }  # fmt: skip


def main() -> None:
    """Read the arguments and answer file by file."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("files", nargs="+", type=Path)
    reader.add_argument("--limit", type=float, default=None, help="seconds of one core per file")
    arguments = reader.parse_args()
    warm()
    for path in arguments.files:
        print(json.dumps(answer(path, arguments.limit)), flush=True)


if __name__ == "__main__":
    main()
