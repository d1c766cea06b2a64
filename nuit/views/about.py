"""Practical questions, privacy, accessibility."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from nuit.views.fresh import answer
from nuit.views.gate import on_show
from nuit.views.register import REGISTER

bp = Blueprint("about", __name__)


@bp.get("/infos")
def show() -> ResponseReturnValue:
    night = on_show()
    parts = (night.id, night.revision) if night else ()
    return answer(lambda: render_template("about/show.html"), *parts)


@bp.get("/infos/donnees")
def privacy() -> ResponseReturnValue:
    night = on_show()
    parts = (night.id, night.revision) if night else ()
    return answer(lambda: render_template("about/privacy.html"), *parts)


@bp.get("/infos/registre")
def register() -> ResponseReturnValue:
    night = on_show()
    parts = (night.id, night.revision) if night else ()
    return answer(lambda: render_template("about/register.html", register=REGISTER), *parts)
