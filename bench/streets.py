"""What the streets cost: read, build, load, first ride of a mode, ride, table, memory; in one run, on a file of yours.

    python -m bench.streets --osm FILE [--hgt TILE ...] [--box W,S,E,N] [--mode ebike25]

Wall clock and processor time are both given: on a shared machine only the second says what the code costs.
"""

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import quantiles
from typing import TypeVar

from nuit.planning.ride import MODES, Mode
from nuit.planning.streets import Network, Point, ride_between, ride_table
from nuit.planning.streets.osm import Box, read_extract, read_tile, streets_of
from nuit.planning.streets.stored import store_network, stored_network
from nuit.planning.streets.timing import timing

LIMITS = {"build": 2.0, "load": 0.2, "ride p50": 0.002, "ride p95": 0.008, "table": 0.5, "memory": 100.0}
"""Seconds and MB for a Sion-sized graph of 9,000 nodes."""
PLACES, RIDES = 130, 400
T = TypeVar("T")


def timed(work: Callable[[], T]) -> tuple[T, float, float]:
    """What the work gives, seconds on the wall, seconds of the processor."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    return found, time.perf_counter() - wall, time.process_time() - cpu


def memory() -> float:
    """MB this process holds now."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def places_of(network: Network, count: int, seed: int = 1) -> list[Point]:
    """So many corners of the network, drawn by a seed."""
    nodes = Random(seed).choices(list(network.nodes), k=count)
    return [(float(network.lon[node]), float(network.lat[node])) for node in nodes]


def make(osm: Path, tiles: Sequence[Path], box: Box | None, file: Path) -> tuple[list[float], list[float]]:
    """Stores the network of the file; seconds of reading and of building."""
    extract, *reading = timed(lambda: read_extract(osm, box))
    heights = [read_tile(path) for path in tiles]
    built, *building = timed(lambda: streets_of(extract, heights))
    store_network(built, file, {})
    return reading, building


def measure(osm: Path, tiles: Sequence[Path], box: Box | None, mode: Mode) -> dict[str, object]:
    """All figures of one file: (wall, processor) seconds where it is time."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "network.npz"
        reading, building = make(osm, tiles, box, file)
        size = file.stat().st_size
        before = memory()
        (network, _), *loading = timed(lambda: stored_network(file))
    places = places_of(network, RIDES + 1)
    _, *first = timed(lambda: (timing(network, mode), ride_between(network, places[0], places[1], mode)))
    rides = [timed(lambda a=a, b=b: ride_between(network, a, b, mode)) for a, b in pairwise(places)]
    _, *table = timed(lambda: ride_table(network, places[:PLACES], mode))
    held = memory() - before
    return {
        "file": osm.name, "mode": mode, "links": len(network.links), "directed": _directed(network),
        "nodes": len(network.nodes), "vertices": len(network.lon), "km": round(float(network.metres.sum()) / 1000),
        "stored kB": size // 1024, "read": _both(reading), "build": _both(building), "load": _both(loading),
        "first ride of a mode": _both(first), "ride p50": _both(_cuts(rides, 50)), "ride p95": _both(_cuts(rides, 95)),
        "ride km p50": round(sorted(ride.metres for ride, *_ in rides)[RIDES // 2] / 1000, 1),
        "table": _both(table), "memory": (round(held, 1), round(held, 1)),
    }  # fmt: skip


def _directed(network: Network) -> int:
    return sum(1 if link.oneway else 2 for link in network.links)


def _both(seconds: Sequence[float]) -> tuple[float, float]:
    return round(seconds[0], 4), round(seconds[1], 4)


def _cuts(rides: Sequence[tuple[object, float, float]], percent: int) -> list[float]:
    return [quantiles([ride[column] for ride in rides], n=100)[percent - 1] for column in (1, 2)]  # type: ignore[type-var, misc]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--osm", type=Path, required=True)
    parser.add_argument("--hgt", type=Path, nargs="*", default=[])
    parser.add_argument("--box", help="west,south,east,north in degrees")
    parser.add_argument("--mode", choices=MODES, default="ebike25")
    parser.add_argument("--json", action="store_true", help="figures as JSON")
    asked = parser.parse_args()
    box = tuple(map(float, asked.box.split(","))) if asked.box else None
    found = measure(asked.osm, asked.hgt, box, asked.mode)  # type: ignore[arg-type]
    if asked.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        if isinstance(value, tuple):
            limit, unit = LIMITS.get(name), "MB" if name == "memory" else "s"
            print(
                f"{name:22} {value[0]:9.4f} {unit} wall {value[1]:9.4f} {unit} cpu",
                f"  (Sion: {limit})" if limit else "",
            )
        else:
            print(f"{name:22} {value}")


if __name__ == "__main__":
    main()
