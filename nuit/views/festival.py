"""The Festival de la transition: its items by hour, on the map, in the calendar, and what is near."""

from dataclasses import dataclass

from flask import Blueprint, Response, abort, current_app, g, render_template, url_for
from flask.typing import ResponseReturnValue

from nuit import clock
from nuit.i18n import texts
from nuit.models import Edition, Festival, FestivalItem
from nuit.planning.along import nearest
from nuit.planning.ride import shown_minutes
from nuit.queries.festival import festival_item, festival_of
from nuit.queries.map import Spot, spots
from nuit.queries.ride import network
from nuit.render.festival_ics import Event, festival_ics
from nuit.views.fresh import answer
from nuit.views.gate import edition, on_show
from nuit.views.home import soon
from nuit.views.map import festival_map
from nuit.views.scene import place_pin, state

bp = Blueprint("festival", __name__)
WALK, RIDE = 1000.0, 4000.0
"""Metres of way up to which one walks to a company, and up to which we name those worth a ride."""


@dataclass(frozen=True)
class Neighbour:
    """A company near an item: metres of way, minutes on foot (None: too far to walk) and minutes by e-bike."""

    spot: Spot
    metres: float
    on_foot: int | None
    by_bike: int


@bp.get("/festival")
def index() -> ResponseReturnValue:
    night = on_show()
    if night is None:
        return soon()
    festival = festival_of(night.id)
    if festival is None:
        return render_template("festival/none.html"), 404
    here = spots(night.id, clock.now())
    g.tiles = True
    return answer(
        lambda: _page(night, festival, here), [(one.id, one.version) for one in festival.items], here, *state(night)
    )


def _page(night: Edition, festival: Festival, here: list[Spot]) -> str:
    return render_template(
        "festival/index.html",
        festival=festival,
        map=festival_map(festival, night),
        near=_near(night, festival.items, [spot for spot in here if spot.state != "over"] or here),
        pin=place_pin,
    )


def _near(night: Edition, items: list[FestivalItem], here: list[Spot]) -> dict[int, list[Neighbour]]:
    """The three companies nearest to each item, by way."""
    if not items or not here:
        return {}
    origins = tuple((item.lon, item.lat) for item in items)
    targets = tuple((spot.lon, spot.lat) for spot in here)
    walks = nearest(network(), origins, targets, "foot", RIDE, 3)
    rides = nearest(network(), origins, targets, "ebike25", RIDE * 1.5, len(targets))
    return {
        item.id: [
            Neighbour(
                here[one.target], one.metres, _foot(night, one.metres, one.seconds), _bike(night, by_target[one.target])
            )
            for one in walk
            if one.target in by_target
        ]
        for item, walk, ride in zip(items, walks, rides, strict=True)
        for by_target in [{one.target: one.seconds for one in ride}]
    }


def _foot(night: Edition, metres: float, seconds: float) -> int | None:
    return shown_minutes(seconds, night.ride_factor, 0) if metres <= WALK else None


def _bike(night: Edition, seconds: float) -> int:
    return shown_minutes(seconds, night.ride_factor, night.ride_margin_minutes)


@bp.get("/festival.ics")
def calendar() -> ResponseReturnValue:
    festival = festival_of(edition().id) or abort(404)
    return _calendar(texts(festival.name), festival.items, "festival")


@bp.get("/festival/<slug>.ics")
def item(slug: str) -> ResponseReturnValue:
    found = festival_item(edition().id, slug) or abort(404)
    return _calendar(texts(found.title), [found], found.slug)


def _calendar(name: str, items: list[FestivalItem], file: str) -> Response:
    events = [_event(edition(), one) for one in items]
    response = Response(festival_ics(name, events, now=clock.now()), content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{file}.ics"'
    response.headers["Cache-Control"] = "no-cache"
    return response


def _event(night: Edition, one: FestivalItem) -> Event:
    return Event(
        uid=f"{one.slug}.{night.slug}@{current_app.config['NUIT_URL'].split('//')[-1].split(':')[0]}",
        title=texts(one.title),
        summary=texts(one.summary),
        place=texts(one.place),
        lon=one.lon,
        lat=one.lat,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        version=one.version,
        link=current_app.config["NUIT_URL"] + url_for("festival.index", _anchor=one.slug),
    )
