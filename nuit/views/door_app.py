"""The door as an app on a phone's home screen: its modules, its service worker, its manifest; one version for all parts."""

import hashlib
import json
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, abort, g, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from nuit.i18n import LANGUAGES, spoken
from nuit.views.assets import FOREVER, asset
from nuit.views.door_words import words
from nuit.views.headers import policy

bp = Blueprint("door_app", __name__, url_prefix="/porte")
STATIC = Path(__file__).parents[2] / "static"
PARTS = STATIC / "door"
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
READER, WORKER = "reader-worker.js", "worker.js"
ICONS = (("porte-192.png", 192, "any"), ("porte-512.png", 512, "any"), ("porte-maskable-512.png", 512, "maskable"))
BESIDE = ("fonts/archivo-display.woff2", "fonts/archivo-text.woff2", "img/porte-192.png")
VENDORED = ("idb@*", "noble-ed25519@*", "zxing-wasm@*")


@cache
def _version() -> str:
    """One for all parts: the modules of a page always belong together, whatever a cache holds."""
    content = hashlib.sha256()
    for path in sorted(PARTS.iterdir()):
        content.update(path.read_bytes())
    return content.hexdigest()[:12]


def part(name: str) -> str:
    """The address of a module or style sheet of the door."""
    return url_for("door_app.module", version=_version(), name=name)


@bp.get("/app/<version>/<name>")
def module(version: str, name: str) -> ResponseReturnValue:
    path = PARTS / name
    if version != _version() or path.suffix not in TYPES or path.parent != PARTS or not path.is_file():
        abort(404)
    headers = {"Cache-Control": FOREVER}
    if name == READER:
        headers["Content-Security-Policy"] = policy(wasm=True)
    return Response(path.read_bytes(), content_type=TYPES[path.suffix], headers=headers)


def shell() -> Response:
    """The app's one page, the same for everybody: who stands at which door is the phone's to know."""
    drawn = render_template("door/show.html", words=words(), part=part)
    answer = Response(drawn, content_type="text/html; charset=utf-8", headers={"Cache-Control": "no-cache"})
    answer.set_etag(_digest(drawn))
    answer.make_conditional(request)
    return answer


@bp.get("/gardien-<tongue>.js")
def worker(tongue: str) -> ResponseReturnValue:
    """The service worker of one language: it changes, byte for byte, with any part of the app."""
    if tongue not in LANGUAGES:
        abort(404)
    g.lang = tongue
    page = _digest(render_template("door/show.html", words=words(), part=part))
    parts = [part(path.name) for path in sorted(PARTS.iterdir()) if path.name != WORKER]
    files = [*parts, asset("nuit.css"), asset("nuit.js"), asset("img/marque.svg"), *_beside(), url_for(".manifest")]
    told = {"version": _digest(page + "".join(files)), "page": page, "tongue": tongue, "files": files}
    script = f"import {{ serve }} from {json.dumps(part(WORKER))};\nserve({json.dumps(told)});\n"
    headers = {"Cache-Control": "no-cache", "Service-Worker-Allowed": url_for("door.show")}
    return Response(script, content_type=TYPES[".js"], headers=headers)


@cache
def _beside_paths() -> tuple[str, ...]:
    vendored = [path for name in VENDORED for path in sorted((STATIC / "vendor").glob(f"{name}/**/*"))]
    kept = [path for path in vendored if path.suffix in (".js", ".wasm")]
    return (*BESIDE, *(str(path.relative_to(STATIC)) for path in kept))


def _beside() -> list[str]:
    """Fonts and libraries, by the very addresses with which modules and style sheets ask for them."""
    return [url_for("static", filename=path) for path in _beside_paths()]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@bp.get("/app.webmanifest")
def manifest() -> ResponseReturnValue:
    home = url_for("door.show")
    icons = [
        {"src": asset(f"img/{name}"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for name, size, purpose in ICONS
    ]
    answer = jsonify(
        id=home, start_url=home, scope=home, lang=spoken(), display="standalone", orientation="portrait", icons=icons,
        name=gettext("La porte, Nuit de l’industrie"), short_name=gettext("La porte"),
        description=gettext("Lire les billets à l’entrée, avec ou sans réseau."),
        background_color="#0b1230", theme_color="#0b1230",
    )  # fmt: skip
    answer.content_type = "application/manifest+json; charset=utf-8"
    answer.headers["Cache-Control"] = "no-cache"
    return answer
