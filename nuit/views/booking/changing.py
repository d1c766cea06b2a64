"""Changing an evening: one visit for another, a person's name. What cannot be had leaves everything as it was."""

from typing import cast

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from nuit import clock
from nuit.actions.waiting import rename, swap
from nuit.errors import Refusal
from nuit.forms.booking import NameForm
from nuit.i18n import say
from nuit.models import Booking, Slot
from nuit.planning.evening import Departure, Person, Ride, faults, fits
from nuit.planning.ride import Mode
from nuit.queries.ride import ride_between_hosts
from nuit.queries.visit import departure, free_departures, slots_by_ids
from nuit.views.booking.room import Evening, NotYours, bp, evening, mine

MOST = 12


@bp.get("/ma-soiree/<reference>/etapes/<int:slot_id>/echanger")
def exchange(reference: str, slot_id: int) -> ResponseReturnValue:
    return _page(evening(mine(reference)), slot_id)


@bp.post("/ma-soiree/<reference>/etapes/<int:slot_id>/echanger")
def change(reference: str, slot_id: int) -> ResponseReturnValue:
    booking = mine(reference)
    found, text = evening(booking), request.form.get("slot", "")
    taken = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
    try:
        done = swap(found.edition, booking.reference, slot_id, taken, now=clock.now())
    except Refusal as refusal:
        return _page(evening(mine(reference)), slot_id, say(refusal)), refusal.status
    if done is None:
        raise NotYours()
    flash(gettext("C’est échangé. Votre confirmation à jour part par e-mail."), "go")
    return redirect(url_for(".show", reference=booking.reference, _anchor=f"etape-{taken}"), 303)


def _page(found: Evening, slot_id: int, refused: str = "") -> str:
    stop = next((one for one in found.timetable.stops if one.slot == slot_id), None)
    if stop is None and not refused:
        raise NotYours()
    same, others = _instead(found, slot_id) if stop else ([], [])
    return render_template(
        "booking/exchange.html", evening=found, booking=found.booking, stop=stop, same=same, others=others,
        refused=refused,
    )  # fmt: skip


def _instead(found: Evening, slot_id: int) -> tuple[list[Slot], list[Slot]]:
    """What could take the place of a stop with everything else as it is: hours of the same visit, then other visits."""
    moving = found.seats[slot_id]
    kept = [departure(seats[0].slot) for key, seats in found.seats.items() if key != slot_id]
    ride = ride_between_hosts(found.edition, cast(Mode, found.booking.mode))
    free = free_departures(found.edition.id, clock.now(), seats=len(moving))
    party = [Person(one.ticket.label, one.ticket.age_band) for one in moving]
    slots = _near(found, moving[0].slot, [one for one in free if _holds(one, slot_id, kept, ride)], party)
    visit = moving[0].slot.visit_id
    return [one for one in slots if one.visit_id == visit], [one for one in slots if one.visit_id != visit][:MOST]


def _holds(one: Departure, gone: int, kept: list[Departure], ride: Ride) -> bool:
    return one.slot != gone and all(one.slot != stop.slot for stop in kept) and fits(kept, one, ride)


def _near(found: Evening, gone: Slot, free: list[Departure], party: list[Person]) -> list[Slot]:
    """Those near in time, of each other company only the nearest, by hour."""
    ordered = sorted(free, key=lambda one: (abs((one.starts_at - gone.starts_at).total_seconds()), one.slot))
    kept = {one.slot.host_id for seats in found.seats.values() for one in seats} - {gone.host_id}
    chosen: dict[int, int] = {}
    for one in ordered:
        if one.host == gone.host_id or (one.host not in kept and one.host not in chosen.values()):
            chosen[one.slot] = one.host
    slots = slots_by_ids(found.edition.id, list(chosen)[: 3 * MOST])
    return [one for one in slots if not faults([departure(one)], party, lambda _from, _to: 0)]


@bp.post("/ma-soiree/<reference>/personnes/<int:ticket_id>")
def call(reference: str, ticket_id: int) -> ResponseReturnValue:
    booking, form = mine(reference), NameForm()
    if not form.validate():
        return _called(booking, form, ticket_id), 422
    if rename(booking.reference, ticket_id, form.label.data, now=clock.now()) is None:
        raise NotYours()
    flash(gettext("Le nom est changé, les codes restent les mêmes."), "go")
    return redirect(url_for(".show", reference=booking.reference, _anchor="billet"), 303)


@bp.get("/ma-soiree/<reference>/personnes/<int:ticket_id>")
def person(reference: str, ticket_id: int) -> ResponseReturnValue:
    booking = mine(reference)
    ticket = next((one for one in booking.tickets if one.id == ticket_id), None)
    if ticket is None:
        raise NotYours()
    return _called(booking, NameForm(formdata=None, label=ticket.label), ticket_id)


def _called(booking: Booking, form: NameForm, ticket_id: int) -> str:
    return render_template("booking/person.html", booking=booking, form=form, ticket_id=ticket_id)
