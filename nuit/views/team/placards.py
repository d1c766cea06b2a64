"""Posters and door signs of all companies, in one click."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from nuit.queries.placard import hosts_on_show
from nuit.views.gate import edition
from nuit.views.placards import KINDS, PAPERS, printed
from nuit.views.team.room import organisers

bp = Blueprint("team_placards", __name__, url_prefix="/equipe/affiches")


@bp.get("/")
@organisers
def index() -> ResponseReturnValue:
    return render_template("team_placards/index.html", hosts=hosts_on_show(edition().id))


@bp.get(f"/<{KINDS}:kind>-<{PAPERS}:paper>.pdf")
@organisers
def all_of_them(kind: str, paper: str) -> ResponseReturnValue:
    night = edition()
    return printed(night, hosts_on_show(night.id), kind, paper, night.slug)
