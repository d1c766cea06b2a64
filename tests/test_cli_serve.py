"""bin/run as a real process: it starts, drains, survives kills, clears up after itself, and says what is wrong."""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from config import ROOT
from nuit.cli.keeping import Child
from tests.live import FLASK, OWN, Live, free_port, night

Folder = pytest.TempPathFactory


@pytest.fixture(scope="module")
def example(tmp_path_factory: Folder) -> Live:
    """A night with the example programme that each test starts and stops itself."""
    live = night(tmp_path_factory.mktemp("night"))
    live.chore("programme", "example")
    return live


@pytest.fixture
def running(example: Live) -> Iterator[Live]:
    example.start()
    yield example
    if example.process is not None and example.process.poll() is None:
        assert example.stop() == 0, example.log


def marked(folder: Path) -> dict[int, dict[str, str]]:
    """Every process of the nights in this folder, by id, with its environment."""
    found = {}
    for one in Path("/proc").glob("[0-9]*"):
        try:
            pairs = [part.partition("=") for part in (one / "environ").read_text(errors="replace").split("\0")]
        except OSError:
            continue
        env = {key: value for key, _, value in pairs}
        if "NUIT_RUN" in env and env.get("NUIT_INSTANCE") == str(folder):
            found[int(one.name)] = env
    return found


def command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")


def gone(folder: Path, seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while marked(folder) and time.monotonic() < end:
        time.sleep(0.05)
    return not marked(folder)


def ask(live: Live, path: str, content: object = None, timeout: float = 30) -> tuple[int, dict[str, object]]:
    body = None if content is None else json.dumps(content).encode()
    request = Request(live.url + path, data=body, headers={"Content-Type": "application/json"})
    with urlopen(request, timeout=timeout) as answer:
        return answer.status, json.load(answer)


def test_first_start_fills_and_says_where_to_look(tmp_path: Path) -> None:
    live = night(tmp_path)
    live.start("--prepare")
    links = [word for word in live.log.split() if "/connexion/" in word]
    assert len(links) == len(set(links)) == 2
    assert f"{live.url}/demo/messages" in live.log
    for link in links:
        with urlopen(link) as page:
            assert page.status == 200
    assert ask(live, "/readyz")[0] == 200
    assert live.stop(signal.SIGINT) == 0
    assert gone(tmp_path)


def test_a_request_in_flight_is_answered(running: Live) -> None:
    """The request waits for the writers' lock, held here; the stop comes first, the lock is free after."""
    slot = ask(running, "/api/v1/slots?free=1")[1]["slots"][0]["id"]  # type: ignore[index]
    wanted = {"name": "Anne Exemple", "email": "anne@exemple.ch", "locale": "fr", "mode": "foot", "slots": [slot],
              "party": [{"label": "Anne", "age_band": "18+"}], "accept_conditions": True}  # fmt: skip
    answers: list[tuple[int, dict[str, object]]] = []
    lock = os.open(running.folder / "nuit.sqlite.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    asking = threading.Thread(target=lambda: answers.append(ask(running, "/api/v1/bookings", wanted)))
    asking.start()
    time.sleep(0.7)
    assert running.process is not None
    running.process.send_signal(signal.SIGINT)
    time.sleep(1.0)
    assert answers == []
    assert running.process.poll() is None
    os.close(lock)
    asking.join(20)
    assert [status for status, _ in answers] == [201]
    assert running.process.wait(20) == 0


def test_a_killed_keeper_leaves_nobody_on_the_port(running: Live) -> None:
    assert running.process is not None
    running.process.kill()
    running.process.wait()
    orphans = set(marked(running.folder))
    assert len(orphans) >= 3  # the server's master, its workers, the worker
    running.start()
    assert not orphans & set(marked(running.folder))
    assert ask(running, "/healthz") == (200, {"status": "ok"})


def test_a_killed_server_and_a_killed_worker_come_back(running: Live) -> None:
    before = marked(running.folder)
    for pid in before:
        if os.getsid(pid) == pid:  # the server's master and the worker; the master's own workers stay
            os.kill(pid, signal.SIGKILL)
    end = time.monotonic() + 15
    while set(before) & set(marked(running.folder)) and time.monotonic() < end:
        time.sleep(0.05)
    running.wait()
    assert not set(before) & set(marked(running.folder))
    masters = [command(pid).split()[1] for pid in marked(running.folder) if os.getsid(pid) == pid]
    assert sorted(Path(one).name for one in masters) == ["-m", "granian"]


TWO = """
import os, pathlib, signal, sys, time
place = pathlib.Path(sys.argv[1])
signal.signal(signal.SIGHUP, lambda *_: (place / "told").touch())
if os.fork():
    (place / "begun").touch()
while True:
    time.sleep(0.05)
"""
"""A process with one hand, which says when it is told to begin its hands anew."""


@pytest.mark.parametrize(("hands", "told"), [(1, False), (2, True)])
def test_a_server_that_has_lost_a_worker_for_good_is_told_to_begin_anew(tmp_path: Path, hands: int, told: bool) -> None:
    child = Child("server", [sys.executable, "-c", TWO, str(tmp_path)], hands=hands)
    child.begin("mark")
    try:
        until(lambda: (tmp_path / "begun").exists())
        for seconds in (1, 9, 9.5):
            child.count_hands(child.began + seconds)
        assert child.short_since == child.began + 9.5 if hands == 1 else child.short_since == 0
        child.count_hands(child.began + 30)
        if told:
            until(lambda: (tmp_path / "told").exists())
    finally:
        child.bury()
    assert (tmp_path / "told").exists() == told


def until(done: Callable[[], bool]) -> None:
    """Waits for it; fails after half a minute."""
    end = time.monotonic() + 30
    while not done():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_all_processes_live_in_the_same_rehearsed_instant(example: Live) -> None:
    example.env["NUIT_NOW"] = "2031-05-02T18:30"
    try:
        example.start()
        shifts = {env["NUIT_CLOCK_SHIFT"] for env in marked(example.folder).values()}
        assert example.stop() == 0
    finally:
        del example.env["NUIT_NOW"]
    assert len(shifts) == 1
    wanted = datetime(2031, 5, 2, 16, 30, tzinfo=UTC).timestamp()
    assert float(shifts.pop()) == pytest.approx(wanted - time.time(), abs=120)


def refused(tmp_path: Path, *words: str, **env: str) -> str:
    """What a start that cannot be says, on one line."""
    own = {key: value for key, value in os.environ.items() if key not in OWN}
    own |= {"NUIT_INSTANCE": str(tmp_path), "PORT": str(free_port())} | env
    done = subprocess.run(words or [*FLASK, "serve", "--prepare"], env=own, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_a_taken_port_is_said(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = refused(tmp_path, PORT=str(port))
    assert said == f"Error: Port {port} on 127.0.0.1 is taken. Choose another: PORT={port + 1} bin/run"


def test_a_second_run_in_the_same_place_is_refused(running: Live) -> None:
    said = refused(running.folder, PORT=running.env["PORT"])
    assert "is taken" in said
    assert ask(running, "/healthz")[0] == 200


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"PORT": "http"}, "PORT is no number from 0 to 65535: 'http'"),
        ({"NUIT_NOW": "tomorrow"}, "Error: NUIT_NOW is no instant: 'tomorrow'. Write it like 2027-09-24T18:30."),
        ({"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"}, "Error: The database does not answer: "),
        ({"DATABASE_URL": "sqlite:////proc/none.sqlite"}, "Error: The database does not answer: "),
    ],
)
def test_a_wrong_setting_is_said(tmp_path: Path, env: dict[str, str], said: str) -> None:
    assert refused(tmp_path, **env).startswith(said)


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = str(tmp_path / "file" / "below")
    said = refused(tmp_path, "bin/run", NUIT_INSTANCE=folder)
    assert said == f"The folder {folder} cannot be written. Choose another: NUIT_INSTANCE=/some/folder bin/run"


