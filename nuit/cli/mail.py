"""bin/nuit mail: the outbox emptied by hand; the worker does the same all the time."""

from collections import Counter
from collections.abc import Callable

import click
from flask import current_app
from flask.cli import AppGroup

from nuit import clock
from nuit.actions.courier import Courier
from nuit.actions.letters import House, letter_of
from nuit.actions.outbox import Fate, send_due
from nuit.db import db
from nuit.planning.delivery import file_name

group = AppGroup("mail", help="Promised mails.")


@group.command("send")
def send() -> None:
    """Sends every mail that is due now, and says what became of them."""
    fates: Counter[Fate] = Counter()
    while batch := send_batch():
        fates.update(batch)
    click.echo(", ".join(f"{count} {fate.value}" for fate, count in sorted(fates.items())) or "Nothing is due.")


def send_batch(stop: Callable[[], bool] = lambda: False) -> list[Fate]:
    """Sends a few of the messages that are due; the fates, empty when nothing was. Nothing stays open afterwards."""
    settings = current_app.config
    house = House(settings["NUIT_URL"], settings["MAIL_FROM"], current_app.extensions["nuit.keys"])
    try:
        with Courier(settings["SMTP_URL"], settings["NUIT_INSTANCE"] / "mail") as courier:
            done = send_due(
                lambda message: letter_of(message, house, now=clock.now()),
                lambda letter, message: courier.deliver(
                    letter, to=message.to, name=file_name(message.key, message.due_at)
                ),
                clock.now,
                stop=stop,
            )
    finally:
        db.session.remove()
    for message, fate in done:
        current_app.logger.log(
            30 if fate in (Fate.BOUNCED, Fate.FAILED) else 20,
            "message %s (%s) %s, attempt %s", message.id, message.kind, fate.value, message.attempts,
        )  # fmt: skip
    return [fate for _message, fate in done]
