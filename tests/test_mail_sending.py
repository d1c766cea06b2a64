"""The outbox before a real mail server that refuses, hangs and hangs up: nothing lost, nothing said twice."""

import smtplib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask
from sqlalchemy import select

from nuit.actions.courier import Courier
from nuit.actions.outbox import Fate, claim, send_due
from nuit.cli.mail import send_batch
from nuit.db import db, transaction
from nuit.ledger.outbox import promise
from nuit.models import Booking, Message, Slot
from nuit.planning.delivery import PAUSES, Bounced, Later, outcome, pause_after, said
from tests.factories import NOW, a_booking, a_host, a_slot, a_visit, an_edition

LETTER = EmailMessage()
LETTER["From"], LETTER["To"], LETTER["Subject"] = "nuit@exemple.ch", "anne@exemple.ch", "Essai"
LETTER.set_content("Bonsoir")


class Script:
    """A mail server that does what it is told, once a line, and takes everything afterwards."""

    def __init__(self, *lines: str) -> None:
        self.lines, self.taken = list(lines), list[EmailMessage]()

    def _next(self, *here: str) -> str:
        return self.lines.pop(0) if self.lines and self.lines[0].split()[0] in here else "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self._next("450", "550", "421").replace("ADDRESS", address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        parsed = message_from_bytes(content, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        answer = self._next("drop", "552", "451")
        if answer == "drop" or answer.startswith("250"):
            self.taken.append(parsed)
        if answer == "drop":
            assert server.transport is not None
            server.transport.abort()
        return answer


