"""bin/nuit programme: the example, and the programme from a sheet."""

import time

import click
from flask.cli import AppGroup

from config import ROOT
from nuit import clock
from nuit.actions.crowd import make_bookings
from nuit.actions.example import make_example
from nuit.planning.sample import made_up, read_sample

EXAMPLE = ROOT / "example"

group = AppGroup("programme", help="Companies, visits and slots.")


@group.command("example")
@click.option("--companies", type=click.IntRange(1, 5000), help="So many companies, made up beyond the example's.")
@click.option("--slots", type=click.IntRange(0, 500_000), help="So many slots in all, dealt evenly.")
@click.option("--bookings", type=click.IntRange(0, 200_000), default=0, help="So many bookings, made up.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same programme.")
def example(companies: int | None, slots: int | None, bookings: int, seed: int) -> None:
    """Loads the example programme into an empty database; does nothing when there is a programme already."""
    began = time.monotonic()
    sample = read_sample(EXAMPLE)
    if companies is not None or slots is not None:
        try:
            sample = made_up(sample, companies=companies, slots=slots, seed=seed)
        except ValueError as error:
            raise click.ClickException(str(error)) from None
    edition = make_example(sample, now=clock.now())
    if edition is None:
        click.echo("There is a programme already; nothing was changed.")
        return
    booked = make_bookings(edition, bookings, now=clock.now(), seed=seed) if bookings else 0
    count = sum(len(visit["starts"]) for one in sample.companies for visit in one["visits"])
    click.echo(
        f"{edition.name}, {edition.night:%d.%m.%Y}: {len(sample.companies)} companies, {count} slots, "
        f"{len(sample.routes)} loops, {booked} bookings ({time.monotonic() - began:.1f} s)"
    )
