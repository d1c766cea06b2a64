"""Writing to those concerned: tried on oneself, sent now or at an hour; thanks after the night; what parties answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from nuit.clock import at_wall
from nuit.db import db, transaction
from nuit.errors import EffectChanged, NobodyConcerned
from nuit.ledger.outbox import promise, promise_once
from nuit.ledger.trail import note
from nuit.ledger.turn import take_turn
from nuit.models import Booking, Circular, Edition, Message, Opinion, Seat
from nuit.queries.writing import Audience, has_entries, readers

Texts = dict[str, str]
THANKS_FOR = timedelta(days=7)


@dataclass(frozen=True)
class Draft:
    """What somebody has written: texts by language; `by_host` is the company that writes, None the organisers."""

    audience: Audience
    by_host: int | None
    subject: Texts
    body: Texts
    key: str


def try_on(draft: Draft, email: str, locale: str, *, now: datetime) -> Message:
    """Promises the letter to whoever writes it, in one language."""
    with transaction():
        return promise(
            "circular", key=f"circular-try:{draft.key}:{locale}:{now:%H%M%S%f}", to=email, locale=locale, due_at=now,
            subject=draft.subject, body=draft.body, by_host=draft.by_host,
        )  # fmt: skip


def write_to(draft: Draft, *, people: int, send_at: datetime, now: datetime, by: int | None) -> Circular:
    """Sends to everyone concerned now, or at `send_at` to everyone concerned then. The same key sends once.

    `people` is the number that was shown before. Raises NobodyConcerned or EffectChanged.
    """
    with transaction():
        take_turn(f"circular:{draft.key}")
        earlier = db.session.scalar(select(Circular).where(Circular.key == draft.key))
        if earlier is not None:
            return earlier
        count = len(readers(draft.audience))
        if not count:
            raise NobodyConcerned()
        if count != people:
            raise EffectChanged(count=count)
        circular = Circular(
            edition_id=draft.audience.edition, host_id=draft.audience.host, slot_id=draft.audience.slot,
            by_host_id=draft.by_host, key=draft.key, subject=draft.subject, body=draft.body, send_at=max(send_at, now),
        )  # fmt: skip
        db.session.add(circular)
        db.session.flush()
        note("write", "circular", circular.id, member_id=by, now=now, people=count)
        if circular.send_at <= now:
            _expand(circular, now)
    return circular


def drop_circular(circular_id: int, *, now: datetime, by: int | None) -> bool:
    """Takes back what has not been sent yet; False where it is too late."""
    with transaction():
        gone = db.session.scalar(
            delete(Circular).where(Circular.id == circular_id, Circular.expanded_at.is_(None)).returning(Circular.id)
        )
        if gone is not None:
            note("remove", "circular", circular_id, member_id=by, now=now)
    return gone is not None


def send_written(now: datetime) -> int:
    """Promises the letters whose hour has come; returns how many circulars. Several workers may try at once."""
    due = select(Circular.id).where(Circular.expanded_at.is_(None), Circular.send_at <= now)
    waiting = list(db.session.scalars(due.order_by(Circular.id)))
    db.session.rollback()
    for circular_id in waiting:
        with transaction():
            circular = db.session.get(Circular, circular_id, with_for_update=True, populate_existing=True)
            if circular is not None and circular.expanded_at is None:
                _expand(circular, now)
    return len(waiting)


def _expand(circular: Circular, now: datetime) -> None:
    audience = Audience(circular.edition_id, circular.host_id, circular.slot_id)
    rows = [
        {"key": f"circular:{circular.id}:{one.reference}", "kind": "circular", "to": one.email, "locale": one.locale,
         "due_at": now, "booking_id": one.booking, "payload": {"circular": circular.id}}
        for one in readers(audience)
    ]  # fmt: skip
    circular.expanded_at, circular.recipients = now, promise_once(rows)


def promise_thanks(now: datetime) -> int:
    """The morning after, to every party that came (to all, in a night without any scan); returns how many were new."""
    made = 0
    over = select(Edition).where(Edition.closes_at <= now, Edition.closes_at > now - THANKS_FOR)
    for edition in db.session.scalars(over).all():
        morning = at_wall(edition.night + timedelta(days=1), "10:00")
        if now < morning:
            continue
        rows = [_thanks(morning, *row) for row in db.session.execute(_came(edition.id))]
        if rows:
            with transaction():
                made += promise_once(rows)
    db.session.rollback()
    return made


def _came(edition_id: int) -> Any:
    there = select(Seat.id).where(Seat.booking_id == Booking.id)
    came = there.where(Seat.entered_at.is_not(None) if has_entries(edition_id) else Seat.status == "confirmed")
    thanked = select(Message.id).where(Message.booking_id == Booking.id, Message.kind == "thanks")
    return select(Booking.id, Booking.reference, Booking.email, Booking.locale).where(
        Booking.edition_id == edition_id, Booking.state == "confirmed", Booking.email != "",
        came.correlate(Booking).exists(), ~thanked.correlate(Booking).exists(),
    )  # fmt: skip


def _thanks(at: datetime, booking_id: int, reference: str, email: str, locale: str) -> dict[str, Any]:
    return {
        "key": f"thanks:{reference}", "kind": "thanks", "to": email, "locale": locale, "due_at": at,
        "booking_id": booking_id, "payload": {},
    }  # fmt: skip


def answer(booking_id: int, said: Mapping[int, Mapping[str, Any]], *, now: datetime) -> None:
    """Keeps what a party says of each company (by host id); a later answer takes the place of the earlier one."""
    with transaction():
        take_turn(f"survey:{booking_id}")
        db.session.execute(delete(Opinion).where(Opinion.booking_id == booking_id, Opinion.host_id.in_(list(said))))
        for host_id, values in said.items():
            if any(value not in (None, "") for value in values.values()):
                db.session.add(Opinion(host_id=host_id, booking_id=booking_id, answered_at=now, **values))
