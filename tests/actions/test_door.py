"""Checking in on a real database: every scan a row, one retry one verdict, any order of arrival one end."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from random import Random

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from sqlalchemy import func, select

from nuit.actions.booking import give_back
from nuit.actions.door import Gate, Outcome, check_in
from nuit.db import db
from nuit.models import Booking, Edition, Scan, Seat, Slot, Ticket
from nuit.planning import presence as rule
from nuit.planning.presence import Reading
from nuit.planning.ticketcode import PARTY, TICKET, sign
from nuit.queries.door.count import departures
from nuit.queries.door.party import night_of, people_of
from tests.factories import OPENS, a_booking, a_host, a_slot, a_visit, an_edition

KEY = Ed25519PrivateKey.generate()
MINUTE = timedelta(minutes=1)
EVENING = OPENS + timedelta(hours=4)


class Night:
    """Two doors, a departure at 18:00 and one at 19:00, and a party of three who booked both."""

    def __init__(self) -> None:
        self.edition: Edition = an_edition()
        self.foundry, self.cables = a_host(self.edition, "Fonderie"), a_host(self.edition, "Câblerie")
        self.slot: Slot = a_slot(a_visit(self.foundry), timedelta(hours=1))
        self.later: Slot = a_slot(a_visit(self.cables), timedelta(hours=2))
        self.booking: Booking = a_booking(self.edition, self.slot, self.later, size=3)
        self.tickets = list(db.session.scalars(select(Ticket).order_by(Ticket.position)))

    def token(self, one: Ticket | Booking) -> str:
        kind = TICKET if isinstance(one, Ticket) else PARTY
        return sign(KEY, kind=kind, edition=self.edition.id, last_day=OPENS.date(), token_id=one.token_id)

    def read(
        self, *readings: Reading, door: int | None = None, now: datetime = EVENING, **more: object
    ) -> list[Outcome]:
        gate = Gate(door or self.foundry.id, since=OPENS - timedelta(hours=1))
        return check_in(
            night_of(self.edition), gate, readings, public_key=KEY.public_key(), **{"sent_at": now, "now": now, **more}
        )  # type: ignore[arg-type]

    def entered(self) -> dict[int, int]:
        return {one.id: one.entered for one in departures(self.edition.id) if one.entered}


@pytest.fixture
def night(app: Flask) -> Night:
    return Night()


def at(minutes: int) -> datetime:
    """Minutes from the first departure."""
    return OPENS + timedelta(hours=1) + minutes * MINUTE


def words(outcomes: list[Outcome]) -> list[str]:
    return [one.verdict.word for one in outcomes]


def stored() -> list[tuple[str, str, str]]:
    return [(one.nonce, one.verdict, one.given) for one in db.session.scalars(select(Scan).order_by(Scan.nonce))]


def test_a_ticket_comes_in_once(night: Night) -> None:
    token = night.token(night.tickets[0])
    first = night.read(Reading("nonce-001", at(-5), token))
    again = night.read(Reading("nonce-002", at(-4), token))
    assert words(first) == ["admitted"]
    assert words(again) == ["already_in"]
    assert again[0].verdict.first is not None
    assert (again[0].verdict.first.at, again[0].verdict.first.door) == (at(-5), night.foundry.id)
    assert night.entered() == {night.slot.id: 1}
    assert stored() == [("nonce-001", "admitted", "admitted"), ("nonce-002", "already_in", "already_in")]


def test_a_retry_gets_the_same_verdict_and_no_second_row(night: Night) -> None:
    reading = Reading("nonce-001", at(-5), night.token(night.tickets[0]))
    assert (
        words(night.read(reading))
        == words(night.read(reading))
        == words(night.read(reading, reading)[:1])
        == ["admitted"]
    )
    assert db.session.scalar(select(func.count()).select_from(Scan)) == 1


def test_a_nonce_keeps_its_first_content(night: Night) -> None:
    night.read(Reading("nonce-001", at(-5), night.token(night.tickets[0])))
    other = night.read(Reading("nonce-001", at(-5), night.token(night.tickets[1])))
    assert other[0].scan.ticket == night.tickets[0].id
    assert night.entered() == {night.slot.id: 1}


def test_an_earlier_scan_that_arrives_later_turns_the_other_into_a_conflict(night: Night) -> None:
    token = night.token(night.tickets[0])
    second = night.read(Reading("nonce-002", at(-2), token, given="admitted"))
    assert (words(second), second[0].conflict) == (["admitted"], False)
    first = night.read(Reading("nonce-001", at(-5), token, given="admitted"))
    assert (words(first), first[0].conflict) == (["admitted"], False)
    retried = night.read(Reading("nonce-002", at(-2), token, given="admitted"))
    assert (words(retried), retried[0].conflict, retried[0].given) == (["already_in"], True, "admitted")
    assert night.entered() == {night.slot.id: 1}
    assert db.session.scalar(select(Seat.entered_at).where(Seat.entered_at.is_not(None))) == at(-5)


def test_a_party_comes_in_by_its_own_code_as_many_as_are_there(night: Night) -> None:
    code = night.token(night.booking)
    look = night.read(Reading("nonce-001", at(-6), code, admit=0))[0]
    assert (look.verdict.word, [answer.entered for answer in look.answers]) == ("admitted", [False] * 3)
    two = night.read(Reading("nonce-002", at(-5), code, admit=2))[0]
    assert [answer.entered for answer in two.answers] == [True, True, False]
    rest = night.read(Reading("nonce-003", at(2), code, who=frozenset({night.tickets[2].id})))[0]
    assert [(answer.verdict.word, answer.entered) for answer in rest.answers] == [
        ("already_in", False),
        ("already_in", False),
        ("admitted", True),
    ]
    assert night.entered() == {night.slot.id: 3}
    assert words(night.read(Reading("nonce-004", at(3), night.token(night.tickets[1])))) == ["already_in"]


def test_codes_count_like_tokens(night: Night) -> None:
    spelled = f"{night.tickets[0].code[:4].lower()} {night.tickets[0].code[4:]}"
    assert words(night.read(Reading("nonce-001", at(-5), code=spelled))) == ["admitted"]
    assert words(night.read(Reading("nonce-002", at(-4), code=night.booking.code, admit=0))) == ["admitted"]


def test_every_verdict_leaves_a_row(night: Night) -> None:
    ticket = night.tickets[0]
    foreign = sign(KEY, kind=TICKET, edition=night.edition.id + 1, last_day=OPENS.date(), token_id=ticket.token_id)
    forged = sign(
        Ed25519PrivateKey.generate(),
        kind=TICKET,
        edition=night.edition.id,
        last_day=OPENS.date(),
        token_id=ticket.token_id,
    )
    token = night.token(ticket)
    readings = [
        Reading("nonce-001", at(-30), token),
        Reading("nonce-002", at(11), token),
        Reading("nonce-003", at(0), foreign),
        Reading("nonce-004", at(0), forged),
        Reading("nonce-005", at(0), "hello"),
        Reading("nonce-006", at(0), code="ABCDEFGH"),
    ]
    assert words(night.read(*readings)) == ["too_early", "too_late", *["unknown"] * 4]
    assert words(night.read(Reading("nonce-007", at(0), token), door=a_host(night.edition).id)) == ["elsewhere"]
    ticket.revoked_at = at(20)
    db.session.commit()
    assert words(night.read(Reading("nonce-008", at(25), token))) == ["revoked"]
    give_back(night.booking.reference, now=at(-40))
    assert words(night.read(Reading("nonce-009", at(1), night.token(night.tickets[1])))) == ["cancelled"]
    assert len(stored()) == 9
    assert night.entered() == {}


def test_a_scan_from_before_the_seat_was_given_back_still_counts(night: Night) -> None:
    give_back(night.booking.reference, now=at(-3))
    token = night.token(night.tickets[0])
    assert words(night.read(Reading("nonce-001", at(-5), token))) == ["admitted"]
    assert words(night.read(Reading("nonce-002", at(-2), night.token(night.tickets[1])))) == ["cancelled"]


def test_a_wrong_clock_is_set_right(night: Night) -> None:
    """The phone is a day fast: it says tomorrow, and means five minutes before the departure."""
    day = timedelta(days=1)
    reading = Reading("nonce-001", at(-5) + day, night.token(night.tickets[0]))
    outcome = night.read(reading, sent_at=EVENING + day)[0]
    assert (outcome.verdict.word, outcome.scan.at) == ("admitted", at(-5))


def test_who_was_too_late_is_not_let_in_afterwards_by_a_wider_tolerance(night: Night) -> None:
    token = night.token(night.tickets[0])
    assert words(night.read(Reading("nonce-001", at(12), token), now=at(12))) == ["too_late"]
    night.edition.door_late_minutes = 30
    db.session.commit()
    assert words(night.read(Reading("nonce-002", at(14), token), now=at(14))) == ["admitted"]
    assert stored()[0] == ("nonce-001", "too_late", "too_late")
    night.edition.door_late_minutes = 1
    db.session.commit()
    assert words(night.read(Reading("nonce-003", at(15), token), now=at(15))) == ["already_in"]
    assert night.entered() == {night.slot.id: 1}


def test_an_override_lets_in_with_its_reason(night: Night) -> None:
    token = night.token(night.tickets[0])
    outcome = night.read(Reading("nonce-001", at(12), token, reason="le train avait du retard"))[0]
    assert (outcome.verdict.word, outcome.verdict.reason) == ("admitted", "override")
    assert db.session.scalar(select(Scan.reason)) == "le train avait du retard"
    assert night.entered() == {night.slot.id: 1}


@pytest.mark.parametrize("seed", range(6))
def test_every_order_of_arrival_ends_in_one_state(night: Night, seed: int) -> None:
    chance = Random(seed)
    codes = [night.token(one) for one in (*night.tickets, night.booking)]
    readings = [
        (chance.choice([night.foundry.id, night.cables.id]),
         Reading(f"nonce-{number:03}", at(chance.randint(-30, 100)), chance.choice(codes), given="admitted",
                 admit=chance.choice([None, 0, 1])))
        for number in range(40)
    ]  # fmt: skip
    ends = []
    for _ in range(4):
        chance.shuffle(readings)
        place = 0
        while place < len(readings):
            door, size = readings[place][0], chance.randint(1, 5)
            batch = [reading for where, reading in readings[place : place + size] if where == door]
            night.read(*batch, door=door)
            for where, reading in readings[place : place + size]:
                if where != door:
                    night.read(reading, reading, door=where)
            place += size
        seats = db.session.execute(select(Seat.id, Seat.entered_at).order_by(Seat.id)).all()
        ends.append((stored(), [tuple(one) for one in seats]))
        db.session.execute(Scan.__table__.delete())
        db.session.execute(Seat.__table__.update().values(entered_at=None))
        db.session.commit()
    assert ends[1:] == ends[:1] * 3
    assert {verdict for _nonce, verdict, _given in ends[0][0]} >= {"admitted", "already_in"}


def test_many_phones_at_once_end_in_one_state(night: Night, app: Flask) -> None:
    """Eight phones upload overlapping scans of one party at the same moment: what is stored is the fold of all."""
    chance = Random(8)
    codes = [night.token(one) for one in (*night.tickets, night.booking)]
    scans = [
        Reading(f"nonce-{number:03}", at(chance.randint(-18, 8)) + number * timedelta(seconds=1), chance.choice(codes))
        for number in range(48)
    ]
    evening, door, key = night_of(night.edition), night.foundry.id, KEY.public_key()

    def upload(phone: int) -> None:
        with app.app_context():
            for place in range(phone, 48, 8):
                batch = [scans[place], scans[place - 1]]
                gate = Gate(door, since=OPENS - timedelta(hours=1))
                check_in(evening, gate, batch, public_key=key, sent_at=EVENING, now=EVENING)
            db.session.remove()

    with ThreadPoolExecutor(8) as phones:
        list(phones.map(upload, range(8)))
    db.session.rollback()
    told = {nonce: verdict for nonce, verdict, _given in stored()}
    people = people_of([night.booking.id])[night.booking.id]
    whose = dict(zip(codes, (*[one.id for one in night.tickets], None), strict=True))
    plain = [rule.Scan(one.nonce, one.at, door, whose[one.token]) for one in scans]
    presence = rule.fold(people.party, plain, evening.tolerance)
    assert told == {one.nonce: rule.whole(presence.answers[one.nonce], one).word for one in plain}
    assert {seat: place.entered_at for seat, place in people.places.items() if place.entered_at} == {
        seat: entry.at for seat, entry in presence.entries.items()
    }
