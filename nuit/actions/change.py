"""A change that people who have booked will feel: decided, taken back within five minutes, or carried out."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update

from nuit.clock import local
from nuit.db import db, transaction
from nuit.errors import ChangeOver, ChangePending, EffectChanged, SlotCancelled, SlotExists
from nuit.ledger.departure import call_off, lock_bookings, shift_start
from nuit.ledger.places import lock_slots
from nuit.ledger.queue import pass_on
from nuit.ledger.trail import note, revise
from nuit.models import Change, Seat, Slot
from nuit.planning.effect import Targets

UNDO = timedelta(minutes=5)
"""How long a decision can be taken back; no mail leaves before."""
COMING = ("held", "confirmed")


def decide(
    host_id: int, kind: str, targets: Targets, *, reason: str, people: int, now: datetime, by: int | None
) -> Change:  # fmt: skip
    """Decides to move or to cancel departures (`kind` is late, move or cancel); it holds in five minutes.

    Until then nobody books them. Where nobody has booked, it holds at once. `people` is the number that was shown.
    Raises SlotCancelled, ChangePending, EffectChanged or SlotExists.
    """
    with transaction():
        slots = _locked(targets)
        _decidable(host_id, slots, targets, people)
        change = _decision(host_id, kind, slots, targets, reason=reason, people=people, now=now, by=by)
        db.session.add(change)
        _close(change.reopen)
        db.session.flush()
        note(f"decide_{kind}", "slot", slots[0].id, member_id=by, now=now, people=people, slots=len(slots))
        revise(change.edition_id)
        if not people:
            _carry_out(change, now)
    return change


def _locked(targets: Targets) -> list[Slot]:
    lock_slots(targets)
    wanted = select(Slot).where(Slot.id.in_(targets)).order_by(Slot.starts_at, Slot.id)
    return list(db.session.scalars(wanted.execution_options(populate_existing=True)))


def _decidable(host_id: int, slots: Sequence[Slot], targets: Targets, people: int) -> None:
    ids = tuple(one.id for one in slots)
    if not slots or any(one.status == "cancelled" for one in slots):
        raise SlotCancelled(slots=ids)
    waiting = db.session.scalars(select(Change.slots).where(Change.host_id == host_id, Change.state == "due"))
    if {one["slot"] for entry in waiting for one in entry} & set(ids):
        raise ChangePending(slots=ids)
    coming = db.session.scalar(
        select(func.count()).select_from(Seat).where(Seat.slot_id.in_(ids), Seat.status.in_(COMING))
    )
    if coming != people:
        raise EffectChanged(slots=ids, count=coming or 0)
    _unused_hours(slots, targets)


def _unused_hours(slots: Sequence[Slot], targets: Targets) -> None:
    """No two departures of a visit at one hour; those that move make room for one another."""
    wanted = [hour for hour in targets.values() if hour is not None]
    visits = {one.visit_id for one in slots}
    there = select(Slot.starts_at).where(Slot.visit_id.in_(visits), Slot.starts_at.in_(wanted), Slot.id.not_in(targets))
    taken = db.session.scalar(there.limit(1))
    if taken is not None:
        raise SlotExists(hour=local(taken).strftime("%H:%M"))


def _decision(
    host_id: int, kind: str, slots: Sequence[Slot], targets: Targets, *, reason: str, people: int, now: datetime,
    by: int | None,
) -> Change:  # fmt: skip
    planned = [
        {"slot": one.id, "was": one.starts_at.isoformat(), "to": to.isoformat() if to else None}
        for one in slots
        for to in (targets[one.id],)
    ]
    return Change(
        edition_id=slots[0].edition_id, host_id=host_id, member_id=by, kind=kind, slots=planned, reason=reason,
        reopen=[one.id for one in slots if one.status == "open"], people=people, state="due", made_at=now,
        due_at=now + UNDO,
    )  # fmt: skip


def _close(slot_ids: Collection[int]) -> None:
    _set("closed", "open", slot_ids)


def _set(status: str, before: str, slot_ids: Collection[int]) -> None:
    db.session.execute(
        update(Slot)
        .where(Slot.id.in_(slot_ids), Slot.status == before)
        .values(status=status, version=Slot.version + 1)
        .execution_options(synchronize_session=False)
    )


def take_back(change_id: int, *, now: datetime, by: int | None) -> Change:
    """Takes a decision back: nobody has heard of it, and what was open is open again. Raises ChangeOver."""
    with transaction():
        change = _claimed(change_id, Change.due_at > now, state="undone")
        if change is None:
            raise ChangeOver()
        lock_slots(change.reopen)
        _set("open", "closed", change.reopen)
        pass_on(change.reopen, now=now)
        note("take_back", "slot", change.slots[0]["slot"], member_id=by, now=now)
        revise(change.edition_id)
    return change


def hasten(change_id: int, *, now: datetime, by: int | None) -> Change:
    """Carries a decision out at once. Raises ChangeOver."""
    with transaction():
        change = _claimed(change_id, Change.due_at > now, state="done")
        if change is None:
            raise ChangeOver()
        _carry_out(change, now)
    return change


def carry_out(change_id: int, *, now: datetime) -> bool:
    """Carries out a decision whose five minutes are over, once, whoever asks; False where there is nothing to do."""
    with transaction():
        change = _claimed(change_id, Change.due_at <= now, state="done")
        if change is not None:
            _carry_out(change, now)
    return change is not None


def _claimed(change_id: int, when: object, *, state: str) -> Change | None:
    return db.session.scalar(
        update(Change)
        .where(Change.id == change_id, Change.state == "due", when)  # type: ignore[arg-type]
        .values(state=state)
        .returning(Change)
        .execution_options(populate_existing=True)
    )


def _carry_out(change: Change, now: datetime) -> None:
    change.state = "done"
    ids = [one["slot"] for one in change.slots]
    lock_bookings(ids)
    lock_slots(ids)
    for one in _in_order(change):
        if one["to"] is None:
            call_off(one["slot"], reason=change.reason, now=now, by=change.member_id)
        else:
            to = datetime.fromisoformat(one["to"])
            shift_start(one["slot"], to, reason=change.reason, now=now, by=change.member_id)
    if change.kind != "cancel":
        _set("open", "closed", change.reopen)
        pass_on(change.reopen, now=now)


def _in_order(change: Change) -> list[dict[str, Any]]:
    """Those that become later from the last to the first, so that each hour is free when its next one comes."""
    later = any((one["to"] or "") > one["was"] for one in change.slots)
    return sorted(change.slots, key=lambda one: str(one["was"]), reverse=later)
