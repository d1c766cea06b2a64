"""One generated table of cases, through the server's rule and the phone's: the same verdicts."""

from collections import Counter
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from playwright.sync_api import Page

from nuit.planning.door import WORDS, Entry, Seat, Ticket, Tolerance, judge

JUDGE_JS = Path(__file__).parents[2] / "static" / "door" / "judge.js"
START = datetime(2027, 9, 24, 17, 0, tzinfo=UTC)
CASES = 2000

Case = tuple[Ticket | None, int, datetime, Tolerance, list[Seat], dict[int, Entry]]


def minutes(chance: Random, low: int, high: int) -> timedelta:
    """Whole minutes most of the time, so that cases fall exactly on the borders; else down to the millisecond."""
    if chance.random() < 0.8:
        return timedelta(minutes=5 * chance.randint(low // 5, high // 5))
    return timedelta(milliseconds=chance.randint(low * 60_000, high * 60_000))


def some_seat(chance: Random, number: int) -> Seat:
    start = START + minutes(chance, 0, 180)
    gone = chance.choice(["", "", "", "", "given_back", "cancelled", "lapsed", "released", "waiting"])
    gone_at = None if gone in ("", "waiting") else START + minutes(chance, -60, 200)
    door = chance.choice([1, 1, 2, 3])
    return Seat(number, 1, door, start, start + timedelta(minutes=chance.choice([30, 45, 60])), gone, gone_at)


def case(chance: Random) -> Case:
    seats = [some_seat(chance, number) for number in chance.sample(range(1, 9), chance.randint(0, 4))]
    now = chance.choice(
        [START + minutes(chance, -30, 240), *[seat.starts_at + minutes(chance, -25, 25) for seat in seats]]
    )
    entered = [seat for seat in seats if chance.random() < 0.35]
    entries = {seat.id: Entry(seat.id, now - minutes(chance, 0, 60), seat.door, f"n{seat.id}") for seat in entered}
    ticket = Ticket(1, START + minutes(chance, 0, 240) if chance.random() < 0.15 else None)
    tolerance = Tolerance(timedelta(minutes=chance.choice([0, 10, 20])), timedelta(minutes=chance.choice([0, 5, 10])))
    return (None if chance.random() < 0.03 else ticket), chance.choice([1, 1, 2]), now, tolerance, seats, entries


def ms(instant: datetime | None) -> int | None:
    return None if instant is None else round(instant.timestamp() * 1000)


def as_json(one: Case) -> dict[str, Any]:
    ticket, door, now, tolerance, seats, entries = one
    return {
        "ticket": ticket and {"id": ticket.id, "revokedAt": ms(ticket.revoked_at)},
        "door": door,
        "now": ms(now),
        "tolerance": {
            "early": tolerance.early // timedelta(milliseconds=1),
            "late": tolerance.late // timedelta(milliseconds=1),
        },
        "seats": [
            {
                "id": seat.id,
                "door": seat.door,
                "startsAt": ms(seat.starts_at),
                "endsAt": ms(seat.ends_at),
                "gone": seat.gone,
                "goneAt": ms(seat.gone_at),
            }
            for seat in seats
        ],
        "entries": [[seat, {**asdict(entry), "at": ms(entry.at)}] for seat, entry in entries.items()],
    }


def expected(one: Case) -> dict[str, Any]:
    verdict = judge(*one)
    first = verdict.first and {**asdict(verdict.first), "at": ms(verdict.first.at)}
    return {**asdict(replace(verdict, first=None)), "first": first}


@pytest.mark.browser
def test_the_phone_and_the_server_say_the_same(page: Page) -> None:
    chance = Random(20270924)
    cases = [case(chance) for _ in range(CASES)]
    verdicts = [expected(one) for one in cases]
    said = page.evaluate(
        """async ([source, cases]) => {
          const { judge } = await import("data:text/javascript;charset=utf-8," + encodeURIComponent(source));
          return cases.map((one) => judge(
            one.ticket, one.door, one.now, one.tolerance, one.seats, new Map(one.entries)
          ));
        }""",
        [JUDGE_JS.read_text(encoding="utf-8"), [as_json(one) for one in cases]],
    )
    assert said == verdicts
    seen = Counter(verdict["word"] for verdict in verdicts)
    assert {word: seen[word] >= 40 for word in WORDS} == dict.fromkeys(WORDS, True)
