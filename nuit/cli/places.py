"""bin/nuit places: what is of use on the way, from files: bike-share stations, racks, sockets, bus stops."""

from pathlib import Path

import click
from flask.cli import AppGroup

from nuit import clock
from nuit.actions.amenity import put_amenities
from nuit.planning.amenity import KINDS, MOST_BYTES, AmenityDraft, NoAmenities, read_amenities
from nuit.planning.streets.region import surroundings
from nuit.queries.amenity import amenity_counts
from nuit.queries.edition import current_edition
from nuit.queries.ride import host_places

SENTENCES = {
    "unreadable": "it is neither GBFS (station_information.json) nor GeoJSON nor an Overpass answer, or not whole",
    "empty": "there is nothing in it that the map knows; say what it holds with --kind",
    "elsewhere": "all its places lie outside the region of the edition",
    "too_many": "it has more than 2000 places of one kind in the region",
    "too_heavy": "it is larger than 5 MB",
}
UNCHANGED = "Nothing has changed."

group = AppGroup("places", help="Bike-share stations, racks, sockets and bus stops on the map.")


@group.command("load")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--kind", type=click.Choice(KINDS), help="What a GeoJSON file holds that does not say so itself.")
def load(files: tuple[Path, ...], kind: str | None) -> None:
    """Puts the places of FILES on the map, in the place of those of their kinds; all of the files or none."""
    edition = current_edition()
    if edition is None:
        raise click.ClickException("There is no edition yet: run bin/run once first.")
    box = surroundings((edition.start_lon, edition.start_lat), host_places(edition.id).values())
    found: list[AmenityDraft] = []
    for file in files:
        try:
            with file.open("rb") as opened:
                found += read_amenities(opened.read(MOST_BYTES + 1), box, kind)
        except NoAmenities as fault:
            raise click.ClickException(f"{file.name} was not loaded: {SENTENCES[fault.reason]}. {UNCHANGED}") from None
        except OSError as error:
            raise click.ClickException(f"{file.name} cannot be read ({error.strerror}). {UNCHANGED}") from None
    once = list({(one.kind, one.ref): one for one in found}.values())
    put_amenities(edition.id, once, now=clock.now(), by=None)
    click.echo(_told(edition.id))


@group.command("info")
def tell() -> None:
    """Says how many places of each kind are on the map."""
    edition = current_edition()
    click.echo(_told(edition.id) if edition else "There is no edition yet.")


def _told(edition_id: int) -> str:
    counts = amenity_counts(edition_id)
    return ", ".join(f"{counts.get(kind, 0)} {kind}" for kind in KINDS)
