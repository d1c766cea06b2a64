"""bin/nuit forget: what the worker does every hour, by hand."""

from datetime import datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from nuit import clock
from nuit.actions.retention import KEPT, forget
from nuit.db import db


@click.command("forget")
@with_appcontext
def forget_now() -> None:
    """Erases what visitors left, thirty days after their night; counts stay."""
    click.echo(f"{forget_all()} bookings emptied.")


def forget_all() -> int:
    """Forgets in the database and in the folder of mails; the number of bookings emptied. Nothing stays open."""
    now = clock.now()
    try:
        emptied = forget(now)
    finally:
        db.session.remove()
    _old_mails(Path(current_app.config["NUIT_INSTANCE"]) / "mail", now)
    return emptied


def _old_mails(folder: Path, now: datetime) -> None:
    """Mails kept as files (no SMTP) hold addresses too; a file's age is told by the machine's own clock."""
    oldest = (now - clock.shift() - KEPT).timestamp()
    for path in folder.glob("*.eml"):
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
