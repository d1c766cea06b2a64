"""Who changed what and when, readable."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from nuit.forms.search import TrailForm
from nuit.queries.team.audit import nouns, trail
from nuit.views.team.room import organisers
from nuit.views.team.words import NOUNS, VERBS, told

bp = Blueprint("team_journal", __name__, url_prefix="/equipe/journal")


@bp.get("/")
@organisers
def index() -> ResponseReturnValue:
    form = TrailForm(request.args, {one: NOUNS.get(one, one) for one in nouns()})
    return render_template(
        "team_journal/index.html",
        form=form,
        page=trail(form.objet.data, number=form.page),
        nouns=NOUNS,
        verbs=VERBS,
        told=told,
    )
