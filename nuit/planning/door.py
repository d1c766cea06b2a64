"""The door's rule: who may enter here and now, and who is in once all scans are known. `static/door/judge.js` says the same."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

ADMITTED, ALREADY_IN, ELSEWHERE = "admitted", "already_in", "elsewhere"
TOO_EARLY, TOO_LATE, CANCELLED = "too_early", "too_late", "cancelled"
REVOKED, UNKNOWN = "revoked", "unknown"

WORDS = (ADMITTED, ALREADY_IN, TOO_EARLY, TOO_LATE, ELSEWHERE, CANCELLED, REVOKED, UNKNOWN)
"""All verdicts; where a party's people get different ones, the party as a whole gets the first in this order."""

_MAY_BE_LET_IN = (TOO_EARLY, TOO_LATE, ELSEWHERE, CANCELLED)
_REFUSED = (*_MAY_BE_LET_IN, REVOKED, UNKNOWN)


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
    """One ticket in one slot; `gone` names why it no longer counts ("" = it counts), `gone_at` since when."""

    id: int
    ticket: int
    door: int
    starts_at: datetime
    ends_at: datetime
    gone: str = ""
    gone_at: datetime | None = None

    def counts(self, at: datetime) -> bool:
        return not self.gone or (self.gone_at is not None and at < self.gone_at)

    def opens_at(self, tolerance: Tolerance) -> datetime:
        return self.starts_at - tolerance.early

    def shuts_at(self, tolerance: Tolerance) -> datetime:
        return self.starts_at + tolerance.late

    def is_due(self, at: datetime, tolerance: Tolerance) -> bool:
        return self.opens_at(tolerance) <= at <= self.shuts_at(tolerance)


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody came in on this seat: when (server's clock), through which door, by which scan."""

    seat: int
    at: datetime
    door: int
    nonce: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The door's answer to one ticket; `seat` is the one it is about, `elsewhere` where the person is expected next."""

    word: str
    seat: int | None = None
    first: Entry | None = None
    elsewhere: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Scan:
    """One reading. `ticket` None is the party's code: `who` names those who enter, `admit` counts them, neither = all.

    `admit` 0 only looks. `override` lets in against too early, too late, elsewhere and cancelled.
    `settled` is the verdict it got when it arrived, `granted` the seat it gave each ticket then: whoever was sent away
    does not come in afterwards because an hour, a seat or the tolerance has changed, nor the other way round.
    """

    nonce: str
    at: datetime
    door: int
    ticket: int | None
    admit: int | None = None
    who: frozenset[int] | None = None
    override: bool = False
    settled: str = ""
    granted: Mapping[int, int] = field(default_factory=dict)

    def concerns(self, ticket: int) -> bool:
        return not self.who or ticket in self.who


@dataclass(frozen=True, slots=True)
class Reading:
    """What a phone reports of one scan: `at` by its own clock, `given` the verdict it has shown ("" = it asks)."""

    nonce: str
    at: datetime
    token: str = ""
    code: str = ""
    given: str = ""
    admit: int | None = None
    who: frozenset[int] | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one scan means for one ticket; `entered` when this very scan let the person in."""

    ticket: int
    verdict: Verdict
    entered: bool


@dataclass(frozen=True, slots=True)
class Party:
    """The people of one booking in their order, and all their seats."""

    tickets: tuple[Ticket, ...]
    seats: tuple[Seat, ...]

    def seats_of(self, ticket: int) -> list[Seat]:
        return [seat for seat in self.seats if seat.ticket == ticket]


@dataclass(frozen=True, slots=True)
class Presence:
    """Who is in (by seat), and what each scan (by nonce) means now that all of them are known."""

    entries: Mapping[int, Entry]
    answers: Mapping[str, tuple[Answer, ...]]


def judge(
    ticket: Ticket | None,
    door: int,
    now: datetime,
    tolerance: Tolerance,
    seats: Sequence[Seat],
    entries: Mapping[int, Entry],
) -> Verdict:
    """The door's verdict on one ticket at one instant.

    `ticket` None means that nothing of ours was read; `seats` are the ticket's own, at any door; `entries` are those
    made before `now`, by seat. A seat that still counts here decides first, then one lost here, then one elsewhere.
    """
    if ticket is None:
        return Verdict(UNKNOWN)
    if ticket.revoked_at is not None and ticket.revoked_at <= now:
        return Verdict(REVOKED)
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
    """Whoever is in a visit that runs is in; then come a seat that is due, one that ends, one to come, one missed."""
    entered = [seat for seat in seats if seat.id in entries]
    fresh = [seat for seat in seats if seat.id not in entries]
    running = [seat for seat in entered if now < seat.ends_at]
    due = [seat for seat in fresh if seat.is_due(now, tolerance)]
    if due and not running:
        return Verdict(ADMITTED, due[0].id)
    inside = running or [seat for seat in entered if seat.is_due(now, tolerance)] or ([] if fresh else entered)
    if inside:
        return Verdict(ALREADY_IN, inside[-1].id, entries[inside[-1].id])
    coming = [seat for seat in fresh if now < seat.opens_at(tolerance)]
    return Verdict(TOO_EARLY, coming[0].id) if coming else Verdict(TOO_LATE, fresh[-1].id)


def _expected(seats: Sequence[Seat], now: datetime, tolerance: Tolerance, entries: Mapping[int, Entry]) -> Seat | None:
    """Of the seats at other doors: the next that can still be reached, else the last."""
    still = [seat for seat in seats if seat.id not in entries and now <= seat.shuts_at(tolerance)]
    return still[0] if still else seats[-1] if seats else None


def fold(party: Party, scans: Iterable[Scan], tolerance: Tolerance) -> Presence:
    """Presence after all scans of one party, by time, then nonce: the same for every order of arrival.

    The first to come in on a seat is in; a later scan of the same seat is `already_in`, whatever its phone showed.
    """
    entries: dict[int, Entry] = {}
    answers: dict[str, tuple[Answer, ...]] = {}
    for scan in sorted(scans, key=lambda scan: (scan.at, scan.nonce)):
        answers[scan.nonce] = answer = _answer(party, scan, tolerance, entries)
        for one in answer:
            if one.entered and one.verdict.seat is not None:
                entries.setdefault(one.verdict.seat, Entry(one.verdict.seat, scan.at, scan.door, scan.nonce))
    return Presence(entries, answers)


def _answer(party: Party, scan: Scan, tolerance: Tolerance, entries: Mapping[int, Entry]) -> tuple[Answer, ...]:
    verdicts = {
        ticket.id: _settled(
            judge(ticket, scan.door, scan.at, tolerance, party.seats_of(ticket.id), entries), scan, ticket.id
        )
        for ticket in party.tickets
        if scan.ticket in (None, ticket.id)
    }
    chosen = _chosen([ticket for ticket, verdict in verdicts.items() if verdict.word == ADMITTED], scan)
    return tuple(Answer(ticket, verdict, ticket in chosen) for ticket, verdict in verdicts.items())


def _settled(verdict: Verdict, scan: Scan, ticket: int) -> Verdict:
    if verdict.word == ADMITTED and scan.settled in _REFUSED and scan.concerns(ticket):
        return Verdict(scan.settled, verdict.seat)
    if verdict.word in _MAY_BE_LET_IN and ticket in scan.granted:
        return Verdict(ADMITTED, scan.granted[ticket], reason="override" if scan.override else "")
    if verdict.word in _MAY_BE_LET_IN and scan.override:
        return Verdict(ADMITTED, verdict.seat, reason="override")
    return verdict


def _chosen(admissible: Sequence[int], scan: Scan) -> Sequence[int]:
    wanted = [ticket for ticket in admissible if scan.concerns(ticket)]
    return wanted if scan.admit is None else wanted[: scan.admit]


def corrected(at: datetime, sent_at: datetime, *, now: datetime, since: datetime) -> datetime:
    """The phone's instant on the server's clock: shifted by what its clock was off when it sent, never after `now`.

    The offset counts in whole seconds, so that the time an upload takes does not turn two phones' order around;
    `since` is when the phone was paired: nothing was read before.
    """
    offset = timedelta(seconds=round((now - sent_at).total_seconds()))
    return min(max(at + offset, since), now)


def whole(answers: Sequence[Answer], scan: Scan) -> Verdict:
    """One verdict for a scan: the ticket's own, or for a party the most welcoming of its people's; unknown if none."""
    entered = [answer for answer in answers if answer.entered]
    named = [answer for answer in answers if scan.concerns(answer.ticket)]
    best = min(entered or named, key=lambda answer: WORDS.index(answer.verdict.word), default=None)
    return best.verdict if best else Verdict(UNKNOWN)
