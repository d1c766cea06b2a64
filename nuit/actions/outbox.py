"""Sending what was promised: each message leased to one worker, sent outside any transaction, at least once.

A worker that dies leaves a lease that lapses; its message then goes out again under the same Message-ID.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from enum import StrEnum

from sqlalchemy import or_, select, update

from nuit.db import db, transaction
from nuit.models import Message
from nuit.planning.delivery import Bounced, Later, Moot, Undelivered, Unwritable, pause_after

LEASE = timedelta(minutes=5)
"""Longer than a batch takes even when the server answers each command at the last moment."""
BATCH = 10
GOOD_FOR = {
    "sign_in": timedelta(minutes=10),
    "reminder_day": timedelta(hours=20),
    "reminder_hours": timedelta(minutes=100),
    "thanks": timedelta(days=14),
    "offer_lapsed": timedelta(hours=2),
}
"""Messages that say nothing useful any more after a while."""

log = logging.getLogger(__name__)
Compose = Callable[[Message], EmailMessage]
Deliver = Callable[[EmailMessage, Message], None]
Clock = Callable[[], datetime]


class Fate(StrEnum):
    """What became of a message in one attempt."""

    SENT = "sent"
    BOUNCED = "bounced"
    RETRY = "retry"
    FAILED = "failed"
    MOOT = "moot"


def send_due(
    compose: Compose, deliver: Deliver, clock: Clock, *, at_most: int = BATCH, stop: Callable[[], bool] = lambda: False
) -> list[tuple[Message, Fate]]:
    """Sends up to `at_most` messages that are due, the oldest first, until `stop()`; says what became of each.

    `compose` raises Unwritable, or what it likes (the message is tried again later); `deliver` raises Bounced or Later.
    """
    done = []
    batch = claim(clock(), at_most=at_most)
    for message, lease in batch:
        if stop() or clock() > lease - LEASE / 2:
            break  # or the server is slow: what is left goes with the next batch
        done.append((message, _attempt(message, lease, compose, deliver, clock)))
    if len(done) < len(batch):
        _release(batch[len(done) :])
    return done


def claim(now: datetime, *, at_most: int = BATCH) -> list[tuple[Message, datetime]]:
    """Leases due messages to the caller: (message, end of the lease). No two callers get the same one."""
    lease = now + LEASE
    due = (
        select(Message.id)
        .where(
            Message.state == "due", Message.due_at <= now,
            or_(Message.leased_until.is_(None), Message.leased_until <= now),
        )
        .order_by(Message.due_at, Message.id)
        .limit(at_most)
    )  # fmt: skip
    if db.session.scalar(due.limit(1)) is None:  # looking twice a second must not queue with those who book
        db.session.rollback()
        return []
    with transaction():
        ids = list(db.session.scalars(due.with_for_update(skip_locked=True)))
        claimed = db.session.scalars(
            update(Message)
            .where(Message.id.in_(ids), Message.state == "due")
            .values(leased_until=lease, attempts=Message.attempts + 1)
            .returning(Message)
            .execution_options(populate_existing=True)
        ).all()
    for message in claimed:
        db.session.expunge(message)  # a value from here on: no later rollback makes it ask the database again
    return [(message, lease) for message in sorted(claimed, key=lambda one: (one.due_at, one.id))]


def _attempt(message: Message, lease: datetime, compose: Compose, deliver: Deliver, clock: Clock) -> Fate:
    if clock() > message.due_at + GOOD_FOR.get(message.kind, timedelta(days=365)):
        return _settle(message, lease, Fate.FAILED, clock(), "too late to be of use")
    try:
        letter = compose(message)
        db.session.rollback()  # nothing of ours stays open while the server takes its time
        deliver(letter, message)
    except Undelivered as fault:
        return _after(message, lease, fault, clock())
    except Exception as fault:  # one letter that cannot be drawn must not hold up the others
        log.exception("message %s (%s) cannot be drawn", message.id, message.kind)
        return _after(message, lease, Later(f"{type(fault).__name__} in drawing it"), clock())
    return _settle(message, lease, Fate.SENT, clock(), "")


def _after(message: Message, lease: datetime, fault: Undelivered, now: datetime) -> Fate:
    if isinstance(fault, Bounced):
        return _settle(message, lease, Fate.BOUNCED, now, fault.reason)
    if isinstance(fault, Moot):
        return _settle(message, lease, Fate.MOOT, now, fault.reason)
    pause = None if isinstance(fault, Unwritable) else pause_after(message.attempts)
    if pause is None:
        return _settle(message, lease, Fate.FAILED, now, fault.reason)
    return _settle(message, lease, Fate.RETRY, now, fault.reason, until=now + pause)


def _settle(
    message: Message, lease: datetime, fate: Fate, now: datetime, error: str, until: datetime | None = None
) -> Fate:
    """Writes what became of the attempt, unless the lease has lapsed and another worker has it now."""
    with transaction():
        db.session.execute(
            update(Message)
            .where(Message.id == message.id, Message.state == "due", Message.leased_until == lease)
            .values(
                state="due" if fate is Fate.RETRY else fate.value,
                leased_until=until,
                error=error,
                sent_at=now if fate is Fate.SENT else None,
            )
            .execution_options(synchronize_session=False)
        )
    return fate


def _release(batch: list[tuple[Message, datetime]]) -> None:
    """Gives back what was leased and not even tried."""
    with transaction():
        for message, lease in batch:
            db.session.execute(
                update(Message)
                .where(Message.id == message.id, Message.state == "due", Message.leased_until == lease)
                .values(leased_until=None, attempts=Message.attempts - 1)
                .execution_options(synchronize_session=False)
            )
