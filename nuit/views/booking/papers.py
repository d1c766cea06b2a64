"""An evening taken along: in a calendar, on paper."""

from functools import partial

from flask import Response, current_app, url_for

from nuit.queries.ride import stop_of
from nuit.render.ics import evening_ics
from nuit.render.pdf import evening_pdf
from nuit.render.qr import TICKET_VERSION, qr_file
from nuit.views.booking.room import bp, evening, mine


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


def _file(content: bytes, kind: str, name: str) -> Response:
    return Response(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
