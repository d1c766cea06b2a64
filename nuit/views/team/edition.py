"""The frame of the night: date, hours, booking, riding, door, limits."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from nuit import clock
from nuit.actions.edition import change_edition
from nuit.errors import Refusal
from nuit.forms.edition import EditionForm
from nuit.forms.fields import coverage, tongue_at_fault
from nuit.queries.desk import known_places, last_hand
from nuit.views.gate import edition
from nuit.views.team.room import me, organisers

bp = Blueprint("team_edition", __name__, url_prefix="/equipe/edition")


@bp.get("/")
@organisers
def show() -> ResponseReturnValue:
    night = edition()
    form = EditionForm(formdata=None, obj=night, **EditionForm.of(night))
    form.among(known_places())
    return _page(form)


@bp.post("/")
@organisers
def change() -> ResponseReturnValue:
    form = EditionForm()
    form.among(known_places())
    if not form.validate():
        return _page(form), 422
    try:
        change_edition(edition().id, form.wanted(), now=clock.now(), by=me())
    except Refusal as refusal:
        return _page(form, refusal), refusal.status
    flash(gettext("Édition enregistrée."), "go")
    return redirect(url_for(".show"), 303)


def _page(form: EditionForm, refusal: Refusal | None = None) -> str:
    return render_template(
        "team_edition/show.html",
        form=form,
        refusal=refusal,
        hand=last_hand("edition", edition().id),
        filled=coverage(form),
        first_tongue=tongue_at_fault(form),
    )
