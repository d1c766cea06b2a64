"""A company writes to its own visitors, and reads what they have said, without names."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from nuit import clock
from nuit.actions.writing import drop_circular
from nuit.i18n import hour, texts
from nuit.models import Host
from nuit.queries.desk import slots_of
from nuit.queries.writing import Audience, circular_by_id, echoes
from nuit.views.gate import edition
from nuit.views.host.room import bp, me, mine
from nuit.views.writing import Desk, sent, shown


def _desk(host: Host) -> Desk:
    slots = [one for one in slots_of(host.id) if one.status != "cancelled"]
    night = edition()
    return Desk(
        frame="host/_room.html",
        address=url_for("host.write", slug=host.company.slug),
        choices=[
            ("all", gettext("Tous vos visiteurs")),
            *((f"{one.id}", f"{hour(one.starts_at)}, {texts(one.visit.title)}") for one in slots),
        ],
        audience=lambda chosen: Audience(night.id, host.id, None if chosen == "all" else int(chosen)),
        by_host=host.id,
        more={"room": "visitors", "drop": "host.drop_letter", "host": host},
    )


@bp.get("/<slug>/ecrire")
@mine
def write(host: Host) -> ResponseReturnValue:
    return shown(_desk(host))


@bp.post("/<slug>/ecrire")
@mine
def send(host: Host) -> ResponseReturnValue:
    return sent(_desk(host))


@bp.post("/<slug>/ecrire/<int:circular_id>/retirer")
@mine
def drop_letter(host: Host, circular_id: int) -> ResponseReturnValue:
    found = circular_by_id(circular_id)
    if found is None or found.by_host_id != host.id:
        abort(404)
    if drop_circular(circular_id, now=clock.now(), by=me()):
        flash(gettext("Le message ne partira pas."), "go")
    else:
        flash(gettext("Ce message est déjà parti."), "wait")
    return redirect(url_for(".write", slug=host.company.slug), 303)


@bp.get("/<slug>/avis")
@mine
def opinions(host: Host) -> ResponseReturnValue:
    return render_template("host/opinions.html", host=host, echoes=echoes(edition().id, host.id))
