"""How the instance is doing."""

from sqlalchemy import text

from nuit.db import db


def migration_head() -> str:
    """The migration the database stands at."""
    return str(db.session.scalar(text("select version_num from alembic_version")))
