"""The planner's question and its answer: what can be visited when and by whom, and one evening of it. All frozen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nuit.planning.evening import Person

MOST_CANDIDATES, MOST_COMPANIES, MOST_PLACES = 8_000, 1_000, 1_000
MOST_PEOPLE = 50
MOST_MINUTES, MOST_SCORE = 100_000, 10_000

ANYBODY = (Person("", "18+"),)


class NightError(ValueError):
    """The question makes no sense; `field` names the part at fault."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}")
        self.field = name


@dataclass(frozen=True, slots=True)
class Candidate:
    """A slot that might be visited: whole minutes of one count, `place` a row of the ride table, `score` the wish.

    Of one company at most one slot is visited. `left` are places still free, `fill` the percentage taken.
    """

    slot: int
    company: int
    place: int
    start: int
    end: int
    score: int = 0
    left: int = 1
    fill: int = 0
    min_age: int = 0
    accompanied_under: int = 0


_RANGES = {
    "place": (0, MOST_PLACES - 1), "start": (0, MOST_MINUTES), "end": (1, MOST_MINUTES), "score": (0, MOST_SCORE),
    "left": (-MOST_MINUTES, MOST_MINUTES), "fill": (0, 100), "min_age": (0, 120), "accompanied_under": (0, 120),
    "slot": (-(2**62), 2**62), "company": (-(2**62), 2**62),
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Night:
    """One party's question. Minutes are whole; `ride[a][b]`, `out[b]` and `home[a]` hold the margin already.

    `locked` slots must be part of the evening, as must one slot of each `required` company; `dropped` companies and
    `refused` slots must not; of the `kept` slots as many as can be. `slack` minutes are kept before each visit. `balance` is what a full slot costs, in
    minutes of ride: among evenings of one score the emptier and nearer is better. Raises NightError.
    """

    candidates: tuple[Candidate, ...]
    ride: Any
    out: Any
    home: Any
    begin: int
    until: int
    party: tuple[Person, ...] = ANYBODY
    locked: frozenset[int] = field(default=frozenset())
    required: frozenset[int] = field(default=frozenset())
    dropped: frozenset[int] = field(default=frozenset())
    refused: frozenset[int] = field(default=frozenset())
    kept: frozenset[int] = field(default=frozenset())
    slack: int = 0
    balance: int = 0

    def __post_init__(self) -> None:
        self._check_sizes()
        for name, limit in (("begin", MOST_MINUTES), ("until", MOST_MINUTES), ("slack", 600), ("balance", 60)):
            _whole(name, getattr(self, name), 0, limit)
        out = _minutes("out", self.out, 1)
        if len(out) > MOST_PLACES:
            raise NightError("out", f"more than {MOST_PLACES} places")
        for name, ndim in (("out", 1), ("home", 1), ("ride", 2)):
            table = out if name == "out" else _minutes(name, getattr(self, name), ndim)
            if table.shape != (len(out),) * ndim:
                raise NightError(name, "not one row a place")
            object.__setattr__(self, name, table)
        _check_candidates(self.candidates, len(out))

    def _check_sizes(self) -> None:
        for name, kind, limit in (("candidates", tuple, MOST_CANDIDATES), ("party", tuple, MOST_PEOPLE)):
            value = getattr(self, name)
            if not isinstance(value, kind) or len(value) > limit:
                raise NightError(name, f"more than {limit}")
        if not self.party:
            raise NightError("party", "nobody comes")
        for name in ("locked", "required", "dropped", "refused", "kept"):
            value = getattr(self, name)
            if not isinstance(value, frozenset) or len(value) > MOST_CANDIDATES:
                raise NightError(name, f"more than {MOST_CANDIDATES}")

    @property
    def seats(self) -> int:
        return len(self.party)

    def leg(self, before: Candidate | None, after: Candidate) -> int:
        """Minutes of ride to a candidate, from another or (None) from the start."""
        return int(self.out[after.place] if before is None else self.ride[before.place, after.place])

    def ready(self, before: Candidate | None, after: Candidate) -> int:
        """When the party can begin `after` at the earliest, slack included."""
        return (self.begin if before is None else before.end) + self.leg(before, after) + self.slack


def _whole(name: str, value: object, low: int, high: int) -> None:
    if type(value) is not int or not low <= value <= high:
        raise NightError(name, f"not a whole number from {low} to {high}")


def _minutes(name: str, values: object, ndim: int) -> NDArray[np.int64]:
    try:
        if not isinstance(values, np.ndarray) and len(values) > MOST_PLACES:  # type: ignore[arg-type]
            raise NightError(name, f"more than {MOST_PLACES} places")
        table = np.array(values)
    except (TypeError, ValueError) as wrong:
        raise NightError(name, "not a table of minutes") from wrong
    if table.ndim != ndim or (table.size and table.dtype.kind not in "iu"):
        raise NightError(name, "not whole minutes")
    if table.size and (table.min() < 0 or table.max() > MOST_MINUTES):
        raise NightError(name, f"minutes below 0 or above {MOST_MINUTES}")
    table = table.astype(np.int64)
    table.flags.writeable = False
    return table


def _check_candidates(candidates: Sequence[Candidate], places: int) -> None:
    if not all(isinstance(one, Candidate) for one in candidates):
        raise NightError("candidates", "not a candidate")
    for name, (low, high) in _RANGES.items():
        values = [getattr(one, name) for one in candidates]
        if any(type(value) is not int for value in values):
            raise NightError(name, "not a whole number")
        if values and (min(values) < low or max(values) > high):
            raise NightError(name, f"not from {low} to {high}")
    if len({one.company for one in candidates}) > MOST_COMPANIES:
        raise NightError("candidates", f"more than {MOST_COMPANIES} companies")
    if any(one.end <= one.start for one in candidates):
        raise NightError("end", "not after the start")
    if any(one.place >= places for one in candidates):
        raise NightError("place", "not in the ride table")
    if len({one.slot for one in candidates}) < len(candidates):
        raise NightError("slot", "twice")


@dataclass(frozen=True, slots=True)
class Stop:
    """One visit of an evening and the ride to it: leave, arrive, wait until `start`."""

    slot: int
    company: int
    place: int
    ride: int
    leave: int
    arrive: int
    start: int
    end: int

    @property
    def wait(self) -> int:
        return self.start - self.arrive


@dataclass(frozen=True, slots=True)
class Unserved:
    """Why a company wished for is not in the evening, by its departure that came nearest.

    `reason`: dropped, full, too_young or needs_adult (`age`), outside (the hours), too_far (by `minutes`, from or to the
    stop `other`, None: from the start or to the end), overlaps (`other`), not_chosen (it would have fitted).
    """

    company: int
    reason: str
    slot: int | None = None
    minutes: int = 0
    age: int = 0
    other: int | None = None


@dataclass(frozen=True, slots=True)
class Itinerary:
    """An evening: `value` in points of the question, no evening has more than `bound`; `proven` when they are equal.

    `exact`: it is also the best of its score by ride and balance. `minutes` of ride, home included; `home` is when the
    party is at its end place. `kind` is best, calm, surprising or mended.
    """

    value: int
    bound: int
    proven: bool
    exact: bool
    stops: tuple[Stop, ...]
    minutes: int
    home: int
    unserved: tuple[Unserved, ...] = ()
    kind: str = "best"

    @property
    def slots(self) -> frozenset[int]:
        return frozenset(stop.slot for stop in self.stops)


def value_of(night: Night, visited: Iterable[Candidate]) -> int:
    """Points of an evening."""
    return sum(one.score for one in visited)


def fault_of(night: Night, visited: Sequence[Candidate]) -> str:
    """Why these visits, in the order of time, are no evening of this night; "" when they are one."""
    before: Candidate | None = None
    for one in visited:
        if one.start < night.ready(before, one):
            return f"slot {one.slot} begins before the party is there"
        if why := barred(night, one):
            return f"slot {one.slot}: {why.reason}"
        before = one
    if len({one.company for one in visited}) < len(visited):
        return "a company twice"
    if before and before.end + int(night.home[before.place]) > night.until:
        return "home too late"
    return "" if {one.slot for one in visited} >= night.locked else "a locked slot is missing"


def barred(night: Night, one: Candidate) -> Unserved | None:
    """What speaks against a candidate, whatever else is visited; None when nothing does."""
    if one.company in night.dropped or one.slot in night.refused:
        return Unserved(one.company, "dropped", one.slot)
    if one.left < night.seats:
        return Unserved(one.company, "full", one.slot)
    if any(person.oldest < one.min_age for person in night.party):
        return Unserved(one.company, "too_young", one.slot, age=one.min_age)
    alone = not any(person.is_adult for person in night.party)
    if alone and any(person.youngest < one.accompanied_under for person in night.party):
        return Unserved(one.company, "needs_adult", one.slot, age=one.accompanied_under)
    if one.start < night.begin or one.end > night.until:
        return Unserved(one.company, "outside", one.slot)
    missing = max(night.ready(None, one) - one.start, one.end + int(night.home[one.place]) - night.until)
    return Unserved(one.company, "too_far", one.slot, minutes=missing) if missing > 0 else None
