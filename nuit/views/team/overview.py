"""The edition at a glance, and anyone in two keystrokes."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from nuit.forms.search import SearchForm
from nuit.queries.member import members
from nuit.queries.team import companies, people
from nuit.queries.team.bookings import SHORTEST, found_bookings
from nuit.queries.team.overview import demand, figures, missing
from nuit.render.chart import columns
from nuit.views.gate import edition
from nuit.views.team.room import organisers
from nuit.views.team.words import todo

bp = Blueprint("team_overview", __name__, url_prefix="/equipe")
LATEST = 8
MOST = 10


@bp.get("/")
@organisers
def show() -> ResponseReturnValue:
    night = edition()
    lines = companies.company_lines(night)
    hours = demand(night.id)
    return render_template(
        "team_overview/show.html",
        form=SearchForm(request.args),
        figures=figures(night.id, lines),
        todo=todo(missing(night, lines)),
        hours=hours,
        chart=columns([(hour.capacity, hour.taken) for hour in hours]),
        latest=found_bookings(night.id, size=LATEST),
    )


@bp.get("/trouver")
@organisers
def find() -> ResponseReturnValue:
    night, form = edition(), SearchForm(request.args)
    wanted = form.text if len(form.text) >= SHORTEST else ""
    return render_template(
        "team_overview/find.html",
        form=form,
        wanted=wanted,
        bookings=found_bookings(night.id, wanted, size=MOST),
        companies=companies.chosen(companies.company_lines(night), text=wanted)[:MOST] if wanted else [],
        members=people.chosen(members(), wanted)[:MOST] if wanted else [],
    )
