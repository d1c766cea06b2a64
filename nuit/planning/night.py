"""The planner's question and its answer: what can be visited when and by whom, and one evening of it. All frozen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
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
    "slot": (-(2**62), 2**62), "company": (-(2**62), 2**62), "place": (0, MOST_PLACES - 1), "start": (0, MOST_MINUTES),
    "end": (1, MOST_MINUTES), "score": (0, MOST_SCORE), "left": (-MOST_MINUTES, MOST_MINUTES), "fill": (0, 100),
    "min_age": (0, 120), "accompanied_under": (0, 120),
}  # fmt: skip
SLOT, COMPANY, PLACE, START, END, SCORE, LEFT, FILL, MIN_AGE, ACCOMPANIED = range(10)
BARS = ("", "dropped", "full", "too_young", "needs_adult", "outside", "too_far")
"""What can speak against a candidate whatever else is visited, in the order of asking."""


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
    table: NDArray[np.int64] = field(init=False, repr=False)

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
        object.__setattr__(self, "table", _table(self.candidates))
        _check_table(self.table, len(out))

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
            for one in value:
                _whole(name, one, -(2**62), 2**62)

    @property
    def seats(self) -> int:
        return len(self.party)

    @cached_property
    def rows(self) -> dict[int, int]:
        """The row of each slot in `table`, whose columns are the fields of a Candidate."""
        return {slot: row for row, slot in enumerate(self.table[:, SLOT].tolist())}

    @cached_property
    def bars(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """What speaks against each candidate alone, as an index of BARS, and by how many minutes it is too far."""
        t = self.table
        eldest = min(person.oldest for person in self.party)
        alone = 0 if any(person.is_adult for person in self.party) else min(one.youngest for one in self.party) + 1
        early = self.begin + self.out[t[:, PLACE]] + self.slack - t[:, START]
        missing = np.maximum(early, t[:, END] + self.home[t[:, PLACE]] - self.until)
        against = (
            self.among(self.dropped, COMPANY) | self.among(self.refused, SLOT), t[:, LEFT] < self.seats,
            eldest < t[:, MIN_AGE], (alone > 0) & (alone <= t[:, ACCOMPANIED]),
            (t[:, START] < self.begin) | (t[:, END] > self.until), missing > 0,
        )  # fmt: skip
        return np.select(against, range(1, 7), 0), missing

    def among(self, names: frozenset[int], column: int) -> NDArray[np.bool_]:
        """The candidates whose slot or company is one of these."""
        if not names:
            return np.zeros(len(self.table), np.bool_)
        return np.isin(self.table[:, column], np.array(sorted(names)))

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


def _table(candidates: Sequence[Candidate]) -> NDArray[np.int64]:
    if not candidates:
        return np.zeros((0, len(_RANGES)), np.int64)
    try:
        table = np.array([_FIELDS(one) for one in candidates])
    except (AttributeError, ValueError) as wrong:
        raise NightError("candidates", "not a candidate") from wrong
    if table.dtype != np.int64:
        for name in _RANGES:
            for one in candidates:
                _whole(name, getattr(one, name), *_RANGES[name])
    table.flags.writeable = False
    return table


_FIELDS = attrgetter(*_RANGES)


def _check_table(table: NDArray[np.int64], places: int) -> None:
    if len(np.unique(table[:, COMPANY])) > MOST_COMPANIES:
        raise NightError("candidates", f"more than {MOST_COMPANIES} companies")
    for column, (name, (low, high)) in zip(table.T, _RANGES.items(), strict=True):
        if len(table) and (column.min() < low or column.max() > high):
            raise NightError(name, f"not from {low} to {high}")
    if (table[:, END] <= table[:, START]).any():
        raise NightError("end", "not after the start")
    if (table[:, PLACE] >= places).any():
        raise NightError("place", "not in the ride table")
    if len(np.unique(table[:, SLOT])) < len(table):
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
    bars, missing = night.bars
    row = night.rows[one.slot]
    return unserved(night, row, BARS[bars[row]], int(missing[row])) if bars[row] else None


def unserved(night: Night, row: int, reason: str, minutes: int = 0, other: int | None = None) -> Unserved:
    """The reason for the company of a candidate, with the numbers that belong to it."""
    column = {"too_young": MIN_AGE, "needs_adult": ACCOMPANIED}.get(reason)
    age = int(night.table[row, column]) if column is not None else 0
    minutes = minutes if reason == "too_far" else 0
    return Unserved(int(night.table[row, COMPANY]), reason, int(night.table[row, SLOT]), minutes, age, other)
