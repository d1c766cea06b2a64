"""A booking whose address is not confirmed yet. The mail's link only opens a page; a button on it confirms."""

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from nuit import clock
from nuit.actions.confirming import ask_again, confirm
from nuit.errors import AddressUnconfirmed, Refusal
from nuit.forms.booking import ResendForm
from nuit.i18n import say
from nuit.keys import confirms, manage_token
from nuit.models import Booking
from nuit.queries.booking import booking_by_reference
from nuit.queries.message import last_message
from nuit.queries.party import bare_booking
from nuit.queries.waiting import queued
from nuit.views.booking.room import LONGEST_REFERENCE, NotYours, bp, evening, mine
from nuit.views.gate import has_read_mail, keep, keep_proof, keys, limit


def held_page(booking: Booking, refused: str = "", form: ResendForm | None = None) -> str:
    """The places, until when they are held, and what is missing: the link in the mail, or after it one button."""
    found, now = evening(booking), clock.now()
    return render_template(
        "booking/held.html",
        evening=found,
        booking=booking,
        is_open=booking.state == "held" and booking.held_until is not None and booking.held_until > now,
        has_read=has_read_mail(booking),
        queues=[one for one in queued(booking.id) if one[1].is_standing],
        mail=last_message(booking.id),
        form=form or ResendForm(formdata=None, email=booking.email),
        refused=refused,
    )


@bp.errorhandler(AddressUnconfirmed)
def unconfirmed(refusal: AddressUnconfirmed) -> ResponseReturnValue:
    """Nothing of an evening opens before: not its codes, not its files."""
    reference = str((request.view_args or {})["reference"])
    if request.method in ("GET", "HEAD"):
        return redirect(url_for(".show", reference=reference), 303)
    return held_page(mine(reference, is_confirmed=False), say(refusal)), refusal.status


@bp.get("/ma-soiree/<reference>/confirmer", endpoint="address")
def open_mail(reference: str) -> ResponseReturnValue:
    """The link of the mail: its key goes into this browser's cookie and out of the address. Nothing is confirmed yet."""
    g.personal = True
    booking = bare_booking(reference.upper()) if len(reference) <= LONGEST_REFERENCE else None
    key = request.args.get("cle", "")
    if booking is None or not confirms(keys().secret, booking.reference, booking.email, key):
        raise NotYours()
    keep(booking.reference, manage_token(keys().secret, booking.reference, booking.epoch))
    keep_proof(booking.reference, key)
    return redirect(url_for(".show", reference=booking.reference), 303)


@bp.post("/ma-soiree/<reference>/confirmer")
def confirm_address(reference: str) -> ResponseReturnValue:
    booking = mine(reference, is_confirmed=False)
    if booking.held_until is None:
        return redirect(url_for(".show", reference=booking.reference), 303)
    if not has_read_mail(booking):
        raise AddressUnconfirmed()
    try:
        confirm(booking.reference, now=clock.now())
    except Refusal as refusal:
        return held_page(booking_by_reference(booking.reference) or booking, say(refusal)), refusal.status
    flash(gettext("C’est confirmé. Vos billets partent aussi par e-mail."), "go")
    return redirect(url_for(".show", reference=booking.reference), 303)


@bp.post("/ma-soiree/<reference>/adresse")
def send_link(reference: str) -> ResponseReturnValue:
    """The mail once more; where the address was mistyped, to the right one."""
    booking, form = mine(reference, is_confirmed=False), ResendForm()
    if booking.held_until is None:
        return redirect(url_for(".show", reference=booking.reference), 303)
    if not form.validate():
        return held_page(booking, form=form), 422
    limit("resend", at_most=20, minutes=60)
    try:
        ask_again(evening(booking).edition, booking.reference, email=form.email.data, now=clock.now())
    except Refusal as refusal:
        return held_page(mine(reference, is_confirmed=False), say(refusal), form), refusal.status
    flash(gettext("Un message part à %(email)s.", email=form.email.data), "go")
    return redirect(url_for(".show", reference=booking.reference), 303)
