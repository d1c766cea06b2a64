"""A crowd that books, writes down every answer it was given, and holds the database against what it wrote."""

import random
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, create_engine, text

import config
from tests.live import Live
from tests.wire import Answer, Broken, Cut, Wire


@dataclass(frozen=True)
class Told:
    """An answer as a party has it in writing: which slots for how many, and the reference; "" for a refusal."""

    email: str
    slots: tuple[int, ...]
    size: int
    reference: str = ""
    refused: str = ""


@dataclass
class Journal:
    """What the crowd was told, answers by status, and the faults that hit it."""

    told: list[Told] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def note(self, told: Told) -> None:
        with self._turn:
            self.told.append(told)

    def count(self, status: int = 0, fault: str = "") -> None:
        with self._turn:
            if status:
                self.statuses[status] += 1
            if fault:
                self.faults[fault] += 1

    @property
    def booked(self) -> list[Told]:
        return [one for one in self.told if one.reference]


def asked(slots: Sequence[int], size: int, email: str) -> dict[str, Any]:
    party = [{"label": f"Personne {number}", "age_band": "18+"} for number in range(1, size + 1)]
    return {"name": "Anne Exemple", "email": email, "mode": "ebike45", "party": party, "slots": list(slots),
            "accept_conditions": True}  # fmt: skip


def book(
    wire: Wire,
    journal: Journal,
    slots: Sequence[int],
    size: int,
    *,
    cut: Callable[[], Cut] = lambda: "",
    patience: float = 60,
) -> Told:
    """Asks until there is an answer, always under the same key, as a phone in a cellar does; writes the answer down."""
    key = secrets.token_hex(8)
    email, end = f"p{key}@exemple.ch", time.monotonic() + patience
    while True:
        assert time.monotonic() < end, f"no answer within {patience} s"
        here = cut()
        try:
            status, said = wire.ask(
                "POST", "/api/v1/bookings", asked(slots, size, email), cut=here, Idempotency_Key=key
            )
        except Broken as broken:
            if here and str(broken) == here:
                journal.count(fault=f"client hangs up: {here}")
            else:
                time.sleep(0.2)  # somebody else broke it, and has counted it
            continue
        journal.count(status)
        if status != 503:
            break
        time.sleep(0.2)
    told = _told(email, slots, size, (status, said))
    journal.note(told)
    return told


def _told(email: str, slots: Sequence[int], size: int, answer: Answer) -> Told:
    status, said = answer
    assert status in (201, 409), answer
    if status == 409:
        return Told(email, tuple(slots), size, refused=said["type"])
    seats = {(ticket["id"], seat["slot"], seat["status"]) for ticket in said["tickets"] for seat in ticket["seats"]}
    people = {ticket["id"] for ticket in said["tickets"]}
    assert len(people) == size
    assert seats == {(one, slot, "confirmed") for one in people for slot in slots}
    return Told(email, tuple(slots), size, reference=said["reference"])


def everybody(count: int, act: Callable[[int], None]) -> None:
    """So many at the same moment, each on a thread of its own; what goes wrong in one goes wrong here."""
    ready, wrong = threading.Barrier(count), list[BaseException]()

    def one(number: int) -> None:
        ready.wait()
        try:
            act(number)
        except BaseException as error:  # told to who waits for all
            wrong.append(error)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    if wrong:
        raise wrong[0]


def slots_of(live: Live) -> list[dict[str, Any]]:
    with Wire(live.url) as wire:
        found: list[dict[str, Any]] = wire.ask("GET", "/api/v1/slots")[1]["slots"]
        return found


def fill(live: Live, journal: Journal, slots: Sequence[int], *, at_once: int) -> None:
    """Parties of one until every slot says that it is full: no place may be left that nobody can have."""
    open_ones, turn = set(slots), threading.Lock()

    def act(number: int) -> None:
        dice = random.Random(number)
        with Wire(live.url) as wire:
            while True:
                with turn:
                    choice = sorted(open_ones)
                if not choice:
                    return
                slot = dice.choice(choice)
                if book(wire, journal, [slot], 1).refused:
                    with turn:
                        open_ones.discard(slot)

    everybody(at_once, act)


def base_of(live: Live) -> Engine:
    return create_engine(config.database_url(live.env.get("DATABASE_URL"), live.folder))


def capacities(live: Live, places: int) -> None:
    """Every slot gets so many places."""
    engine = base_of(live)
    with engine.begin() as base:
        base.execute(text("update slot set capacity = :n, safety_limit = :n"), {"n": places})
    engine.dispose()


@dataclass(frozen=True)
class Differences:
    """Between what the crowd has in writing and what the database holds; all zero when nobody was lied to."""

    lost: int
    twice: int
    partly: int
    unasked: int
    oversold: int
    miscounted: int
    unpromised: int


def differences(live: Live, journal: Journal) -> Differences:
    """Holds the database against the journal: bookings, seats, counters and promised mails."""
    engine = base_of(live)
    with engine.connect() as base:
        rows = base.execute(
            text(
                "select booking.reference, email, count(seat.id), count(distinct slot_id), count(distinct ticket_id) "
                "from booking left join seat on seat.booking_id = booking.id and seat.status = 'confirmed' "
                "where email like 'p%' and booking.state = 'confirmed' group by booking.reference, email"
            )
        ).all()
        slots = base.execute(
            text(
                "select capacity, taken, (select count(*) from seat where slot_id = slot.id "
                "and status in ('held', 'confirmed')) from slot"
            )
        ).all()
        promised = base.execute(text("select key from message where kind = 'confirmation'")).scalars().all()
    engine.dispose()
    held = {row[0]: row for row in rows}
    written = {one.reference: one for one in journal.booked}
    per_party = Counter(row[1] for row in rows)
    return Differences(
        lost=len(written.keys() - held.keys()),
        twice=sum(count - 1 for count in per_party.values()) + len(journal.booked) - len(written),
        partly=sum(
            tuple(held[reference][2:]) != (one.size * len(one.slots), len(one.slots), one.size)
            for reference, one in written.items()
            if reference in held
        ),
        unasked=len(held.keys() - written.keys()),
        oversold=sum(taken > capacity for capacity, taken, _seats in slots),
        miscounted=sum(taken != seats for _capacity, taken, seats in slots),
        unpromised=len({f"confirmation:{one}" for one in written} - set(promised)),
    )


NONE = Differences(0, 0, 0, 0, 0, 0, 0)
