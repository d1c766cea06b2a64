"""Loops: listed, made, their stops chosen and moved, drawn before anything is saved."""

from functools import partial
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from nuit import clock
from nuit.actions.route import add_route, change_route, draw_route, remove_route
from nuit.errors import ChangedMeanwhile, NoWay, Refusal
from nuit.forms.fields import coverage, tongue_at_fault
from nuit.forms.route import Choice, RouteForm, way_token
from nuit.i18n import say, texts
from nuit.models import Route, Stop
from nuit.planning.draft import StopDraft
from nuit.planning.offer import differences
from nuit.queries.desk import known_places, last_hand
from nuit.queries.ground import ground
from nuit.queries.ride import host_places, network
from nuit.queries.team.routes import (
    box_of,
    drawn,
    places_of,
    route_by_slug,
    route_draft,
    routes,
    stopping_hosts,
    streets_are_approximate,
)
from nuit.render.map import Scene
from nuit.render.map import drawn as drawn_map
from nuit.render.profile import profile_svg
from nuit.views.gate import edition
from nuit.views.ground import kept
from nuit.views.team.loop import best_order, between, loop_figure, loop_scene, loop_words, warnings
from nuit.views.team.room import me, organisers

bp = Blueprint("team_routes", __name__, url_prefix="/equipe/parcours")


@bp.get("/")
@organisers
def index() -> ResponseReturnValue:
    return render_template(
        "team_routes/index.html",
        routes=routes(edition().id),
        streets=network().revision,
        approximate=streets_are_approximate(),
    )


@bp.get("/ajouter")
@organisers
def new() -> ResponseReturnValue:
    return _page(None, _form(None, formdata=None, is_closed=True))


@bp.post("/ajouter")
@organisers
def add() -> ResponseReturnValue:
    form = _form(None)
    if _is_trial(form):
        return _page(None, form)
    if not form.validate():
        return _page(None, form), 422
    try:
        route = add_route(edition().id, form.wanted(), now=clock.now(), by=me())
    except Refusal as refusal:
        return _page(None, form, refusal), refusal.status
    flash(gettext("Parcours enregistré et tracé."), "go")
    return redirect(url_for(".show", slug=route.slug), 303)


@bp.get("/carte.js")
@organisers
def map_script() -> ResponseReturnValue:
    """The map of a loop as it is typed: its stops come with the address."""
    return kept(drawn_map(_asked_scene(), ground().box).script, "text/javascript", fits=False)


@bp.get("/carte.json")
@organisers
def map_names() -> ResponseReturnValue:
    return kept(drawn_map(_asked_scene(), ground().box).names, "application/json", fits=False)


def _asked_scene() -> Scene:
    known, night = _choices(None), edition()
    for route in routes(night.id):
        known |= {token: choice for token, choice in _choices(route).items() if token not in known}
    form = RouteForm(request.args, meta={"csrf": False}).over(known, request.args.getlist("stop"), box_of())
    return loop_scene(form, _drawn(form), night)


@bp.get("/<slug>")
@organisers
def show(slug: str) -> ResponseReturnValue:
    route = _route(slug)
    return _page(route, _form(route, formdata=None, obj=route))


@bp.post("/<slug>")
@organisers
def change(slug: str) -> ResponseReturnValue:
    route = _route(slug)
    form = _form(route)
    if _is_trial(form):
        return _page(route, form)
    if not form.validate():
        return _page(route, form), 422
    try:
        change_route(route.id, form.wanted(), version=int(form.version.data or 0), now=clock.now(), by=me())
    except ChangedMeanwhile as refusal:
        return _compare(slug, form, refusal), 409
    except Refusal as refusal:
        return _page(route, form, refusal), refusal.status
    flash(gettext("Parcours enregistré et tracé."), "go")
    return redirect(url_for(".show", slug=slug), 303)


@bp.post("/<slug>/tracer")
@organisers
def draw(slug: str) -> ResponseReturnValue:
    """The same stops over the streets of today."""
    try:
        draw_route(_route(slug).id, now=clock.now(), by=me())
    except NoWay as refusal:
        flash(say(refusal), "stop")
    else:
        flash(gettext("Tracé sur les rues d’aujourd’hui."), "go")
    return redirect(url_for(".index"), 303)


