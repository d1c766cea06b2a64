"""Keeping the server and the worker running: begun again when they die, stopped gracefully, never left behind."""

import contextlib
import fcntl
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import BinaryIO

import click

GRACE = 20.0
"""Seconds for requests in flight and mails half sent."""
MARK = "NUIT_RUN"
"""In the environment of every process begun here: what is left of a killed run is known by it."""
TOO_SOON, TOO_OFTEN = 10.0, 3
"""A child that dies so many times, each within so many seconds of its start, will not be begun again."""
MISSED = 10.0
"""Seconds after which a server that is short of hands is asked to begin them anew."""


@dataclass
class Child:
    """A process in a session of its own: Ctrl-C reaches the keeper alone, which lets the child finish."""

    name: str
    command: list[str]
    process: "subprocess.Popen[bytes] | None" = None
    began: float = 0.0
    early_deaths: int = field(default=0)
    hands: int = 0
    short_since: float = 0.0

    def begin(self, mark: str) -> None:
        self.process = subprocess.Popen(self.command, start_new_session=True, env=os.environ | {MARK: mark})
        self.began = time.monotonic()

    def is_dead(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def ask_to_finish(self, *, only_first: bool = False) -> None:
        """SIGTERM to the child's first process, or to all of its session."""
        if self.process is not None and self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                (os.kill if only_first else os.killpg)(self.process.pid, signal.SIGTERM)

    def count_hands(self, now: float) -> None:
        """A child with `hands` processes of its own that has lost one for MISSED seconds is told to begin them anew (HUP)."""
        found = _begun_by(self.process.pid) if self.process is not None and self.hands else None
        if self.process is None or found is None or found >= self.hands:
            self.short_since = now
        elif now - self.short_since > MISSED and now - self.began > MISSED:
            self.short_since = now
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGHUP)

    def bury(self) -> None:
        """Ends what is left of the child's session (a server's own workers)."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.early_deaths = self.early_deaths + 1 if time.monotonic() - self.began < TOO_SOON else 0


class Run:
    """One run on one port: its mark is kept in a locked file, so that the next one can clear up after a killed one."""

    def __init__(self, folder: Path, port: int) -> None:
        self.mark = secrets.token_hex(8)
        path = folder / f"serve-{port}.run"
        path.touch(0o600)
        self._file: BinaryIO = path.open("r+b")

    def take(self) -> bool:
        """Whether this is the only run on this port; ends the orphans of an earlier one that was killed."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        earlier = self._file.read().strip()
        if earlier:
            _end_orphans(earlier)
        self._file.seek(0)
        self._file.truncate()
        self._file.write(self.mark.encode())
        self._file.flush()
        return True


def _end_orphans(mark: bytes) -> None:
    """Ends every process that carries this mark in its environment (only where the system shows it: /proc)."""
    wanted = MARK.encode() + b"=" + mark
    found = [int(one.name) for one in Path("/proc").glob("[0-9]*") if wanted in _environment(one)]
    for name in (signal.SIGTERM, signal.SIGKILL):
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, name)
        end = time.monotonic() + 5
        while found and time.monotonic() < end:
            found = [pid for pid in found if wanted in _environment(Path("/proc") / str(pid))]
            time.sleep(0.05)


def _environment(process: Path) -> list[bytes]:
    try:
        return (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return []


def keep(children: list[Child], mark: str, ready: Callable[[], bool]) -> None:
    """Runs the children until SIGINT or SIGTERM; calls `ready` until it is true once, and begins the others then.

    Raises ClickException when a child cannot be kept alive.
    """
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, stop)
    is_ready = False
    try:
        children[0].begin(mark)
        while not stopping:
            _revive(children, mark)
            if not is_ready and ready():
                is_ready = True
                for child in children[1:]:
                    child.begin(mark)
            time.sleep(0.25 if is_ready else 0.05)
    finally:
        _stop(children)


def _revive(children: list[Child], mark: str) -> None:
    for child in children:
        if child.is_dead():
            child.bury()
            if child.early_deaths >= TOO_OFTEN:
                raise click.ClickException(f"The {child.name} stops as soon as it is started; the reason stands above.")
            click.echo(f"The {child.name} died and is started again.", err=True)
            child.begin(mark)
        child.count_hands(time.monotonic())


def _begun_by(pid: int) -> int | None:
    """How many processes this one has begun that are there; None where the system does not say."""
    try:
        return sum(len((task / "children").read_text().split()) for task in Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return None


def _stop(children: list[Child]) -> None:
    """Asks every child to finish, then ends what has not.

    Asked again each second, the whole session: a server's own worker that is still being loaded misses the first time.
    """
    alive = [child for child in children if child.process is not None and child.process.poll() is None]
    for child in alive:
        child.ask_to_finish(only_first=True)
    end = time.monotonic() + GRACE
    asked = time.monotonic()
    while any(not child.is_dead() for child in alive) and time.monotonic() < end:
        time.sleep(0.02)
        if time.monotonic() - asked > 1:
            asked = time.monotonic()
            for child in alive:
                child.ask_to_finish()
    for child in children:
        child.bury()
