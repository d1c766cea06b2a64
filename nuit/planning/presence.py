"""Who is in, once all scans are known: a fold by time, then nonce, that ends the same for every order of arrival."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from nuit.planning.door import (
    ADMITTED,
    ANSWERS,
    BACK,
    CANCELLED,
    ELSEWHERE,
    MAY_BE_LET_IN,
    MOVED,
    REVOKED,
    TOO_EARLY,
    TOO_LATE,
    UNDONE,
    UNKNOWN,
    Entry,
    Seat,
    Ticket,
    Tolerance,
    Verdict,
    judge,
    judge_out,
)

IN, OUT, MOVE, UNDO, WALK_IN, STANDBY = "in", "out", "move", "undo", "walk_in", "standby"
KINDS = (IN, OUT, MOVE, UNDO, WALK_IN, STANDBY)
"""What a volunteer does: lets in, lets out, gives another departure, takes a gesture back, counts people without a
ticket in, lets them wait."""

_REFUSED = (TOO_EARLY, TOO_LATE, ELSEWHERE, CANCELLED, REVOKED, UNKNOWN)


@dataclass(frozen=True, slots=True)
class Scan:
    """One reading. `ticket` None is the party's code: `who` names those who enter, `admit` counts them, neither = all.

    `admit` 0 only looks. `override` lets in against too early, too late, elsewhere and cancelled; whoever has no seat
    here is a guest. `target` is the nonce of the scan that an undo takes back.
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
    kind: str = IN
    target: str = ""

    def concerns(self, ticket: int) -> bool:
        return not self.who or ticket in self.who


