"""Signing in by mail: ask, open the link (or type the code), press the button."""

import secrets

from flask import Blueprint, current_app, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from nuit import clock
from nuit.actions.member import ask_for_link, sign_in, sign_in_by_code, sign_out, sign_out_everywhere
from nuit.errors import Refusal
from nuit.forms.member import AskForm, CodeForm
from nuit.i18n import say
from nuit.models import Member
from nuit.views.door_app import part
from nuit.views.gate import limit, member

bp = Blueprint("sign_in", __name__, url_prefix="/connexion")


def _next() -> str:
    """Where to go afterwards: a path of our own, nothing else."""
    wanted = request.values.get("next", "")
    plain = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted and wanted.isprintable()
    return wanted if plain else url_for("desk.index")


def _browser() -> str:
    """A secret of this browser, to which a mailed link is bound."""
    if not isinstance(session.get("browser"), str):
        session["browser"] = secrets.token_urlsafe(16)
    kept: str = session["browser"]
    return kept


@bp.get("/")
def new() -> ResponseReturnValue:
    g.personal = True
    forget = part("forget.js") if member() is None else None
    return render_template(
        "sign_in/new.html", form=AskForm(email=request.args.get("email")), next=_next(), forget=forget
    )


@bp.post("/")
def ask() -> ResponseReturnValue:
    g.personal = True
    form = AskForm()
    if not form.validate():
        return render_template("sign_in/new.html", form=form, next=_next()), 422
    email = (form.email.data or "").lower()
    limit("sign-in", at_most=30, minutes=60)
    limit("sign-in-address", at_most=5, minutes=60, who=email)
    url = current_app.config["NUIT_URL"] + "/connexion/{token}"
    ask_for_link(email, now=clock.now(), browser=_browser(), url=url)
    session["next"] = _next()
    return redirect(url_for(".sent"), 303)


@bp.get("/envoye")
def sent() -> ResponseReturnValue:
    g.personal = True
    return render_template("sign_in/sent.html", form=CodeForm())


@bp.post("/envoye")
def type_code() -> ResponseReturnValue:
    g.personal = True
    limit("sign-in-code", at_most=20, minutes=10)
    form = CodeForm()
    if not form.validate():
        return render_template("sign_in/sent.html", form=form), 422
    try:
        who, token = sign_in_by_code(form.code.data or "", now=clock.now(), browser=_browser())
    except Refusal as refusal:
        form.code.errors = [say(refusal)]
        return render_template("sign_in/sent.html", form=form), refusal.status
    return _welcome(who, token)


@bp.get("/<token>")
def link(token: str) -> ResponseReturnValue:
    """Opening a link changes nothing: mail scanners open every link. The button below does."""
    g.personal = True
    return render_template("sign_in/link.html", token=token)


@bp.post("/<token>")
def open_link(token: str) -> ResponseReturnValue:
    g.personal = True
    limit("sign-in-link", at_most=30, minutes=10)
    try:
        who, fresh = sign_in(token, now=clock.now(), browser=session.get("browser"))
    except Refusal as refusal:
        return render_template("sign_in/link.html", token=None, refusal=say(refusal)), refusal.status
    return _welcome(who, fresh)


def _welcome(who: Member, token: str) -> ResponseReturnValue:
    """The desk speaks the member's language, unless another was chosen in this browser."""
    wanted = session.pop("next", None)
    session.setdefault("lang", who.locale)
    session["in"] = token
    session.permanent = True
    return redirect(wanted or url_for("desk.index"), 303)


@bp.post("/sortie")
def leave() -> ResponseReturnValue:
    token, who = session.pop("in", None), member()
    if who is not None and "partout" in request.form:
        sign_out_everywhere(who.id)
    elif isinstance(token, str):
        sign_out(token)
    answer = redirect(url_for(".new"), 303)
    # Not "storage": a door's unsent passages stay on the phone. Its list goes when the next page opens (forget.js).
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer
