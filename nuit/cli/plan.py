"""bin/nuit plan: an evening as text, for the curious and for who has no browser at hand."""

import click
from flask import current_app
from flask.cli import with_appcontext
from werkzeug.datastructures import MultiDict

from nuit import clock
from nuit.forms.wish import AGES, PAUSES, WishForm
from nuit.i18n import hour, km, texts
from nuit.planning.evening import AGE_BANDS
from nuit.planning.outing import Halt, Outing
from nuit.planning.proposal import proposals, visits
from nuit.planning.ride import MODES
from nuit.queries.edition import current_edition
from nuit.queries.proposing import outings, stage_of, the_night

TITLES = {"best": "The best evening", "calm": "A calm one", "surprising": "A surprising one"}


@click.command("plan")
@click.option("--from", "begin", metavar="HH:MM", help="When you set out.  [default: when doors open]")
@click.option("--until", metavar="HH:MM", help="When you want to be back.  [default: when doors close]")
@click.option("--train", metavar="HH:MM", help="A train or bus to catch where you end.")
@click.option(
    "--who", multiple=True, default=["18+"], type=click.Choice(list(AGE_BANDS)), help="One age band a person."
)
@click.option("--mode", default="ebike25", show_default=True, type=click.Choice(MODES))
@click.option("--wish", multiple=True, metavar="COMPANY", help="The slug of a company you want to see.")
@click.option("--trade", multiple=True, metavar="TRADE", help="The slug of a trade you like.")
@click.option("--without", multiple=True, metavar="COMPANY", help="The slug of a company to leave out.")
@click.option("--break", "pause", type=click.Choice(list(PAUSES)), help="repas: a meal; pause: twenty minutes.")
@click.option(
    "--seconds", default=5.0, show_default=True, type=click.FloatRange(0, 600), help="How long to look at most."
)
@with_appcontext
def plan(seconds: float, **asked: str | tuple[str, ...] | None) -> None:
    """Prints up to three evenings that could be booked now, and what is known of how good they are."""
    edition = current_edition()
    if edition is None:
        raise click.ClickException("There is no edition. Make one, or load the example: bin/nuit programme example")
    now, stage = clock.now(), stage_of(edition)
    with current_app.test_request_context():
        form = WishForm(_address(asked), edition, stage, now)
        if form.said:
            raise click.ClickException(" ".join(form.said.values()))
        wish = form.wish()
        posed = the_night(edition, stage, wish, now)
        found = proposals(posed.night, edition.max_stops, stop=clock.deadline(seconds))
        shown = outings(edition, posed, wish, [one for one in found if visits(one)])
        if not shown:
            raise click.ClickException("No evening fits. Try longer hours or fewer people.")
        for one in shown:
            click.echo("\n".join(_lines(one)) + "\n")


def _address(asked: dict[str, str | tuple[str, ...] | None]) -> MultiDict[str, str]:
    """The same wish as the page's address would say it."""
    words = {"begin": "de", "until": "a", "train": "train", "mode": "mode", "pause": "pause",
             "wish": "envie", "trade": "metier", "without": "sans"}  # fmt: skip
    found: MultiDict[str, str] = MultiDict()
    for name, word in words.items():
        value = asked[name]
        for one in value if isinstance(value, tuple) else [value] if value else []:
            found.add(word, one)
    who = asked["who"] or ()
    for word, band in AGES.items():
        found.add(word, str(sum(one == band for one in who)))
    return found


def _lines(one: Outing) -> list[str]:
    worth = "no other is better" if one.proven else f"at most {one.gap} % below the best"
    head = f"{TITLES[one.kind]}: {one.value} points of {one.bound} at most, {worth}"
    sums = f"{km(one.metres)}, {round(one.climb)} m of climb, {one.waiting} min of waiting"
    first = f"  {hour(one.leaves_at)}  {texts(one.start) or 'start'}"
    return [head, first, *map(_line, one.halts), f"  {hour(one.home_at)}  {texts(one.end) or 'back'}   {sums}"]


def _line(halt: Halt) -> str:
    stop = halt.stop
    what = stop.company or texts(stop.visit) or "a break"
    left = f", {stop.left} left" if halt.kind == "visit" else ""
    wait = f", {halt.wait} min early" if halt.wait else ""
    ride = halt.leg.minutes + halt.leg.margin
    return f"  {hour(stop.starts_at)}  {what} until {hour(stop.ends_at)} ({ride} min to come, {km(halt.leg.metres)}{wait}{left})"
