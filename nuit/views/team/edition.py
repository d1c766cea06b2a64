"""The frame of the night: date, hours, booking, riding, door, limits."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from nuit import clock
from nuit.actions.edition import change_edition, draft_of
from nuit.errors import ChangedMeanwhile, Refusal
from nuit.forms.edition import EditionForm
from nuit.forms.fields import coverage, tongue_at_fault
from nuit.planning.draft import EditionDraft
from nuit.planning.offer import differences
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
        change_edition(edition().id, form.wanted(), version=int(form.version.data or 0), now=clock.now(), by=me())
    except ChangedMeanwhile as refusal:
        stored = draft_of(edition())
        form.version.data = str(edition().version)
        return _page(form, refusal, stored, differences(stored, form.wanted())), refusal.status
    except Refusal as refusal:
        return _page(form, refusal), refusal.status
    flash(gettext("Édition enregistrée."), "go")
    return redirect(url_for(".show"), 303)


def _page(
    form: EditionForm,
    refusal: Refusal | None = None,
    stored: EditionDraft | None = None,
    differing: tuple[str, ...] = (),
) -> str:
    return render_template(
        "team_edition/show.html",
        form=form,
        refusal=refusal,
        stored=stored,
        differing=differing,
        hand=last_hand("edition", edition().id),
        filled=coverage(form),
        first_tongue=tongue_at_fault(form),
    )
