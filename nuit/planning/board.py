"""The night at a glance: what a door's counts mean at one instant, by departure, by house and for the whole evening."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

LINGER = timedelta(minutes=15)
"""How long after a visit its people still count as inside, where nobody is scanned out."""


@dataclass(frozen=True, slots=True)
class Departure:
    """One slot as a door counts it.

    `expected` are the seats that count, `entered` the people who came in on a seat (`out` of them left, `late` came on
    a seat that no longer counted); `walked_in` came without one, `walked_out` of them left, `standby` wait.
    """

    id: int
    door: int
    visit: int
    starts_at: datetime
    ends_at: datetime
    status: str
    capacity: int
    expected: int
    entered: int
    out: int
    late: int
    walked_in: int
    walked_out: int
    standby: int

    @property
    def inside(self) -> int:
        """People of this departure who came in and were not scanned out."""
        return max(0, self.entered - self.out) + max(0, self.walked_in - self.walked_out)

    @property
    def over(self) -> int:
        """People beyond the capacity: let in while the door had no network, or against the list."""
        return max(0, self.expected + self.late + self.walked_in - self.capacity)

    @property
    def left(self) -> int:
        return max(0, self.capacity - self.expected - self.walked_in)

    def still_inside(self, now: datetime, *, counts_exits: bool) -> int:
        """People inside at `now`: until they are scanned out, else until a quarter of an hour after the visit."""
        return self.inside if counts_exits or now < self.ends_at + LINGER else 0


SOON = timedelta(minutes=30)
"""Who leaves for a departure within this time is on the way."""

SILENT = timedelta(minutes=5)
"""A visit that has begun this long ago, with nobody in though people are expected, is late."""

HOTTEST = 10


@dataclass(frozen=True, slots=True)
class House:
    """A host as the board names it."""

    id: int
    slug: str
    company: str
    counts_exits: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One house at one instant, in people: `done` came and are gone, `missing` did not come, `coming` are on the way.

    `heat` is how full its visits are that run now, 0 to 10; `late_since` the hour of a visit nobody was let into.
    """

    house: House
    expected: int
    inside: int
    done: int
    missing: int
    coming: int
    standby: int
    over: int
    conflicts: int
    heat: int
    late_since: datetime | None
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Moment:
    """One point of the evening's curve: how many visit at that time, as booked and as they came."""

    at: datetime
    booked: int
    came: int


@dataclass(frozen=True, slots=True)
class Board:
    """The whole evening: its houses, what leaves within half an hour, and the curve of all visits."""

    lines: tuple[Line, ...]
    soon: tuple[Departure, ...]
    curve: tuple[Moment, ...]

    def total(self, what: str) -> int:
        """The sum of one figure of all houses."""
        return sum(getattr(line, what) for line in self.lines)

    @property
    def late(self) -> list[Line]:
        """Houses where a visit should have begun, longest first."""
        found = [(line.late_since, line.house.id, line) for line in self.lines if line.late_since]
        return [line for _since, _id, line in sorted(found)]


def board(
    houses: Sequence[House],
    departures: Collection[Departure],
    conflicts: Mapping[int, int],
    *,
    now: datetime,
    late: timedelta,
    span: tuple[datetime, datetime],
) -> Board:
    """The board at `now`; `late` is the door's tolerance, `conflicts` by house, `span` from first to last of the curve."""
    standing = [one for one in departures if one.status != "cancelled"]
    by_house: dict[int, list[Departure]] = {one.id: [] for one in houses}
    for one in standing:
        by_house.setdefault(one.door, []).append(one)
    lines = tuple(_line(house, by_house[house.id], conflicts.get(house.id, 0), now, late) for house in houses)
    soon = sorted((one for one in standing if _is_soon(one, now)), key=lambda one: (one.starts_at, one.id))
    return Board(lines, tuple(soon), _curve(standing, *span))


def _is_soon(one: Departure, now: datetime) -> bool:
    return now < one.starts_at <= now + SOON and one.expected > 0


def _line(house: House, mine: Sequence[Departure], conflicts: int, now: datetime, late: timedelta) -> Line:
    inside = sum(one.still_inside(now, counts_exits=house.counts_exits) for one in mine)
    came = sum(one.entered + one.walked_in for one in mine)
    gone = [one for one in mine if now > one.starts_at + late]
    silent = [one.starts_at for one in mine if _is_silent(one, now)]
    ahead = [one.starts_at for one in mine if one.starts_at > now]
    return Line(
        house, sum(one.expected for one in mine), inside, max(0, came - inside), sum(_absent(one) for one in gone),
        sum(_absent(one) for one in mine if _is_soon(one, now)), sum(one.standby for one in mine),
        sum(one.over for one in mine), conflicts, _heat(mine, inside, now), min(silent, default=None),
        min(ahead, default=None),
    )  # fmt: skip


def _absent(one: Departure) -> int:
    return max(0, one.expected - (one.entered - one.late))


def _is_silent(one: Departure, now: datetime) -> bool:
    return one.starts_at + SILENT <= now < one.ends_at and one.expected > 0 and one.entered + one.walked_in == 0


def _heat(mine: Sequence[Departure], inside: int, now: datetime) -> int:
    """How full: a single visitor already glows."""
    room = sum(one.capacity for one in mine if one.starts_at - SOON <= now < one.ends_at + LINGER)
    return min(HOTTEST, max(1, round(HOTTEST * inside / max(1, room)))) if inside else 0


def _curve(departures: Collection[Departure], begins: datetime, ends: datetime) -> tuple[Moment, ...]:
    step = timedelta(minutes=10)
    moments = [begins + number * step for number in range(int((ends - begins) / step) + 1)]
    return tuple(
        Moment(
            at,
            sum(one.expected for one in departures if one.starts_at <= at < one.ends_at),
            sum(one.entered + one.walked_in for one in departures if one.starts_at <= at < one.ends_at),
        )
        for at in moments
    )
