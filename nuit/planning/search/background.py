"""Machine code made ready behind a server that answers already: compiled once a machine, loaded once a process."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path
from threading import Timer

from nuit.planning import search

AFTER = 1.0
"""Seconds after the start of a process: first it shall answer."""


def warm_soon(folder: Path) -> None:
    """Loads the compiled parts a little later, in a thread of its own. `folder` keeps the lock of who compiles."""
    timer = Timer(AFTER, _warm, (folder,))
    timer.daemon = True
    timer.start()


def _warm(folder: Path) -> None:
    """Compiling takes some twenty seconds of a processor: one process beside the servers does it, with low priority."""
    with (folder / "compiling.lock").open("a+b") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.seek(0)
        version = _version()
        if lock.read() != version:
            subprocess.run(
                [sys.executable, "-c", "import os; os.nice(15); from nuit.planning.search import warm; warm()"],
                cwd=Path(__file__).parents[3], env=os.environ, check=False,
            )  # fmt: skip
            lock.truncate(0)
            lock.write(version)
    search.warm()


def _version() -> bytes:
    """Another one whenever the sources of the search have changed."""
    return b"".join(
        b"%s %d\n" % (path.name.encode(), path.stat().st_mtime_ns)
        for path in sorted(Path(__file__).parent.glob("*.py"))
    )
