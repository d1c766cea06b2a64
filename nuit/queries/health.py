"""How the instance is doing."""

from pathlib import Path

from sqlalchemy import inspect, text

from nuit.db import db

MIGRATIONS = Path(__file__).parents[1] / "migrations"


def migration_head() -> str:
    """The migration the database stands at; "" before the first."""
    if not inspect(db.engine).has_table("alembic_version"):
        return ""
    return str(db.session.scalar(text("select version_num from alembic_version")) or "")


def newest_migration() -> str:
    """The migration this code is written for."""
    from alembic.script import ScriptDirectory  # 0.2 s to load: a server that starts does not need it

    return ScriptDirectory(str(MIGRATIONS)).get_current_head() or ""
