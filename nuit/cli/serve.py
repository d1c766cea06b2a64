"""bin/nuit setup, serve and work: the database made ready, the server and the worker kept running."""

import os
import signal
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade
from sqlalchemy.exc import OperationalError

from config import ROOT
from nuit import clock
from nuit.actions.example import make_example
from nuit.actions.member import add_member, issue_link
from nuit.cli.due import Rounds
from nuit.cli.keeping import GRACE, MARK, Child, Run, keep
from nuit.cli.mail import send_batch
from nuit.planning.sample import read_sample
from nuit.queries.company import published_hosts
from nuit.queries.edition import current_edition, programme_is_empty
from nuit.queries.health import migration_head, newest_migration

PAUSE, LONGEST_PAUSE = 0.5, 10.0
"""Seconds between two looks at what is due; more while the database does not answer."""


@click.command()
@with_appcontext
def setup() -> None:
    """Brings the database to the newest migration."""
    _migrate()


@click.command()
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Server processes.")
@click.option("--prepare", is_flag=True, help="Make the database ready first, and say where to look.")
@with_appcontext
def serve(workers: int, prepare: bool) -> None:
    """Runs the server and the worker until Ctrl-C; requests in flight are answered first."""
    host, port = os.environ.get("HOST") or "127.0.0.1", int(os.environ.get("PORT") or 8000)
    _fix_clock()
    run = Run(Path(current_app.config["NUIT_INSTANCE"]), port)
    if not (run.take() and _is_free(host, port)):
        raise click.ClickException(f"Port {port} on {host} is taken. Choose another: PORT={port + 1} bin/run")
    if prepare:
        _migrate()
        _fill()
    os.environ["NUIT_URL"] = current_app.config["NUIT_URL"]  # what was worked out here holds for the children

    def ready() -> bool:
        if not _answers(host, port):
            return False
        if prepare and os.environ.get("NUIT_STREETS") == "fetch":
            _fetch_streets(run.mark)
        click.echo("\n".join(_where_to_look()) if prepare else f"Serving at {current_app.config['NUIT_URL']}")
        return True

    worker = [sys.executable, "-m", "flask", "--app", "nuit", "work"]
    keep([Child("server", _server(host, port, workers), hands=workers), Child("worker", worker)], run.mark, ready)


def _server(host: str, port: int, workers: int) -> list[str]:
    return [
        str(Path(sys.executable).parent / "granian"), "--interface", "wsgi", "--factory", "--host", host,
        "--port", str(port), "--workers", str(workers), "--blocking-threads", "4", "--respawn-failed-workers",
        "--respawn-interval", "0.5", "--workers-kill-timeout", str(int(GRACE) - 5), "--no-ws", "--log-level", "warning",
        "nuit:create_server",
    ]  # fmt: skip


def _fetch_streets(mark: str) -> None:
    """Real streets beside the running night, asked for by NUIT_STREETS=fetch alone; without an answer nothing changes."""
    command = [sys.executable, "-m", "flask", "--app", "nuit", "streets", "fetch", "--if-missing"]
    subprocess.Popen(command, start_new_session=True, stdin=subprocess.DEVNULL, env=os.environ | {MARK: mark})


def _fix_clock() -> None:
    """Once, before any child is begun, so that server and worker live in the same instant."""
    try:
        clock.shift()
    except ValueError:
        raise click.ClickException(
            f"NUIT_NOW is no instant: {os.environ['NUIT_NOW']!r}. Write it like 2027-09-24T18:30."
        ) from None


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def _answers(host: str, port: int) -> bool:
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - read, not bound
    connection = HTTPConnection(near, port, timeout=1)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _migrate() -> None:
    try:
        if migration_head() != newest_migration():
            upgrade()
    except OperationalError as error:
        raise click.ClickException(f"The database does not answer: {str(error.orig).strip().splitlines()[0]}") from None


def _fill() -> None:
    """An empty database gets the example programme, its organiser and its first company's contact."""
    if programme_is_empty():
        make_example(read_sample(ROOT / "example"), now=clock.now())


def _where_to_look() -> list[str]:
    """The addresses; in example mode with sign-in links, made anew at each start."""
    url, edition = current_app.config["NUIT_URL"], current_edition()
    lines = ["", f"La nuit de l’industrie: {url}/"]
    if edition is None or not edition.is_example:
        return [*lines, "Organisers:  bin/nuit member add EMAIL --role organiser   prints a sign-in link", "", STOP]
    lines.append(f"Organisers:   {_link('organisation@exemple.ch', 'organiser', None)}")
    host = next(iter(published_hosts(edition.id)), None)
    if host is not None:
        link = _link(host.contact_email or f"{host.company.slug}@exemple.ch", "host", host.company_id)
        lines.append(f"A company:    {link}   ({host.company.name})")
    lines.append(f"The door:     {url}/porte")
    if not current_app.config["SMTP_URL"]:
        lines.append(f"The mails:    {url}/demo/messages")
    return [*lines, "", "The links sign in once, within ten minutes; the next start makes new ones.", STOP]


STOP = "Ctrl-C stops it; requests in flight are answered first."


def _link(email: str, role: str, company_id: int | None) -> str:
    who = add_member(email, role=role, company_id=company_id, now=clock.now())
    token, _code = issue_link(who, now=clock.now(), browser=None)
    return f"{current_app.config['NUIT_URL']}/connexion/{token}"


@click.command()
@click.option("--once", is_flag=True, help="Do what is due now, then stop.")
@with_appcontext
def work(once: bool) -> None:
    """Sends mails and does everything that falls due."""
    running, pause = True, PAUSE

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal running
        running = False

    signal.signal(signal.SIGTERM, stop)
    rounds = Rounds()
    while running:
        try:
            rounds.go()
            done, pause = send_batch(stop=lambda: not running), PAUSE
        except Exception:
            current_app.logger.exception("worker")  # the database is away: later it is not
            done, pause = [], min(2 * pause, LONGEST_PAUSE)
        if not done:
            if once:
                break
            time.sleep(pause)
    current_app.logger.info("worker stopped")
