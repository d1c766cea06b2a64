"""The chores: bin/nuit COMMAND."""

from pathlib import Path

from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

from nuit.cli import device, edition, mail, member, places, plan, programme, retention, serve, streets


def init_app(app: Flask, db: SQLAlchemy, migrations: Path) -> None:
    Migrate(app, db, directory=str(migrations), render_as_batch=True, compare_type=True)
    for group in (
        serve.setup,
        serve.serve,
        serve.work,
        retention.forget_now,
        device.group,
        edition.group,
        mail.group,
        member.group,
        plan.plan,
        places.group,
        programme.group,
        streets.group,
    ):
        app.cli.add_command(group)