@bp.post("/<slug>/supprimer")
@organisers
def remove(slug: str) -> ResponseReturnValue:
    route, version = _route(slug), request.form.get("version", "")
    try:
        remove_route(route.id, version=int(version) if version.isdecimal() else 0, now=clock.now(), by=me())
    except ChangedMeanwhile as refusal:
        return _page(_route(slug), _form(_route(slug), formdata=None, obj=_route(slug)), refusal), 409
    flash(gettext("Parcours supprimé."), "go")
    return redirect(url_for(".index"), 303)


def _route(slug: str) -> Route:
    return route_by_slug(edition().id, slug) or abort(404)


def _is_trial(form: RouteForm) -> bool:
    """Whether a button only moves stops or draws: then nothing is saved."""
    act = request.form.get("act", "")
    if act == "order":
        form.ordered = best_order(form, edition())
        return True
    return form.rearrange(act, partial(between, form, edition())) or act == "draw"


def _form(route: Route | None, **more: Any) -> RouteForm:
    form, known = RouteForm(**more), _choices(route)
    tokens = request.form.getlist("stop") if form.is_submitted() else _tokens(route)
    return form.over(known, tokens, box_of())


def _tokens(route: Route | None) -> list[str]:
    return [_token(stop) for stop in route.stops] if route else []


def _token(stop: Stop) -> str:
    """Companies and named places by their number, way-points by where they are."""
    if stop.host_id:
        return f"h{stop.host_id}"
    return f"s{stop.id}" if stop.name else way_token(stop.lon or 0.0, stop.lat or 0.0)


def _choices(route: Route | None) -> dict[str, Choice]:
    """Where a loop may stop: at a company, at a known place, and where it stops already."""
    companies, places = gettext("Entreprises"), gettext("Lieux connus")
    found = {
        f"h{host_id}": Choice(name, companies, StopDraft(host_id, {}, None, None))
        for host_id, name in stopping_hosts(edition().id)
    }
    for name, (lon, lat) in known_places().items():
        found[f"p{name}"] = Choice(name, places, StopDraft(None, {"fr": name}, lon, lat))
    for stop in route.stops if route else ():
        own = StopDraft(stop.host_id, stop.name, stop.lon, stop.lat)
        words = stop.host.company.name if stop.host else texts(stop.name) or gettext("Point de passage")
        found.setdefault(_token(stop), Choice(words, "", own))
    return found


def _page(route: Route | None, form: RouteForm, refusal: Refusal | None = None, **more: Any) -> str:
    """The form, and beside it the ride over the stops as they stand in it."""
    night, track = edition(), dict[str, Any]()
    g.tiles = True
    try:
        track = drawn(places_of(form.stops(), host_places(night.id)), closed=form.is_closed.data)
    except NoWay as no_way:
        refusal = refusal or no_way
    return render_template(
        "team_routes/show.html",
        route=route,
        form=form,
        refusal=refusal,
        track=track,
        map=loop_figure(form, track, night),
        map_words=loop_words(),
        warnings=warnings(form, track, night),
        profile=_profile(track),
        filled=coverage(form),
        first_tongue=tongue_at_fault(form),
        **more,
    )


def _drawn(form: RouteForm) -> dict[str, Any]:
    try:
        return drawn(places_of(form.stops(), host_places(edition().id)), closed=form.is_closed.data)
    except NoWay:
        return {}


def _profile(track: dict[str, Any]) -> str:
    """The climb as a drawing, with the stops where the legs begin."""
    if not track:
        return ""
    at = [0, *(sum(leg["metres"] for leg in track["legs"][: number + 1]) for number in range(len(track["legs"])))]
    label = gettext(
        "Profil : %(metres)s mètres de montée sur %(km)s kilomètres",
        metres=track["climb"],
        km=round(track["metres"] / 1000, 1),
    )
    return profile_svg(track["profile"], at, label=label, ends=(gettext("début"), gettext("fin")))


def _compare(slug: str, form: RouteForm, refusal: Refusal) -> str:
    """Own values stay typed; beside them what stands now. Saving again, having seen it, is allowed."""
    fresh = _route(slug)
    stored, wanted = route_draft(fresh), form.wanted()
    form.version.data = str(fresh.version)
    shown = {name: getattr(stored, name) for name in differences(stored, wanted)}
    if "stops" in shown:
        shown["stops"] = [_stop_words(fresh, number) for number in range(len(fresh.stops))]
    return _page(fresh, form, refusal, stored=shown, differing=tuple(shown), hand=last_hand("route", fresh.id))


def _stop_words(route: Route, number: int) -> str:
    stop = route.stops[number]
    return stop.host.company.name if stop.host else texts(stop.name)
