"""The database: one session, short writing transactions, SQLite tuned to be exact and durable."""

import fcntl
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ColumnElement, String, Table, event, func, inspect
from sqlalchemy import cast as sql_cast
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.util import identity_key

from nuit.models import Base
from nuit.planning.spelling import ACCENTED, PLAIN

db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False})

_turn = threading.Lock()
_WRITING, _OPEN = "nuit_writing", "nuit_open"


@event.listens_for(Engine, "connect")
def _tune_sqlite(connection: Any, record: Any) -> None:
    if "sqlite" not in type(connection).__module__:
        return
    connection.isolation_level = None  # the "begin" event below says BEGIN itself
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")
    connection.create_function("translate", 3, _translate, deterministic=True)


def _translate(text: str | None, wanted: str, given: str) -> str | None:
    """PostgreSQL's translate(), which SQLite lacks."""
    return text and text.translate(_table(wanted, given))


def folded(column: Any) -> ColumnElement[str]:
    """Without accents and capitals, letter by letter as `fold`, on both databases: to find by, and to order as a dictionary."""
    return cast("ColumnElement[str]", sql_cast(func.translate(func.lower(column), ACCENTED, PLAIN), String))


@lru_cache(maxsize=8)
def _table(wanted: str, given: str) -> dict[int, int]:
    return str.maketrans(wanted, given)


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        writing = connection.get_execution_options().get(_WRITING, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


Row = TypeVar("Row", bound=Base)


def table(model: type[Base]) -> Table:
    """The table of a model, for statements that go past the session: the hot path of booking and pages."""
    return cast(Table, model.__table__)


def connection() -> Connection:
    """The session's connection, in the transaction that is on; within `transaction()` without asking the session."""
    found: Connection | None = db.session.info.get(_OPEN)
    return found or db.session.connection()


def snapshot() -> Connection:
    """The same for a request that begins: all it reads until it writes is one state of the database.

    What is kept by a count that was read first must not hold what another transaction has written since.
    """
    if db.engine.dialect.name == "postgresql" and not db.session().in_transaction():
        return db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    return connection()


def written(row: Row) -> Row:
    """A row that a statement has just written, with its id, as the session's own object: no further look at it."""
    make_transient_to_detached(row)
    undone = db.session.identity_map.get(identity_key(instance=row))
    if undone is not None:  # of a transaction that was rolled back: its id is given out again
        db.session.expunge(undone)
    db.session.add(row)
    return row


def detached(rows: Sequence[Row]) -> list[Row]:
    """These rows and what was loaded with them, of no session any more: to be read only, by every request alike."""
    for row in rows:
        _detach(row)
    return list(rows)


def _detach(row: Base) -> None:
    if row not in db.session:
        return
    db.session.expunge(row)
    for name in inspect(row).mapper.relationships.keys() & row.__dict__.keys():
        beside = row.__dict__[name]
        for one in beside if isinstance(beside, list) else [beside]:
            if one is not None:
                _detach(one)


@contextmanager
def transaction() -> Iterator[None]:
    """One writing transaction: commits at the end, leaves nothing behind on an exception.

    What was read before is dropped first, so every decision in here rests on what is locked now.
    On SQLite writers queue on a lock file, because SQLite's own back-off starves some of them for a second.
    """
    session = db.session
    session.rollback()
    session.expire_all()  # also what a session without an open transaction still holds
    with _writers_queue(db.engine):
        try:
            session.info[_OPEN] = session.connection(execution_options={_WRITING: True})
            yield
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info.pop(_OPEN, None)


@contextmanager
def _writers_queue(engine: Engine) -> Iterator[None]:
    path = engine.url.database
    if engine.dialect.name != "sqlite" or not path or path == ":memory:":
        yield
        return
    with _turn:
        lock = os.open(Path(path + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)
