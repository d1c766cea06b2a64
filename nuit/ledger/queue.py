"""The queue of a slot: entering, being offered what comes free, and leaving. Whoever is in here holds the slot's lock.

Every verb that makes places free ends with `pass_on(the slots)`, in the same transaction.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Row, Select, and_, func, insert, or_, select, update

from nuit.clock import local
from nuit.db import db
from nuit.errors import HasPlace, QueueOver, SlotClosed, refusal_of
from nuit.ledger.outbox import promise
from nuit.ledger.places import count_off, count_on, lock_slots
from nuit.models import Booking, Edition, Host, Seat, Slot, Ticket, Wait
from nuit.planning.evening import Departure, Person, faults
from nuit.planning.queue import LAST_OFFER, LATE_HOLD, Holds, held_until, is_over, served

STANDING = ("waiting", "offered")


def join(booking: Booking, party: Sequence[Person], slot: Slot, departure: Departure, *, now: datetime) -> None:
    """Puts a whole party at the end of a slot's queue; where there are places for it, they are offered to it at once.

    The caller has locked booking and slot. Twice is as good as once. Raises SlotClosed, QueueOver, HasPlace, TooYoung or
    NeedsAdult.
    """
    says = {"company": departure.company, "hour": local(slot.starts_at).strftime("%H:%M")}
    if slot.status != "open":
        raise SlotClosed(slots=(slot.id,), **says)
    if is_over(slot.starts_at, now):
        raise QueueOver(slots=(slot.id,), **says)
    found = faults([departure], party, lambda _from, _to: 0)
    if found:
        raise refusal_of(found[0])
    if waits_in([slot.id], booking_id=booking.id):
        return
    if db.session.scalar(select(Seat.id).where(_here(booking, slot), Seat.status.in_(("held", "confirmed"))).limit(1)):
        raise HasPlace(slots=(slot.id,), **says)
    _enter(booking, slot, now)
    pass_on([slot.id], now=now)


def _here(booking: Booking, slot: Slot) -> ColumnElement[bool]:
    return (Seat.booking_id == booking.id) & (Seat.slot_id == slot.id)


def _enter(booking: Booking, slot: Slot, now: datetime) -> None:
    people = db.session.scalars(
        select(Ticket.id).where(Ticket.booking_id == booking.id).order_by(Ticket.position)
    ).all()
    wait = Wait(
        booking_id=booking.id, slot_id=slot.id, size=len(people), status="waiting", asked_at=now, changed_at=now
    )
    db.session.add(wait)
    db.session.flush()
    row = {"booking_id": booking.id, "slot_id": slot.id, "wait_id": wait.id, "status": "waiting", "changed_at": now}
    db.session.execute(insert(Seat), [{**row, "ticket_id": ticket_id} for ticket_id in people])


def pass_on(slot_ids: Iterable[int], *, now: datetime) -> int:
    """Offers the free places of these slots to the first waiting parties that fit, each with a hold and a mail.

    The caller has locked the slots, most simply by having freed places in them. Returns how many parties were offered
    places; where nobody waits it costs one short statement.
    """
    with_line = select(Wait.slot_id).where(Wait.slot_id.in_(set(slot_ids)), Wait.status == "waiting").distinct()
    ids = list(db.session.scalars(with_line))
    return sum(_offer(slot, now) for slot in _giving(ids, now)) if ids else 0


Giving = Row[int, int, datetime, datetime, int, int]


def _giving(slot_ids: Collection[int], now: datetime) -> Sequence[Giving]:
    """Those of the slots that can offer something now: (id, places left, start, opening of the doors, minutes an offer
    stands usually, on the night).
    """
    return db.session.execute(
        select(
            Slot.id, Slot.capacity - Slot.taken, Slot.starts_at, Edition.opens_at, Edition.offer_minutes,
            Edition.offer_minutes_tonight,
        )
        .join(Edition, Edition.id == Slot.edition_id)
        .join(Host, Host.id == Slot.host_id)
        .where(
            Slot.id.in_(slot_ids), Slot.status == "open", Slot.taken < Slot.capacity,
            Slot.starts_at > now + LAST_OFFER, Host.state == "published",
        )
        .order_by(Slot.id)
    ).all()  # fmt: skip


def _offer(slot: Giving, now: datetime) -> int:
    """Who has not confirmed the address yet keeps the rank, and is passed over until then."""
    slot_id, free, starts_at, opens_at, usual, tonight = slot
    line = db.session.execute(
        select(Wait.id, Wait.size, Booking.id, Booking.email, Booking.locale)
        .join(Booking, Booking.id == Wait.booking_id)
        .where(Wait.slot_id == slot_id, Wait.status == "waiting", Booking.held_until.is_(None))
        .order_by(Wait.id)
    ).all()
    chosen = set(served([(wait, size) for wait, size, *_ in line], free))
    if not chosen or not count_on(slot_id, sum(size for wait, size, *_ in line if wait in chosen)):
        return 0
    until = held_until(now, starts_at=starts_at, opens_at=opens_at,
                       holds=Holds(timedelta(minutes=usual), timedelta(minutes=tonight)))  # fmt: skip
    _move(chosen, "offered", "held", now, until)
    _tell("offer", line, chosen, now)
    return len(chosen)


Line = Sequence[Row[int, int, int, str, str]]


def _tell(kind: str, line: Line, chosen: Collection[int], now: datetime) -> None:
    """Promises a mail about their wait to those of the line who were chosen: (wait, size, booking, address, language)."""
    for wait, _size, booking_id, email, locale in line:
        if wait in chosen and email:
            promise(kind, key=f"{kind}:{wait}", to=email, locale=locale, due_at=now, booking_id=booking_id, wait=wait)


def offer_late(slot_id: int, *, now: datetime) -> int:
    """Places set free after the start are offered first, for LATE_HOLD, to those whom the queue had not served by its end,
    in order; not to who is at another visit. The caller has locked the slot. Returns to how many parties.
    """
    found = db.session.execute(
        select(Slot.capacity - Slot.taken, Slot.starts_at, Edition.door_late_minutes)
        .join(Edition, Edition.id == Slot.edition_id)
        .where(Slot.id == slot_id, Slot.status == "open")
    ).first()
    if found is None:
        return 0
    free, starts_at, late = found
    until = min(now + LATE_HOLD, starts_at + timedelta(minutes=late))
    line = db.session.execute(_unserved(slot_id, now)).all() if until > now else []
    chosen = set(served([(wait, size) for wait, size, *_ in line], free))
    if not chosen or not count_on(slot_id, sum(size for wait, size, *_ in line if wait in chosen)):
        return 0
    _move(chosen, "offered", "held", now, until, again="lapsed")
    _tell("offer", line, chosen, now)
    return len(chosen)


def _unserved(slot_id: int, now: datetime) -> Select[int, int, int, str, str]:
    """Those who waited for a slot until its queue was over, have no place in it, and are not at another visit."""
    elsewhere = (
        select(Seat.id)
        .join(Slot, Slot.id == Seat.slot_id)
        .where(
            Seat.booking_id == Booking.id, Seat.status.in_(("held", "confirmed")),
            (Slot.id == slot_id) | ((Slot.starts_at <= now) & (Slot.ends_at > now)),
        )
    )  # fmt: skip
    return (
        select(Wait.id, Wait.size, Booking.id, Booking.email, Booking.locale)
        .join(Booking, Booking.id == Wait.booking_id)
        .where(
            Wait.slot_id == slot_id, Wait.status.in_(("waiting", "over")), Booking.state == "confirmed",
            ~elsewhere.correlate(Booking).exists(),
        )
        .order_by(Wait.id)
    )  # fmt: skip


def _move(
    wait_ids: Collection[int], status: str, seats: str, now: datetime, until: datetime | None = None, *, again: str = "held"
) -> None:  # fmt: skip
    """Sets the status of waits and of the seats that stand in them, or of those that are `again` in them."""
    values = {"status": status, "changed_at": now} | ({"offered_until": until} if until else {})
    for statement in (
        update(Wait).where(Wait.id.in_(wait_ids)).values(values),
        update(Seat)
        .where(Seat.wait_id.in_(wait_ids), Seat.status.in_(("waiting", "held", again)))
        .values(status=seats, changed_at=now),
    ):
        db.session.execute(statement.execution_options(synchronize_session=False))


def close(waits: Sequence[Wait], status: str, seats: str, now: datetime) -> None:
    """Ends standing waits; what was held for them is free. The caller has locked their slots, and passes on."""
    for wait in waits:
        if wait.status == "offered":
            count_off(wait.slot_id, wait.size)
    if waits:
        _move([one.id for one in waits], status, seats, now)


def shrink(wait_ids: Collection[int], now: datetime) -> None:
    """After single seats of a party have left a queue: it waits for fewer, or not at all any more. It keeps its rank."""
    for wait_id in sorted(wait_ids):
        left = db.session.scalar(
            select(func.count()).where(Seat.wait_id == wait_id, Seat.status.in_(("waiting", "held")))
        )
        values = {"size": left} if left else {"status": "left", "changed_at": now}
        db.session.execute(
            update(Wait).where(Wait.id == wait_id).values(values).execution_options(synchronize_session=False)
        )


def disperse(slot_id: int, now: datetime) -> None:
    """A slot is cancelled: nobody waits for it any more. The caller has set its seats free."""
    standing = (Wait.slot_id == slot_id) & Wait.status.in_(STANDING)
    db.session.execute(
        update(Wait)
        .where(standing)
        .values(status="cancelled", changed_at=now)
        .execution_options(synchronize_session=False)
    )


def waits_in(slot_ids: Collection[int], *, booking_id: int | None = None) -> list[Wait]:
    """The standing waits of these slots, by rank, as they are under the lock; of one booking alone where it is given."""
    query = select(Wait).where(Wait.slot_id.in_(slot_ids), Wait.status.in_(STANDING)).order_by(Wait.id)
    if booking_id is not None:
        query = query.where(Wait.booking_id == booking_id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def lapse(slot_ids: Collection[int], *, now: datetime) -> int:
    """Ends what is due in these slots, and passes on: offers nobody has answered, queues that serve nobody any more.

    Returns how many offers lapsed. Locks the slots.
    """
    lock_slots(slot_ids)
    standing = waits_in(slot_ids)
    begun = set(db.session.scalars(select(Slot.id).where(Slot.id.in_(slot_ids), Slot.starts_at <= now + LAST_OFFER)))
    due = [one for one in standing if one.status == "offered" and one.offered_until and one.offered_until <= now]
    over = [one for one in standing if one.status == "waiting" and one.slot_id in begun]
    close(due, "lapsed", "lapsed", now)
    if due:
        _tell("offer_lapsed", _line_of(due), {one.id for one in due}, now)
    close(over, "over", "lapsed", now)
    pass_on(slot_ids, now=now)
    return len(due)


def _line_of(waits: Collection[Wait]) -> Line:
    return db.session.execute(
        select(Wait.id, Wait.size, Booking.id, Booking.email, Booking.locale)
        .join(Booking, Booking.id == Wait.booking_id)
        .where(Wait.id.in_([one.id for one in waits]))
        .order_by(Wait.id)
    ).all()


def due_slots(now: datetime, *, among: Collection[int] | None = None) -> list[int]:
    """The slots in whose queues something is due, `lapse` settles it: an offer nobody has answered, a queue that is
    over, places for somebody who waits. One statement, without any lock.
    """
    fits = and_(
        Slot.status == "open", Host.state == "published", Booking.held_until.is_(None),
        Wait.size <= Slot.capacity - Slot.taken,
    )  # fmt: skip
    query = (
        select(Wait.slot_id)
        .join(Slot, Slot.id == Wait.slot_id)
        .join(Host, Host.id == Slot.host_id)
        .join(Booking, Booking.id == Wait.booking_id)
        .where(
            or_(
                and_(Wait.status == "offered", Wait.offered_until <= now),
                and_(Wait.status == "waiting", or_(Slot.starts_at <= now + LAST_OFFER, fits)),
            )
        )
        .distinct()
        .order_by(Wait.slot_id)
    )
    if among is not None:
        query = query.where(Wait.slot_id.in_(among))
    return list(db.session.scalars(query))
