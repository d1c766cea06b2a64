"""Public pages are drawn once per state: 304 for who holds them, the same bytes for everybody else while nothing moved."""

import gzip
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from threading import Lock

import brotli
from flask import Response, g, request, session
from flask.typing import ResponseReturnValue

from nuit import clock
from nuit.i18n import spoken
from nuit.views.assets import version


@dataclass(frozen=True)
class Drawn:
    """A page by content encoding ("" is the plain one; others once somebody asks for them), and whether it shows the map's tiles."""

    bodies: dict[str, bytes]
    tiles: bool

    def body(self, encoding: str) -> bytes:
        """The page in this encoding; two requests at once may both press it, to the same bytes."""
        found = self.bodies.get(encoding)
        if found is None:
            found = self.bodies[encoding] = PRESSES[encoding](self.bodies[""])
        return found


PRESSES: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda plain: brotli.compress(plain, quality=5),
    "gzip": lambda plain: gzip.compress(plain, 6),
}
MOST = 400
"""Pages kept in this process: about 20 MB, the example's pages in three languages several times over."""

_kept: OrderedDict[str, Drawn] = OrderedDict()
_turn = Lock()


def answer(draw: Callable[[], str], *parts: object) -> ResponseReturnValue:
    """The page as drawn, or 304; it depends on `parts`, its address, the language, what this browser keeps, the minute."""
    minute = clock.now().replace(second=0, microsecond=0)
    own = sorted(session.items())
    state = (
        parts,
        request.full_path,
        spoken(),
        own,
        minute,
        clock.rehearsing(),
        version("nuit.css"),
        version("nuit.js"),
    )
    tag = blake2b(repr(state).encode(errors="replace"), digest_size=12).hexdigest()
    if request.if_none_match.contains_weak(tag):
        response = Response(status=304)
    elif own:
        response = Response(draw(), content_type="text/html; charset=utf-8")
    else:
        response = _shared(tag, draw)
    response.set_etag(tag, weak=True)
    response.headers["Cache-Control"] = "no-cache"
    return response


def _shared(tag: str, draw: Callable[[], str]) -> Response:
    """A page that is the same for every browser without a session: drawn and compressed once a process."""
    with _turn:
        drawn = _kept.get(tag)
    if drawn is None:
        drawn = Drawn({"": draw().encode()}, g.get("tiles", False))
        with _turn:
            _kept[tag] = drawn
            while len(_kept) > MOST:
                _kept.popitem(last=False)
    encoding = request.accept_encodings.best_match(["br", "gzip"], default="")
    g.tiles = drawn.tiles
    response = Response(drawn.body(encoding), content_type="text/html; charset=utf-8")
    response.vary.add("Accept-Encoding")
    if encoding:
        response.headers["Content-Encoding"] = encoding
    return response


def forget() -> None:
    """Drops every kept page: for who puts another database under a running process (the tests do)."""
    with _turn:
        _kept.clear()
