"""Machine code made ready behind a server that answers already: compiled once a checkout, loaded once a process."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path
from threading import Timer

AFTER = 4.0
"""Seconds after the start of a process: first it shall answer."""
HERE = Path(__file__).parent
LONGEST = 180
"""Seconds: compiling takes some twenty of a free processor."""


def warm_soon(folder: Path) -> None:
    """Loads the compiled parts a little later, in a thread of its own.

    `folder` keeps the mark of who compiles where the sources' own folder cannot be written.
    """
    timer = Timer(AFTER, _warm, (folder,))
    timer.daemon = True
    timer.start()


def _warm(folder: Path) -> None:
    from nuit.planning import search

    if not _is_compiled(_mark(folder)):
        call = f"import sys, pathlib, {__name__} as one; one.compile_once(pathlib.Path(sys.argv[1]))"
        command = [sys.executable, "-c", call, str(folder)]
        subprocess.run(command, cwd=HERE.parents[2], env=os.environ, timeout=LONGEST, check=False)
    search.warm()


def compile_once(folder: Path) -> None:
    """Compiles with low priority, unless it was done; who waited for another process finds it done. `folder`: see `warm_soon`."""
    from nuit.planning import search

    os.nice(15)
    mark = _mark(folder)
    with mark.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if _is_compiled(mark):
            return
        search.warm()
        file.truncate(0)
        file.write(_version())


def _mark(folder: Path) -> Path:
    beside = HERE / "__pycache__"
    if os.access(HERE, os.W_OK):
        beside.mkdir(exist_ok=True)
    return (beside if os.access(beside, os.W_OK) else folder) / "compiled"


def _is_compiled(mark: Path) -> bool:
    return mark.exists() and mark.read_bytes() == _version()


def _version() -> bytes:
    """Another one whenever the sources of the search have changed."""
    return b"".join(b"%s %d\n" % (path.name.encode(), path.stat().st_mtime_ns) for path in sorted(HERE.glob("*.py")))
