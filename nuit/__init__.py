"""La nuit de l'industrie: create_app is the one place where all rooms meet."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.middleware.proxy_fix import ProxyFix

import config
from nuit import i18n
from nuit.db import db
from nuit.keys import load_keys
from nuit.planning.search.background import warm_soon

ROOT = Path(__file__).parent.parent
csrf = CSRFProtect()


def create_app(overrides: dict[str, Any] | None = None) -> Flask:
    """The whole application, chores included; `overrides` replace settings (tests, benchmarks)."""
    from nuit.cli import init_app as chores

    app = _made(overrides)
    chores(app, db, ROOT / "nuit" / "migrations")
    return app


def create_server(overrides: dict[str, Any] | None = None) -> Flask:
    """The application without its chores: a server has no use for them, and starts sooner. The planner warms up behind it."""
    app = _made(overrides)
    warm_soon(app.config["NUIT_INSTANCE"])
    return app


def _made(overrides: dict[str, Any] | None) -> Flask:
    chosen = config.settings() | (overrides or {})
    app = Flask(
        "nuit",
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
        instance_path=str(chosen["NUIT_INSTANCE"]),
    )
    app.config.update(chosen)
    _harden(app)
    _languages(app)
    _database(app)
    _screens(app)
    return app


def _harden(app: Flask) -> None:
    from nuit.views import headers

    keys = load_keys(app.config["NUIT_INSTANCE"])
    app.extensions["nuit.keys"] = keys
    secure = app.config["NUIT_URL"].startswith("https://")
    app.config.update(
        SECRET_KEY=keys.secret,
        SESSION_COOKIE_NAME="__Host-nuit" if secure else "nuit",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        SESSION_REFRESH_EACH_REQUEST=False,  # an answer that comes late must not put an older cookie back
        PERMANENT_SESSION_LIFETIME=timedelta(days=180),
        MAX_CONTENT_LENGTH=6 * 2**20,
        MAX_FORM_MEMORY_SIZE=2**20,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
    )
    hops = app.config["NUIT_PROXIES"]
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    headers.init_app(app)  # first: another site is turned away before its form is read
    csrf.init_app(app)


def _languages(app: Flask) -> None:
    app.config.update(BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "nuit" / "translations"), BABEL_DEFAULT_LOCALE="fr")
    i18n.babel.init_app(app, locale_selector=i18n.spoken)
    app.jinja_env.filters.update(i18n.FILTERS)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def _database(app: Flask) -> None:
    from nuit.queries.ground import use_ground
    from nuit.queries.ride import use_streets

    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql"):
        app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", {"pool_pre_ping": True, "pool_size": 4, "max_overflow": 4})
    use_streets(Path(app.config["NUIT_INSTANCE"]))
    use_ground(Path(app.config["NUIT_INSTANCE"]))
    db.init_app(app)


def _screens(app: Flask) -> None:
    from nuit.views import errors
    from nuit.views import init_app as screens

    screens(app, csrf)
    for kind in (OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(kind, errors.out_of_reach)
