"""bin/nuit edition: the frame of a night, made."""

from datetime import date, datetime, timedelta
from typing import Any

import click
from flask.cli import AppGroup

from nuit import clock
from nuit.actions.edition import copy_edition, create_edition
from nuit.actions.example import START, START_NAME, night_ahead
from nuit.clock import at_wall
from nuit.errors import AlreadyThere
from nuit.models import Edition
from nuit.planning.draft import EditionDraft
from nuit.planning.spelling import slug_of
from nuit.queries.edition import edition_by_slug

HOUR = click.DateTime(["%H:%M"])

group = AppGroup("edition", help="One year's night in one region.")


@group.command("create")
@click.option("--night", type=click.DateTime(["%Y-%m-%d"]), help="The day; the last Friday of September ahead.")
@click.option("--region", default="Sion", show_default=True)
@click.option("--name", help="What it is called: the region and the year.")
@click.option("--slug", help="Its address: the name in plain letters.")
@click.option(
    "--opens", type=HOUR, default="17:00", show_default=True, help="Local time; before 06:00 is after midnight."
)
@click.option("--closes", type=HOUR, default="23:00", show_default=True, help="Local time.")
@click.option("--booking-opens", type=click.DateTime(["%Y-%m-%dT%H:%M"]), help="Local time; at once without it.")
@click.option("--email", default="", help="Where the public writes to.")
@click.option("--phone", default="", help="Who answers that evening.")
@click.option("--start", type=(float, float), default=START, show_default=True, help="Longitude and latitude.")
@click.option("--current/--not-current", default=True, show_default=True, help="The edition on show from now on.")
def create(
    night: datetime | None, region: str, name: str | None, slug: str | None, opens: datetime, closes: datetime,
    booking_opens: datetime | None, email: str, phone: str, start: tuple[float, float], current: bool,
) -> None:  # fmt: skip
    """Makes an empty edition; every option has a sound default."""
    now = clock.now()
    day = night.date() if night else night_ahead(now)
    name = name or f"{region} {day.year}"
    draft = EditionDraft(
        name=name, region=region, night=day, opens_at=at_wall(day, f"{opens:%H:%M}"), closes_at=_closes(day, opens, closes),
        booking_opens_at=booking_opens.replace(tzinfo=clock.ZURICH) if booking_opens else now, booking_closes_at=_closes(day, opens, closes),
        summary={}, contact_email=email, contact_phone=phone, start_lon=start[0], start_lat=start[1],
        start_name=START_NAME if start == START else {}, **_usual(),
    )  # fmt: skip
    if draft.booking_opens_at >= draft.booking_closes_at:
        raise click.ClickException("Booking would open after the night is over.")
    click.echo(_created(draft, slug_of(slug or name), current, now).slug)


@group.command("copy")
@click.argument("slug")
@click.option("--night", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The day of the new one.")
@click.option("--name", help="What it is called: the region and the year.")
def copy(slug: str, night: datetime, name: str | None) -> None:
    """Makes the next edition from SLUG: texts, doors and visits are kept, people are not; companies are invited again."""
    before = edition_by_slug(slug)
    if before is None:
        raise click.ClickException(f"No edition has the slug {slug!r}.")
    name = name or f"{before.region} {night.year}"
    try:
        fresh = copy_edition(before, slug=slug_of(name), name=name, night=night.date(), now=clock.now())
    except AlreadyThere:
        raise click.ClickException(f"An edition {slug_of(name)!r} is there already.") from None
    click.echo(fresh.slug)


def _closes(day: date, opens: datetime, closes: datetime) -> datetime:
    """The end of the night; an hour not after the opening is the next day's."""
    at = at_wall(day, f"{closes:%H:%M}")
    return at if at > at_wall(day, f"{opens:%H:%M}") else at_wall(day + timedelta(days=1), f"{closes:%H:%M}")


def _usual() -> dict[str, Any]:
    """The figures a new edition begins with: those of the model."""
    names = ("ride_factor", "ride_margin_minutes", "door_early_minutes", "door_late_minutes", "max_party", "max_stops",
             "max_bookings_per_email")  # fmt: skip
    return {name: Edition.__table__.c[name].default.arg for name in names}


def _created(draft: EditionDraft, slug: str, current: bool, now: datetime) -> Edition:
    try:
        return create_edition(draft, slug=slug, is_current=current, now=now)
    except AlreadyThere:
        raise click.ClickException(f"An edition {slug!r} is there already.") from None
