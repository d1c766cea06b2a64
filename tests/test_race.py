"""The opening minute: 500 people at once for 1,000 places over 50 departures, before a server of several processes."""

import random
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.crowd import NONE, Journal, book, capacities, differences, everybody, fill, slots_of
from tests.live import Live, night
from tests.wire import Wire

CLIENTS, SLOTS, PLACES = 500, 50, 20


@pytest.fixture
def live(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    found = night(tmp_path_factory.mktemp("rush"), database_url=database_url)
    found.chore("programme", "example", "--companies", "25", "--slots", str(SLOTS))
    capacities(found, PLACES)
    found.start("--workers", "3")
    yield found
    assert found.stop() == 0, found.log
    assert "Traceback" not in found.log


def test_every_place_is_sold_and_none_twice(live: Live) -> None:
    slots = [one["id"] for one in slots_of(live)]
    assert len(slots) == SLOTS
    journal = Journal()

    def come(number: int) -> None:
        dice = random.Random(number)
        with Wire(live.url, patience=60) as wire:
            book(wire, journal, dice.sample(slots, dice.choice((1, 1, 1, 2, 3))), dice.choice((1, 2, 2, 3, 4)))

    everybody(CLIENTS, come)
    assert sum(one.size * len(one.slots) for one in journal.booked) > SLOTS * PLACES // 4
    assert {one.refused for one in journal.told} <= {"", "slot-full", "overlap", "unreachable"}
    fill(live, journal, slots, at_once=40)
    assert differences(live, journal) == NONE
    assert Counter((one["capacity"], one["taken"]) for one in slots_of(live)) == {(PLACES, PLACES): SLOTS}
    assert sum(one.size * len(one.slots) for one in journal.booked) == SLOTS * PLACES
    assert set(journal.statuses) == {201, 409}
    assert not journal.faults
