"""Pictures of companies, as we have drawn them: by a key that nobody guesses, and never as a page."""

from flask import Blueprint, Response, abort

from nuit.queries.picture import picture_by_key

bp = Blueprint("picture", __name__, url_prefix="/images")
FOREVER = "public, max-age=31536000, immutable"


@bp.get("/<key>.webp")
def show(key: str) -> Response:
    found = picture_by_key(key) or abort(404)
    answer = Response(found.content, content_type="image/webp")
    answer.headers["Cache-Control"] = FOREVER
    answer.headers["Content-Disposition"] = f'inline; filename="{found.key}.webp"'
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer
