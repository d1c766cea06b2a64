"""Public pages that a browser already holds are not drawn again: 304 while nothing they depend on has moved."""

from collections.abc import Callable
from hashlib import blake2b

from flask import Response, request, session
from flask.typing import ResponseReturnValue

from nuit import clock
from nuit.i18n import spoken
from nuit.views.assets import asset


def answer(draw: Callable[[], str], *parts: object) -> ResponseReturnValue:
    """The page as drawn, or 304; it depends on `parts`, its address, the language, what this browser keeps, the minute."""
    minute = clock.now().replace(second=0, microsecond=0)
    state = (parts, request.full_path, spoken(), sorted(session.items()), minute, asset("nuit.css"), asset("nuit.js"))
    tag = blake2b(repr(state).encode(errors="replace"), digest_size=12).hexdigest()
    known = request.if_none_match.contains_weak(tag)
    response = Response(status=304) if known else Response(draw(), content_type="text/html; charset=utf-8")
    response.set_etag(tag, weak=True)
    response.headers["Cache-Control"] = "no-cache"
    return response
