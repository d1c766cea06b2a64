"""Many at once against the real server with two workers: the last places are sold exactly, a key books once."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from sqlalchemy import create_engine, text

import config
from tests.live import Live, night
from tests.test_api import asked

Answer = tuple[int, dict[str, Any]]
AT_ONCE = 40


@pytest.fixture(scope="module")
def live(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    found = night(tmp_path_factory.mktemp("race"), database_url=database_url)
    found.chore("programme", "example")
    found.start("--workers", "2")
    yield found
    assert found.stop() == 0, found.log
    assert "Traceback" not in found.log


def ask(live: Live, path: str, content: object = None, **headers: str) -> Answer:
    body = None if content is None else json.dumps(content).encode()
    request = Request(live.url + path, data=body, headers={"Content-Type": "application/json", **headers})
    try:
        with urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        return error.code, json.load(error)


def book(live: Live, number: object, *slots: int, size: int = 1, key: str = "") -> Answer:
    headers = {"Idempotency-Key": key} if key else {}
    return ask(live, "/api/v1/bookings", asked(*slots, size=size, email=f"visite-{number}@exemple.ch"), **headers)


def at_once(count: int, call: Callable[[int], Answer]) -> list[Answer]:
    """Everybody at the same moment."""
    ready, answers = threading.Barrier(count), []

    def one(number: int) -> None:
        ready.wait()
        answers.append(call(number))

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(120)
    assert len(answers) == count
    return answers


def slots(live: Live) -> dict[int, dict[str, Any]]:
    return {one["id"]: one for one in ask(live, "/api/v1/slots")[1]["slots"]}


def untouched(live: Live) -> list[int]:
    """Slots that nobody has booked yet, by hour."""
    return [one["id"] for one in slots(live).values() if one["taken"] == 0 and one["capacity"] >= 12]


def leave(live: Live, slot: int, places: int) -> None:
    """Books a slot until so many places are left."""
    left = slots(live)[slot]["left"]
    while left > places:
        size = min(6, left - places)
        assert book(live, f"{slot}-{left}", slot, size=size)[0] == 201
        left -= size


def counted(live: Live, slot: int) -> tuple[int, int, int]:
    """(capacity, taken, live seats) as the database has them."""
    engine = create_engine(config.database_url(live.env.get("DATABASE_URL"), live.folder))
    with engine.connect() as connection:
        row = connection.execute(
            text(
                "select capacity, taken, (select count(*) from seat where slot_id = slot.id and status = 'confirmed') "
                "from slot where id = :slot"
            ),
            {"slot": slot},
        ).one()
    engine.dispose()
    return row[0], row[1], row[2]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_last_ten_places_are_sold_exactly(live: Live, size: int) -> None:
    slot = untouched(live)[0]
    leave(live, slot, 10)
    answers = at_once(AT_ONCE, lambda number: book(live, f"{size}-{number}", slot, size=size))
    sold = 10 // size
    assert Counter(status for status, _ in answers) == {201: sold, 409: AT_ONCE - sold}
    for status, told in answers:
        if status == 409:
            assert (told["type"], told["slots"]) == ("slot-full", [slot])
            assert told["alternatives"]
            assert all(one["left"] >= size for one in told["alternatives"])
    capacity, taken, seats = counted(live, slot)
    assert taken == seats == capacity - 10 % size
    references = [told["reference"] for status, told in answers if status == 201]
    codes = [one["code"] for status, told in answers if status == 201 for one in told["tickets"]]
    assert len(set(references)) == sold
    assert len(set(codes)) == sold * size


def test_whole_evenings_in_every_order_neither_lock_nor_oversell(live: Live) -> None:
    """Two slots of which one is scarcer: an evening is sold whole or not at all, whoever asks in which order."""
    first, *_between, second = untouched(live)
    leave(live, first, 7)
    before = counted(live, second)[1]
    answers = at_once(
        AT_ONCE, lambda number: book(live, f"order-{number}", *((first, second) if number % 2 else (second, first)))
    )
    assert Counter(status for status, _ in answers) == {201: 7, 409: AT_ONCE - 7}
    capacity, taken, seats = counted(live, first)
    assert capacity == taken == seats
    assert counted(live, second)[1:] == (before + 7, before + 7)


def test_a_key_at_once_books_once(live: Live) -> None:
    slot = untouched(live)[0]
    answers = at_once(20, lambda _number: book(live, "key", slot, size=2, key="double-click"))
    assert Counter(status for status, _ in answers) == {201: 20}
    assert len({json.dumps(told, sort_keys=True) for _, told in answers}) == 1
    assert counted(live, slot)[1:] == (2, 2)
    other = book(live, "key", slot, size=1, key="double-click")
    assert (other[0], other[1]["type"]) == (422, "invalid")


def test_one_address_at_once_is_counted_exactly(live: Live) -> None:
    """With NUIT_LIMITS=off an address has no limit either."""
    slot = untouched(live)[0]
    answers = at_once(10, lambda _number: book(live, "same", slot))
    assert Counter(status for status, _ in answers) == {201: 10}
    assert counted(live, slot)[1:] == (10, 10)


def test_giving_back_at_once_frees_once(live: Live) -> None:
    slot = untouched(live)[0]
    told = book(live, "back", slot, size=3)[1]
    headers = {"Authorization": f"Bearer {told['manage_token']}"}

    def give_back(_number: int) -> Answer:
        request = Request(f"{live.url}/api/v1/bookings/{told['reference']}", method="DELETE", headers=headers)
        with urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)

    answers = at_once(12, give_back)
    assert Counter(status for status, _ in answers) == {200: 12}
    assert counted(live, slot)[1:] == (0, 0)
