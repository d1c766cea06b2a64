"""Any history of bookings, holds, queues, offers and swaps, held step by step against a model of plain values."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from nuit.actions.booking import book, give_back, give_back_seat, give_back_stop
from nuit.actions.confirming import confirm, lapse_holds
from nuit.actions.slot import change_slot, open_slot
from nuit.actions.waiting import accept, decline, lapse_due, swap, wait_for
from nuit.db import db
from nuit.errors import Refusal
from nuit.models import Booking, Seat, Slot, Wait
from tests.factories import NOW, OPENS, a_host, a_slot, a_visit, an_edition, wanted
from tests.world import empty

STARTS = (60, 75, 180, 190)
"""Minutes after the doors open; a visit lasts forty, so the first two overlap, and so do the last two."""
PLACES = (3, 4, 2, 4)
LENGTH = timedelta(minutes=40)
MINUTE = timedelta(minutes=1)


@dataclass
class Line:
    """A party in one queue."""

    party: int
    size: int
    status: str = "waiting"
    until: datetime | None = None


@dataclass
class Room:
    """One slot: who comes, by party, and its queue in order of rank."""

    starts: datetime
    capacity: int
    is_open: bool = True
    seats: dict[int, int] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)

    @property
    def taken(self) -> int:
        return sum(self.seats.values()) + sum(one.size for one in self.lines if one.status == "offered")

    def line_of(self, party: int) -> Line | None:
        return next((one for one in self.lines if one.party == party and one.status in ("waiting", "offered")), None)


class No(Exception):
    """The model refuses; `slug` as the API would say it."""


class Model:
    """The rules once more, without any database: everything happens one after the other."""

    def __init__(self) -> None:
        self.now = NOW
        self.rooms = [Room(OPENS + at * MINUTE, places) for at, places in zip(STARTS, PLACES, strict=True)]
        self.sizes: list[int] = []
        self.over: list[bool] = []
        self.holds: list[datetime | None] = []

    def overlap(self, one: int, other: int) -> bool:
        return abs(self.rooms[one].starts - self.rooms[other].starts) < LENGTH

    def stops(self, party: int) -> set[int]:
        return {number for number, room in enumerate(self.rooms) if party in room.seats}

    def pass_on(self, number: int) -> None:
        room = self.rooms[number]
        if not room.is_open or room.starts <= self.now + 15 * MINUTE:
            return
        hold = 10 if self.now >= OPENS - timedelta(hours=2) else 30
        for line in room.lines:
            is_sure = self.holds[line.party] is None
            if line.status == "waiting" and is_sure and line.size <= room.capacity - room.taken:
                line.status, line.until = "offered", min(self.now + hold * MINUTE, room.starts - 10 * MINUTE)

    def is_due(self, number: int) -> bool:
        room = self.rooms[number]
        late, free = room.starts <= self.now + 15 * MINUTE, room.capacity - room.taken
        return any(
            (one.status == "offered" and one.until is not None and one.until <= self.now)
            or (
                one.status == "waiting"
                and (late or (room.is_open and one.size <= free and self.holds[one.party] is None))
            )
            for one in room.lines
        )

    def settle(self, number: int) -> bool:
        if not self.is_due(number):
            return False
        room = self.rooms[number]
        for one in room.lines:
            if one.status == "offered" and one.until is not None and one.until <= self.now:
                one.status = "lapsed"
            elif one.status == "waiting" and room.starts <= self.now + 15 * MINUTE:
                one.status = "over"
        self.pass_on(number)
        return True

    def sure(self, party: int) -> None:
        if self.holds[party] is not None:
            raise No("unconfirmed")

    def is_held(self, party: int) -> bool:
        return self.holds[party] is not None and not self.over[party]

    def confirm(self, party: int) -> None:
        until = self.holds[party]
        if until is None and not self.over[party]:
            return
        if until is None or self.over[party] or until <= self.now:
            raise No("hold-over")
        self.holds[party] = None
        for number, room in enumerate(self.rooms):
            if room.line_of(party):
                self.pass_on(number)

    def lapse_holds(self, slots: list[int] | None = None) -> bool:
        late = [
            party
            for party, until in enumerate(self.holds)
            if until is not None and until <= self.now and not self.over[party]
            and (slots is None or any(party in self.rooms[n].seats for n in slots))
        ]  # fmt: skip
        for party in late:
            self.over[party] = True
            for number, room in enumerate(self.rooms):
                touched = room.seats.pop(party, 0) > 0 or room.line_of(party) is not None
                self.end(party, number, "left")
                if touched:
                    self.pass_on(number)
        return bool(late)

    def book(self, size: int, slots: list[int], waits: list[int], *, asks: bool) -> None:
        if not self._all_free(size, slots):
            raise No("slot-full")
        for number in waits:
            self._may_wait(number)
        party = len(self.sizes)
        self.sizes.append(size)
        self.over.append(False)
        first = min((self.rooms[n].starts for n in slots), default=self.now + timedelta(days=9))
        self.holds.append(min(self.now + 15 * MINUTE, max(first, self.now + 5 * MINUTE)) if asks else None)
        for number in slots:
            self.rooms[number].seats[party] = size
        for number in waits:
            self.rooms[number].lines.append(Line(party, size))
            self.pass_on(number)

    def _all_free(self, size: int, slots: list[int]) -> bool:
        for last in (False, True):
            short = [n for n in slots if not self._can_have(n, size)]
            if not short:
                return True
            first = self.rooms[min(short, key=lambda n: self.rooms[n].starts)]
            if not first.is_open or first.starts <= self.now:
                raise No("closed")
            lapsed = not last and self.lapse_holds(short)
            if last or not ([n for n in short if self.settle(n)] or lapsed):
                return False
        return False

    def _can_have(self, number: int, size: int) -> bool:
        room = self.rooms[number]
        return room.is_open and room.starts > self.now and size <= room.capacity - room.taken

    def _may_wait(self, number: int) -> None:
        room = self.rooms[number]
        if not room.is_open or room.starts <= self.now + 15 * MINUTE:
            raise No("closed")

    def wait(self, party: int, number: int) -> None:
        self.sure(party)
        self._may_wait(number)
        room = self.rooms[number]
        if room.line_of(party) is None:
            if party in room.seats:
                raise No("has-place")
            room.lines.append(Line(party, self.sizes[party]))
            self.pass_on(number)
        self.over[party] = False

    def end(self, party: int, number: int, status: str | None = None) -> None:
        line = self.rooms[number].line_of(party)
        if line is not None:
            line.status = status or ("declined" if line.status == "offered" else "left")

    def empties(self, party: int) -> None:
        if not any(party in room.seats or room.line_of(party) for room in self.rooms):
            self.over[party] = True

    def give_back(self, party: int) -> None:
        if self.over[party]:
            return
        for number, room in enumerate(self.rooms):
            touched = room.line_of(party) is not None
            self.end(party, number, "left")
            if room.starts > self.now:
                touched = room.seats.pop(party, 0) > 0 or touched
            if touched:
                self.pass_on(number)
        self.over[party] = True

    def give_stop(self, party: int, number: int, *, one: bool) -> None:
        room, line = self.rooms[number], self.rooms[number].line_of(party)
        if party in room.seats:
            if room.starts <= self.now:
                raise No("closed")
            room.seats[party] -= 1 if one else room.seats[party]
            if not room.seats[party]:
                del room.seats[party]
        elif line is not None:
            if one and line.size > 1:
                line.size -= 1
            else:
                line.status = "left"
        else:
            return
        self.empties(party)
        self.pass_on(number)

    def decline(self, party: int, number: int) -> None:
        self.end(party, number)
        self.empties(party)
        self.pass_on(number)

    def accept(self, party: int, number: int) -> None:
        room, line = self.rooms[number], self.rooms[number].line_of(party)
        if line is None or line.status != "offered" or line.until is None or line.until <= self.now:
            raise No("offer-gone")
        gone = [n for n in self.stops(party) if self.overlap(n, number)]
        if any(self.rooms[n].starts <= self.now for n in gone):
            raise No("closed")
        line.status = "accepted"
        room.seats[party] = line.size
        for n in gone:
            del self.rooms[n].seats[party]
            self.pass_on(n)

    def swap(self, party: int, gone: int, taken: int) -> None:
        self.sure(party)
        stops = self.stops(party)
        if taken in stops and gone not in stops:
            return
        if gone not in stops:
            raise No("not-held")
        if gone == taken:
            raise No("invalid")
        if taken in stops:
            raise No("has-place")
        if any(self.overlap(n, taken) for n in stops - {gone}):
            raise No("overlap")
        self._take(party, gone, taken)
        for n in (gone, taken):
            self.pass_on(n)

    def _take(self, party: int, gone: int, taken: int) -> None:
        old, new = self.rooms[gone], self.rooms[taken]
        line = new.line_of(party)
        held = line.size if line is not None and line.status == "offered" else 0
        if not new.is_open or new.starts <= self.now:
            raise No("closed")
        if old.seats[party] > new.capacity - new.taken + held:
            raise No("slot-full")
        if old.starts <= self.now:
            raise No("closed")
        self.end(party, taken, "left")
        new.seats[party] = old.seats.pop(party)


class Night(RuleBasedStateMachine):
    """The real thing beside the model: each step is done to both, and both must agree on the refusal, too."""

    slot = st.integers(0, len(STARTS) - 1)
    party = st.integers(0, 30)

    @initialize()
    def begin(self) -> None:
        empty()
        self.model = Model()
        self.edition = an_edition(max_bookings_per_email=999)
        visits = [a_visit(a_host(self.edition)) for _ in STARTS]
        self.slots = [
            a_slot(visit, at * MINUTE, capacity=places).id
            for visit, at, places in zip(visits, STARTS, PLACES, strict=True)
        ]
        self.references: list[str] = []

    def both(self, model: Callable[[], Any], real: Callable[[], Any]) -> Any:
        """The model first; the real thing must answer, or refuse with the same word."""
        said, refused, answer = "", "", None
        try:
            model()
        except No as no:
            said = str(no)
        try:
            answer = real()
        except Refusal as refusal:
            refused = refusal.slug
        assert refused == said
        return answer

    def who(self, number: int) -> int | None:
        return number % len(self.references) if self.references else None

    def wait_id(self, party: int, slot: int) -> int:
        db.session.rollback()
        query = select(Wait.id).join(Booking, Booking.id == Wait.booking_id)
        mine = (Booking.reference == self.references[party]) & (Wait.slot_id == self.slots[slot])
        return db.session.scalar(query.where(mine).order_by(Wait.id.desc()).limit(1)) or 0

    def ask_to_confirm(self, asks: bool) -> None:
        """The organisers' setting, for the bookings to come."""
        db.session.rollback()
        if self.edition.asks_confirmation != asks:
            self.edition.asks_confirmation = asks
            db.session.commit()

    @rule(
        size=st.integers(1, 4), slots=st.sets(slot, max_size=2), waits=st.sets(slot, max_size=3), asks=st.booleans()
    )  # fmt: skip
    def books(self, size: int, slots: set[int], waits: set[int], asks: bool) -> None:
        self.ask_to_confirm(asks)
        if any(self.model.overlap(*pair) for pair in combinations(slots, 2)):
            slots = {min(slots)}
        if not slots | waits:
            return
        line = sorted(waits - slots)
        asked = wanted(
            size=size, slots=tuple(self.slots[n] for n in sorted(slots)), waits=tuple(self.slots[n] for n in line)
        )
        booking = self.both(
            lambda: self.model.book(size, sorted(slots), line, asks=asks),
            lambda: book(self.edition, asked, now=self.model.now, limited=False),
        )
        if booking is not None:
            self.references.append(booking.reference)

    @rule(party=party, slot=slot)
    def waits(self, party: int, slot: int) -> None:
        who = self.who(party)
        if who is not None:
            self.both(
                lambda: self.model.wait(who, slot),
                lambda: wait_for(self.edition, self.references[who], self.slots[slot], now=self.model.now),
            )

    @rule(which=st.integers(0, 30))
    def confirms(self, which: int) -> None:
        held = [party for party, until in enumerate(self.model.holds) if until is not None]
        if held:
            who = held[which % len(held)]
            self.both(lambda: self.model.confirm(who), lambda: confirm(self.references[who], now=self.model.now))

    @rule(which=st.integers(0, 30))
    def accepts(self, which: int) -> None:
        lines = [(slot, one.party) for slot, room in enumerate(self.model.rooms) for one in room.lines
                 if one.status == "offered"]  # fmt: skip
        if lines:
            slot, who = lines[which % len(lines)]
            wait = self.wait_id(who, slot)
            self.both(
                lambda: self.model.accept(who, slot),
                lambda: accept(self.edition, self.references[who], wait, now=self.model.now),
            )

    @rule(party=party, slot=slot)
    def declines(self, party: int, slot: int) -> None:
        who = self.who(party)
        if who is not None and self.model.rooms[slot].line_of(who):
            wait = self.wait_id(who, slot)
            self.both(
                lambda: self.model.decline(who, slot),
                lambda: decline(self.references[who], wait, now=self.model.now),
            )

    @rule(party=party, gone=slot, taken=slot)
    def swaps(self, party: int, gone: int, taken: int) -> None:
        who = self.who(party)
        if who is not None:
            self.both(
                lambda: self.model.swap(who, gone, taken),
                lambda: swap(
                    self.edition, self.references[who], self.slots[gone], self.slots[taken], now=self.model.now
                ),
            )

    @rule(party=party)
    def gives_all_back(self, party: int) -> None:
        who = self.who(party)
        if who is not None:
            self.both(lambda: self.model.give_back(who), lambda: give_back(self.references[who], now=self.model.now))

    @rule(party=party, slot=slot)
    def gives_a_stop_back(self, party: int, slot: int) -> None:
        who = self.who(party)
        if who is not None:
            self.both(
                lambda: self.model.give_stop(who, slot, one=False),
                lambda: give_back_stop(self.references[who], self.slots[slot], now=self.model.now),
            )

    @rule(party=party, slot=slot)
    def gives_one_place_back(self, party: int, slot: int) -> None:
        who = self.who(party)
        seat = self.a_seat(who, slot) if who is not None else None
        if who is not None and seat is not None:
            self.both(
                lambda: self.model.give_stop(who, slot, one=True),
                lambda: give_back_seat(self.references[who], seat, now=self.model.now),
            )

    def a_seat(self, party: int, slot: int) -> int | None:
        query = select(Seat.id).join(Booking, Booking.id == Seat.booking_id)
        return db.session.scalar(
            query.where(
                Booking.reference == self.references[party], Seat.slot_id == self.slots[slot],
                Seat.status.in_(("waiting", "held", "confirmed")),
            ).limit(1)
        )  # fmt: skip

    @rule(slot=slot, is_open=st.booleans())
    def opens_or_closes(self, slot: int, is_open: bool) -> None:
        def change() -> None:
            self.model.rooms[slot].is_open = is_open
            self.model.pass_on(slot)

        self.both(change, lambda: open_slot(self.slots[slot], is_open=is_open, now=self.model.now, by=None))

    @rule(slot=slot, capacity=st.integers(0, 6))
    def resizes(self, slot: int, capacity: int) -> None:
        def change() -> None:
            if self.model.rooms[slot].taken > capacity:
                raise No("below-taken")
            self.model.rooms[slot].capacity = capacity
            self.model.pass_on(slot)

        db.session.rollback()
        one = db.session.get_one(Slot, self.slots[slot], populate_existing=True)
        starts_at, version = one.starts_at, one.version
        self.both(
            change, lambda: change_slot(one.id, starts_at, capacity, version=version, now=self.model.now, by=None)
        )

    @rule(minutes=st.sampled_from([1, 9, 10, 29, 30, 45]))
    def time_passes(self, minutes: int) -> None:
        self.model.now += minutes * MINUTE

    @rule(minutes=st.sampled_from([-125, -60, 20, 50]))
    def the_night_comes(self, minutes: int) -> None:
        self.model.now = max(self.model.now, OPENS + minutes * MINUTE)

    @rule()
    def the_worker_comes(self) -> None:
        self.both(self.model.lapse_holds, lambda: lapse_holds(self.model.now))
        self.both(
            lambda: [self.model.settle(number) for number in range(len(STARTS))], lambda: lapse_due(self.model.now)
        )

    @invariant()
    def they_agree(self) -> None:
        db.session.rollback()
        for number, room in enumerate(self.model.rooms):
            slot = db.session.get_one(Slot, self.slots[number], populate_existing=True)
            seats = self.seats_in(slot.id)
            counted = Counter(status for _party, status in seats.elements())
            held = {p for (p, s) in seats if s == "held" and p in room.seats}
            assert held == {p for p in room.seats if self.model.is_held(p)}
            assert slot.taken == counted["held"] + counted["confirmed"] == room.taken <= slot.capacity == room.capacity
            coming = {key: n for key, n in seats.items() if key[1] == "confirmed" or key[0] in held}
            assert {party: n for (party, _status), n in coming.items()} == room.seats
            lines = [(one.party, one.size, one.status) for one in room.lines]
            assert self.lines_in(slot.id) == lines
            standing = [one for one in lines if one[2] in ("waiting", "offered")]
            assert {(p, {"held": "offered"}.get(s, s)): n for (p, s), n in seats.items() if (p, s) not in coming} == {
                (party, status): size for party, size, status in standing
            }
            if room.is_open and room.starts > self.model.now + 15 * MINUTE:
                sure = [one for one in standing if one[2] == "waiting" and self.model.holds[one[0]] is None]
                assert all(size > slot.left for _party, size, _status in sure)
        for party, reference in enumerate(self.references):
            stops = self.model.stops(party)
            assert not any(self.model.overlap(*pair) for pair in combinations(stops, 2))
            state = db.session.scalar(select(Booking.state).where(Booking.reference == reference))
            assert (state in ("given_back", "lapsed")) == self.model.over[party]
            assert (state == "held") == self.model.is_held(party)

    def seats_in(self, slot_id: int) -> Counter[tuple[int, str]]:
        rows = db.session.execute(
            select(Booking.reference, Seat.status)
            .join(Booking, Booking.id == Seat.booking_id)
            .where(Seat.slot_id == slot_id, Seat.status.in_(("waiting", "held", "confirmed")))
        )
        return Counter((self.references.index(reference), status) for reference, status in rows)

    def lines_in(self, slot_id: int) -> list[tuple[int, int, str]]:
        rows = db.session.execute(
            select(Booking.reference, Wait.size, Wait.status)
            .join(Booking, Booking.id == Wait.booking_id)
            .where(Wait.slot_id == slot_id)
            .order_by(Wait.id)
        )
        return [(self.references.index(reference), size, status) for reference, size, status in rows]


def test_any_history_agrees_with_the_model(app: Flask) -> None:
    """A server's round trips cost more than a file's: fewer histories there, of the same length."""
    examples = 40 if db.engine.dialect.name == "sqlite" else 15
    run_state_machine_as_test(
        Night,
        settings=settings(
            max_examples=examples, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
