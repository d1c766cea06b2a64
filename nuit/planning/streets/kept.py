"""The network in use: the one that was loaded into a file, else the built-in one; read again when the file changes."""

import logging
from pathlib import Path
from threading import Lock
from typing import Any

from nuit.planning.streets.network import BrokenNetwork, Network, load_network
from nuit.planning.streets.ridden import forget_drawings
from nuit.planning.streets.snapping import forget_segments
from nuit.planning.streets.stored import stored_network
from nuit.planning.streets.timing import forget_timings

Stamp = tuple[int, int, int] | None


class Kept:
    """One network a process, the same object until its file changes: looking costs one `stat`."""

    def __init__(self, built_in: Path) -> None:
        self._built_in = built_in
        self._file: Path | None = None
        self._stamp: Stamp = None
        self._network: Network | None = None
        self._about: dict[str, Any] = {}
        self._lock = Lock()

    def look_at(self, file: Path) -> None:
        """From now on the network of this file is used while it is there."""
        with self._lock:
            self._file, self._network = file, None

    def network(self) -> Network:
        """The network in use. A file that cannot be read is said in the log, and the built-in one taken."""
        stamp, found = self._looked(), self._network
        if found is not None and stamp == self._stamp:
            return found
        with self._lock:
            if self._network is None or stamp != self._stamp:
                self._network, self._about = self._read(stamp)
                self._stamp = stamp
                for forget in (forget_drawings, forget_segments, forget_timings):
                    forget()
            return self._network

    def about(self) -> dict[str, Any]:
        """What was told about the network when it was loaded; {} for the built-in one."""
        self.network()
        return self._about

    def _looked(self) -> Stamp:
        if self._file is None:
            return None
        try:
            found = self._file.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _read(self, stamp: Stamp) -> tuple[Network, dict[str, Any]]:
        if stamp is not None and self._file is not None:
            try:
                return stored_network(self._file)
            except BrokenNetwork as error:
                logging.getLogger("nuit").error(
                    "the streets that were loaded cannot be read, the built-in ones are used: %s", error
                )
        return load_network(self._built_in), {}
