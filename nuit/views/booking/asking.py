"""Asking for an evening: one form with everybody on it, and everything typed stays on it until it fits."""

import secrets
from typing import cast

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from nuit import clock
from nuit.actions.booking import Wanted, book
from nuit.conditions import ASKED, SIGNS, Demand, demands, whose, words
from nuit.errors import KeyReused, Refusal
from nuit.forms.booking import BookingForm
from nuit.i18n import say, spoken, texts
from nuit.keys import manage_token
from nuit.models import Booking
from nuit.planning.evening import AGE_BANDS
from nuit.planning.ride import MODES, Mode
from nuit.planning.timetable import Stop
from nuit.queries.ride import stop_of
from nuit.queries.visit import slots_by_ids
from nuit.queries.waiting import queues
from nuit.views import basket
from nuit.views.booking.room import bp
from nuit.views.gate import edition, keep, keys, limit
from nuit.views.mending import mended
from nuit.views.plan import Plan, plan

LONGEST_ADDRESS = 2000


@bp.get("/reservation")
def new() -> ResponseReturnValue:
    """The form for what was chosen by hand, or for the composed evening that the address names."""
    g.personal = True
    most = edition().max_party
    ages = [one for one in request.args.get("ages", "").split(",") if one in AGE_BANDS][:most]
    mode = request.args.get("mode", "")
    composed = request.args.get("creneaux", "")[:LONGEST_ADDRESS]
    form = BookingForm(
        formdata=None,
        most_people=most,
        people=[{"age_band": one} for one in ages] or [{}] * min(basket.company(), most),
        mode=mode if mode in MODES else basket.mode(),
        key=secrets.token_urlsafe(16),
        slots=composed.replace(".", ",") or ",".join(str(one) for one in basket.chosen()),
        waits="" if composed else ",".join(str(one) for one in basket.lines()),
        wish=request.args.get("envies", "")[:LONGEST_ADDRESS] if composed else "",
    )
    return _page(form)


@bp.post("/reservation")
def create() -> ResponseReturnValue:
    g.personal = True
    form = BookingForm(most_people=edition().max_party)
    act = request.form.get("action", "")
    if act not in ("", "reserver"):
        _change(form, act)
        return _page(form)
    form.asked(_demands(_plan(form), _waits(form)))
    if not form.validate():
        return _page(form), 422
    try:
        booking = _book(form)
    except KeyReused:
        form.key.data = secrets.token_urlsafe(16)
        again = gettext(
            "Cette page a déjà donné une réservation. Envoyez encore pour en faire une autre, ou ouvrez « Ma soirée »."
        )
        return _page(form, refused=again), 422
    except Refusal as refusal:
        return _page(form, refused=say(refusal)), refusal.status
    _remember(booking)
    return redirect(url_for(".show", reference=booking.reference), 303)


def _book(form: BookingForm) -> Booking:
    limit("book", at_most=edition().attempts_per_network, minutes=10)
    wanted = Wanted(
        name=form.name.data,
        email=form.email.data,
        locale=spoken(),
        mode=_mode(form),
        party=form.party(),
        slots=tuple(sorted(form.slot_ids())),
        waits=tuple(sorted(form.wait_ids())),
    )
    return book(edition(), wanted, now=clock.now(), key=form.key.data, limited=current_app.config["NUIT_LIMITS"])


def _remember(booking: Booking) -> None:
    keep(booking.reference, manage_token(keys().secret, booking.reference, booking.epoch))
    basket.put([])
    basket.stand([])
    if booking.held_until is not None:
        flash(gettext("Vos places sont gardées. Il reste à confirmer votre adresse."), "wait")
    elif any(seat.status == "confirmed" for ticket in booking.tickets for seat in ticket.seats):
        flash(gettext("C’est réservé. Vos billets partent aussi par e-mail."), "go")
    else:
        flash(gettext("Vous êtes dans la file. Un message part dès que des places se libèrent pour vous."), "go")


def _change(form: BookingForm, act: str) -> None:
    """What a button inside the form does, before anything is sent off: people come and go, a stop changes or leaves."""
    verb, _, what = act.partition("-")
    if verb == "ajouter" and len(form.people.entries) < form.people.max_entries:
        form.people.append_entry()
    elif verb == "enlever" and len(form.people.entries) > 1:
        form.people.entries = [one for one in form.people.entries if one.short_name != what]
    elif verb in ("attendre", "renoncer"):
        _queue(form, what, is_waiting=verb == "attendre")
    elif verb == "reparer":
        form.slots.data = what.replace(".", ",")
    elif verb in ("echanger", "retirer"):
        gone, _, taken = what.partition("-")
        ids = [taken if str(one) == gone else str(one) for one in form.slot_ids()]
        form.slots.data = ",".join(one for one in ids if one)
        if not form.wish.data:
            basket.put(form.slot_ids())
    basket.come_as(len(form.people.entries), _mode(form))


def _queue(form: BookingForm, what: str, *, is_waiting: bool) -> None:
    """A stop that is full is waited for, or a queue is left before one stands in it."""
    form.slots.data = ",".join(str(one) for one in form.slot_ids() if str(one) != what)
    kept = [str(one) for one in form.wait_ids() if str(one) != what]
    form.waits.data = ",".join([*kept, what] if is_waiting and what.isdecimal() else kept)
    if not form.wish.data:
        basket.put(form.slot_ids())
        basket.stand(form.wait_ids())


def _mode(form: BookingForm) -> Mode:
    return cast(Mode, form.mode.data) if form.mode.data in MODES else "ebike25"


def _plan(form: BookingForm) -> Plan:
    return plan(edition(), form.slot_ids()[:50], form.party(), _mode(form), clock.now())


def _waits(form: BookingForm) -> list[Stop]:
    """What the party would wait for, by hour."""
    return [stop_of(one) for one in slots_by_ids(edition().id, form.wait_ids()[:50])]


def _demands(found: Plan, waits: list[Stop]) -> list[Demand]:
    return demands((stop.slot, stop.company, stop.conditions) for stop in [*found.timetable.stops, *waits])


def _page(form: BookingForm, refused: str = "") -> str:
    found, waits = _plan(form), _waits(form)
    asked = _demands(found, waits)
    form.asked(asked)
    return render_template(
        "booking/new.html",
        form=form,
        plan=found,
        demands=asked,
        told=_told((*found.timetable.stops, *waits)),
        waits=waits,
        queues=queues(one.slot for one in waits) if waits else {},
        refused=refused,
        mended=mended(edition(), form, clock.now()) if found.said or refused else None,
        wish=form.wish.data,
    )


def _told(stops: tuple[Stop, ...]) -> list[tuple[str, str, str]]:
    """What is good to know and needs no agreement: (icon, words, company and small print)."""
    return [
        (SIGNS[one["kind"]], words(one), whose(stop.company, texts(one.get("note"))))
        for stop in stops
        for one in stop.conditions
        if one.get("kind") in SIGNS and one["kind"] not in ASKED
    ]
