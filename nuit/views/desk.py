"""The way in for everyone who signs in: each role lands at its own desk."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from nuit.queries.member import hosts_of
from nuit.views.gate import edition, member, only, roles

bp = Blueprint("desk", __name__)


@bp.get("/bureau")
@only("organiser", "host", "volunteer")
def index() -> ResponseReturnValue:
    who = member()
    return render_template("desk/index.html", hosts=hosts_of(who, edition().id) if who else [], mine=roles())
