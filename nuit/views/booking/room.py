"""What the pages of a booking share: whose it is, and the evening as it stands."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, abort, current_app, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup

from nuit.conditions import lines
from nuit.errors import AddressUnconfirmed
from nuit.i18n import texts
from nuit.models import Booking, Edition, Seat, Slot
from nuit.planning.along import kept_track
from nuit.planning.streets import Point
from nuit.planning.timetable import Code, Codes, Timetable
from nuit.queries.booking import booking_by_reference, codes_of, evening_of, seats_by_slot, stops_gone
from nuit.queries.edition import edition_by_id
from nuit.queries.ride import network, timetable
from nuit.render.qr import TICKET_VERSION, qr_svg
from nuit.render.turns import LegLines, leg_lines
from nuit.views.gate import holds, keys
from nuit.views.scene import mode_of

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


def mine(reference: str, *, is_confirmed: bool = True) -> Booking:
    """The booking, for a browser that holds its key; for everybody else it does not exist.

    Raises AddressUnconfirmed unless its address is confirmed, or need not be for this.
    """
    g.personal = True
    booking = booking_by_reference(reference.upper()) if len(reference) <= LONGEST_REFERENCE else None
    if booking is None or not holds(booking.reference, booking.epoch):
        raise NotYours()
    if is_confirmed and booking.held_until is not None:
        raise AddressUnconfirmed()
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


@dataclass(frozen=True)
class Rides:
    """The rides of an evening: its track ({} where no street is known), each leg in words, and where they lead."""

    track: dict[str, Any]
    told: tuple[LegLines, ...]
    names: tuple[str, ...]
    places: tuple[Point, ...]


def rides_of(found: Evening) -> Rides:
    """From the edition's starting place over all stops, in their order."""
    night, stops = found.edition, found.timetable.stops
    places = ((night.start_lon, night.start_lat), *((stop.lon, stop.lat) for stop in stops))
    names = (texts(night.start_name) or gettext("Départ"), *(stop.company for stop in stops))
    track = kept_track(network(), places, False, mode_of(found.booking.mode)) if stops else {}
    told = leg_lines(track, names, factor=night.ride_factor, margin=night.ride_margin_minutes)
    return Rides(track, tuple(told), names, places)
