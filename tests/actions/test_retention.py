"""Thirty days after the night: canary names and addresses are nowhere, the counts still are."""

import os
from datetime import timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from nuit.actions.retention import KEPT, forget
from nuit.db import db
from nuit.models import Booking, Message, Seat, Slot
from nuit.planning.evening import Person
from tests.factories import a_booking, a_host, a_slot, a_visit, an_edition

CANARIES = ("Kanarienvogel", "canari@exemple.ch", "Serinus")


def left_on_disk(app: Flask) -> list[str]:
    """The canaries that can still be read in the database's files (SQLite) or rows (PostgreSQL)."""
    folder = Path(app.config["NUIT_INSTANCE"])
    if db.engine.dialect.name == "sqlite":
        text = b"".join(path.read_bytes() for path in folder.glob("nuit.sqlite*") if os.access(path, os.R_OK))
        return [one for one in CANARIES if one.encode() in text]
    rows = [str(row) for table in ("booking", "ticket", "message", "scan") for row in _rows(table)]
    return [one for one in CANARIES if any(one in row for row in rows)]


def _rows(table: str) -> list[object]:
    with db.engine.connect() as connection:
        return list(connection.exec_driver_sql(f"select * from {table}").all())


def test_nothing_is_left_but_counts(app: Flask) -> None:
    edition = an_edition()
    slot = a_slot(a_visit(a_host(edition)))
    party = (Person("Serinus", "18+"), Person("Serinus junior", "12-13"))
    a_booking(edition, slot, name="Kanarienvogel", email="canari@exemple.ch", party=party)
    assert set(left_on_disk(app)) == set(CANARIES)

    assert forget(edition.closes_at + KEPT - timedelta(seconds=1)) == 0
    assert set(left_on_disk(app)) == set(CANARIES)

    assert forget(edition.closes_at + KEPT) == 1
    assert left_on_disk(app) == []
    assert db.session.scalar(select(Slot.taken)) == 2
    assert db.session.scalar(select(func.count()).select_from(Seat).where(Seat.status == "confirmed")) == 2
    assert db.session.scalar(select(func.count()).select_from(Booking)) == 1
    assert db.session.scalar(select(func.count()).select_from(Message)) == 0
    assert forget(edition.closes_at + KEPT) == 0


def test_another_night_s_visitors_stay(app: Flask) -> None:
    old, new = an_edition(), an_edition()
    new.closes_at += timedelta(days=300)
    db.session.commit()
    for edition in (old, new):
        a_booking(edition, a_slot(a_visit(a_host(edition))), email=f"{edition.slug}@exemple.ch")
    assert forget(old.closes_at + KEPT) == 1
    db.session.rollback()
    assert db.session.scalars(select(Booking.email).order_by(Booking.id)).all() == ["", f"{new.slug}@exemple.ch"]
