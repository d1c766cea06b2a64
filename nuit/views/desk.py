"""The way in for everyone who signs in: each role lands at its own desk; who has several chooses."""

from flask import Blueprint, current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from nuit.queries.member import hosts_of
from nuit.views.gate import member, on_show, only, roles

bp = Blueprint("desk", __name__)
DESKS = {
    "organiser": "team_overview.show",
    "host": "host.index",
    "volunteer": "door.show",
    "reader": "team_numbers.show",
}


@bp.get("/bureau")
@only(*DESKS)
def index() -> ResponseReturnValue:
    ways = {role: url_for(way) for role, way in DESKS.items() if role in roles() and way in current_app.view_functions}
    if len(ways) == 1 and len(roles()) == 1:
        return redirect(next(iter(ways.values())), 303)
    night, who = on_show(), member()
    hosts = hosts_of(who, night.id) if who and night else []
    return render_template("desk/index.html", ways=ways, hosts=hosts)
