"""Uploads that wait for each other are written together: everybody gets their own answer, and one fault stays one's own."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from sqlalchemy import func, select

from nuit.actions.device import open_pairing, pair, revoke
from nuit.actions.door import check_in_by_phone
from nuit.actions.door.together import Together
from nuit.db import db
from nuit.models import Device, Scan
from nuit.planning.presence import Reading
from nuit.planning.ticketcode import TICKET, sign
from tests.factories import OPENS, a_booking, a_host, a_slot, a_visit, an_edition

KEY = Ed25519PrivateKey.generate()
NOW = OPENS + timedelta(minutes=55)


def test_who_waits_is_answered_together_and_a_fault_stays_ones_own(app: Flask) -> None:
    """The first is held until seven others stand behind it; two of them cannot be answered."""
    waiting, groups, behind = Event(), [], []

    def work(questions: Sequence[int]) -> list[int]:
        groups.append(list(questions))
        if questions == [0]:
            assert waiting.wait(60)
        if {3, 5} & set(questions):
            raise ValueError(str(questions))
        return [one * 10 for one in questions]

    def weight(question: int) -> int:
        behind.append(question)
        if len(behind) == 8:
            waiting.set()
        return 1

    together = Together(work, weight)

    def ask(question: int) -> int | str:
        with app.app_context():
            try:
                return together.ask(question)
            except ValueError as fault:
                return str(fault)

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(ask, range(8)))
    assert answers == [0, 10, 20, "[3]", 40, "[5]", 60, 70]
    assert [3] in groups
    assert [5] in groups


def test_two_phones_in_one_group_are_two_phones_and_a_cut_one_writes_nothing(app: Flask) -> None:
    """Twelve phones at three doors at once, one of them cut: its scans leave no row, the others' stand at their doors."""
    edition = an_edition()
    hosts = [a_host(edition, f"Halle {number}") for number in range(3)]
    slots = [a_slot(a_visit(host)) for host in hosts]
    phones, tokens = [], []
    for number in range(12):
        device, code = open_pairing(hosts[number % 3].id, now=NOW, by=None)
        phones.append((device.id, pair(code, f"Téléphone {number}", now=NOW)[1]))
        booking = a_booking(edition, slots[number % 3])
        tokens.append(
            sign(KEY, kind=TICKET, edition=edition.id, last_day=OPENS.date(), token_id=booking.tickets[0].token_id)
        )
    revoke(phones[4][0], now=NOW, by=None)
    key, wanted = KEY.public_key(), {number: f"nonce-{number:03}" for number in range(12)}
    db.session.commit()

    def upload(number: int) -> str | None:
        with app.app_context():
            reading = Reading(wanted[number], NOW, tokens[number])
            found = check_in_by_phone(
                phones[number][1], [reading], public_key=key, sent_at=NOW, now=NOW, battery=number
            )
            return found and f"{found.gate.device} {found.outcomes[0].verdict.word}"

    with ThreadPoolExecutor(12) as threads:
        told = list(threads.map(upload, range(12)))
    assert told == [None if number == 4 else f"{phones[number][0]} admitted" for number in range(12)]
    db.session.rollback()
    rows = db.session.execute(select(Scan.nonce, Scan.host_id, Scan.device_id).order_by(Scan.nonce)).all()
    assert [tuple(row) for row in rows] == [
        (wanted[number], hosts[number % 3].id, phones[number][0]) for number in range(12) if number != 4
    ]
    batteries = db.session.scalars(select(Device.battery).order_by(Device.id)).all()
    assert batteries == [None] * 12, "heard of less than fifteen seconds ago"
    assert db.session.scalar(select(func.count()).select_from(Scan).where(Scan.verdict == "admitted")) == 11


def test_when_a_phone_was_last_heard_of_is_written_with_its_battery(app: Flask) -> None:
    host = a_host(an_edition())
    device, code = open_pairing(host.id, now=NOW, by=None)
    _device, token = pair(code, "Entrée", now=NOW)
    later = NOW + timedelta(seconds=16)
    found = check_in_by_phone(
        token, [Reading("nonce-001", NOW, "hello")], public_key=KEY.public_key(), sent_at=later, now=later, battery=41,
        queue=7,
    )  # fmt: skip
    assert found is not None
    assert [one.verdict.word for one in found.outcomes] == ["unknown"]
    db.session.expire_all()
    assert (device.last_seen_at, device.battery, device.queue) == (later, 41, 7)
