"""bin/nuit programme: the example, and the programme from a sheet."""

import sys
import time
from collections.abc import Iterable
from pathlib import Path

import click
from flask.cli import AppGroup

from config import ROOT
from nuit import clock
from nuit.actions.crowd import make_bookings
from nuit.actions.example import make_example
from nuit.actions.programme import Loaded, load_programme
from nuit.models import Edition
from nuit.planning.columns import is_header
from nuit.planning.programme import Entry, Fault, carried, entry_of, headers_of
from nuit.planning.sample import made_up, read_sample
from nuit.planning.sheet import BadSheet, read_sheet
from nuit.queries.edition import current_edition, edition_by_slug

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
    booked = _crowd(edition, bookings, seed) if bookings else 0
    count = sum(len(visit["starts"]) for one in sample.companies for visit in one["visits"])
    click.echo(
        f"{edition.name}, {edition.night:%d.%m.%Y}: {len(sample.companies)} companies, {count} slots, "
        f"{len(sample.routes)} loops, {booked} bookings ({time.monotonic() - began:.1f} s)"
    )


def _crowd(edition: Edition, bookings: int, seed: int) -> int:
    with click.progressbar(length=bookings, label="bookings", file=sys.stderr) as bar:
        return make_bookings(edition, bookings, now=clock.now(), seed=seed, told=bar.update)


@group.command("load")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--edition", "slug", help="The edition's slug; the current one without it.")
@click.option("--preview", is_flag=True, help="Say what would be written, and write nothing.")
@click.option("--skip-bad", is_flag=True, help="Write the good lines although others are at fault.")
def load(files: tuple[Path, ...], slug: str | None, preview: bool, skip_bad: bool) -> None:
    """Loads companies, visits and departures from FILES (CSV or XLSX); what is there already changes where it differs.

    One line at fault and nothing of its file is written, except with --skip-bad. The columns: docs/programme.md.
    """
    edition = edition_by_slug(slug) if slug else current_edition()
    if edition is None:
        raise click.ClickException(f"No edition has the slug {slug!r}." if slug else "There is no current edition.")
    wrong = [path for path in files if not _load(edition, path, preview, skip_bad)]
    if wrong:
        raise click.ClickException("Nothing was written of " + ", ".join(path.name for path in wrong) + ".")


def _load(edition: Edition, path: Path, preview: bool, skip_bad: bool) -> bool:
    """Loads one file and says what came of it; whether its good lines are in (or would be)."""
    try:
        lines = read_sheet(path.name, path.read_bytes(), is_header)
        headers, unknown = headers_of(lines)
        lines = carried(lines, headers)
    except BadSheet as bad:
        raise click.ClickException(f"{path.name} cannot be read: {bad}.") from None
    entries, faults = [], []
    with click.progressbar(lines, label=path.name, file=sys.stderr) as bar:
        for line in bar:
            found = entry_of(line, headers)
            if isinstance(found, Entry):
                entries.append(found)
            else:
                faults += found
    write = not preview and (skip_bad or not faults)
    loaded = load_programme(edition, entries, now=clock.now(), write=write, skip_bad=skip_bad)
    _tell(loaded, [*faults, *loaded.faults], unknown)
    return preview or loaded.is_written


def _tell(loaded: Loaded, faults: Iterable[Fault], unknown: Iterable[str]) -> None:
    for one in sorted(faults, key=lambda fault: fault.line):
        column = f", {one.column}" if one.column else ""
        click.echo(f"line {one.line}{column}: {one.says}", err=True)
    for name in unknown:
        click.echo(f"The column {name!r} is not known and was left out.", err=True)
    for name in loaded.without_place:
        click.echo(f"{name} has no lon and lat: it waits as a draft at the edition's start.")
    verb = "" if loaded.is_written else " (nothing written)"
    for noun, count in loaded.figures.items():
        click.echo(f"{noun}: {count['new']} new, {count['changed']} changed, {count['same']} the same{verb}")
