"""One's own data: seen, saved and erased without an account; nothing but counts is left, in every corner of the house."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from nuit.actions.retention import erase, forget
from nuit.actions.writing import answer
from nuit.db import db
from nuit.models import AuditLine, Base, Booking, Message, Opinion, Seat, Slot, Wait
from nuit.planning.delivery import file_name
from nuit.views.register import REGISTER
from tests.factories import NOW, a_booking, a_host, a_slot, a_visit, an_edition, csrf
from tests.team import at_the_desk, page, send, words
from tests.world import World, a_world

CANARY = "zzcanari"


def everything() -> str:
    """Every value of every table, as text."""
    with db.engine.connect() as connection:
        return "\n".join(
            repr(tuple(row)) for table in Base.metadata.sorted_tables for row in connection.execute(table.select())
        )


def a_canary(app: Flask) -> tuple[Booking, Slot, Path]:
    """A party of two with a stop ahead, in whose queue another party stands; a word in each free field."""
    edition = an_edition()
    visit = a_visit(a_host(edition))
    slot = a_slot(visit, capacity=2)
    mine = a_booking(edition, slot, size=2, name=f"Anne {CANARY}", email=f"{CANARY}@exemple.ch")
    for ticket in db.session.get_one(Booking, mine.id).tickets:
        ticket.label = f"{CANARY} {ticket.position}"
    db.session.commit()
    answer(mine.id, {slot.host_id: {"welcome": 4, "words": f"Merci, {CANARY}"}}, now=NOW)
    a_booking(edition, size=2, slots=(), waits=(slot.id,))
    folder = Path(app.config["NUIT_INSTANCE"]) / "mail"
    folder.mkdir(exist_ok=True)
    message = db.session.scalars(select(Message).where(Message.booking_id == mine.id)).one()
    (folder / f"{file_name(message.key, message.due_at)}.eml").write_text(CANARY)
    return mine, slot, folder


def test_erased_data_are_nowhere_and_the_places_go_to_who_waits(app: Flask) -> None:
    mine, slot, folder = a_canary(app)
    assert everything().count(CANARY) == 6
    erase(mine.reference, letters=folder, now=NOW)
    erase(mine.reference, letters=folder, now=NOW)
    assert everything().count(CANARY) == 0
    assert [path.name for path in folder.glob("*.eml") if CANARY in path.read_text(errors="replace")] == []
    if db.engine.dialect.name == "sqlite":
        path = Path(str(db.engine.url.database))
        assert [CANARY.encode() in file.read_bytes() for file in path.parent.glob(f"{path.name}*")].count(True) == 0
    db.session.expire_all()
    assert db.session.scalars(select(Wait.status)).all() == ["offered"]
    assert db.session.get_one(Slot, slot.id).taken == 2
    assert db.session.scalars(select(AuditLine.verb).where(AuditLine.noun == "booking")).all() == ["erase"]
    assert [(one.welcome, one.words, one.booking_id) for one in db.session.scalars(select(Opinion))] == [(4, "", None)]


def test_a_visit_that_has_begun_still_counts(app: Flask) -> None:
    mine, slot, folder = a_canary(app)
    erase(mine.reference, letters=folder, now=slot.starts_at + timedelta(minutes=1))
    db.session.expire_all()
    erased = db.session.get_one(Booking, mine.id)
    seats = db.session.scalars(select(Seat.status).where(Seat.booking_id == mine.id)).all()
    assert (erased.state, erased.name, erased.email, list(seats)) == ("confirmed", "", "", ["confirmed", "confirmed"])


def test_thirty_days_later_nothing_is_left_but_counts(app: Flask) -> None:
    mine, slot, _folder = a_canary(app)
    closes = db.session.get_one(Booking, mine.id).edition_id and an_edition().closes_at
    assert forget(closes + timedelta(days=30)) == 2
    db.session.expire_all()
    assert everything().count(CANARY) == 0
    assert db.session.get_one(Slot, slot.id).taken == 2
    assert db.session.scalars(select(Opinion.welcome)).all() == [4]


@pytest.fixture
def world(app: Flask) -> World:
    return a_world(app)


def test_a_party_reads_saves_and_erases_what_is_kept(world: World) -> None:
    client = world.browser("visitor")
    where = f"/fr/ma-soiree/{world.booking.reference}"
    saved = client.get(f"{where}/donnees.json")
    kept = saved.get_json()
    assert (kept["booking"]["email"], len(kept["people"]), len(kept["waits"])) == ("visiteuse@exemple.ch", 2, 1)
    assert [one["kind"] for one in kept["messages"]] == ["confirmation"]
    assert saved.headers["Content-Disposition"] == f'attachment; filename="nuit-{world.booking.reference}.json"'
    token = csrf(client.get(f"{where}/donnees").get_data(as_text=True))
    assert client.post(f"{where}/effacer", data={"csrf_token": token}).status_code == 422
    assert client.get(f"{where}/donnees").status_code == 200
    assert client.post(f"{where}/effacer", data={"csrf_token": token, "confirm": "yes"}).status_code == 303
    assert [client.get(f"{where}{rest}").status_code for rest in ("", "/donnees", "/donnees.json")] == [404] * 3
    key = world.values["key"]
    assert client.get(f"{where}/ouvrir?cle={key}").status_code == 404
    assert client.get(f"/fr/avis/{world.booking.reference}/{world.values['survey']}").status_code == 404


def test_an_organiser_erases_for_somebody_who_calls(world: World) -> None:
    client = world.browser("organiser")
    where = f"/equipe/reservations/{world.booking.reference}"
    assert client.get(f"{where}/donnees.json").get_json()["booking"]["reference"] == world.booking.reference
    said = words(send(client, where, f"{where}/effacer", confirm="yes"))
    assert said.count("Données effacées") == 1
    assert said.count("visiteuse@exemple.ch") == 0
    line = db.session.scalars(select(AuditLine).where(AuditLine.verb == "erase")).one()
    assert (line.noun_id, line.member_id is not None, line.change) == (world.booking.id, True, {})


def test_the_register_is_public_and_says_each_purpose(app: Flask) -> None:
    client = app.test_client()
    at_the_desk(client)
    found = page(client, "/fr/infos/registre")
    assert found.count("<dt>Jusqu’à quand</dt>") == len(REGISTER)
    assert page(client, "/fr/infos/donnees").count("/fr/infos/registre") == 1
