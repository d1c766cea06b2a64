"""What the pages of a booking share: whose it is, and the evening as it stands."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, abort, current_app, g, render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from nuit.conditions import lines
from nuit.models import Booking, Edition, Seat, Slot
from nuit.planning.timetable import Code, Codes, Timetable
from nuit.queries.booking import booking_by_reference, codes_of, evening_of, seats_by_slot, stops_gone
from nuit.queries.edition import edition_by_id
from nuit.queries.ride import timetable
from nuit.render.qr import TICKET_VERSION, qr_svg
from nuit.views.gate import holds, keys

bp = Blueprint("booking", __name__)
bp.add_app_template_global(lines, "lines")
bp.add_app_template_global(lambda count: timedelta(hours=count), "hours")
LONGEST_REFERENCE = 20


class NotYours(Exception):
    """This browser does not hold the key of that booking, or there is no such booking."""


@dataclass(frozen=True)
class Evening:
    """A booking with its hours, rides, codes, and what was given back or cancelled."""

    booking: Booking
    edition: Edition
    timetable: Timetable
    seats: dict[int, list[Seat]]
    gone: list[tuple[Slot, str]]
    codes: Codes

    def may_change(self, now: datetime) -> bool:
        """Whether anything is left that can be given back."""
        return any(
            seat.slot.starts_at > now and seat.entered_at is None for seats in self.seats.values() for seat in seats
        )


def mine(reference: str) -> Booking:
    """The booking, for a browser that holds its key; for everybody else it does not exist."""
    g.personal = True
    booking = booking_by_reference(reference.upper()) if len(reference) <= LONGEST_REFERENCE else None
    if booking is None or not holds(booking.reference, booking.epoch):
        raise NotYours()
    return booking


@bp.errorhandler(NotYours)
def not_yours(_error: NotYours) -> ResponseReturnValue:
    """The same for an unknown booking and for somebody else's: how to get one's own link again."""
    return render_template("booking/unknown.html"), 404


def evening(booking: Booking) -> Evening:
    """All that the pages and papers of this booking tell."""
    night = edition_by_id(booking.edition_id) or abort(404)
    stops = [(slot, [ticket.label for ticket in tickets]) for slot, tickets in evening_of(booking)]
    return Evening(
        booking=booking,
        edition=night,
        timetable=timetable(night, stops, booking.mode),
        seats=seats_by_slot(booking),
        gone=stops_gone(booking),
        codes=codes_of(booking, night, keys(), current_app.config["NUIT_URL"]),
    )


def drawn(code: Code, label: str) -> Markup:
    """The QR of a ticket; every ticket has the same size."""
    return qr_svg(code.address, version=TICKET_VERSION, label=label)
