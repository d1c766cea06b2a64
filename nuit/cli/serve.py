"""bin/nuit setup, serve and work: the database made ready, the server and the worker kept running."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade

from nuit import clock

GRACE = 20.0


@click.command()
@with_appcontext
def setup() -> None:
    """Brings the database to the newest migration."""
    upgrade()


@click.command()
@click.option("--workers", default=2, show_default=True, help="Server processes.")
@with_appcontext
def serve(workers: int) -> None:
    """Runs the server and the worker until Ctrl-C; requests in flight are answered first."""
    host, port = os.environ.get("HOST") or "127.0.0.1", int(os.environ.get("PORT") or 8000)
    _refuse_taken(host, port)
    clock.shift()  # fixed once, so that server and worker live in the same instant
    bin_folder = Path(sys.executable).parent
    server = [
        str(bin_folder / "granian"), "--interface", "wsgi", "--factory", "--host", host, "--port", str(port),
        "--workers", str(workers), "--blocking-threads", "4", "--respawn-failed-workers",
        "--workers-kill-timeout", str(int(GRACE) - 5), "--no-ws", "--log-level", "warning", "nuit:create_app",
    ]  # fmt: skip
    worker = [sys.executable, "-m", "flask", "--app", "nuit", "work"]
    _keep(server, worker)


def _refuse_taken(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise click.ClickException(
                f"Port {port} on {host} is taken. Choose another: PORT={port + 1} bin/run"
            ) from None


def _keep(server: list[str], worker: list[str]) -> None:
    """Both children run until a signal; a worker that dies is started again, a server that dies ends it all."""
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, stop)
    # Their own sessions: Ctrl-C reaches this process alone, which lets the server finish its answers.
    children = {"server": subprocess.Popen(server, start_new_session=True)}
    children["worker"] = subprocess.Popen(worker, start_new_session=True)
    try:
        while not stopping and children["server"].poll() is None:
            if children["worker"].poll() is not None:
                time.sleep(1)
                children["worker"] = subprocess.Popen(worker, start_new_session=True)
            time.sleep(0.2)
    finally:
        _stop(list(children.values()))
    if not stopping:
        raise click.ClickException("The server stopped by itself.")


def _stop(children: list["subprocess.Popen[bytes]"]) -> None:
    for child in children:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
    end = time.monotonic() + GRACE
    for child in children:
        try:
            child.wait(max(0.1, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)


@click.command()
@click.option("--once", is_flag=True, help="Do what is due now, then stop.")
@with_appcontext
def work(once: bool) -> None:
    """Sends mails and does everything that falls due."""
    running = True

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal running
        running = False

    signal.signal(signal.SIGTERM, stop)
    while running:
        if once:
            break
        time.sleep(0.5)
    current_app.logger.info("worker stopped")
