"""The organisers write to everyone, to one company's visitors or to one departure's; what parties have said."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from nuit import clock
from nuit.actions.writing import drop_circular
from nuit.queries.team.slots import companies_with_slots
from nuit.queries.writing import Audience, circular_by_id, echoes
from nuit.views.gate import edition
from nuit.views.team.room import me, organisers
from nuit.views.writing import Desk, sent, shown

bp = Blueprint("team_writing", __name__, url_prefix="/equipe")


def _desk() -> Desk:
    night = edition()
    hosts = companies_with_slots(night.id)
    return Desk(
        frame="team_overview/_room.html",
        address=url_for("team_writing.write"),
        choices=[("all", gettext("Toutes les personnes qui ont réservé")), *((f"{key}", name) for key, name in hosts)],
        audience=lambda chosen: Audience(night.id, None if chosen == "all" else int(chosen)),
        by_host=None,
        more={"room": "writing", "drop": "team_writing.drop", "host": None},
    )


@bp.get("/ecrire")
@organisers
def write() -> ResponseReturnValue:
    return shown(_desk())


@bp.post("/ecrire")
@organisers
def send() -> ResponseReturnValue:
    return sent(_desk())


@bp.post("/ecrire/<int:circular_id>/retirer")
@organisers
def drop(circular_id: int) -> ResponseReturnValue:
    found = circular_by_id(circular_id)
    if found is None or found.edition_id != edition().id:
        abort(404)
    if drop_circular(circular_id, now=clock.now(), by=me()):
        flash(gettext("Le message ne partira pas."), "go")
    else:
        flash(gettext("Ce message est déjà parti."), "wait")
    return redirect(url_for(".write"), 303)


@bp.get("/avis")
@organisers
def opinions() -> ResponseReturnValue:
    return render_template("team_writing/opinions.html", echoes=echoes(edition().id))
