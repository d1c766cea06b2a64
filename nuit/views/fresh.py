"""Public pages are drawn once per state: 304 for who holds them, the same bytes for everybody else while nothing moved."""

import gzip
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from hashlib import blake2b
from threading import Lock

import brotli
from flask import Response, g, request, session
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from markupsafe import Markup

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


@dataclass(frozen=True)
class Piece:
    """A part of a page as it was drawn, and the icons it uses."""

    html: Markup
    icons: tuple[str, ...]


PRESSES: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda plain: brotli.compress(plain, quality=5),
    "gzip": lambda plain: gzip.compress(plain, 6),
}
MOST = 400
"""Pages kept in this process: about 20 MB, the example's pages in three languages several times over."""

LARGEST = 2**19
"""Bytes of the largest page that is kept: what is larger (all slots of a very large programme) is drawn each time."""
MOST_PIECES = 8000
"""Parts of pages kept in this process: most are one departure of a kilobyte or two."""

_kept: OrderedDict[str, Drawn] = OrderedDict()
_pieces: OrderedDict[Hashable, Piece] = OrderedDict()
_turn = Lock()


def answer(draw: Callable[[], str], *parts: object) -> ResponseReturnValue:
    """The page as drawn, or 304; it depends on `parts`, its address, the language, the minute, and what is to be said once.

    Nothing else that a browser keeps with us (its basket, its tickets) shows on such a page.
    """
    minute = clock.now().replace(second=0, microsecond=0)
    own = session.get("_flashes")
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
        response = shared(tag, lambda: draw().encode(), "text/html; charset=utf-8")
    response.set_etag(tag, weak=True)
    response.headers["Cache-Control"] = "no-cache"
    return response


def shared(tag: str, draw: Callable[[], bytes], kind: str) -> Response:
    """What is the same for everybody who asks for this state (`tag` names it): drawn and pressed once a process."""
    with _turn:
        drawn = _kept.get(tag)
    if drawn is None:
        drawn = Drawn({"": draw()}, g.get("tiles", False))
        if len(drawn.bodies[""]) <= LARGEST:
            with _turn:
                _kept[tag] = drawn
                while len(_kept) > MOST:
                    _kept.popitem(last=False)
    encoding = request.accept_encodings.best_match(["br", "gzip"], default="")
    g.tiles = drawn.tiles
    response = Response(drawn.body(encoding), content_type=kind)
    response.vary.add("Accept-Encoding")
    if encoding:
        response.headers["Content-Encoding"] = encoding
    return response


def fixed(*parts: Hashable, caller: Callable[[], Markup]) -> Markup:
    """`{% call fixed("name", …) %}…{% endcall %}`: a part of a page that says the same while `parts` and the language do.

    Drawn once a process; everything it shows must follow from `parts` (a revision, a slot's places, whether it has begun).
    """
    key = (str(get_locale()), parts)
    piece = _pieces.get(key)
    if piece is None:
        others = g.pop("icons", {})
        html = caller()
        piece = Piece(html, tuple(g.pop("icons", ())))
        g.icons = others
        with _turn:
            _pieces[key] = piece
            while len(_pieces) > MOST_PIECES:
                _pieces.popitem(last=False)
    g.setdefault("icons", {}).update(dict.fromkeys(piece.icons, True))
    return piece.html


def forget() -> None:
    """Drops every kept page and piece: for who puts another database under a running process (the tests do)."""
    with _turn:
        _kept.clear()
        _pieces.clear()
