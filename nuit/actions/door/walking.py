"""People without a ticket: counted in within capacity, or, where the door had no network, counted anyway."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from nuit.actions.door.outcome import Outcome
from nuit.ledger.places import settle_walk_ins, walk_in
from nuit.ledger.queue import pass_on
from nuit.planning.door import ADMITTED, FULL, LEFT, STANDBY, UNDONE, UNKNOWN, Verdict
from nuit.planning.presence import OUT, UNDO, WALK_IN
from nuit.planning.presence import STANDBY as WAIT
from nuit.planning.walked import walked
from nuit.queries.door.party import Kept
from nuit.queries.door.walked import guests_at, lock_slots, places_left, walks_at


def is_walk(one: Kept, scans: Mapping[str, Kept]) -> bool:
    """Whether a scan is about people without a ticket; an undo is what it takes back."""
    if one.scan.kind == UNDO:
        target = scans.get(one.scan.target)
        return target is not None and target.scan.kind != UNDO and is_walk(target, scans)
    return one.scan.kind in (WALK_IN, WAIT) or (
        one.scan.kind == OUT and one.booking is None and one.persons is not None
    )


def walk(fresh: Sequence[Kept], scans: Mapping[str, Kept]) -> dict[str, Outcome]:
    """What each of these scans (`fresh`, and those stored before) means; the places of fresh walk-ins are taken.

    Who asks is let in while there are places; who was let in before we could know counts, whatever the capacity.
    """
    walks = {nonce: one for nonce, one in scans.items() if is_walk(one, scans)}
    wanted = {slot for one in walks.values() if (slot := _slot(one, scans)) is not None}
    lock_slots(wanted)
    known = {door: places_left(door, wanted) for door in {one.scan.door for one in fresh}}
    new = {one.scan.nonce for one in fresh}
    outcomes = {}
    for one in sorted(walks.values(), key=lambda one: (one.scan.at, one.scan.nonce)):
        slot = _slot(one, scans)
        word = _decided(one, slot, known[one.scan.door]) if one.scan.nonce in new else _stood(one, slot)
        outcomes[one.scan.nonce] = Outcome(
            one.scan, Verdict(word), one.given, slot=slot if word != UNKNOWN else None, persons=one.persons,
            undone=any(other.scan.kind == UNDO and other.scan.target == one.scan.nonce and
                       other.scan.door == one.scan.door for other in walks.values()),
        )  # fmt: skip
    return outcomes


def _slot(one: Kept, scans: Mapping[str, Kept]) -> int | None:
    if one.scan.kind != UNDO:
        return one.slot
    target = scans[one.scan.target]
    return target.slot if target.scan.door == one.scan.door else None


def _stood(one: Kept, slot: int | None) -> str:
    """What was decided stays; an undo that came before what it takes back is settled now."""
    return (UNDONE if slot is not None else UNKNOWN) if one.scan.kind == UNDO else one.scan.settled


def _decided(one: Kept, slot: int | None, known: Mapping[int, int]) -> str:
    if slot is None or slot not in known:
        return UNKNOWN
    if one.scan.kind == WALK_IN:
        return _let_in(one, slot)
    return {OUT: LEFT, UNDO: UNDONE, WAIT: STANDBY}[one.scan.kind]


def _let_in(one: Kept, slot: int) -> str:
    if one.given:
        return one.given if one.given in (ADMITTED, FULL) else UNKNOWN
    return ADMITTED if walk_in(slot, one.persons or 0, one.scan.door) else FULL


def settle(slots: Iterable[int], now: datetime) -> None:
    """Brings the counts of these departures to what all scans say, in ascending id, their rows locked.

    Places that come free, because people were counted twice, go to who waits for them.
    """
    ordered = sorted(set(slots))
    lock_slots(ordered)
    for slot in ordered:
        counted = walked(walks_at(slot))
        came, gone = guests_at(slot)
        settle_walk_ins(slot, counted.came + came, counted.left + gone, sum(counted.waiting.values()))
    pass_on(ordered, now=now)