def fake_house(tmp_path: Path, python: str) -> Path:
    """bin/ and the lock alone, with a python3 that is this shell script."""
    house = tmp_path / "house"
    (house / "bin").mkdir(parents=True)
    for name in ("run", "_venv"):
        (house / "bin" / name).write_text((ROOT / "bin" / name).read_text())
    (house / "requirements.txt").write_text("")
    (tmp_path / "path").mkdir()
    for tool in ("bash", "dirname", "mkdir", "sha256sum", "cut", "env"):
        (tmp_path / "path" / tool).symlink_to(Path("/usr/bin") / tool)
    fake = tmp_path / "path" / "python3"
    fake.write_text(f"#!/bin/bash\n{python}\n")
    fake.chmod(0o755)
    return house / "bin" / "run"


@pytest.mark.parametrize(
    ("python", "said"),
    [
        ("exit 1", "Python 3.11 or newer is needed. On Debian: apt-get install python3 python3-venv"),
        ('[[ "$2" != *venv* ]]', "Python's venv module is missing. On Debian: apt-get install python3-venv"),
    ],
)
def test_a_machine_without_python_is_said(tmp_path: Path, python: str, said: str) -> None:
    run = fake_house(tmp_path, python)
    assert refused(tmp_path, "/bin/bash", str(run), PATH=str(tmp_path / "path")) == said
