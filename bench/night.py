"""Plan nights from files: python -m bench.night [--limit SECONDS] FILE.json… prints one JSON line per file.

`seconds` is the wall clock from the parsed file to the answer, `cpu` the processor time of the same; the compiled parts
are loaded before the first file.
"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from nuit.planning.night import Candidate, Night
from nuit.planning.plan import plan
from nuit.planning.search import warm


def night(asked: dict[str, Any]) -> Night:
    """The question in a file; the slots are numbered through, company by company."""
    candidates: list[Candidate] = []
    for company, starts in enumerate(asked["slots"]):
        length, score = asked["dur"][company], asked["w"][company]
        for start in starts:
            candidates.append(Candidate(len(candidates), company, company, start, start + length, score))
    return Night(tuple(candidates), asked["T"], asked["T0"], asked["Te"], asked["t0"], asked["t1"])


def deadline(limit: float | None) -> Callable[[], bool]:
    """True once so many seconds have gone since now."""
    begin = perf_counter()
    return lambda: limit is not None and perf_counter() - begin >= limit


def answer(path: Path, limit: float | None) -> dict[str, Any]:
    """The line of one file."""
    asked = json.loads(path.read_text())
    wall, cpu, stop = perf_counter(), process_time(), deadline(limit)
    found = plan(night(asked), stop=stop)
    wall, cpu = perf_counter() - wall, process_time() - cpu
    return {
        "name": asked.get("name", path.stem), "value": found.value, "bound": found.bound, "proven": found.proven,
        "seconds": round(wall, 4), "route": [[stop.company, stop.start] for stop in found.stops],
        "exact": found.exact, "minutes": found.minutes, "cpu": round(cpu, 4),
    }  # fmt: skip


def main() -> None:
    """Read the arguments and answer file by file."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("files", nargs="+", type=Path)
    reader.add_argument("--limit", type=float, default=None, help="seconds per file")
    arguments = reader.parse_args()
    warm()
    for path in arguments.files:
        print(json.dumps(answer(path, arguments.limit)), flush=True)


if __name__ == "__main__":
    main()
