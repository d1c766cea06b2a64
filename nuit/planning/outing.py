"""A proposed evening with everything one wants to know of it: rides with their climb, waiting, the way back."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from nuit.planning.timetable import Leg, Stop, Texts

Line = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Halt:
    """A stop (`kind`: visit, festival, pause), the ride that leads to it, and the minutes one waits there."""

    kind: str
    stop: Stop
    leg: Leg
    line: Line
    wait: int
    slug: str = ""

    @property
    def arrives_at(self) -> datetime:
        return self.stop.starts_at - timedelta(minutes=self.wait)


@dataclass(frozen=True)
class Outing:
    """An evening of a `kind` (best, calm, surprising, mended): halts by hour, the ride back and when it ends."""

    kind: str
    value: int
    bound: int
    proven: bool
    start: Texts
    end: Texts
    leaves_at: datetime
    halts: tuple[Halt, ...]
    back: Leg
    back_line: Line
    home_at: datetime

    @property
    def visits(self) -> tuple[Halt, ...]:
        return tuple(one for one in self.halts if one.kind == "visit")

    @property
    def slots(self) -> tuple[int, ...]:
        """What is to be booked."""
        return tuple(one.stop.slot for one in self.visits)

    @property
    def metres(self) -> float:
        return sum(one.leg.metres for one in self.halts) + self.back.metres

    @property
    def climb(self) -> float:
        return sum(one.leg.climb for one in self.halts) + self.back.climb

    @property
    def riding(self) -> int:
        """Minutes on the way, locking the bikes included."""
        return sum(one.leg.minutes + one.leg.margin for one in self.halts) + self.back.minutes + self.back.margin

    @property
    def waiting(self) -> int:
        return sum(one.wait for one in self.halts)

    @property
    def gap(self) -> int:
        """By how much a better evening could be better at most, in percent, rounded up."""
        return -(-100 * (self.bound - self.value) // max(1, self.bound))
