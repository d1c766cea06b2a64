"""A visit's departures: listed, added one by one or in a row, changed, closed, cancelled with the effect shown first."""

from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from nuit import clock
from nuit.actions.slot import add_slots as add
from nuit.actions.slot import change_slot as change
from nuit.actions.slot import open_slot as open_or_close
from nuit.actions.slot import remove_slot as remove
from nuit.errors import ChangedMeanwhile, MoveBooked, Refusal
from nuit.forms.slot import SeriesForm, SlotForm, hours_of
from nuit.i18n import say
from nuit.models import Host, Slot, Visit
from nuit.queries.desk import Crowd, crowds, last_hand
from nuit.views.gate import edition
from nuit.views.host.room import bp, me, mine, my_slot, my_visit, tonight


def series(host: Host) -> SeriesForm:
    """A row of departures within the night, as full as the host's limit allows."""
    form = SeriesForm(every=30, capacity=min(12, host.safety_limit))
    return form.during(tonight, edition().opens_at, edition().closes_at)


def leaving(visit: Visit) -> set[datetime]:
    """When the visit leaves already; a cancelled hour may be given again."""
    return {slot.starts_at for slot in visit.slots if slot.status != "cancelled"}


def _slots_page(host: Host, visit: Visit, form: SeriesForm, refusal: Refusal | None = None) -> str:
    there = leaving(visit)
    row = form.row() if form.previewed.data else ()
    known = hours_of([one for one in row if one in there])
    return render_template(
        "host/slots.html", host=host, visit=visit, form=form, crowds=crowds(host.id), known=known, refusal=refusal
    )


@bp.get("/<slug>/visites/<int:visit_id>/departs")
@mine
def slots(host: Host, visit_id: int) -> ResponseReturnValue:
    return _slots_page(host, my_visit(host, visit_id), series(host))


@bp.post("/<slug>/visites/<int:visit_id>/departs")
@mine
def add_slots(host: Host, visit_id: int) -> ResponseReturnValue:
    visit, form = my_visit(host, visit_id), series(host)
    there = leaving(visit)
    if not form.validate():
        return _slots_page(host, visit, form), 422
    if form.asks_to_look(request.form.get("action", "")):
        form.preview(there)
        return _slots_page(host, visit, form)
    try:
        made = add(visit_id, form.starts(), capacity=form.capacity.data, now=clock.now(), by=me())
    except Refusal as refusal:
        return _slots_page(host, visit, form, refusal), refusal.status
    flash(ngettext("%(num)s départ ajouté.", "%(num)s départs ajoutés.", len(made)), "go")
    return redirect(url_for(".slots", slug=host.company.slug, visit_id=visit_id), 303)


def _slot_form(slot: Slot) -> SlotForm:
    form = SlotForm(version=str(slot.version), start=hours_of([slot.starts_at])[0], capacity=slot.capacity)
    return form.during(tonight, edition().opens_at, edition().closes_at)


@bp.get("/<slug>/departs/<int:slot_id>")
@mine
def slot(host: Host, slot_id: int) -> ResponseReturnValue:
    one = my_slot(host, slot_id)
    return _slot_page(host, one, _slot_form(one))


def _slot_page(host: Host, one: Slot, form: SlotForm, refusal: Refusal | None = None) -> str:
    crowd = crowds(host.id).get(one.id, Crowd())
    hand = last_hand("slot", one.id) if isinstance(refusal, ChangedMeanwhile) else None
    return render_template("host/slot.html", host=host, slot=one, form=form, crowd=crowd, refusal=refusal, hand=hand)


@bp.post("/<slug>/departs/<int:slot_id>")
@mine
def change_slot(host: Host, slot_id: int) -> ResponseReturnValue:
    one = my_slot(host, slot_id)
    form = _slot_form(one)
    if not form.validate():
        return _slot_page(host, one, form), 422
    try:
        change(
            slot_id, form.starts_at(), form.capacity.data, version=int(form.version.data), now=clock.now(), by=me()
        )  # fmt: skip
    except MoveBooked:
        way = {"kind": "move", "start": form.start.data}
        return redirect(url_for(".effect", slug=host.company.slug, slot_id=slot_id, **way), 303)
    except Refusal as refusal:
        fresh = my_slot(host, slot_id)
        form.version.data = str(fresh.version)
        return _slot_page(host, fresh, form, refusal), refusal.status
    flash(gettext("Départ enregistré."), "go")
    return redirect(url_for(".slots", slug=host.company.slug, visit_id=one.visit_id), 303)


@bp.post("/<slug>/departs/<int:slot_id>/etat")
@mine
def open_slot(host: Host, slot_id: int) -> ResponseReturnValue:
    one, is_open = my_slot(host, slot_id), "open" in request.form
    open_or_close(slot_id, is_open=is_open, now=clock.now(), by=me())
    hour = hours_of([one.starts_at])[0]
    flash(
        gettext("%(hour)s : ouvert à la réservation.", hour=hour)
        if is_open
        else gettext("%(hour)s : fermé à la réservation. Qui a réservé garde sa place.", hour=hour),
        "go",
    )
    return redirect(url_for(".slots", slug=host.company.slug, visit_id=one.visit_id), 303)


@bp.post("/<slug>/departs/<int:slot_id>/supprimer")
@mine
def remove_slot(host: Host, slot_id: int) -> ResponseReturnValue:
    one = my_slot(host, slot_id)
    hour, visit_id = hours_of([one.starts_at])[0], one.visit_id
    try:
        remove(slot_id, now=clock.now(), by=me())
    except Refusal as refusal:
        flash(say(refusal), "stop")
        return redirect(url_for(".slot", slug=host.company.slug, slot_id=slot_id), 303)
    flash(gettext("%(hour)s : supprimé.", hour=hour), "go")
    return redirect(url_for(".slots", slug=host.company.slug, visit_id=visit_id), 303)
