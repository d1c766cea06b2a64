"""The real thing for tests: a server with its workers on a free port, its own folder and database, stopped gracefully."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.request import urlopen

from sqlalchemy import create_engine, text

import config
from config import ROOT

OWN = ("HOST", "PORT", "NUIT_URL", "NUIT_INSTANCE", "DATABASE_URL", "SMTP_URL", "NUIT_LIMITS", "NUIT_NOW",
       "NUIT_CLOCK_SHIFT")  # fmt: skip
FLASK = [sys.executable, "-m", "flask", "--app", "nuit"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Live:
    """A running night; `url` without a slash at the end, `log` what the server and the worker said."""

    url: str
    folder: Path
    env: dict[str, str]
    root: Path = ROOT
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def log(self) -> str:
        return (self.folder / "server.log").read_text(errors="replace")

    def chore(self, *words: str) -> str:
        """Runs bin/nuit WORDS in this night's folder; what it printed."""
        done = subprocess.run([*FLASK, *words], env=self.env, cwd=ROOT, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def start(self, *options: str) -> None:
        """Starts server and worker, and waits until the server answers."""
        said = len(self.log) if (self.folder / "server.log").exists() else 0
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*FLASK, "serve", *options], env=self.env, cwd=self.root, stdout=log, stderr=log, start_new_session=True
            )
        end = time.monotonic() + 90
        while "Serving at" not in self.log[said:] and "Ctrl-C stops it" not in self.log[said:]:
            assert self.process.poll() is None, self.log
            assert time.monotonic() < end, self.log
            time.sleep(0.05)

    def wait(self, seconds: float = 60) -> None:
        """Waits until the server answers (again)."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self.process is not None
            assert self.process.poll() is None, self.log
            try:
                with urlopen(f"{self.url}/healthz", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (OSError, HTTPException):
                time.sleep(0.05)
        raise AssertionError(f"no answer within {seconds} s\n{self.log}")

    def stop(self, with_signal: int = signal.SIGTERM) -> int:
        """Stops the server gracefully; its exit code."""
        assert self.process is not None
        self.process.send_signal(with_signal)
        return self.process.wait(60)


def fresh_database(url: str) -> str:
    """The address of a new, empty database on the same PostgreSQL."""
    name = f"night_{secrets.token_hex(4)}"
    engine = create_engine(config.database_url(url, Path()), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"create database {name}"))
    found = engine.url.set(database=name)
    engine.dispose()
    return found.render_as_string(hide_password=False)


def night(folder: Path, *, database_url: str = "", **env: str) -> Live:
    """A night of its own in `folder`, migrated but empty and not yet started; rate limits are off unless asked for.

    With the address of a PostgreSQL it gets a database of its own there.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    kept = {key: value for key, value in os.environ.items() if key not in OWN}
    own = {"NUIT_INSTANCE": str(folder), "PORT": str(port), "NUIT_LIMITS": "off", "PYTHONDONTWRITEBYTECODE": "1"}
    if database_url:
        own["DATABASE_URL"] = fresh_database(database_url)
    live = Live(url, folder, kept | own | env)
    live.chore("setup")
    return live
