"""At which door by whom, and what one reading means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from nuit.planning import door as rule
from nuit.planning.presence import Answer, Reading, Scan
from nuit.planning.ticketcode import TicketCode
from nuit.queries.door.party import Night, People
from nuit.queries.door.phone import Phone


@dataclass(frozen=True)
class Gate:
    """At which host's door, by which phone (its `name`) or member; nothing was read before `since`."""

    host: int
    since: datetime
    device: int | None = None
    name: str = ""
    member: int | None = None
    seen_at: datetime | None = None


def gate_of(phone: Phone, now: datetime) -> Gate:
    """The door of a paired phone; one that was paired anew brings the queue of before, counted from the opening."""
    since = min(phone.paired_at, opening_of(phone.night, now))
    return Gate(phone.host, since, phone.id, phone.name, seen_at=phone.seen_at)


def opening_of(night: Night, now: datetime) -> datetime:
    """Before this nothing was read at a door of this night; a day ago at the latest, for a rehearsal."""
    return min(night.opens_at - night.tolerance.early, now - timedelta(days=1))


@dataclass(frozen=True)
class Upload:
    """What is sent at once: `at` which night's gate, or the token of the phone that says so; `signed` by nonce."""

    at: tuple[Night, Gate] | str
    readings: Sequence[Reading]
    signed: Mapping[str, TicketCode]
    sent_at: datetime
    now: datetime
    battery: int | None = None
    queue: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What one reading means now; `people` is None where nothing of ours was read.

    `granted` are the seats it was given when it arrived, `persons` those without one (`gone` of them left) at the
    departure `slot`, `left` the places that are free there now. `undone`: it was taken back.
    """

    scan: Scan
    verdict: rule.Verdict
    shown: str
    booking: int | None = None
    answers: tuple[Answer, ...] = ()
    people: People | None = None
    devices: Mapping[str, str] = field(default_factory=dict)
    undone: bool = False
    granted: tuple[int, ...] = ()
    slot: int | None = None
    persons: int | None = None
    gone: int | None = None
    left: int | None = None

    @property
    def given(self) -> str:
        """What the phone has shown; where it waited for us, what we say."""
        return self.shown or self.verdict.word

    @property
    def conflict(self) -> bool:
        """The phone promised what, as is known now, it could not: a second entry, or a place that was gone."""
        return (self.given, self.verdict.word) in ((rule.ADMITTED, rule.ALREADY_IN), (rule.MOVED, rule.FULL))


@dataclass(frozen=True)
class Recorded:
    """An upload that is written: where it was read, and what each of its readings means, in their order."""

    night: Night
    gate: Gate
    outcomes: tuple[Outcome, ...]
