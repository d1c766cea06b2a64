"""Plan an evening: the question as a timetable, the search, and its answer as stops with times."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

import numpy as np

from nuit.planning import search
from nuit.planning.night import Candidate, Itinerary, Night, Stop, barred, value_of
from nuit.planning.reasons import reasons
from nuit.planning.search.problem import Timetable, timetable

POINT = 1_000
"""Units per point of score, unless an evening could cost more minutes than that."""
CALM = 15
"""Minutes of rest before each visit of a calm evening."""
KNOWN = 4
"""In a surprising evening a company of the best one counts a quarter."""


def plan(night: Night, *, stop: Callable[[], bool], seed: int = 0) -> Itinerary:
    """The best evening of a night: most points, then least ride and balance, then the order of identifiers.

    Equal input gives equal output as long as `stop()` stays false. A `seed` other than 0 shuffles that last order, so
    that visitors with one and the same question are not all sent to the same doors. Locked and required come first.
    """
    asked = _ask(night, seed)
    found = search.solve(asked.timetable, stop)
    visited = [asked.order[i] for i in found.stops]
    value = value_of(night, visited)
    bound = max(value, asked.bound(found.bound, visited))
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
    """The same night with other points: companies of the best evening count a quarter, and those without a wish up to
    a quarter of the dearest wish, the emptier the more."""
    known = {stop.company for stop in best.stops}
    top = max((one.score for one in night.candidates), default=0)

    def score(one: Candidate) -> int:
        if one.score == 0:
            return max(1, top * (100 - one.fill) // (100 * KNOWN))
        return max(1, one.score // KNOWN) if one.company in known else one.score

    return replace(night, candidates=tuple(replace(one, score=score(one)) for one in night.candidates))


def mend(night: Night, slots: Iterable[int], *, stop: Callable[[], bool], seed: int = 0) -> Itinerary:
    """The evening nearest to these slots: as many of them as can still be had, then the most points."""
    return replace(plan(replace(night, kept=frozenset(slots)), stop=stop, seed=seed), kind="mended")


def _total(night: Night) -> int:
    """The points of an evening that could visit every company."""
    dearest: dict[int, int] = {}
    for one in night.candidates:
        dearest[one.company] = max(one.score, dearest.get(one.company, 0))
    return sum(dearest.values())


@dataclass(frozen=True, slots=True)
class _Question:
    """A night as the search knows it; `order` names the candidate of each departure."""

    timetable: Timetable
    order: list[Candidate]
    point: int
    total: int
    fixed: frozenset[int]

    @property
    def bonus(self) -> int:
        """Units of a slot that is locked, required or kept: more than all points together."""
        return (self.total + 1) * self.point

    def bound(self, units: int, visited: Sequence[Candidate]) -> int:
        """The points that no evening exceeds which serves as much of the locked, required and kept as this one."""
        rest = units - self.bonus * sum(one.slot in self.fixed for one in visited)
        return min(self.total, -(-rest // self.point))


def _ask(night: Night, seed: int) -> _Question:
    free = _beside_locks(night, [one for one in night.candidates if barred(night, one) is None])
    point = max(POINT, 1 + (night.until - night.begin) * (1 + night.balance))
    total = _total(night)
    fixed = night.locked | night.kept | {one.slot for one in free if one.company in night.required}
    rows: dict[tuple[int, int, int], dict[int, tuple[int, Candidate]]] = {}
    for one in free:
        if one.score == 0 and one.slot not in fixed:
            continue
        bonus = (total + 1) * point if one.slot in fixed else 0
        worth = one.score * point - night.balance * one.fill // 100 + bonus
        row = rows.setdefault((one.company, one.place, one.end - one.start), {})
        if one.start not in row or (-worth, one.slot) < (-row[one.start][0], row[one.start][1].slot):
            row[one.start] = (worth, one)
    keys = sorted(rows, key=lambda key: (_shuffled(seed, key[0]), key))
    ordered = [sorted(rows[key].items(), key=lambda pair: pair[0]) for key in keys]
    return _Question(*_table(night, keys, ordered), point, total, fixed)


def _shuffled(seed: int, company: int) -> bytes:
    return sha256(f"{seed}|{company}".encode()).digest() if seed else b""


def _table(
    night: Night, keys: list[tuple[int, int, int]], rows: list[list[tuple[int, tuple[int, Candidate]]]]
) -> tuple[Timetable, list[Candidate]]:
    number = {company: group for group, company in enumerate(dict.fromkeys(key[0] for key in keys))}
    place = np.array([key[1] for key in keys], np.int64)
    first = np.cumsum([0, *(len(row) for row in rows)])
    table = timetable(
        np.array([number[key[0]] for key in keys], np.int64), np.array([key[2] for key in keys], np.int64),
        night.out[place] + night.slack, night.home[place], first,
        np.array([start for row in rows for start, _ in row], np.int64),
        np.array([worth for row in rows for _, (worth, _) in row], np.int64),
        night.ride[np.ix_(place, place)] + night.slack, night.begin, 1,
    )  # fmt: skip
    return table, [one for row in rows for _, (_, one) in row]


def _beside_locks(night: Night, free: list[Candidate]) -> list[Candidate]:
    """The candidates that go together with the locked ones; of locked slots that exclude each other the first stays."""
    kept: list[Candidate] = []
    for one in sorted((one for one in free if one.slot in night.locked), key=lambda one: one.slot):
        if all(_go_together(night, one, other) for other in kept):
            kept.append(one)
    return [one for one in free if all(one is other or _go_together(night, one, other) for other in kept)]


def _go_together(night: Night, one: Candidate, other: Candidate) -> bool:
    first, second = (one, other) if one.start <= other.start else (other, one)
    return one.company != other.company and night.ready(first, second) <= second.start


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
