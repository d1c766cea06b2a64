"""The phones at this company's door: one more, who is there, cut off, and whether they count who leaves."""

from flask import abort, current_app, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from nuit import clock
from nuit.actions.device import count_exits, open_pairing
from nuit.actions.device import revoke as cut
from nuit.forms.host import ExitsForm
from nuit.models import Device, Host
from nuit.queries.desk import device_of, devices_of
from nuit.render.qr import qr_svg
from nuit.views.gate import limit
from nuit.views.host.room import bp, me, mine


@bp.get("/<slug>/porte")
@mine
def doors(host: Host) -> ResponseReturnValue:
    devices = devices_of(host.id, clock.now())
    waiting = [one for one in devices if one.paired_at is None]
    code = _code(waiting)
    address = f"{current_app.config['NUIT_URL']}{url_for('door.show')}"
    return render_template(
        "host/doors.html",
        host=host,
        form=ExitsForm(obj=host),
        devices=[one for one in devices if one.paired_at is not None],
        waiting=waiting[0] if code else None,
        code=code,
        address=address,
        qr=qr_svg(f"{address}#{code}", label=gettext("Code d’appairage à lire avec le téléphone")) if code else None,
    )


def _code(waiting: list[Device]) -> str | None:
    """The code this browser has just asked for; others see that one is open, not which."""
    kept = session.get("pairing")
    if not waiting or not isinstance(kept, list) or kept[0] != waiting[0].id:
        return None
    return str(kept[1])


@bp.post("/<slug>/porte")
@mine
def pair(host: Host) -> ResponseReturnValue:
    limit("pairing", at_most=30, minutes=60, who=f"{host.id}")
    device, code = open_pairing(host.id, now=clock.now(), by=me())
    session["pairing"] = [device.id, code]
    return redirect(url_for(".doors", slug=host.company.slug), 303)


@bp.post("/<slug>/porte/<int:device_id>/couper")
@mine
def revoke(host: Host, device_id: int) -> ResponseReturnValue:
    one = device_of(host.id, device_id) or abort(404)
    cut(one.id, now=clock.now(), by=me())
    flash(gettext("Cet appareil n’ouvre plus la porte."), "go")
    return redirect(url_for(".doors", slug=host.company.slug), 303)


@bp.post("/<slug>/porte/sorties")
@mine
def exits(host: Host) -> ResponseReturnValue:
    form = ExitsForm()
    count_exits(host.id, form.counts_exits.data, now=clock.now(), by=me())
    flash(gettext("Enregistré. Les téléphones le sauront dès qu’ils ont le réseau."), "go")
    return redirect(url_for(".doors", slug=host.company.slug), 303)
