"""What pages are dressed in: one style sheet, one script, icons drawn once a page; addresses carry their content's hash."""

import gzip
import hashlib
import re
from functools import cache, lru_cache
from pathlib import Path

import brotli
from flask import Flask, Response, abort, g, request, url_for
from markupsafe import Markup

STATIC = Path(__file__).parents[2] / "static"
SHEETS = {
    "nuit.css": ("css/tokens.css", "css/base.css", "css/components.css", "css/pages.css", "css/desk.css"),
    "night.css": ("css/night.css",),
    "wishing.css": ("css/wishing.css",),
    "nuit.js": ("js/theme.js", "js/countdown.js", "js/page.js"),
    "map.css": ("vendor/leaflet@1.9.4/leaflet.css", "css/map.css"),
    "map.js": ("js/map-ground.js", "js/map-hands.js", "js/map-pins.js", "js/map.js"),
    "evening.js": ("evening/kept.js", "evening/hours.js", "evening/evening.js"),
    "evening.css": ("evening/evening.css",),
    "leaflet.js": ("vendor/leaflet@1.9.4/leaflet.js",),
}
TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}
FOREVER = "public, max-age=31536000, immutable"


def init_app(app: Flask) -> None:
    app.add_url_rule("/assets/<version>/<name>", "assets.sheet", sheet)
    app.add_url_rule("/favicon.ico", "assets.favicon", favicon)
    app.jinja_env.globals.update(asset=asset, icon=icon, sprite=sprite, disc=disc)
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 86400


@cache
def _bundle(name: str) -> tuple[str, str]:
    text = "\n".join((STATIC / part).read_text() for part in SHEETS[name] if (STATIC / part).exists())
    text = text.replace('url("../fonts/', 'url("/static/fonts/')
    if name.endswith(".css"):  # what only we read does not travel
        text = re.sub(r"\n\s*", "\n", re.sub(r"/\*.*?\*/", "", text, flags=re.S))
    return text, hashlib.sha256(text.encode()).hexdigest()[:12]


def sheet(version: str, name: str) -> Response:
    if name not in SHEETS or version != _bundle(name)[1]:
        abort(404)
    return packed(_bundle(name)[0], TYPES[name.rsplit(".")[-1]], FOREVER)


def packed(content: str, kind: str, keep: str) -> Response:
    """Content that changes only with its address, as small as it gets; pressed once a process."""
    encoding = request.accept_encodings.best_match(["br", "gzip"], default="")
    response = Response(_pressed(content, encoding), content_type=kind, headers={"Cache-Control": keep})
    response.vary.add("Accept-Encoding")
    if encoding:
        response.headers["Content-Encoding"] = encoding
    return response


@lru_cache(maxsize=64)
def _pressed(content: str, encoding: str) -> bytes:
    plain = content.encode()
    return brotli.compress(plain, quality=10) if encoding == "br" else gzip.compress(plain, 9) if encoding else plain


def favicon() -> Response:
    return Response((STATIC / "img/marque.svg").read_text(), content_type="image/svg+xml")


@cache
def _version(path: str) -> str:
    return hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:12]


def version(name: str) -> str:
    """The hash of a sheet's content: part of what a kept page depends on."""
    return _bundle(name)[1]


def asset(path: str) -> str:
    """The address of a style sheet, script or file in static/, with the hash of its content."""
    if path in SHEETS:
        return url_for("assets.sheet", version=_bundle(path)[1], name=path)
    return url_for("static", filename=path, v=_version(path))


@cache
def _symbols(path: str) -> dict[str, str]:
    text = (STATIC / path).read_text()
    return {found[1]: found[0] for found in re.finditer(r'<symbol id="([a-z0-9-]+)".*?</symbol>', text, re.S)}


def icon(name: str, words: str | None = None) -> Markup:
    """An icon, always beside a word; `words` only where the icon stands for them."""
    if f"i-{name}" not in _symbols("img/icones.svg"):
        raise KeyError(name)
    g.setdefault("icons", {})[name] = True
    said = Markup('<span class="hush">{}</span>').format(words) if words else Markup("")
    return Markup('<svg class="icon" aria-hidden="true"><use href="#i-{}"/></svg>').format(name) + said


def sprite() -> Markup:
    """The icons this page has used, to stand once at the end of its body."""
    used = [_symbols("img/icones.svg")[f"i-{name}"] for name in g.get("icons", {})]
    return Markup('<svg class="sprite" aria-hidden="true">{}</svg>').format(Markup("".join(used)))  # noqa: S704 - our own file


def disc(name: str) -> Markup:
    """The sign of a trade: a disc, cut through or seen from above."""
    symbols = _symbols("img/disques.svg")
    body = symbols.get(f"d-{name}") or symbols["d-gear"]
    inner = body[body.index(">") + 1 : body.rindex("<")]
    return Markup('<svg class="disc" viewBox="0 0 120 120" aria-hidden="true">{}</svg>').format(Markup(inner))  # noqa: S704 - our own file
