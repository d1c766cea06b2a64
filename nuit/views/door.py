"""The door's web app: its page, its modules, and the phones paired at all doors."""

import hashlib
from functools import cache
from pathlib import Path

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from nuit import clock
from nuit.actions.device import open_pairing, revoke
from nuit.queries.door.roster import Door, devices, doors, doors_of
from nuit.render.qr import qr_svg
from nuit.views.assets import FOREVER
from nuit.views.door_words import words
from nuit.views.gate import edition, member, on_show, only
from nuit.views.headers import policy

bp = Blueprint("door", __name__, url_prefix="/porte")
PARTS = Path(__file__).parents[2] / "static" / "door"
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
WORKER = "reader-worker.js"


@bp.get("", strict_slashes=False)
def show() -> ResponseReturnValue:
    """Anybody may open it: without a paired phone or a sign-in it shows nothing and lets nobody in."""
    g.personal = True
    mine = _mine()
    wanted = request.args.get("hote")
    door = next((one for one in mine if one.slug == wanted), None) or (mine[0] if len(mine) == 1 else None)
    return render_template("door/show.html", door=door, doors=mine, words=words(), part=part)


def _mine() -> list[Door]:
    who, night = member(), on_show()
    return doors_of(who, night.id) if who and night else []


@cache
def _version() -> str:
    """One for all parts: the modules of a page always belong together, whatever a cache holds."""
    content = hashlib.sha256()
    for path in sorted(PARTS.iterdir()):
        content.update(path.read_bytes())
    return content.hexdigest()[:12]


def part(name: str) -> str:
    """The address of a module or style sheet of the door."""
    return url_for("door.module", version=_version(), name=name)


@bp.get("/app/<version>/<name>")
def module(version: str, name: str) -> ResponseReturnValue:
    path = PARTS / name
    if version != _version() or path.suffix not in TYPES or path.parent != PARTS or not path.is_file():
        abort(404)
    headers = {"Cache-Control": FOREVER}
    if name == WORKER:
        headers["Content-Security-Policy"] = policy(wasm=True)
    return Response(path.read_bytes(), content_type=TYPES[path.suffix], headers=headers)


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