@dataclass(frozen=True, slots=True)
class Reading:
    """What a phone reports of one scan: `at` by its own clock, `given` the verdict it has shown ("" = it asks).

    `persons` without a ticket come into the departure `slot`, leave it or wait for it; `target` is another's nonce.
    """

    nonce: str
    at: datetime
    token: str = ""
    code: str = ""
    given: str = ""
    admit: int | None = None
    who: frozenset[int] | None = None
    reason: str = ""
    kind: str = IN
    slot: int | None = None
    persons: int | None = None
    target: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one scan means for one ticket; `entered` when this very scan let the person in."""

    ticket: int
    verdict: Verdict
    entered: bool = False


@dataclass(frozen=True, slots=True)
class Party:
    """The people of one booking in their order, and all their seats."""

    tickets: tuple[Ticket, ...]
    seats: tuple[Seat, ...]

    def seats_of(self, ticket: int) -> list[Seat]:
        return [seat for seat in self.seats if seat.ticket == ticket]


@dataclass(frozen=True, slots=True)
class Presence:
    """Who came in (by seat; guests by ticket and door), and what each scan (by nonce) means now that all are known."""

    entries: Mapping[int, Entry]
    answers: Mapping[str, tuple[Answer, ...]]
    guests: Mapping[tuple[int, int], Entry] = field(default_factory=dict)
    undone: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Step:
    """Somebody goes in (or out) by one scan; `seat` None is a guest."""

    scan: Scan
    ticket: int
    seat: int | None
    is_in: bool


class _Steps:
    """All steps so far, in order; those of a scan that was taken back are gone."""

    def __init__(self) -> None:
        self._seats: dict[int, list[_Step]] = {}
        self._guests: dict[tuple[int, int], list[_Step]] = {}

    def add(self, step: _Step) -> None:
        if step.seat is None:
            self._guests.setdefault((step.ticket, step.scan.door), []).append(step)
        else:
            self._seats.setdefault(step.seat, []).append(step)

    def take_back(self, nonce: str) -> list[_Step]:
        """Drops the steps of one scan and returns them."""
        gone: list[_Step] = []
        for kept in (*self._seats.values(), *self._guests.values()):
            gone += [step for step in kept if step.scan.nonce == nonce]
            kept[:] = [step for step in kept if step.scan.nonce != nonce]
        return gone

    def entries(self) -> dict[int, Entry]:
        return {seat: entry for seat, steps in self._seats.items() if (entry := _entry(steps))}

    def guests(self) -> dict[tuple[int, int], Entry]:
        return {where: entry for where, steps in self._guests.items() if (entry := _entry(steps))}


def _entry(steps: Sequence[_Step]) -> Entry | None:
    """First in counts; out is who went last."""
    first = next((step for step in steps if step.is_in), None)
    if first is None:
        return None
    left_at = None if steps[-1].is_in else steps[-1].scan.at
    return Entry(first.seat, first.scan.at, first.scan.door, first.scan.nonce, left_at)


def fold(party: Party, scans: Iterable[Scan], tolerance: Tolerance) -> Presence:
    """Presence after all scans of one party, by time, then nonce: the same for every order of arrival.

    The first to come in on a seat is in; a later scan of the same seat is `already_in`, whatever its phone showed. An
    undo counts from its own time on, at the door of the scan it takes back, and never before that scan.
    """
    known = {scan.nonce: scan for scan in scans}
    steps, answers, undone = _Steps(), {}, set()
    for scan in sorted(known.values(), key=lambda scan: _turn(scan, known)):
        if scan.kind == UNDO:
            answers[scan.nonce] = told = _undo(scan, known.get(scan.target), steps)
            undone |= {scan.target} if told else set()
        elif scan.kind == OUT:
            answers[scan.nonce] = _go_out(party, scan, steps)
        elif scan.kind == MOVE:
            answers[scan.nonce] = _moved(party, scan)
        else:
            answers[scan.nonce] = _come_in(party, scan, tolerance, steps)
    return Presence(steps.entries(), answers, steps.guests(), frozenset(undone))


def _turn(scan: Scan, known: Mapping[str, Scan]) -> tuple[datetime, bool, str]:
    target = known.get(scan.target) if scan.kind == UNDO else None
    return max(scan.at, target.at) if target else scan.at, scan.kind == UNDO, scan.nonce


def _come_in(party: Party, scan: Scan, tolerance: Tolerance, steps: _Steps) -> tuple[Answer, ...]:
    entries, guests = steps.entries(), steps.guests()
    verdicts = {
        ticket.id: _settled(
            judge(ticket, scan.door, scan.at, tolerance, party.seats_of(ticket.id), entries,
                  guests.get((ticket.id, scan.door))), scan, ticket.id
        )
        for ticket in party.tickets
        if scan.ticket in (None, ticket.id)
    }  # fmt: skip
    chosen = _chosen([ticket for ticket, verdict in verdicts.items() if verdict.word == ADMITTED], scan)
    for ticket in chosen:
        steps.add(_Step(scan, ticket, verdicts[ticket].seat, is_in=True))
    return tuple(Answer(ticket, verdict, ticket in chosen) for ticket, verdict in verdicts.items())


def _settled(verdict: Verdict, scan: Scan, ticket: int) -> Verdict:
    if verdict.word == ADMITTED and verdict.reason != BACK and scan.settled in _REFUSED and scan.concerns(ticket):
        return Verdict(scan.settled, verdict.seat)
    if verdict.word in MAY_BE_LET_IN and scan.override and scan.concerns(ticket):
        return Verdict(ADMITTED, verdict.seat, reason="override")
    if verdict.word in MAY_BE_LET_IN and ticket in scan.granted:
        return Verdict(ADMITTED, scan.granted[ticket])
    return verdict


def _chosen(admissible: Sequence[int], scan: Scan) -> Sequence[int]:
    wanted = [ticket for ticket in admissible if scan.concerns(ticket)]
    return wanted if scan.admit is None else wanted[: scan.admit]


def _go_out(party: Party, scan: Scan, steps: _Steps) -> tuple[Answer, ...]:
    entries, guests = steps.entries(), steps.guests()
    answers = []
    for ticket in party.tickets:
        if scan.ticket in (None, ticket.id) and scan.concerns(ticket.id):
            guest = guests.get((ticket.id, scan.door))
            verdict = judge_out(ticket, scan.door, party.seats_of(ticket.id), entries, guest)
            answers.append(Answer(ticket.id, verdict))
            for seat in _inside(party.seats_of(ticket.id), scan.door, entries, guest):
                steps.add(_Step(scan, ticket.id, seat, is_in=False))
    return tuple(answers)


def _inside(seats: Sequence[Seat], door: int, entries: Mapping[int, Entry], guest: Entry | None) -> list[int | None]:
    """Everything that somebody who goes out of this door leaves: seats, and with None the visit as a guest."""
    here = [entries[seat.id] for seat in seats if seat.door == door and seat.id in entries]
    return [one.seat for one in [*here, *([guest] if guest else [])] if one.left_at is None]


def _undo(scan: Scan, target: Scan | None, steps: _Steps) -> tuple[Answer, ...]:
    if target is None or target.door != scan.door or target.kind not in (IN, OUT):
        return ()
    return tuple(Answer(step.ticket, Verdict(UNDONE, step.seat)) for step in steps.take_back(target.nonce))


def _moved(party: Party, scan: Scan) -> tuple[Answer, ...]:
    """Whether there was a place was found out when the scan arrived."""
    return tuple(
        Answer(ticket.id, Verdict(scan.settled or MOVED, scan.granted.get(ticket.id)))
        for ticket in party.tickets
        if scan.ticket in (None, ticket.id) and scan.concerns(ticket.id)
    )


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
    best = min(entered or named, key=lambda answer: ANSWERS.index(answer.verdict.word), default=None)
    return best.verdict if best else Verdict(UNKNOWN)
