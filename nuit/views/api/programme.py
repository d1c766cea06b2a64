"""What anybody may read: the edition, its companies and slots, the e-bike loops, and the description of this API."""

from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path

from flask import Blueprint, Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from nuit import clock
from nuit.forms.scan import Unfit
from nuit.i18n import spoken
from nuit.queries.company import published_hosts, visits_by_host
from nuit.queries.programme import live_free_slots, live_slots, live_state
from nuit.queries.route import published_routes
from nuit.views import route
from nuit.views.api.documents import company_document, edition_document, route_document, slot_documents
from nuit.views.errors import problem
from nuit.views.fresh import shared
from nuit.views.gate import edition

bp = Blueprint("api_programme", __name__, url_prefix="/api/v1")
OPENAPI = Path(__file__).with_name("openapi.json")
LONGEST_SLUG = 80


@bp.errorhandler(Unfit)
def unfit(fault: Unfit) -> ResponseReturnValue:
    return problem(422, "invalid", "The request does not fit.", errors=fault.errors)


@bp.get("/openapi.json")
def openapi() -> ResponseReturnValue:
    return _kept(lambda: OPENAPI.read_bytes(), OPENAPI.stat().st_mtime_ns)


@bp.get("/editions/current")
def current() -> ResponseReturnValue:
    return jsonify(edition_document(edition(), clock.now()))


@bp.get("/companies")
def companies() -> ResponseReturnValue:
    night = edition()

    def draw() -> bytes:
        visits = visits_by_host(night.id)
        found = [company_document(host, visits.get(host.id, [])) for host in published_hosts(night.id)]
        return jsonify(companies=found).get_data()

    return _kept(draw, night.id, night.revision)


@bp.get("/slots")
def slots() -> ResponseReturnValue:
    night, now = edition(), clock.now()
    company, only_free = _company(), _only_free()

    def draw() -> bytes:
        found = live_free_slots(night.id, now) if only_free else live_slots(night.id, company)
        shown = [one for one in found if company is None or one.company == company]
        return jsonify(slots=slot_documents(shown)).get_data()

    minute = now.replace(second=0, microsecond=0) if only_free else None
    return _kept(draw, night.id, night.revision, company, minute, live_state(night.id))


@bp.get("/routes")
def routes() -> ResponseReturnValue:
    night = edition()

    def draw() -> bytes:
        found = [
            route_document(one, url_for(".routes", _external=False) + f"/{one.slug}")
            for one in published_routes(night.id)
        ]
        return jsonify(routes=found).get_data()

    return _kept(draw, night.id, night.revision)


@bp.get("/routes/<slug>.geojson")
def route_geojson(slug: str) -> ResponseReturnValue:
    return route.geojson(slug)


@bp.get("/routes/<slug>.gpx")
def route_gpx(slug: str) -> ResponseReturnValue:
    return route.gpx(slug)


def _company() -> str | None:
    """The slug asked for; one that cannot be any company's finds nothing."""
    slug = request.args.get("company")
    if slug is not None and (len(slug) > LONGEST_SLUG or not slug.isprintable()):
        raise Unfit({"company": "the slug of a company"})
    return slug


def _only_free() -> bool:
    free = request.args.get("free", "0")
    if free not in ("0", "1"):
        raise Unfit({"free": "0 or 1"})
    return free == "1"


def _kept(draw: Callable[[], bytes], *parts: object) -> Response:
    """The JSON as drawn, or 304 where the client's copy still holds: it depends on `parts`, the address, the language."""
    state = (parts, request.full_path, spoken())
    tag = blake2b(repr(state).encode(errors="replace"), digest_size=12).hexdigest()
    known = request.if_none_match.contains_weak(tag)
    answer = Response(status=304) if known else shared(tag, draw, "application/json")
    answer.set_etag(tag, weak=True)
    answer.headers["Cache-Control"] = "no-cache"
    answer.vary.add("Accept-Language")
    answer.headers["Content-Language"] = spoken()
    return answer
