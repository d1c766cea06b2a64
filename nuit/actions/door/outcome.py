"""At which door by whom, and what one reading means."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from nuit.planning import door as rule
from nuit.planning.presence import Answer, Scan
from nuit.queries.door.party import People


@dataclass(frozen=True)
class Gate:
    """At which host's door, by which phone (its `name`) or member; nothing was read before `since`."""

    host: int
    since: datetime
    device: int | None = None
    name: str = ""
    member: int | None = None
    seen_at: datetime | None = None


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
