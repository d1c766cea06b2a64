"""The door: its page, the doors of who is signed in, and the phones paired at all doors."""

from flask import Blueprint, abort, current_app, flash, g, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from nuit import clock
from nuit.actions.device import open_pairing, revoke
from nuit.queries.door.roster import devices, doors, doors_of
from nuit.render.qr import qr_svg
from nuit.views.door_app import shell
from nuit.views.gate import edition, member, on_show, only

bp = Blueprint("door", __name__, url_prefix="/porte")


@bp.get("", strict_slashes=False)
def show() -> ResponseReturnValue:
    """Anybody may open it: without a paired phone or a sign-in it shows nothing and lets nobody in."""
    return shell()


@bp.get("/portes")
def mine() -> ResponseReturnValue:
    """The doors at which whoever is signed in in this browser may stand; none for anybody else."""
    g.personal = True
    who, night = member(), on_show()
    found = doors_of(who, night.id) if who and night else []
    return jsonify(doors=[{"slug": one.slug, "company": one.company} for one in found])


@bp.get("/appareils")
@only("organiser")
def phones() -> ResponseReturnValue:
    night = edition()
    offered = session.get("pairing_door")
    address = f"{current_app.config['NUIT_URL']}{url_for('.show')}"
    live = isinstance(offered, dict) and offered["until"] > clock.now().timestamp()
    code, company = (offered["code"], offered["company"]) if offered and live else (None, None)
    return render_template(
        "door/phones.html",
        doors=doors(night.id),
        devices=devices(night.id),
        company=company,
        code=code,
        address=address,
        qr=qr_svg(f"{address}#{code}", label=gettext("Code d’appairage à lire avec le téléphone")) if code else None,
    )


@bp.post("/appareils")
@only("organiser")
def pair() -> ResponseReturnValue:
    door = next((one for one in doors(edition().id) if one.slug == request.form.get("door")), None) or abort(404)
    device, code = open_pairing(door.id, now=clock.now(), by=_me())
    until = device.pairing_expires_at.timestamp() if device.pairing_expires_at else 0
    session["pairing_door"] = {"code": code, "company": door.company, "until": until}
    return redirect(url_for(".phones"), 303)


@bp.post("/appareils/<int:device_id>/couper")
@only("organiser")
def cut(device_id: int) -> ResponseReturnValue:
    if device_id not in {one.id for one in devices(edition().id)}:
        abort(404)
    revoke(device_id, now=clock.now(), by=_me())
    flash(gettext("Ce téléphone n’ouvre plus la porte."), "go")
    return redirect(url_for(".phones"), 303)


def _me() -> int | None:
    who = member()
    return who.id if who else None
