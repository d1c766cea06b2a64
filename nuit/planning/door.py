"""The door's rule: who may enter or leave here and now. `static/door/judge.js` says the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

ADMITTED, ALREADY_IN, ELSEWHERE = "admitted", "already_in", "elsewhere"
TOO_EARLY, TOO_LATE, CANCELLED = "too_early", "too_late", "cancelled"
REVOKED, UNKNOWN = "revoked", "unknown"
LEFT, NOT_IN = "left", "not_in"
MOVED, FULL, STANDBY, UNDONE = "moved", "full", "standby", "undone"

WORDS = (ADMITTED, ALREADY_IN, TOO_EARLY, TOO_LATE, ELSEWHERE, CANCELLED, REVOKED, UNKNOWN)
"""What somebody who wants to come in is told; a party as a whole is told the first in this order of its people's."""

ANSWERS = (*WORDS, LEFT, NOT_IN, MOVED, FULL, STANDBY, UNDONE)
"""Every answer of a door, those to other gestures included."""

MAY_BE_LET_IN = (TOO_EARLY, TOO_LATE, ELSEWHERE, CANCELLED)
BACK = "back"
"""The reason of an `admitted` whose person had come in before and gone out: the place is theirs while the visit runs."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How long before a departure the door opens for it, and how long after it still lets in."""

    early: timedelta
    late: timedelta


@dataclass(frozen=True, slots=True)
class Ticket:
    id: int
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Seat:
    """One ticket in one slot; `gone` names why it no longer counts ("" = it counts), `gone_at` since when.

    `late_until`: they have said that they come later; the door lets them in until then.
    """

    id: int
    ticket: int
    door: int
    starts_at: datetime
    ends_at: datetime
    gone: str = ""
    gone_at: datetime | None = None
    late_until: datetime | None = None

    def counts(self, at: datetime) -> bool:
        return not self.gone or (self.gone_at is not None and at < self.gone_at)

    def opens_at(self, tolerance: Tolerance) -> datetime:
        return self.starts_at - tolerance.early

    def shuts_at(self, tolerance: Tolerance) -> datetime:
        return max(self.starts_at + tolerance.late, self.late_until or self.starts_at)

    def is_due(self, at: datetime, tolerance: Tolerance) -> bool:
        return self.opens_at(tolerance) <= at <= self.shuts_at(tolerance)


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody came in on this seat (None = a guest, without one): when (server's clock), where, by which scan.

    `left_at` is since when they are out again.
    """

    seat: int | None
    at: datetime
    door: int
    nonce: str
    left_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The door's answer to one ticket; `seat` is the one it is about, `elsewhere` where the person is expected next."""

    word: str
    seat: int | None = None
    first: Entry | None = None
    elsewhere: int | None = None
    reason: str = ""


def judge(
    ticket: Ticket | None,
    door: int,
    now: datetime,
    tolerance: Tolerance,
    seats: Sequence[Seat],
    entries: Mapping[int, Entry],
    guest: Entry | None = None,
) -> Verdict:
    """The door's verdict on one ticket at one instant.

    `ticket` None means that nothing of ours was read; `seats` are the ticket's own, at any door; `entries` are those
    made before `now`, by seat; `guest` is the one made at this door without a seat. A seat that still counts here
    decides first, then one lost here, then one elsewhere.
    """
    if ticket is None:
        return Verdict(UNKNOWN)
    if ticket.revoked_at is not None and ticket.revoked_at <= now:
        return Verdict(REVOKED)
    verdict = _by_seats(door, now, tolerance, seats, entries)
    if guest is not None and guest.left_at is None and verdict.word in MAY_BE_LET_IN:
        return Verdict(ALREADY_IN, None, guest, verdict.elsewhere)
    return verdict


def _by_seats(
    door: int, now: datetime, tolerance: Tolerance, seats: Sequence[Seat], entries: Mapping[int, Entry]
) -> Verdict:
    ordered = sorted(seats, key=lambda seat: (seat.starts_at, seat.id))
    counting = [seat for seat in ordered if seat.counts(now) or seat.id in entries]
    expected = _expected([seat for seat in counting if seat.door != door], now, tolerance, entries)
    here = [seat for seat in counting if seat.door == door]
    lost = [seat for seat in ordered if seat.door == door and seat.gone not in ("", "waiting")]
    if here:
        return replace(_here(here, now, tolerance, entries), elsewhere=expected.id if expected else None)
    if lost:
        word = TOO_LATE if lost[-1].gone == "released" else CANCELLED
        return Verdict(word, lost[-1].id, None, expected.id if expected else None, lost[-1].gone)
    if expected:
        return Verdict(ELSEWHERE, None, None, expected.id)
    return Verdict(CANCELLED, reason=ordered[-1].gone if ordered else "none")


def _here(seats: Sequence[Seat], now: datetime, tolerance: Tolerance, entries: Mapping[int, Entry]) -> Verdict:
    """Whoever is in a visit that runs is in; then come a seat that is due, one left for a while, one that ends, others."""
    entered = [seat for seat in seats if seat.id in entries]
    fresh = [seat for seat in seats if seat.id not in entries]
    running = [seat for seat in entered if now < seat.ends_at and entries[seat.id].left_at is None]
    due = [seat for seat in fresh if seat.is_due(now, tolerance)]
    if due and not running:
        return Verdict(ADMITTED, due[0].id)
    away = [seat for seat in entered if now < seat.ends_at and entries[seat.id].left_at is not None]
    if away and not running:
        return Verdict(ADMITTED, away[-1].id, entries[away[-1].id], reason=BACK)
    inside = running or [seat for seat in entered if seat.is_due(now, tolerance)] or ([] if fresh else entered)
    if inside:
        return Verdict(ALREADY_IN, inside[-1].id, entries[inside[-1].id])
    coming = [seat for seat in fresh if now < seat.opens_at(tolerance)]
    return Verdict(TOO_EARLY, coming[0].id) if coming else Verdict(TOO_LATE, fresh[-1].id)


def _expected(seats: Sequence[Seat], now: datetime, tolerance: Tolerance, entries: Mapping[int, Entry]) -> Seat | None:
    """Of the seats at other doors: the next that can still be reached, else the last."""
    still = [seat for seat in seats if seat.id not in entries and now <= seat.shuts_at(tolerance)]
    return still[0] if still else seats[-1] if seats else None


def judge_out(
    ticket: Ticket | None, door: int, seats: Sequence[Seat], entries: Mapping[int, Entry], guest: Entry | None = None
) -> Verdict:
    """What somebody who goes out is told: `left`, with the seat and the entry that end, else `not_in`."""
    if ticket is None:
        return Verdict(UNKNOWN)
    inside = [
        entries[seat.id]
        for seat in sorted(seats, key=lambda seat: (seat.starts_at, seat.id))
        if seat.door == door and seat.id in entries and entries[seat.id].left_at is None
    ]
    last = inside[-1] if inside else guest if guest is not None and guest.left_at is None else None
    return Verdict(LEFT, last.seat, last) if last else Verdict(NOT_IN)
