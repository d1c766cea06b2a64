"""The demo mailbox: only in example mode without SMTP."""

from pathlib import Path

from flask import Blueprint, Response, abort, current_app, g, make_response, render_template
from flask.typing import ResponseReturnValue

from nuit.queries.mailbox import Letter, enclosed, letter_by_name, letters
from nuit.views.gate import on_show
from nuit.views.headers import policy

bp = Blueprint("mailbox", __name__, url_prefix="/demo/messages")
LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-top-navigation-by-user-activation"
)
"""Mail needs styles inside itself: they are allowed in this one answer, which holds no script and no session."""


@bp.before_request
def only_here() -> None:
    g.personal = True
    edition = on_show()
    if edition is None or not edition.is_example or current_app.config["SMTP_URL"]:
        abort(404)


@bp.get("")
def index() -> ResponseReturnValue:
    return render_template("mailbox/index.html", letters=letters(_folder()))


@bp.get("/<name>")
def show(name: str) -> ResponseReturnValue:
    answer = make_response(render_template("mailbox/show.html", letter=_letter(name)))
    answer.headers["Content-Security-Policy"] = policy() + "; frame-src 'self'"
    return answer


@bp.get("/<name>/page")
def page(name: str) -> ResponseReturnValue:
    """The HTML part as its reader sees it; its links open in the whole window."""
    html = _letter(name).html.replace("<head>", '<head><base target="_top">', 1)
    return Response(html, headers={"Content-Security-Policy": LETTER_POLICY})


@bp.get("/<name>/<int:number>")
def enclosure(name: str, number: int) -> ResponseReturnValue:
    file_name, kind, content = enclosed(_folder(), name, number) or abort(404)
    answer = Response(content, content_type=kind)
    answer.headers.set("Content-Disposition", "attachment", filename=file_name)
    return answer


def _folder() -> Path:
    return Path(current_app.config["NUIT_INSTANCE"]) / "mail"


def _letter(name: str) -> Letter:
    return letter_by_name(_folder(), name) or abort(404)
