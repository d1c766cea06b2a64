"""Faults as pages: a clear sentence, the right status, a way on; problem documents under /api."""

from flask import Flask, current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from nuit.errors import Refusal
from nuit.i18n import say


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(Refusal, _refusal)
    app.register_error_handler(Exception, _fault)


def problem(status: int, slug: str, title: str, **more: object) -> ResponseReturnValue:
    """An RFC 9457 problem document with a stable `type`."""
    answer = jsonify({"type": slug, "title": title, "status": status, **more})
    answer.status_code, answer.content_type = status, "application/problem+json"
    return answer


def _wants_json() -> bool:
    return request.path.startswith("/api/")


def _page(status: int, sentence: str | None = None) -> ResponseReturnValue:
    try:
        return render_template("errors/page.html", status=status, sentence=sentence), status
    except Exception:  # the last resort stands on nothing
        current_app.logger.exception("error page")
        return (
            "Nous n’avons pas pu répondre. Rien n’est perdu. Réessayez.\n",
            status,
            {"Content-Type": "text/plain; charset=utf-8"},
        )


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.code is not None and error.code < 400:
        return error
    status = error.code or 500
    if _wants_json():
        return problem(
            status,
            {404: "not-found", 405: "method-not-allowed", 413: "too-large"}.get(status, "bad-request"),
            error.name,
        )
    return _page(status)


def _csrf(error: CSRFError) -> ResponseReturnValue:
    return _page(400, "csrf")


def _refusal(refusal: Refusal) -> ResponseReturnValue:
    if _wants_json():
        return problem(refusal.status, refusal.slug, say(refusal), slots=list(refusal.slots))
    return _page(refusal.status, say(refusal))


def out_of_reach(error: Exception) -> ResponseReturnValue:
    """The database does not answer, or takes nothing more: nothing is lost, and the same again in a moment will do."""
    current_app.logger.error("database out of reach on %s: %s", request.endpoint, type(error).__name__)
    found = problem(503, "busy", "Service Unavailable") if _wants_json() else _page(503)
    answer = current_app.make_response(found)
    answer.headers["Retry-After"] = "2"
    return answer


def _fault(error: Exception) -> ResponseReturnValue:
    current_app.logger.exception("fault on %s %s", request.method, request.endpoint)
    return problem(500, "fault", "Internal Server Error") if _wants_json() else _page(500)
