"""bin/nuit device: phones at doors."""

import click
from flask.cli import AppGroup

from nuit import clock
from nuit.actions.device import open_pairing
from nuit.actions.device import pair as spend
from nuit.queries.company import host_by_slug
from nuit.queries.edition import current_edition

group = AppGroup("device", help="Phones at doors.")


@group.command("pair")
@click.option("--host", "slug", required=True, help="The company's slug.")
@click.option("--name", default="", help="What the door calls this phone.")
def pair(slug: str, name: str) -> None:
    """Pairs a phone with this host's door and prints its token, which is shown this once."""
    edition = current_edition()
    host = host_by_slug(edition.id, slug) if edition else None
    if host is None:
        raise click.ClickException(f"No host of the current edition has the slug {slug!r}.")
    _offered, code = open_pairing(host.id, now=clock.now(), by=None)
    _device, token = spend(code, name, now=clock.now())
    click.echo(token)
