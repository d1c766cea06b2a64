"""What every answer says to the browser: strict CSP, no sniffing, no framing; and what no request may do."""

from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, request

TILES = "https://wmts.geo.admin.ch"
SAFE = ("GET", "HEAD", "OPTIONS")


def policy(*, tiles: bool = False, wasm: bool = False) -> str:
    """The Content-Security-Policy of a page; `tiles` admits the map's, `wasm` is for the scanner's worker alone."""
    images = "img-src 'self' data: blob:" + (f" {TILES}" if tiles else "")
    scripts = "script-src 'self'" + (" 'wasm-unsafe-eval'" if wasm else "")
    parts = (
        "default-src 'none'", scripts, "style-src 'self'", images, "font-src 'self'", "connect-src 'self'",
        "media-src 'self' blob:", "worker-src 'self'", "manifest-src 'self'", "form-action 'self'", "base-uri 'none'",
        "frame-ancestors 'none'", "report-uri /csp-report",
    )  # fmt: skip
    return "; ".join(parts)


def init_app(app: Flask) -> None:
    app.before_request(_no_nul)
    app.before_request(_same_site)
    app.after_request(_headers)


def _no_nul() -> None:
    """No address of ours holds a NUL, and PostgreSQL takes none: whatever would be looked up by it is not there."""
    if "\0" in request.path or "%00" in request.query_string.decode("latin-1"):
        abort(404)


def _same_site() -> None:
    """No state changes on the word of another site: Sec-Fetch-Site, else Origin; the forms' token comes on top."""
    if request.method in SAFE or request.path == "/csp-report":
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in ("same-origin", "none"):
            abort(403)
        return
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc not in (
        request.host,
        urlsplit(current_app.config["NUIT_URL"]).netloc,
    ):
        abort(403)


def _headers(response: Response) -> Response:
    head = response.headers
    if response.status_code != 304:  # the page that the browser keeps has its policy
        head.setdefault("Content-Security-Policy", policy(tiles=g.get("tiles", False)))
    head.setdefault("X-Content-Type-Options", "nosniff")
    # Never a path (it may hold a token). "no-referrer" would make a browser send "Origin: null" with our own forms.
    head.setdefault("Referrer-Policy", "strict-origin" if g.get("personal") else "same-origin")
    head.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    head.setdefault("Permissions-Policy", "camera=(self), geolocation=(self), microphone=(), payment=()")
    if g.get("personal"):
        head["Cache-Control"] = "no-store"
    if current_app.config["SESSION_COOKIE_SECURE"]:
        head.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response