@contextmanager
def server(*lines: str) -> Iterator[tuple[Script, str]]:
    script = Script(*lines)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(script, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield script, f"smtp://127.0.0.1:{port}?timeout=2"
    finally:
        controller.stop()


@contextmanager
def mute() -> Iterator[str]:
    """A server that takes the call and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield f"smtp://127.0.0.1:{listening.getsockname()[1]}?timeout=0.3"


def deliver(url: str, letter: EmailMessage = LETTER) -> None:
    with Courier(url, Path("/nonexistent")) as courier:
        courier.deliver(letter, to="anne@exemple.ch", name="x")


def test_a_server_that_takes_it() -> None:
    with server() as (script, url):
        deliver(url)
    assert [one["Subject"] for one in script.taken] == ["Essai"]


@pytest.mark.parametrize(
    ("line", "kind", "reason"),
    [
        ("450 4.2.1 later please", Later, "450 4.2.1 later please"),
        ("550 5.1.1 no ADDRESS here", Bounced, "550 5.1.1 no <…> here"),
        ("552 5.2.3 too big", Bounced, "552 5.2.3 too big"),
        ("451 4.3.0 try again", Later, "451 4.3.0 try again"),
        ("drop", Later, "SMTPServerDisconnected"),
    ],
)
def test_what_a_server_answers(line: str, kind: type[Exception], reason: str) -> None:
    with server(line) as (_script, url), pytest.raises(kind) as refused:
        deliver(url)
    assert str(refused.value) == reason


def test_one_refused_letter_does_not_spoil_the_next() -> None:
    with server("550 no", "drop") as (script, url), Courier(url, Path("/nonexistent")) as courier:
        with pytest.raises(Bounced):
            courier.deliver(LETTER, to="a@exemple.ch", name="x")
        with pytest.raises(Later):
            courier.deliver(LETTER, to="b@exemple.ch", name="x")
        courier.deliver(LETTER, to="c@exemple.ch", name="x")
    assert len(script.taken) == 2


def test_a_server_that_hangs_is_left_after_its_time() -> None:
    with mute() as url:
        begin = time.monotonic()
        with pytest.raises(Later):
            deliver(url)
        assert time.monotonic() - begin < 5


def test_nobody_there() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"smtp://127.0.0.1:{probe.getsockname()[1]}?timeout=1"
    with pytest.raises(Later):
        deliver(url)


def test_a_password_is_never_sent_in_the_open() -> None:
    with server() as (script, url), pytest.raises(Later) as refused:
        deliver(url.replace("smtp://", "smtp://anne:secret@"))
    assert "TLS" in str(refused.value)
    assert script.taken == []


def test_what_concerns_all_messages_is_no_bounce() -> None:
    for error in (
        smtplib.SMTPAuthenticationError(535, b"no"),
        smtplib.SMTPSenderRefused(550, b"no", "nuit@exemple.ch"),
        smtplib.SMTPConnectError(554, b"no"),
        smtplib.SMTPHeloError(550, b"no"),
        OSError("unreachable"),
    ):
        assert type(outcome(error)) is Later
    assert said(550, b"\x1b[31mno\r\nX-Evil: 1 <anne@exemple.ch>") == "550 [31mno X-Evil: 1 <<…>>"


def test_pauses_grow_and_end() -> None:
    pauses = [pause_after(attempts) for attempts in range(1, len(PAUSES) + 2)]
    assert pauses[-1] is None
    assert sorted(one for one in pauses if one) == pauses[:-1]
    assert sum((one for one in pauses if one), timedelta()) > timedelta(hours=20)


def test_files_where_there_is_no_server(tmp_path: Path) -> None:
    with Courier("", tmp_path / "mail") as courier:
        for _ in range(2):
            courier.deliver(LETTER, to="anne@exemple.ch", name="20270924-confirmation")
    files = list((tmp_path / "mail").iterdir())
    assert [one.name for one in files] == ["20270924-confirmation.eml"]
    assert files[0].stat().st_mode & 0o777 == 0o600
    assert "Bonsoir" in files[0].read_text()


def test_a_folder_that_cannot_be_written_is_worth_another_attempt(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file where the folder should be")
    with Courier("", tmp_path / "mail") as courier, pytest.raises(Later):
        courier.deliver(LETTER, to="anne@exemple.ch", name="x")


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def promised(*keys: str, kind: str = "test", **values: Any) -> None:
    with transaction():
        for key in keys:
            promise(kind, key=key, to=f"{key}@exemple.ch", locale="fr", due_at=values.get("due_at", NOW))


def draw(message: Message) -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Message-ID"] = "nuit@exemple.ch", message.to, f"<{message.key}@exemple.ch>"
    letter.set_content(message.key)
    return letter


def kept(key: str) -> Message:
    db.session.rollback()
    return db.session.scalars(select(Message).where(Message.key == key).execution_options(populate_existing=True)).one()


def through(url: str) -> Callable[[EmailMessage, Message], None]:
    def hand_over(letter: EmailMessage, message: Message) -> None:
        with Courier(url, Path("/nonexistent")) as courier:
            courier.deliver(letter, to=message.to, name="x")

    return hand_over


def fates(url: str, clock: Clock) -> list[Fate]:
    return [fate for _message, fate in send_due(draw, through(url), clock)]


def test_sent_once_and_never_again(app: Flask) -> None:
    promised("a", "b")
    clock = Clock()
    with server() as (script, url):
        assert fates(url, clock) == [Fate.SENT, Fate.SENT]
        assert fates(url, clock) == []
    assert sorted(one["Message-ID"] for one in script.taken) == ["<a@exemple.ch>", "<b@exemple.ch>"]
    assert (kept("a").state, kept("a").sent_at, kept("a").attempts, kept("a").error) == ("sent", NOW, 1, "")


def test_refused_for_now_then_taken(app: Flask) -> None:
    promised("a")
    clock = Clock()
    with server("450 4.2.1 later") as (script, url):
        assert fates(url, clock) == [Fate.RETRY]
        assert (kept("a").state, kept("a").error) == ("due", "450 4.2.1 later")
        assert fates(url, clock) == []
        clock.now += timedelta(seconds=PAUSES[0])
        assert fates(url, clock) == [Fate.SENT]
    assert len(script.taken) == 1
    assert (kept("a").state, kept("a").attempts, kept("a").due_at) == ("sent", 2, NOW)


def test_refused_for_good(app: Flask) -> None:
    promised("a")
    clock = Clock()
    with server("550 5.1.1 nobody <ADDRESS>") as (script, url):
        assert fates(url, clock) == [Fate.BOUNCED]
        clock.now += timedelta(days=1)
        assert fates(url, clock) == []
    assert script.taken == []
    assert (kept("a").state, kept("a").error) == ("bounced", "550 5.1.1 nobody <<…>>")


def test_a_line_that_drops_after_the_content_repeats_under_one_name(app: Flask) -> None:
    promised("a")
    clock = Clock()
    with server("drop") as (script, url):
        assert fates(url, clock) == [Fate.RETRY]
        clock.now += timedelta(seconds=PAUSES[0])
        assert fates(url, clock) == [Fate.SENT]
    assert [one["Message-ID"] for one in script.taken] == ["<a@exemple.ch>"] * 2


def test_a_server_that_is_away_for_hours_loses_nothing(app: Flask) -> None:
    promised(*"abcde")
    clock = Clock()
    with mute() as url:
        for _ in range(5):
            fates(url, clock)
            clock.now += timedelta(minutes=20)
    with server() as (script, url):
        for _ in range(3):
            fates(url, clock)
            clock.now += timedelta(hours=1)
    assert sorted(one["Message-ID"] for one in script.taken) == [f"<{key}@exemple.ch>" for key in "abcde"]


def test_after_a_day_it_is_given_up(app: Flask) -> None:
    promised("a")
    clock = Clock()
    last: list[Fate] = []
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"smtp://127.0.0.1:{probe.getsockname()[1]}?timeout=1"
    while clock.now < NOW + timedelta(days=2):
        last = fates(url, clock) or last
        clock.now += timedelta(hours=1)
    assert last == [Fate.FAILED]
    assert (kept("a").state, kept("a").attempts) == ("failed", len(PAUSES) + 1)


def test_a_sign_in_link_that_comes_too_late_is_not_sent(app: Flask) -> None:
    promised("a", kind="sign_in")
    clock = Clock()
    clock.now += timedelta(minutes=11)
    with server() as (script, url):
        assert fates(url, clock) == [Fate.FAILED]
    assert script.taken == []


def test_what_is_not_due_yet_waits(app: Flask) -> None:
    promised("a", due_at=NOW + timedelta(hours=1))
    clock = Clock()
    with server() as (_script, url):
        assert fates(url, clock) == []
        clock.now += timedelta(hours=1)
        assert fates(url, clock) == [Fate.SENT]


def test_a_letter_that_cannot_be_drawn_does_not_hold_up_the_others(app: Flask) -> None:
    promised("a", "b")

    def drawn(message: Message) -> EmailMessage:
        if message.key == "a":
            raise RuntimeError("no such template")
        return draw(message)

    with server() as (script, url):
        assert [fate for _, fate in send_due(drawn, through(url), Clock())] == [Fate.RETRY, Fate.SENT]
    assert [one["Message-ID"] for one in script.taken] == ["<b@exemple.ch>"]
    assert kept("a").error == "RuntimeError in drawing it"


def test_nothing_is_open_while_the_server_takes_its_time(app: Flask) -> None:
    promised("a")
    seen = []

    def hand_over(letter: EmailMessage, message: Message) -> None:
        seen.append((db.session().in_transaction(), message.to))

    send_due(draw, hand_over, Clock())
    assert seen == [(False, "a@exemple.ch")]


def test_two_workers_send_each_message_once(app: Flask) -> None:
    keys = [f"m{number:02d}" for number in range(40)]
    promised(*keys)
    clock = Clock()
    with server() as (script, url):

        def work() -> None:
            with app.app_context():
                while send_due(draw, through(url), clock, at_most=3):
                    pass
                db.session.remove()

        workers = [threading.Thread(target=work) for _ in range(4)]
        for one in workers:
            one.start()
        for one in workers:
            one.join()
    assert sorted(str(one["Message-ID"]) for one in script.taken) == [f"<{key}@exemple.ch>" for key in keys]


def test_a_worker_that_dies_leaves_its_messages_to_the_next(app: Flask) -> None:
    promised("a")
    clock = Clock()
    assert len(claim(clock.now)) == 1
    assert claim(clock.now + timedelta(minutes=4)) == []
    clock.now += timedelta(minutes=5)
    with server() as (_script, url):
        assert fates(url, clock) == [Fate.SENT]
    assert kept("a").attempts == 2


def test_a_worker_that_comes_back_late_overwrites_nothing(app: Flask) -> None:
    promised("a")
    clock = Clock()

    def asleep(letter: EmailMessage, message: Message) -> None:
        clock.now += timedelta(minutes=6)
        with server() as (_script, url):
            assert fates(url, clock) == [Fate.SENT]
        raise Later("I was asleep")

    send_due(draw, asleep, clock)
    assert (kept("a").state, kept("a").error) == ("sent", "")


def test_told_to_stop_it_gives_the_rest_back(app: Flask) -> None:
    promised("a", "b", "c")
    sent: list[str] = []
    send_due(draw, lambda _letter, message: sent.append(message.key), Clock(), stop=lambda: len(sent) >= 1)
    assert sent == ["a"]
    assert [(kept(key).state, kept(key).attempts, kept(key).leased_until) for key in "bc"] == [("due", 0, None)] * 2


def test_booking_answers_while_the_mail_server_hangs(app: Flask) -> None:
    night = an_edition()
    slot = a_slot(a_visit(a_host(night)))
    with mute() as url:
        app.config["SMTP_URL"] = url
        try:
            worker = threading.Thread(target=_in_context, args=(app, send_batch))
            first = a_booking(night, slot)
            _due_now()
            worker.start()
            begin = time.monotonic()
            second = a_booking(night, slot)
            took = time.monotonic() - begin
            worker.join()
        finally:
            app.config["SMTP_URL"] = ""
    assert took < 0.3
    assert {first.reference, second.reference} == set(db.session.scalars(select(Booking.reference)))
    assert db.session.scalar(select(Slot.taken)) == 2


def _in_context(app: Flask, act: Callable[[], Any]) -> None:
    with app.app_context():
        act()


def _due_now() -> None:
    with transaction():
        for message in db.session.scalars(select(Message)):
            message.due_at = datetime(2020, 1, 1, tzinfo=NOW.tzinfo)
