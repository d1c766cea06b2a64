"""An evening taken along: in a calendar, on paper."""

from collections.abc import Callable
from functools import partial

from flask import Response, abort, current_app, url_for
from flask_babel import gettext

from nuit.i18n import day, hour
from nuit.queries.ride import stop_of
from nuit.render.gpx import Waypoint, ride_geojson, ride_gpx
from nuit.render.ics import evening_ics
from nuit.render.pdf import evening_pdf
from nuit.render.qr import TICKET_VERSION, qr_file
from nuit.views.booking.room import bp, evening, mine, rides_of
from nuit.views.route import notice
from nuit.views.take import evening_card, sliced


@bp.get("/ma-soiree/<reference>/agenda.ics")
def agenda(reference: str) -> Response:
    found = evening(mine(reference))
    address = current_app.config["NUIT_URL"] + url_for(".show", reference=found.booking.reference)
    gone = [stop_of(slot) for slot, _status in found.gone]
    content = evening_ics(found.booking, found.timetable, gone, url=address)
    return _file(content, "text/calendar; charset=utf-8", f"nuit-{found.edition.slug}.ics")


@bp.get("/ma-soiree/<reference>/soiree.pdf")
def paper(reference: str) -> Response:
    found = evening(mine(reference))
    draw = partial(qr_file, version=TICKET_VERSION)
    content = evening_pdf(found.booking, found.edition, found.timetable, found.codes, draw)
    return _file(content, "application/pdf", f"nuit-{found.edition.slug}.pdf")


@bp.get("/ma-soiree/<reference>/trajets.pdf")
def ride_card(reference: str) -> Response:
    found = evening(mine(reference))
    rides = rides_of(found)
    if not rides.track:
        abort(404)
    content = evening_card(rides.track, rides.told, found.timetable.legs, rides.names, day(found.edition.night))
    return _file(content, "application/pdf", f"trajets-{found.edition.slug}.pdf")


@bp.get("/ma-soiree/<reference>/trajets.gpx")
def ride_gpx_file(reference: str) -> Response:
    return _ride(reference, ride_gpx, "gpx", "application/gpx+xml")


@bp.get("/ma-soiree/<reference>/trajets.geojson")
def ride_geojson_file(reference: str) -> Response:
    return _ride(reference, ride_geojson, "geojson", "application/geo+json")


def _ride(reference: str, write: Callable[..., str], ending: str, kind: str) -> Response:
    """Nobody's name and no address of the booking travel with it: such files are passed on."""
    found = evening(mine(reference))
    rides = rides_of(found)
    if not rides.track:
        abort(404)
    notes = ("", *(hour(stop.starts_at) for stop in found.timetable.stops))
    stops = [Waypoint(*place, *words) for place, *words in zip(rides.places, rides.names, notes, strict=True)]
    content, part = sliced(write, rides.track, stops, name=gettext("Mes trajets"), note=notice(rides.track))
    return _file(content.encode(), f"{kind}; charset=utf-8", f"trajets-{found.edition.slug}{part}.{ending}")


def _file(content: bytes, kind: str, name: str) -> Response:
    return Response(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
