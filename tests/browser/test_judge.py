"""One generated table of cases, through the server's rule and the phone's: the same verdicts."""

from collections import Counter
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from playwright.sync_api import Page

from nuit.planning.door import BACK, LEFT, NOT_IN, WORDS, Entry, Seat, Ticket, Tolerance, Verdict, judge, judge_out

JUDGE_JS = Path(__file__).parents[2] / "static" / "door" / "judge.js"
START = datetime(2027, 9, 24, 17, 0, tzinfo=UTC)
CASES = 2000

Case = tuple[Ticket | None, int, datetime, Tolerance, list[Seat], dict[int, Entry], Entry | None]


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
    late = start + minutes(chance, 0, 30) if chance.random() < 0.2 else None
    return Seat(number, 1, door, start, start + timedelta(minutes=chance.choice([30, 45, 60])), gone, gone_at, late)


def case(chance: Random) -> Case:
    seats = [some_seat(chance, number) for number in chance.sample(range(1, 9), chance.randint(0, 4))]
    now = chance.choice(
        [START + minutes(chance, -30, 240), *[seat.starts_at + minutes(chance, -25, 25) for seat in seats]]
    )
    entered = [seat for seat in seats if chance.random() < 0.35]
    entries = {seat.id: some_entry(chance, now, seat.id, seat.door) for seat in entered}
    ticket = Ticket(1, START + minutes(chance, 0, 240) if chance.random() < 0.15 else None)
    tolerance = Tolerance(timedelta(minutes=chance.choice([0, 10, 20])), timedelta(minutes=chance.choice([0, 5, 10])))
    door = chance.choice([1, 1, 2])
    guest = some_entry(chance, now, None, door) if chance.random() < 0.15 else None
    return (None if chance.random() < 0.03 else ticket), door, now, tolerance, seats, entries, guest


def some_entry(chance: Random, now: datetime, seat: int | None, door: int) -> Entry:
    at = now - minutes(chance, 0, 60)
    left_at = at + (now - at) * chance.random() if chance.random() < 0.3 else None
    return Entry(seat, at, door, f"n{seat}", left_at and left_at.replace(microsecond=0))


def ms(instant: datetime | None) -> int | None:
    return None if instant is None else round(instant.timestamp() * 1000)


def as_json(one: Case) -> dict[str, Any]:
    ticket, door, now, tolerance, seats, entries, guest = one
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
                "lateUntil": ms(seat.late_until),
            }
            for seat in seats
        ],
        "entries": [[seat, entry_json(entry)] for seat, entry in entries.items()],
        "guest": entry_json(guest),
    }


def entry_json(entry: Entry | None) -> dict[str, Any] | None:
    return entry and {
        "seat": entry.seat, "at": ms(entry.at), "door": entry.door, "nonce": entry.nonce, "leftAt": ms(entry.left_at),
    }  # fmt: skip


def as_told(verdict: Verdict) -> dict[str, Any]:
    return {**asdict(replace(verdict, first=None)), "first": entry_json(verdict.first)}


@pytest.mark.browser
def test_the_phone_and_the_server_say_the_same(page: Page) -> None:
    chance = Random(20270924)
    cases = [case(chance) for _ in range(CASES)]
    verdicts = [as_told(judge(*one)) for one in cases]
    ways_out = [
        as_told(judge_out(ticket, door, seats, entries, guest))
        for ticket, door, _now, _tolerance, seats, entries, guest in cases
    ]
    said = page.evaluate(
        """async ([source, cases]) => {
          const { judge, judgeOut } = await import("data:text/javascript;charset=utf-8," + encodeURIComponent(source));
          return cases.map((one) => [
            judge(one.ticket, one.door, one.now, one.tolerance, one.seats, new Map(one.entries), one.guest),
            judgeOut(one.ticket, one.door, one.seats, new Map(one.entries), one.guest),
          ]);
        }""",
        [JUDGE_JS.read_text(encoding="utf-8"), [as_json(one) for one in cases]],
    )
    assert said == [list(pair) for pair in zip(verdicts, ways_out, strict=True)]
    seen = Counter(verdict["word"] for verdict in (*verdicts, *ways_out))
    assert {word: seen[word] >= 40 for word in (*WORDS, LEFT, NOT_IN)} == dict.fromkeys((*WORDS, LEFT, NOT_IN), True)
    assert len([one for one in verdicts if one["reason"] == BACK]) >= 40
    assert len([one for one in verdicts if one["word"] == "already_in" and one["seat"] is None]) >= 40
