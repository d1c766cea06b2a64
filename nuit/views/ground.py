"""The ground under every map, in one address for all languages, kept by browsers for ever."""

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from nuit.queries.ground import ground
from nuit.render.ground import is_part, picture_svg, tile_json
from nuit.views.assets import FOREVER, packed

bp = Blueprint("ground", __name__)


@bp.get("/carte/fond/<key>/<int:zoom>-<int:x>-<int:y>.json")
def tile(key: str, zoom: int, x: int, y: int) -> ResponseReturnValue:
    here = ground()
    return kept(tile_json(here, zoom, x, y) or abort(404), "application/json", fits=key == here.key)


@bp.get(
    "/carte/fond/<key>/<int(signed=True):left>,<int(signed=True):top>,<int:wide>,<int:high>-<any(jour,nuit):when>.svg"
)
def picture(key: str, left: int, top: int, wide: int, high: int, when: str) -> ResponseReturnValue:
    here, part = ground(), (left, top, wide, high)
    if not is_part(part):
        abort(404)
    return kept(picture_svg(here, part, when == "nuit"), "image/svg+xml", fits=key == here.key)


def kept(content: str, kind: str, *, fits: bool) -> Response:
    """What an address with a hash holds: for ever while the hash fits, else as it is now, to be asked for again."""
    answer = packed(content, f"{kind}; charset=utf-8", FOREVER if fits else "no-cache")
    answer.add_etag()
    answer.make_conditional(request)
    return answer
