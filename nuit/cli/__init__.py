"""The chores: bin/nuit COMMAND."""

from flask import Flask

from nuit.cli import device, edition, mail, member, programme, retention, serve, streets


def init_app(app: Flask) -> None:
    for group in (
        serve.setup,
        serve.serve,
        serve.work,
        retention.forget_now,
        device.group,
        edition.group,
        mail.group,
        member.group,
        programme.group,
        streets.group,
    ):
        app.cli.add_command(group)
