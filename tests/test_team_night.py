"""The night board: numbers for every house, 304 while nothing has moved, statements counted."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from nuit.actions.door import Gate, check_in
from nuit.db import db
from nuit.planning.board import Departure, House, board
from nuit.planning.presence import Reading
from nuit.queries.door.party import night_of
from tests.factories import OPENS, a_booking, a_host, a_member, a_slot, a_visit, an_edition, signed_in

NOW = OPENS + timedelta(hours=1, minutes=20)
MINUTE = timedelta(minutes=1)
FOUNDRY, CABLES = House(1, "fonderie", "Fonderie", False), House(2, "cablerie", "Câblerie", True)


def departure(door: int, minutes: int, **values: int) -> Departure:
    """A departure `minutes` from now, of 40 minutes, with 12 places."""
    start = NOW + minutes * MINUTE
    counts = {"expected": 0, "entered": 0, "out": 0, "late": 0, "walked_in": 0, "walked_out": 0, "standby": 0, **values}
    return Departure(
        id=minutes + 1000, door=door, visit=1, starts_at=start, ends_at=start + 40 * MINUTE, status="open", capacity=12,
        **counts,
    )  # fmt: skip


def line(*departures: Departure, house: House = FOUNDRY) -> dict[str, object]:
    found = board([house], departures, {}, now=NOW, late=10 * MINUTE, span=(NOW, NOW)).lines[0]
    names = ("expected", "inside", "done", "missing", "coming", "over", "heat", "late_since")
    return {name: getattr(found, name) for name in names if getattr(found, name)}


def test_a_visit_that_runs() -> None:
    assert line(departure(1, -15, expected=8, entered=6, walked_in=2)) == {
        "expected": 8, "inside": 8, "missing": 2, "heat": 7,
    }  # fmt: skip


def test_people_count_a_quarter_of_an_hour_longer_where_nobody_is_scanned_out() -> None:
    assert line(departure(1, -54, expected=8, entered=8)) == {"expected": 8, "inside": 8, "heat": 7}
    assert line(departure(1, -55, expected=8, entered=8)) == {"expected": 8, "done": 8}


def test_where_people_are_scanned_out_they_are_inside_until_then() -> None:
    over = departure(2, -90, expected=8, entered=8, out=5)
    assert line(over, house=CABLES) == {"expected": 8, "inside": 3, "done": 5, "heat": 10}


def test_who_leaves_within_half_an_hour_is_on_the_way() -> None:
    assert line(departure(1, 30, expected=5, entered=1), departure(1, 31, expected=7)) == {
        "expected": 12, "inside": 1, "coming": 4, "heat": 1,
    }  # fmt: skip


def test_a_visit_without_anybody_is_late_after_five_minutes() -> None:
    assert line(departure(1, -4, expected=5)) == {"expected": 5}
    assert line(departure(1, -5, expected=5)) == {"expected": 5, "late_since": NOW - 5 * MINUTE}


def test_more_people_than_places() -> None:
    assert line(departure(1, -4, expected=10, entered=10, walked_in=4, late=0)) == {
        "expected": 10, "inside": 14, "over": 2, "heat": 10,
    }  # fmt: skip


def test_the_curve_of_the_evening() -> None:
    found = board(
        [FOUNDRY], [departure(1, -10, expected=8, entered=6), departure(1, 10, expected=3)], {}, now=NOW,
        late=10 * MINUTE, span=(NOW - 20 * MINUTE, NOW + 30 * MINUTE),
    )  # fmt: skip
    assert [(one.booked, one.came) for one in found.curve] == [(0, 0), (8, 6), (8, 6), (11, 6), (11, 6), (3, 0)]


class Night:
    def __init__(self, app: Flask, houses: int = 1) -> None:
        self.edition = an_edition()
        for number in range(houses):
            slot = a_slot(a_visit(a_host(self.edition, f"Atelier {number}")), timedelta(hours=1))
            self.booking = a_booking(self.edition, slot, size=2)
            self.host = slot.host_id
        self.key = app.extensions["nuit.keys"].tickets.public_key()

    def let_in(self, nonce: str = "nonce-001") -> None:
        gate, reading = (
            Gate(self.host, OPENS),
            Reading(nonce, NOW - 15 * MINUTE, code=self.booking.code, given="admitted"),
        )
        check_in(night_of(self.edition), gate, [reading], public_key=self.key, sent_at=NOW, now=NOW)


@pytest.mark.parametrize("address", ["/equipe/nuit/", "/equipe/nuit/?grand=1"])
def test_nothing_is_sent_while_nothing_has_moved(app: Flask, client: FlaskClient, address: str) -> None:
    night = Night(app)
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        signed_in(client, a_member())
        clock.move_to(NOW)
        signed_in(client, a_member())
        first = client.get(address)
        etag = first.headers["ETag"]
        assert first.status_code == 200
        again = client.get(address, headers={"If-None-Match": etag})
        assert (again.status_code, again.data) == (304, b"")
        night.let_in()
        after = client.get(address, headers={"If-None-Match": etag})
        assert after.status_code == 200
        clock.shift(30)
        later = client.get(address, headers={"If-None-Match": after.headers["ETag"]})
        assert later.status_code == 200


@pytest.mark.parametrize("houses", [1, 3])
def test_statements_of_a_look(app: Flask, client: FlaskClient, houses: int) -> None:
    """A look that finds nothing new asks one question beside who asks and which edition is on."""
    Night(app, houses)
    with time_machine.travel(datetime.now(UTC), tick=False):
        signed_in(client, a_member())
        etag = client.get("/equipe/nuit/").headers["ETag"]
        said: list[str] = []
        event.listen(db.engine, "before_cursor_execute", lambda *args: said.append(args[2]))
        client.get("/equipe/nuit/", headers={"If-None-Match": etag})
        unchanged = [one for one in said if one.startswith("SELECT")]
        said.clear()
        client.get("/equipe/nuit/")
        drawn = [one for one in said if one.startswith("SELECT")]
    assert (len(unchanged), len(drawn)) == (4, 8)


def test_without_a_script_the_page_reloads_itself(app: Flask, client: FlaskClient) -> None:
    Night(app)
    signed_in(client, a_member())
    for address in ("/equipe/nuit/", "/equipe/nuit/?grand=1"):
        assert '<noscript><meta http-equiv="refresh" content="10"></noscript>' in client.get(address).get_data(
            as_text=True
        )
