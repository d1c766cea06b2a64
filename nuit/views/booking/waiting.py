"""A party's queues: standing in line, answering an offer. Links only open pages; what changes anything is a button."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from nuit import clock
from nuit.actions.waiting import accept, clashing, decline, wait_for
from nuit.errors import Refusal
from nuit.i18n import say
from nuit.models import Booking, Slot
from nuit.planning.ride import Mode
from nuit.queries.ride import ride_between_hosts
from nuit.queries.waiting import Line, queued
from nuit.views import basket
from nuit.views.booking.room import Evening, NotYours, bp, evening, mine

SHOWN = ("waiting", "offered", "lapsed", "over")


@dataclass(frozen=True)
class Place:
    """A queue as the page shows it; `gone` are the party's own stops that would go for an offer."""

    slot: Slot
    line: Line
    gone: tuple[Slot, ...] = ()


def places(found: Evening) -> list[Place]:
    """The queues this party stands in, and those in which it was not served, by hour."""
    shown = [(slot, line) for slot, line in queued(found.booking.id) if line.status in SHOWN]
    return [Place(slot, line, _going(found, slot) if line.status == "offered" else ()) for slot, line in shown]


def _going(found: Evening, slot: Slot) -> tuple[Slot, ...]:
    ride = ride_between_hosts(found.edition, cast(Mode, found.booking.mode))
    coming = [seat for seats in found.seats.values() for seat in seats]
    gone = clashing(coming, slot, ride)
    return tuple(seats[0].slot for key, seats in found.seats.items() if key in gone)


@bp.post("/ma-soiree/<reference>/attentes")
def wait(reference: str) -> ResponseReturnValue:
    booking, slot = mine(reference), _number(request.form.get("slot", ""))
    night = evening(booking).edition
    basket.stand(one for one in basket.lines() if one != slot)
    return _done(
        booking,
        lambda: wait_for(night, booking.reference, slot, now=clock.now()),
        gettext("Vous êtes dans la file. Un message part dès que des places se libèrent pour vous."),
    )


@bp.get("/ma-soiree/<reference>/attentes/<int:wait_id>")
def offer(reference: str, wait_id: int) -> ResponseReturnValue:
    return _page(mine(reference), wait_id)


def _page(booking: Booking, wait_id: int, refused: str = "") -> str:
    found = evening(booking)
    place = next((one for one in places(found) if one.line.id == wait_id), None)
    return render_template("booking/offer.html", evening=found, booking=booking, place=place, refused=refused)


@bp.post("/ma-soiree/<reference>/attentes/<int:wait_id>/accepter")
def take(reference: str, wait_id: int) -> ResponseReturnValue:
    booking = mine(reference)
    night, gone = evening(booking).edition, [_number(one) for one in request.form.get("rendre", "").split(",") if one]
    return _done(
        booking,
        lambda: accept(night, booking.reference, wait_id, now=clock.now(), instead=gone),
        gettext("La visite est à vous. Votre confirmation à jour part par e-mail."),
        wait_id,
    )


@bp.post("/ma-soiree/<reference>/attentes/<int:wait_id>/quitter")
def leave(reference: str, wait_id: int) -> ResponseReturnValue:
    booking = mine(reference)
    return _done(
        booking,
        lambda: decline(booking.reference, wait_id, now=clock.now()),
        gettext("Vous avez quitté la file. Le groupe suivant avance."),
    )


def _done(booking: Booking, act: Callable[[], Booking | None], words: str, wait_id: int = 0) -> ResponseReturnValue:
    """Back to the evening with a sentence; a refusal shows the offer as it stands now."""
    try:
        done = act()
    except Refusal as refusal:
        return _page(mine(booking.reference), wait_id, say(refusal)), refusal.status
    if done is None:
        raise NotYours()
    flash(words, "go")
    return redirect(url_for(".show", reference=booking.reference, _anchor="attente"), 303)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
