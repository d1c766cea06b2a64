"""Plan an evening: the question as a timetable, the search, and its answer as stops with times."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

import numpy as np

from nuit.planning import search
from nuit.planning.night import (
    COMPANY,
    END,
    FILL,
    PLACE,
    SCORE,
    SLOT,
    START,
    Candidate,
    Itinerary,
    Night,
    Stop,
    value_of,
)  # fmt: skip
from nuit.planning.reasons import reasons
from nuit.planning.search.problem import Flags, Ints, Timetable, timetable

POINT = 1_000
"""Units per point of score, unless an evening could cost more minutes than that."""
CALM = 15
"""Minutes of rest before each visit of a calm evening."""
GUESTS = 12
"""So many companies nobody asked for may surprise."""
KNOWN = 4
"""In a surprising evening a company of the best one counts a quarter."""


def plan(night: Night, *, stop: Callable[[], bool], seed: int = 0) -> Itinerary:
    """The best evening of a night: most points, then least ride and balance, then the order of identifiers.

    Equal input gives equal output as long as `stop()` stays false. A `seed` other than 0 shuffles that last order, so
    that visitors with one and the same question are not all sent to the same doors. Locked and required come first.
    """
    asked = _ask(night, seed)
    found = search.solve(asked.timetable, stop)
    rows = asked.rows[list(found.stops)]
    visited = [night.candidates[row] for row in rows]
    value = value_of(night, visited)
    bound = max(value, asked.bound(found.bound, rows))
    return Itinerary(
        value, bound, value == bound, found.is_proven, _stops(night, visited), *_ridden(night, visited),
        reasons(night, visited),
    )  # fmt: skip


def evenings(night: Night, *, stop: Callable[[], bool], seed: int = 0) -> tuple[Itinerary, ...]:
    """Up to three different evenings, each the best of its own question: best, calm (time before each visit) and
    surprising (what the best one leaves out, and emptier companies nobody asked for)."""
    best = plan(night, stop=stop, seed=seed)
    found = [best]
    for kind, question in (("calm", calm(night)), ("surprising", surprising(night, best))):
        other = replace(plan(question, stop=stop, seed=seed), kind=kind)
        if other.stops and all(other.slots != one.slots for one in found):
            found.append(other)
    return tuple(found)


def calm(night: Night) -> Night:
    """The same night with time to breathe before each visit."""
    return replace(night, slack=night.slack + CALM)


def surprising(night: Night, best: Itinerary) -> Night:
    """The same night with other points: companies of the best evening count a quarter; of those nobody asked for, the
    emptiest (then the nearest) count up to a quarter of the dearest wish."""
    known = {stop.company for stop in best.stops}
    top = max((one.score for one in night.candidates), default=0)
    asked = {one.company for one in night.candidates if one.score > 0} | night.required
    empty: dict[int, tuple[int, int, int]] = {}
    for one, bar in zip(night.candidates, night.bars[0].tolist(), strict=True):
        if one.company not in asked and not bar:
            found = (one.fill, night.leg(None, one), one.company)
            empty[one.company] = min(found, empty.get(one.company, found))
    guests = {company for _, _, company in sorted(empty.values())[:GUESTS]}

    def score(one: Candidate) -> int:
        if one.company in guests:
            return max(1, top * (100 - one.fill) // (100 * KNOWN))
        return max(1, one.score // KNOWN) if one.score and one.company in known else one.score

    scored = ((one, score(one)) for one in night.candidates)
    return replace(
        night, candidates=tuple(one if points == one.score else replace(one, score=points) for one, points in scored)
    )


def mend(night: Night, slots: Iterable[int], *, stop: Callable[[], bool], seed: int = 0) -> Itinerary:
    """The evening nearest to these slots: as many of them as can still be had, then the most points."""
    return replace(plan(replace(night, kept=frozenset(slots)), stop=stop, seed=seed), kind="mended")


@dataclass(frozen=True, slots=True)
class _Question:
    """A night as the search knows it; `rows` names the candidate of each departure by its row."""

    timetable: Timetable
    rows: Ints
    point: int
    total: int
    fixed: Flags

    def bound(self, units: int, rows: Ints) -> int:
        """The points that no evening exceeds which serves as much of the locked, required and kept as this one."""
        rest = units - _bonus(self.total, self.point) * int(self.fixed[rows].sum())
        return min(self.total, -(-rest // self.point))


def _bonus(total: int, point: int) -> int:
    """Units of a slot that is locked, required or kept: more than all points together."""
    return (total + 1) * point


def _ask(night: Night, seed: int) -> _Question:
    t = night.table
    point = max(POINT, 1 + (night.until - night.begin) * (1 + night.balance))
    total = _total(t)
    fixed = night.among(night.locked | night.kept, SLOT) | night.among(night.required, COMPANY)
    rows = np.flatnonzero(_beside_locks(night, night.bars[0] == 0) & ((t[:, SCORE] > 0) | fixed))
    worth = t[:, SCORE] * point - night.balance * t[:, FILL] // 100 + _bonus(total, point) * fixed
    length = t[:, END] - t[:, START]
    rank = _ranks(t[:, COMPANY], seed)
    keys = (t[:, SLOT], -worth, t[:, START], length, t[:, PLACE], rank)
    rows = rows[np.lexsort([key[rows] for key in keys])]
    node = np.column_stack([rank, t[:, PLACE], length])[rows]
    rows = rows[_changes(np.column_stack([node, t[rows, START]]))]
    return _Question(_timetable(night, rows, rank, worth), rows, point, total, fixed)


def _timetable(night: Night, rows: Ints, rank: Ints, worth: Ints) -> Timetable:
    """Departures in order; those of one company at one place and of one length are a node."""
    t = night.table[rows]
    length = t[:, END] - t[:, START]
    first = np.flatnonzero(_changes(np.column_stack([rank[rows], t[:, PLACE], length])))
    place = t[first, PLACE]
    group = np.cumsum(_changes(rank[rows][first, None])) - 1
    return timetable(
        group, length[first], night.out[place] + night.slack, night.home[place], np.append(first, len(rows)),
        t[:, START], worth[rows], night.ride[np.ix_(place, place)] + night.slack, night.begin, 1,
    )  # fmt: skip


def _changes(table: Ints) -> Flags:
    """Which rows differ from the one before; the first does."""
    return np.append([True], (table[1:] != table[:-1]).any(axis=1))[: len(table)]


def _ranks(companies: Ints, seed: int) -> Ints:
    """The order of the companies for each row: by identifier, or shuffled by a seed."""
    names, of_row = np.unique(companies, return_inverse=True)
    if not seed:
        return of_row.astype(np.int64)
    shuffled = sorted(names.tolist(), key=lambda name: sha256(f"{seed}|{name}".encode()).digest())
    position = {name: rank for rank, name in enumerate(shuffled)}
    return np.array([position[name] for name in names.tolist()], np.int64)[of_row]


def _total(table: Ints) -> int:
    """The points of an evening that could visit every company."""
    order = np.lexsort((-table[:, SCORE], table[:, COMPANY]))
    return int(table[order][_changes(table[order][:, [COMPANY]]), SCORE].sum())


def _beside_locks(night: Night, free: Flags) -> Flags:
    """The candidates that go together with the locked ones; of locked slots that exclude each other the first stays."""
    t, free = night.table, free.copy()
    for slot in sorted(night.locked & night.rows.keys()):
        row = night.rows[slot]
        if not free[row]:
            continue
        there = night.ride[t[:, PLACE], t[row, PLACE]] + night.slack + t[:, END] <= t[row, START]
        back = night.ride[t[row, PLACE], t[:, PLACE]] + night.slack + t[row, END] <= t[:, START]
        free &= (there | back) & (t[:, COMPANY] != t[row, COMPANY])
        free[row] = True
    return free


def _stops(night: Night, visited: Sequence[Candidate]) -> tuple[Stop, ...]:
    """The stops in order; the party leaves its start place as late as it may, and every other place at once."""
    stops: list[Stop] = []
    before: Candidate | None = None
    for one in visited:
        ride = night.leg(before, one)
        leave = one.start - night.slack - ride if before is None else before.end
        stops.append(Stop(one.slot, one.company, one.place, ride, leave, leave + ride, one.start, one.end))
        before = one
    return tuple(stops)


def _ridden(night: Night, visited: Sequence[Candidate]) -> tuple[int, int]:
    """Minutes of ride, and when the party is at its end place."""
    if not visited:
        return 0, night.begin
    home = int(night.home[visited[-1].place])
    legs = zip([None, *visited[:-1]], visited, strict=True)
    return home + sum(night.leg(before, after) for before, after in legs), visited[-1].end + home
