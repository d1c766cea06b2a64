"""Taking and freeing places: one conditional UPDATE a slot, in ascending id, so that no two parties share one."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, case, exists, func, insert, or_, select, update

from nuit.db import connection, db, table
from nuit.models import Booking, Edition, Seat, Slot

_slot, _edition, _seat = table(Slot), table(Edition), table(Seat)
_TAKE = (
    update(_slot)
    .where(
        _slot.c.status == "open",
        _slot.c.taken + bindparam("seats") <= _slot.c.capacity,
        or_(
            _slot.c.starts_at > bindparam("now"),
            and_(_slot.c.released_at.is_not(None), _slot.c.starts_at > bindparam("standby_since")),
        ),
        exists().where(_edition.c.id == bindparam("edition"), _edition.c.revision == bindparam("revision")),
    )
    .values(taken=_slot.c.taken + bindparam("seats"))
    .returning(_slot.c.id, _slot.c.visit_id, _slot.c.host_id, _slot.c.starts_at, _slot.c.ends_at)
)
_TAKE_ONE = _TAKE.where(_slot.c.id == bindparam("slot"))
_IN_ORDER = select(_slot.c.id).where(_slot.c.id.in_(bindparam("slots", expanding=True))).order_by(_slot.c.id)
_TAKE_ALL = _TAKE.where(_slot.c.id.in_(_IN_ORDER.with_for_update(key_share=True).scalar_subquery()))
_SEAT = insert(_seat).returning(_seat.c.id, sort_by_parameter_order=True)


class Taken(NamedTuple):
    """A slot that has given the places: when and where."""

    slot: int
    visit: int
    host: int
    starts_at: datetime
    ends_at: datetime


def take_all(
    slot_ids: Sequence[int], seats: int, now: datetime, *, edition: int, revision: int, late: timedelta
) -> list[Taken]:
    """Takes `seats` places in every slot with one statement; returns those that gave them, in ascending id.

    Where places of those who had not come were set free, a slot gives until `late` after its start.
    Rows are locked in ascending id. Nothing is given where the edition's programme has moved past `revision`: what is
    known of it then no longer holds. The caller rolls back unless all are there.
    """
    values: dict[str, Any] = {"seats": seats, "now": now, "edition": edition, "revision": revision,
                              "standby_since": now - late}  # fmt: skip
    if len(slot_ids) == 1:
        rows = connection().execute(_TAKE_ONE, values | {"slot": slot_ids[0]})
    else:
        rows = connection().execute(_TAKE_ALL, values | {"slots": list(slot_ids)})
    return sorted(Taken(*row) for row in rows)


def seat(rows: Sequence[dict[str, Any]]) -> Sequence[int]:
    """Writes the seats that were taken; their ids, in the same order."""
    return connection().execute(_SEAT, list(rows)).scalars().all()


def free(seats: Sequence[Seat], status: str, now: datetime) -> None:
    """Gives the places of held or confirmed seats back, in ascending slot id; queue.pass_on offers them."""
    counted = Counter(one.slot_id for one in seats if one.status in ("held", "confirmed"))
    for one in seats:
        one.status, one.changed_at = status, now
    for slot_id, count in sorted(counted.items()):
        count_off(slot_id, count)


def count_off(slot_id: int, seats: int) -> None:
    """So many places of a slot are free again."""
    db.session.execute(
        update(Slot)
        .where(Slot.id == slot_id)
        .values(taken=Slot.taken - seats)
        .execution_options(synchronize_session=False)
    )


def count_on(slot_id: int, seats: int) -> bool:
    """Takes places for an offer or a swap, open slot or not (the caller has looked); False where too few are left."""
    return (
        db.session.scalar(
            update(Slot)
            .where(Slot.id == slot_id, Slot.taken + seats <= Slot.capacity)
            .values(taken=Slot.taken + seats)
            .returning(Slot.id)
            .execution_options(synchronize_session=False)
        )
        is not None
    )


def lock_slots(slot_ids: Iterable[int]) -> None:
    """Locks slots until the commit, in ascending id; after bookings, before seats and waits, as everywhere.

    Whoever reads or writes a queue holds its slot. On SQLite the writers' queue has done it already.
    """
    if db.engine.dialect.name == "postgresql":
        wanted = select(Slot.id).where(Slot.id.in_(set(slot_ids))).order_by(Slot.id)
        db.session.execute(wanted.with_for_update(key_share=True))


def hold_back(edition: Edition, now: datetime, slot_ids: Collection[int] | None = None) -> None:
    """Keeps the second wave's places of slots off sale until its instant; afterwards, or without one, all are on sale.

    Of a slot's places the first wave sells the given share, rounded up, and never less than is taken. One statement.
    """
    whole = Slot.capacity + Slot.later
    is_first = edition.second_wave_at is not None and now < edition.second_wave_at
    share = (whole * edition.first_wave_percent + 99) // 100 if is_first else whole
    sale = case((share < Slot.taken, Slot.taken), else_=share)
    held = update(Slot).where(Slot.edition_id == edition.id)
    if slot_ids is not None:
        held = held.where(Slot.id.in_(slot_ids))
    db.session.execute(
        held.values(capacity=sale, later=whole - sale).execution_options(synchronize_session=False)
    )  # fmt: skip


def open_second_wave(edition_id: int) -> list[int]:
    """Puts the second wave on sale; returns the slots that have more places now. Twice is as good as once."""
    fresh = db.session.scalars(
        update(Slot)
        .where(Slot.edition_id == edition_id, Slot.later > 0)
        .values(capacity=Slot.capacity + Slot.later, later=0)
        .returning(Slot.id)
        .execution_options(synchronize_session=False)
    )
    return sorted(fresh)


def recount(edition_id: int) -> None:
    """Sets every slot's `taken` to what it really holds: after seats were written in bulk. One statement."""
    held = select(func.count()).where(Seat.slot_id == Slot.id, Seat.status.in_(("held", "confirmed")))
    db.session.execute(
        update(Slot)
        .where(Slot.edition_id == edition_id)
        .values(taken=held.scalar_subquery() + Slot.placed)
        .execution_options(synchronize_session=False)
    )


