"""Looking after an evening: finding it again, opening it, giving places back."""

from datetime import datetime
from typing import cast

from flask import flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from nuit import clock
from nuit.actions.booking import give_back, give_back_seat, give_back_stop
from nuit.actions.standby import come_late
from nuit.actions.tickets import ask_for_tickets
from nuit.errors import Refusal
from nuit.forms.booking import ResendForm
from nuit.i18n import hour, say, spoken
from nuit.keys import manages
from nuit.models import Booking
from nuit.planning.ride import Mode
from nuit.queries.booking import booking_by_reference
from nuit.queries.message import last_message
from nuit.queries.party import bare_booking
from nuit.queries.ride import host_places, ride_between_hosts
from nuit.queries.standby import Standby, standby
from nuit.views.booking.holding import held_page
from nuit.views.booking.room import LONGEST_REFERENCE, Evening, NotYours, bp, drawn, evening, mine
from nuit.views.booking.waiting import places
from nuit.views.gate import edition, holds, keep, keys, limit, on_show
from nuit.views.home import soon
from nuit.views.map import evening as evening_map


@bp.get("/ma-soiree", endpoint="mine")
def my_bookings() -> ResponseReturnValue:
    g.personal = True
    if on_show() is None:
        return soon()
    kept = _kept()
    standing = [one for one in kept if one.booking.state in ("held", "confirmed")]
    if len(standing) == 1 and "toutes" not in request.args:
        return redirect(url_for(".show", reference=standing[0].booking.reference), 303)
    return render_template("booking/mine.html", evenings=kept, form=ResendForm(formdata=None))


def _kept() -> list[Evening]:
    """The bookings of this edition whose key this browser holds, the latest first."""
    kept = session.get("bookings")
    found = [booking_by_reference(one) for one in kept] if isinstance(kept, dict) else []
    return [
        evening(one)
        for one in reversed(found)
        if one is not None and one.edition_id == edition().id and holds(one.reference, one.epoch)
    ]


@bp.post("/ma-soiree")
def resend() -> ResponseReturnValue:
    """The same answer whether the address has bookings or not."""
    g.personal = True
    form = ResendForm()
    if not form.validate():
        return render_template("booking/mine.html", evenings=_kept(), form=form), 422
    limit("resend", at_most=20, minutes=60)
    ask_for_tickets(edition(), form.email.data, locale=spoken(), now=clock.now())
    return redirect(url_for(".sent"), 303)


@bp.get("/ma-soiree/envoye")
def sent() -> ResponseReturnValue:
    g.personal = True
    return render_template("booking/sent.html")


@bp.get("/ma-soiree/<reference>/ouvrir")
def open_link(reference: str) -> ResponseReturnValue:
    """A mail's link: its key goes into this browser's cookie and out of the address. Harmless, as often as one likes."""
    g.personal = True
    booking = bare_booking(reference.upper()) if len(reference) <= LONGEST_REFERENCE else None
    key = request.args.get("cle", "")
    if booking is None or not manages(keys().secret, booking.reference, booking.epoch, key):
        raise NotYours()
    keep(booking.reference, key)
    where = request.args.get("vers")
    if where and where.startswith("offre-") and where[6:].isdigit() and len(where) < 25:
        return redirect(url_for(".offer", reference=booking.reference, wait_id=int(where[6:])), 303)
    if where == "rendre":
        return redirect(url_for(".confirm", reference=booking.reference), 303)
    return redirect(url_for(".show", reference=booking.reference, _anchor="billet" if where == "billet" else None), 303)


@bp.get("/ma-soiree/<reference>")
def show(reference: str) -> ResponseReturnValue:
    booking = mine(reference, is_confirmed=False)
    return _page(booking) if booking.held_until is None else held_page(booking)


def _page(booking: Booking, refused: str = "") -> str:
    found, now = evening(booking), clock.now()
    hosts = [found.seats[stop.slot][0].slot.visit.host for stop in found.timetable.stops]
    return render_template(
        "booking/show.html",
        evening=found,
        booking=booking,
        edition=found.edition,
        upcoming=found.timetable.next_at(now),
        drawn=drawn,
        mail=last_message(booking.id),
        map=evening_map(found.edition, hosts, booking.mode) if hosts else None,
        refused=refused,
        places=places(found),
        standby=_near(found, now),
    )


def _near(found: Evening, now: datetime) -> list[Standby]:
    """Last-minute places this party can still reach: from the stop it was at last, else by company."""
    night, own = found.edition, {stop.host for stop in found.timetable.stops}
    if not night.opens_at <= now < night.closes_at:
        return []
    been = [stop.host for stop in found.timetable.stops if stop.starts_at <= now]
    rides = None
    if been:
        ride = ride_between_hosts(night, cast(Mode, found.booking.mode))
        rides = {host: ride(been[-1], host) for host in host_places(night.id)}
    size = len(found.booking.tickets)
    return [one for one in standby(night, now, rides=rides, seats=size) if one.slot.host_id not in own]


@bp.get("/ma-soiree/<reference>/rendre")
def confirm(reference: str) -> ResponseReturnValue:
    return render_template("booking/confirm.html", evening=evening(mine(reference, is_confirmed=False)))


@bp.post("/ma-soiree/<reference>/rendre")
def return_all(reference: str) -> ResponseReturnValue:
    booking = mine(reference, is_confirmed=False)
    give_back(booking.reference, now=clock.now())
    flash(gettext("Votre soirée est rendue. Les places servent déjà à d’autres."), "go")
    return redirect(url_for(".show", reference=booking.reference), 303)


@bp.post("/ma-soiree/<reference>/etapes/<int:slot_id>/rendre")
def return_stop(reference: str, slot_id: int) -> ResponseReturnValue:
    booking = mine(reference)
    try:
        given = give_back_stop(booking.reference, slot_id, now=clock.now())
    except Refusal as refusal:
        return _page(mine(reference), say(refusal)), refusal.status
    return _given(booking, given)


@bp.post("/ma-soiree/<reference>/etapes/<int:slot_id>/retard")
def be_late(reference: str, slot_id: int) -> ResponseReturnValue:
    booking = mine(reference)
    said = request.form.get("minutes", "")
    try:
        until = come_late(booking.reference, slot_id, int(said) if said in ("10", "15") else 0, now=clock.now())
    except Refusal as refusal:
        return _page(mine(reference), say(refusal)), refusal.status
    if until is not None:
        flash(
            gettext("C’est noté : vos places sont à vous jusqu’à %(hour)s. La porte le sait.", hour=hour(until)), "go"
        )
    return redirect(url_for(".show", reference=booking.reference, _anchor=f"etape-{slot_id}"), 303)


@bp.post("/ma-soiree/<reference>/places/<int:seat_id>/rendre")
def return_seat(reference: str, seat_id: int) -> ResponseReturnValue:
    booking = mine(reference)
    try:
        given = give_back_seat(booking.reference, seat_id, now=clock.now())
    except Refusal as refusal:
        return _page(mine(reference), say(refusal)), refusal.status
    return _given(booking, given)


def _given(booking: Booking, given: Booking | None) -> ResponseReturnValue:
    if given is None:
        raise NotYours()
    flash(gettext("C’est rendu. Le reste de votre soirée ne change pas."), "go")
    return redirect(url_for(".show", reference=booking.reference), 303)
