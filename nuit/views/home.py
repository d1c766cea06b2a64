"""The first page: what, when, where."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from nuit import clock
from nuit.queries.company import published_hosts
from nuit.queries.edition import places_of
from nuit.queries.visit import free_slots
from nuit.views.gate import edition

bp = Blueprint("home", __name__)


@bp.get("/")
def show() -> ResponseReturnValue:
    night = edition()
    return render_template(
        "home/show.html",
        hosts=published_hosts(night.id),
        free=free_slots(night.id, clock.now(), limit=6),
        places=places_of(night.id),
    )
