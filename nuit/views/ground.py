"""The ground under every map, in one address for all languages, kept by browsers for ever."""

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from nuit.render.ground import ground_json, ground_key, ground_svg
from nuit.views.assets import FOREVER, packed

bp = Blueprint("ground", __name__)


@bp.get("/carte/fond/<key>.json")
def shapes(key: str) -> ResponseReturnValue:
    return kept(ground_json(), "application/json", fits=key == ground_key())


@bp.get("/carte/fond/<key>-<any(jour,nuit):when>.svg")
def picture(key: str, when: str) -> ResponseReturnValue:
    return kept(ground_svg(when == "nuit"), "image/svg+xml", fits=key == ground_key())


def kept(content: str, kind: str, *, fits: bool) -> Response:
    """What an address with a hash holds: for ever while the hash fits, else as it is now, to be asked for again."""
    answer = packed(content, f"{kind}; charset=utf-8", FOREVER if fits else "no-cache")
    answer.add_etag()
    answer.make_conditional(request)
    return answer
