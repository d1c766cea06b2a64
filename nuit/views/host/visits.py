"""A company's visits: what is shown, how long, for whom."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from nuit import clock
from nuit.actions.visit import add_visit as add
from nuit.actions.visit import change_visit as change
from nuit.actions.visit import remove_visit as remove
from nuit.errors import ChangedMeanwhile, HasBookings, Refusal
from nuit.forms.fields import coverage, tongue_at_fault
from nuit.forms.visit import VisitForm, asked_again
from nuit.i18n import say
from nuit.models import Host, Visit
from nuit.planning.offer import differences
from nuit.queries.desk import crowds, last_hand, offer_of, visit_of, visits_for_desk
from nuit.views.conditions import condition_lines
from nuit.views.host.room import bp, me, mine, my_visit


@bp.get("/<slug>/visites")
@mine
def visits(host: Host) -> ResponseReturnValue:
    return render_template(
        "host/visits.html",
        host=host,
        visits=visits_for_desk(host.id),
        crowds=crowds(host.id),
        condition_lines=condition_lines,
    )


@bp.get("/<slug>/visites/nouvelle")
@mine
def new_visit(host: Host) -> ResponseReturnValue:
    return _page(host, None, VisitForm())


@bp.post("/<slug>/visites/nouvelle")
@mine
def add_visit(host: Host) -> ResponseReturnValue:
    form = VisitForm()
    if not form.validate():
        return _page(host, None, form), 422
    visit = add(host.id, form.wanted(), now=clock.now(), by=me())
    flash(gettext("Visite ajoutée. Donnez-lui ses départs."), "go")
    return redirect(url_for(".slots", slug=host.company.slug, visit_id=visit.id), 303)


@bp.get("/<slug>/visites/<int:visit_id>")
@mine
def visit(host: Host, visit_id: int) -> ResponseReturnValue:
    one = my_visit(host, visit_id)
    return _page(host, one, _form(one))


def _page(host: Host, one: Visit | None, form: VisitForm, **more: Any) -> str:
    return render_template(
        "host/visit.html",
        host=host,
        visit=one,
        form=form,
        filled=coverage(form),
        first_tongue=tongue_at_fault(form),
        **more,
    )


def _form(one: Visit) -> VisitForm:
    return VisitForm(**asked_again(offer_of(one), str(one.version)))


@bp.post("/<slug>/visites/<int:visit_id>")
@mine
def change_visit(host: Host, visit_id: int) -> ResponseReturnValue:
    one = my_visit(host, visit_id)
    form = _form(one)
    if not form.validate():
        return _page(host, one, form), 422
    try:
        change(visit_id, form.wanted(), version=int(form.version.data), now=clock.now(), by=me())
    except ChangedMeanwhile as refusal:
        return _compare(host, one, form, refusal), 409
    flash(gettext("Visite enregistrée."), "go")
    return redirect(url_for(".visits", slug=host.company.slug), 303)


def _compare(host: Host, one: Visit, form: VisitForm, refusal: Refusal) -> str:
    fresh = visit_of(host.id, one.id) or one
    stored = offer_of(fresh)
    form.version.data = str(fresh.version)
    return _page(
        host,
        fresh,
        form,
        refusal=refusal,
        stored=stored,
        differing=differences(stored, form.wanted()),
        hand=last_hand("visit", one.id),
    )


@bp.get("/<slug>/visites/<int:visit_id>/supprimer")
@mine
def drop_visit(host: Host, visit_id: int) -> ResponseReturnValue:
    return render_template("host/drop_visit.html", host=host, visit=my_visit(host, visit_id))


@bp.post("/<slug>/visites/<int:visit_id>/supprimer")
@mine
def remove_visit(host: Host, visit_id: int) -> ResponseReturnValue:
    one = my_visit(host, visit_id)
    try:
        remove(visit_id, now=clock.now(), by=me())
    except HasBookings as refusal:
        return render_template("host/drop_visit.html", host=host, visit=one, refusal=say(refusal)), refusal.status
    flash(gettext("Visite supprimée."), "go")
    return redirect(url_for(".visits", slug=host.company.slug), 303)
