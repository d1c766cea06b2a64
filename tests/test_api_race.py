"""Many at once against the real server with two workers: the last places are sold exactly, a key books once."""

import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener, urlopen

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


def change(live: Live, statement: str, **values: object) -> None:
    """What another program writes."""
    engine = create_engine(config.database_url(live.env.get("DATABASE_URL"), live.folder))
    with engine.begin() as connection:
        connection.execute(text(statement), values)
    engine.dispose()


class Planned:
    """A visitor's browser: an evening composed, its booking form open, nothing sent yet."""

    def __init__(self, live: Live, wish: str) -> None:
        self.live, self.open, self.status = live, build_opener(HTTPCookieProcessor()).open, 0
        page = self.send(f"/fr/soiree?{wish}")[1]
        self.page = self.send(unescape(BOOK.findall(page)[0]))[1]

    def send(self, path: str, fields: dict[str, object] | None = None) -> tuple[int, str]:
        """The answer after its redirection; 303 stands for a booking made."""
        try:
            with self.open(
                self.live.url + path, fields and urlencode(fields, doseq=True).encode(), timeout=60
            ) as answer:
                return (303 if "/ma-soiree/" in answer.url else 200), answer.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode()

    @property
    def slots(self) -> list[int]:
        return [int(one) for one in re.findall(r"\d+", dict(FIELD.findall(self.page))["slots"])]

    def tap(self, action: str = "reserver") -> int:
        fields: dict[str, object] = {name: unescape(value) for name, value in FIELD.findall(self.page)}
        for number in range(2):
            fields |= {f"people-{number}-age_band": "18+", f"people-{number}-label": f"Personne {number}"}
        fields |= {"mode": "ebike25", "name": "Anne Exemple", "email": f"tap-{id(self)}@exemple.ch", "action": action}
        fields["accept"] = [unescape(one) for one in re.findall(r'name="accept"[^>]*value="([^"]+)"', self.page)]
        self.status, self.page = self.send("/fr/reservation", fields)
        return self.status

    def repaired(self) -> int:
        """The nearest evening taken as often as it is proposed; the last answer."""
        for _ in range(8):
            proposed = re.findall(r'value="reparer-([\d.]+)"', self.page)
            if not proposed:
                return 409
            assert "Voici la soirée la plus proche" in self.page
            assert re.search(r"au lieu de|nouvelle visite|sort de votre soirée", self.page)
            assert self.tap(f"reparer-{proposed[0]}") == 200
            if self.tap() == 303:
                return 303
        return 409


BOOK = re.compile(r'href="(/fr/reservation\?creneaux=[^"]*)"')
FIELD = re.compile(r'name="(csrf_token|key|slots|wish|waits)"[^>]*value="([^"]*)"')


def test_a_planned_evening_is_booked_whole_or_mended_while_others_take_its_places(live: Live) -> None:
    """Six couples tap the same evening while another program books the same departures: all or nothing for each."""
    couples = [Planned(live, "adultes=2&de=19:00&a=22:00") for _ in range(6)]
    evening = couples[0].slots
    assert len(evening) > 1
    for slot in evening:
        change(live, "update slot set capacity = taken + 9 where id = :slot", slot=slot)
    others = [lambda n=number: book(live, f"program-{n}", *evening, size=2)[0] for number in range(6)]
    taps = [*(one.tap for one in couples), *others]
    answers = [status for status, _ in at_once(len(taps), lambda number: (taps[number](), {}))]
    assert Counter(one if one == 409 else 201 for one in answers) == {201: 4, 409: 8}
    losers = [one for one in couples if one.status == 409]
    ends = [status for status, _ in at_once(len(losers), lambda number: (losers[number].repaired(), {}))]
    assert Counter(ends) == {303: len(losers)}
    assert Counter(rows(live, f"select count(*) from seat join booking b on b.id = booking_id where {COUPLES} "
                              "group by booking_id, slot_id")) == {(2,): len(rows(live, WHOLE))}  # fmt: skip
    assert rows(live, "select id from slot where taken > capacity or taken <> "
                      "(select count(*) from seat where slot_id = slot.id and status = 'confirmed')") == []  # fmt: skip
    assert [counted(live, slot)[1:] for slot in evening] == [(counted(live, slot)[0] - 1,) * 2 for slot in evening]


COUPLES = "(b.email like 'tap-%' or b.email like '%program-%')"
WHOLE = f"select booking_id, slot_id from seat join booking b on b.id = booking_id where {COUPLES} group by 1, 2"


def rows(live: Live, query: str) -> list[tuple[object, ...]]:
    engine = create_engine(config.database_url(live.env.get("DATABASE_URL"), live.folder))
    with engine.connect() as connection:
        found = [tuple(one) for one in connection.execute(text(query))]
    engine.dispose()
    return found
