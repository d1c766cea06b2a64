"""Is it alive, is it ready: for whoever watches the machine."""

from flask import Blueprint, Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from nuit.queries.health import migration_head

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def live() -> ResponseReturnValue:
    return jsonify(status="ok")


@bp.get("/readyz")
def ready() -> ResponseReturnValue:
    return jsonify(status="ok", migration=migration_head())


@bp.post("/csp-report")
def csp_report() -> ResponseReturnValue:
    request.get_data(cache=False)
    return Response(status=204)


@bp.get("/robots.txt")
def robots() -> ResponseReturnValue:
    return Response(
        "User-agent: *\nDisallow: /equipe\nDisallow: /espace\nDisallow: /porte\nDisallow: /api\n"
        f"Sitemap: {current_app.config['NUIT_URL']}/sitemap.xml\n",
        content_type="text/plain; charset=utf-8",
    )
