"""Every departure by hour: booked, entered, waiting. Changing one is its company's page."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from nuit.forms.search import SlotsForm
from nuit.i18n import day, hour
from nuit.planning.frieze import frieze
from nuit.queries.team.slots import companies_with_slots, marks, slot_lines, starts, totals
from nuit.views.gate import edition
from nuit.views.team.room import organisers

bp = Blueprint("team_slots", __name__, url_prefix="/equipe/creneaux")


@bp.get("/")
@organisers
def index() -> ResponseReturnValue:
    night = edition()
    hours = [(at, f"{hour(at)}, {day(at, year=False, weekday=False)}") for at in starts(night.id)]
    form = SlotsForm(request.args, companies_with_slots(night.id), hours)
    return render_template(
        "team_slots/index.html",
        form=form,
        page=slot_lines(night.id, company=form.entreprise.data, hour=form.hour, number=form.page),
        totals=totals(night.id, form.entreprise.data, form.hour),
    )


@bp.get("/frise")
@organisers
def timeline() -> ResponseReturnValue:
    return render_template("team_slots/timeline.html", frieze=frieze(marks(edition().id)))