def take_at_door(slot_id: int, seats: int, host_id: int) -> bool:
    """Takes places at the door, in a departure of this host that may have begun or be closed to booking."""
    won = db.session.scalar(
        update(Slot)
        .where(
            Slot.id == slot_id, Slot.host_id == host_id, Slot.status != "cancelled", Slot.taken + seats <= Slot.capacity
        )
        .values(taken=Slot.taken + seats)
        .returning(Slot.id)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    return won is not None


def walk_in(slot_id: int, persons: int, host_id: int) -> bool:
    """The same for people without a ticket: all of them have a place, or none."""
    won = db.session.scalar(
        update(Slot)
        .where(
            Slot.id == slot_id, Slot.host_id == host_id, Slot.status != "cancelled",
            Slot.taken + persons <= Slot.capacity,
        )
        .values(taken=Slot.taken + persons, placed=Slot.placed + persons, walked_in=Slot.walked_in + persons)
        .returning(Slot.id)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    return won is not None


def settle_walk_ins(slot_id: int, came: int, left: int, standby: int) -> None:
    """Sets how many came to a slot without a ticket; as many of them have a place as its capacity leaves.

    One statement on numbers that are final: in whatever order people were reported, the slot ends the same.
    """
    others = Slot.taken - Slot.placed
    placed = case((others + came <= Slot.capacity, came), else_=Slot.capacity - others)
    db.session.execute(
        update(Slot)
        .where(Slot.id == slot_id)
        .values(taken=others + placed, placed=placed, walked_in=came, walked_out=left, standby=standby)
        .execution_options(synchronize_session=False)
    )


def lock_booking(reference: str) -> Booking | None:
    """The booking, locked for this transaction (SQLite has locked everything already).

    Another party's transaction may still add a seat's offer or a message to it: that takes the key's share only.
    """
    return db.session.scalar(
        select(Booking)
        .where(Booking.reference == reference)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
