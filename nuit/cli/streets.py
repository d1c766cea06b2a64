"""bin/nuit streets: real streets instead of the schematic ones."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.exc import OperationalError

from nuit import clock
from nuit.actions.amenity import put_amenities
from nuit.actions.route import draw_route
from nuit.actions.streets import tell_of_streets
from nuit.cli.fetching import NotFetched, fetch, overpass_question
from nuit.errors import Refusal
from nuit.models import Edition
from nuit.planning.amenity import fitting_extract
from nuit.planning.ground import ground_of, store_ground
from nuit.planning.streets import BrokenNetwork, Network
from nuit.planning.streets.osm import MOST_JSON, Box, Elsewhere, Tile, read_extract, read_tile, said, streets_of
from nuit.planning.streets.region import off_streets, surroundings, tile_names
from nuit.planning.streets.stored import store_network
from nuit.queries.edition import current_edition, editions
from nuit.queries.ground import ground, ground_file
from nuit.queries.ride import about_streets, host_places, network, streets_file
from nuit.queries.team.routes import routes

MOST_LINKS = 120_000
MOST_TILE = 32 * 2**20
UNCHANGED = "The streets in use stay as they were."

group = AppGroup("streets", help="Streets and heights to ride over.")


@group.command("load")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--hgt", "tiles", multiple=True, type=click.Path(path_type=Path), help="Elevation tile, like N46E007.hgt."
)
@click.option("--anywhere", is_flag=True, help="Take the whole file, even if the edition lies elsewhere.")
def load(file: Path, tiles: Sequence[Path], anywhere: bool) -> None:
    """Loads the streets and the ground of FILE: .osm.pbf, .osm, or an Overpass answer in .json (each also .gz)."""
    _put(file, tiles, anywhere=anywhere)


@group.command("fetch")
@click.option("--if-missing", is_flag=True, help="Only where no streets were loaded yet.")
def fetch_streets(if_missing: bool) -> None:
    """Asks Overpass for the streets around the edition, and for their heights; then loads them."""
    folder = _folder()
    if if_missing and streets_file(_instance()).exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    box = _box(_edition())
    answer = folder / "overpass.new.json"
    try:
        fetch(current_app.config["OVERPASS_URL"], answer, most=MOST_JSON, form={"data": overpass_question(box)})
        _fetch_tiles(box)
        _put(answer, (), anywhere=False)
        answer.replace(folder / "overpass.json")
    except NotFetched as error:
        raise click.ClickException(f"No streets were fetched: {error}. {UNCHANGED}") from None
    finally:
        answer.unlink(missing_ok=True)


@group.command("forget")
def forget() -> None:
    """Goes back to the built-in streets; what was loaded is removed."""
    _edition()
    for file in (streets_file(_instance()), ground_file(_instance())):
        file.unlink(missing_ok=True)
    drawn, lost = _redraw()
    click.echo(f"{network().name}: {drawn} loops drawn anew" + (f", {lost} without a way" if lost else ""))


@group.command("info")
def tell() -> None:
    """Says which streets are in use."""
    streets, about = network(), about_streets()
    click.echo("\n".join(_told(streets, about)))
    edition = current_edition()
    if edition is not None:
        _warn(streets, edition)


def _told(streets: Network, about: dict[str, Any]) -> list[str]:
    metres, below = float(streets.metres.sum()), ground()

    def share(*kinds: str) -> float:
        chosen = [link.kind in kinds for link in streets.links]
        return 100 * float(streets.metres[chosen].sum()) / metres

    lit = [bool(link.lit) for link in streets.links]
    return [
        f"Streets:   {streets.name}" + (" (approximate, built in)" if streets.approximate else ""),
        *([f"From:      {about['file']}, loaded {about['loaded']}"] if about else []),
        f"Size:      {len(streets.links):,} streets between {len(streets.nodes):,} junctions, {metres / 1000:,.0f} km",
        f"Of it:     {100 * float(streets.metres[lit].sum()) / metres:.0f} % lit, {share('cycleway'):.0f} % cycle ways, "
        f"{share('path', 'steps'):.0f} % paths",
        f"Box:       {said(streets.box)}",
        f"Heights:   {about.get('heights', 'built in') if about or streets.approximate else 'unknown'}",
        f"Revision:  {streets.revision}",
        f"Ground:    {len(below.kinds):,} shapes, {len(below.names):,} names{' (approximate, built in)' if below.approximate else ''}",
        "© OpenStreetMap contributors, ODbL",
    ]


def _put(file: Path, tiles: Sequence[Path], *, anywhere: bool) -> None:
    """Reads the file and the tiles, and puts their streets to use; a sentence and no change where that cannot be."""
    began, edition = time.monotonic(), _edition()
    box = None if anywhere else _box(edition)
    try:
        extract = read_extract(file, box)
        found = [_tile(path) for path in (tiles or _own_tiles(extract.box))]
        made = streets_of(extract, found, name=f"OpenStreetMap{', ' + extract.written[:10] if extract.written else ''}")
        if len(made.links) > MOST_LINKS:
            raise BrokenNetwork(f"it is too large: {len(made.links):,} streets, of which we take {MOST_LINKS:,}")
        if not anywhere and off_streets(made, [(edition.start_lon, edition.start_lat)]):
            raise Elsewhere(made.box)
        below = ground_of(extract, box)
    except Elsewhere as error:
        raise click.ClickException(
            f"{file.name} is not about {edition.region}: {error}, and the edition rides in {said(_box(edition))}. {UNCHANGED}"
        ) from None
    except BrokenNetwork as error:
        raise click.ClickException(f"{file.name} was not loaded: {error}. {UNCHANGED}") from None
    heights = _heights(made, found)
    now = clock.now()
    about = {
        "file": file.name.replace(".new", ""),
        "loaded": f"{now.astimezone(clock.ZURICH):%d.%m.%Y %H:%M}",
        "heights": heights,
    }
    store_ground(below, ground_file(_instance()))
    store_network(made, streets_file(_instance()), about)
    near = put_amenities(edition.id, fitting_extract(extract, box), now=now, by=None)
    drawn, lost = _redraw()
    click.echo("\n".join(_told(network(), about)))
    click.echo("Near:      " + (", ".join(f"{count} {kind}" for kind, count in near.items()) or "nothing told"))
    click.echo(f"Loops:     {drawn} drawn anew" + (f", {lost} without a way" if lost else ""))
    _warn(made, edition)
    click.echo(f"({time.monotonic() - began:.1f} s)")


def _heights(made: Network, tiles: Sequence[Tile]) -> str:
    if made.height.any():
        return f"{made.height.min():.0f} to {made.height.max():.0f} m, from {len(tiles)} elevation tile(s)"
    return "none: everything is level, climbs are not counted. Load again with --hgt N46E007.hgt to have them"


def _tile(path: Path) -> Tile:
    try:
        return read_tile(path)
    except BrokenNetwork as error:
        raise BrokenNetwork(f"the elevation tile {path.name} is of no use: {error}") from None


def _redraw() -> tuple[int, int]:
    """Draws every loop over the streets now in use: how many, and how many had no way."""
    drawn = lost = 0
    for edition in editions():
        for route in routes(edition.id):
            try:
                draw_route(route.id, now=clock.now())
                drawn += 1
            except Refusal:
                lost += 1
    tell_of_streets()
    return drawn, lost


def _warn(streets: Network, edition: Edition) -> None:
    off = off_streets(streets, host_places(edition.id).values())
    if off:
        click.echo(f"{len(off)} companies have no street within 1 km; times to them are estimated as the crow flies.")


def _fetch_tiles(box: Box) -> None:
    """The elevation tiles of the box that are not here yet; without one, everything is level there."""
    url = current_app.config["ELEVATION_URL"]
    for name in tile_names(box) if url != "off" else ():
        file = _folder() / f"{name}.hgt.gz"
        if file.exists():
            continue
        try:
            fetch(f"{url.rstrip('/')}/{name[:3]}/{name}.hgt.gz", file, most=MOST_TILE)
            read_tile(file)
        except (NotFetched, BrokenNetwork) as error:
            file.unlink(missing_ok=True)
            click.echo(f"No heights for {name}: {error}.", err=True)


def _own_tiles(box: Box | None) -> list[Path]:
    """Tiles of this box that lie in the instance's folder."""
    names = tile_names(box) if box else []
    return sorted(path for name in names for path in _folder().glob(f"{name}.hgt*"))


def _edition() -> Edition:
    try:
        edition = current_edition()
    except OperationalError:
        edition = None
    if edition is None:
        raise click.ClickException("There is no edition yet, so no region to load streets for: run bin/run once first.")
    return edition


def _box(edition: Edition) -> Box:
    return surroundings((edition.start_lon, edition.start_lat), host_places(edition.id).values())


def _instance() -> Path:
    return Path(current_app.config["NUIT_INSTANCE"])


def _folder() -> Path:
    return streets_file(_instance()).parent
