"""The screens: one blueprint a subject, one function a page."""

from typing import Any

from flask import Flask, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_compress import Compress
from flask_wtf.csrf import CSRFProtect
from werkzeug.routing import BuildError

from nuit import clock
from nuit.i18n import LANGUAGES, NAMES, spoken
from nuit.views import (
    about,
    amenity,
    api,
    assets,
    booking,
    company,
    desk,
    door,
    door_app,
    errors,
    evening,
    festival,
    gate,
    ground,
    health,
    home,
    host,
    ids,
    mailbox,
    map,
    marks,
    opening,
    picture,
    route,
    sign_in,
    sitemap,
    survey,
    team,
    ticket,
    trade,
)

PUBLIC = (home, company, trade, about, map, amenity, route, festival, evening, booking, survey)
REST = (ground, sign_in, sitemap, desk, health, ticket, host, mailbox, door, door_app, picture)
compress = Compress()


def init_app(app: Flask, csrf: CSRFProtect) -> None:
    """Registers every blueprint; public pages live under their language."""
    app.config.update(COMPRESS_MIN_SIZE=600, COMPRESS_ALGORITHM=["br", "gzip"], COMPRESS_BR_LEVEL=5)
    compress.init_app(app)
    app.url_value_preprocessor(_take_language)
    app.url_defaults(_give_language)
    app.before_request(_speak)
    app.url_map.converters["int"] = ids.Id
    for room in PUBLIC:
        app.register_blueprint(room.bp, url_prefix="/<any(fr,de,en):lang>")
    for room in REST:
        app.register_blueprint(room.bp)
    for blueprint in (*team.rooms, *api.rooms):
        app.register_blueprint(blueprint)
    for blueprint in (health.bp, *api.rooms):
        csrf.exempt(blueprint)
    csrf.exempt(evening.add)  # company pages stay without cookies; the same-site check stands
    app.add_url_rule("/", "root", _root)
    assets.init_app(app)
    errors.init_app(app)
    app.context_processor(_context)
    marks.init_app(app)
    opening.init_app(app)


def _root() -> ResponseReturnValue:
    return redirect(url_for("home.show", lang=spoken()), 302)


def _take_language(endpoint: str | None, values: dict[str, Any] | None) -> None:
    if values and "lang" in values and endpoint != "static":
        g.lang = values.pop("lang")
        g.has_language = True
    elif endpoint is None:  # nothing answers here; what was asked for still tells the language
        first = request.path.split("/")[1]
        if first in LANGUAGES:
            g.lang = first


def _give_language(endpoint: str, values: dict[str, Any]) -> None:
    if "lang" not in values and current_app.url_map.is_endpoint_expecting(endpoint, "lang"):
        values["lang"] = spoken()


def _speak() -> None:
    """Desks have no language in their address: the last choice counts, then the member's own."""
    if g.get("has_language") or request.endpoint == "static":
        return
    chosen = request.args.get("lang")
    if chosen in LANGUAGES:
        session["lang"] = chosen
    if session.get("lang") in LANGUAGES:
        g.lang = session["lang"]


def _context() -> dict[str, Any]:
    return {
        "edition": g.get("edition"),
        "member": gate.member,
        "roles": gate.roles,
        "now": clock.now(),
        "rehearsing": clock.rehearsing(),
        "languages": NAMES,
        "other_language": _other_language,
        "lang": spoken(),
        "has_language": g.get("has_language", False),
        "public_url": current_app.config["NUIT_URL"],
        "tabs": _tabs,
        "foot_links": _foot_links,
    }


def _other_language(lang: str) -> str:
    """This page in another language."""
    if not request.endpoint:
        return f"/{lang}/"
    if not g.get("has_language"):
        return f"?lang={lang}"
    try:
        address = url_for(request.endpoint, **{**(request.view_args or {}), "lang": lang})
    except BuildError:
        return f"/{lang}/"
    return address + (f"?{request.query_string.decode(errors='replace')}" if request.query_string else "")


def _tabs() -> list[tuple[str, str, str]]:
    """The four rooms of the site: endpoint, icon, words."""
    rooms = [
        ("company.index", "usine", gettext("Entreprises")),
        ("route.index", "carte", gettext("Parcours")),
        ("evening.compose", "composer", gettext("Composer")),
        ("booking.mine", "soiree", gettext("Ma soirée")),
    ]
    return [room for room in rooms if room[0] in current_app.view_functions]


def _foot_links() -> list[tuple[str, str]]:
    links = [
        ("trade.index", gettext("Métiers et formations")),
        ("festival.index", gettext("Festival de la transition")),
        ("map.show", gettext("La grande carte")),
        ("about.show", gettext("Questions pratiques")),
        ("about.privacy", gettext("Accessibilité et données personnelles")),
        ("desk.index", gettext("Entreprises et équipe : se connecter")),
    ]
    night = g.get("edition")
    if night is not None and night.closes_at <= clock.now():
        links.insert(0, ("about.summary", gettext("La nuit en chiffres")))
    return [link for link in links if link[0] in current_app.view_functions]
