"""The chores that make things: an edition with sound defaults, the made-up programme, help everywhere."""

from datetime import UTC, date, datetime

import click
import pytest
import time_machine
from click.testing import CliRunner
from flask import Flask
from flask.cli import FlaskGroup
from sqlalchemy import func, select

from nuit.cli.edition import create
from nuit.cli.plan import plan
from nuit.cli.programme import example
from nuit.clock import at_wall
from nuit.db import db
from nuit.models import Booking, Edition, Host, Slot
from tests.factories import an_edition

NOW = datetime(2027, 3, 10, 9, 0, tzinfo=UTC)


def run(command: click.Command, *words: str) -> tuple[int, str]:
    with time_machine.travel(NOW, tick=False):
        done = CliRunner().invoke(command, list(words))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output.strip()


def test_an_edition_needs_no_option(app: Flask) -> None:
    assert run(create) == (0, "sion-2027")
    one = db.session.scalars(select(Edition)).one()
    assert (one.name, one.region, one.night, one.is_current, one.is_example) == (
        "Sion 2027", "Sion", date(2027, 9, 24), True, False,
    )  # fmt: skip
    assert (one.opens_at, one.closes_at) == (at_wall(one.night, "17:00"), at_wall(one.night, "23:00"))
    assert (one.booking_opens_at, one.booking_closes_at) == (NOW, one.closes_at)
    assert (one.max_party, one.ride_factor, one.ride_margin_minutes) == (6, 1.25, 4)


def test_an_edition_as_one_wants_it(app: Flask) -> None:
    before = an_edition(slug="old", is_current=True)
    words = ["--night", "2028-10-28", "--region", "Valais", "--name", "Nuit valaisanne", "--opens", "18:00",
             "--closes", "02:00", "--booking-opens", "2028-09-01T08:00", "--start", "7.5", "46.3"]  # fmt: skip
    assert run(create, *words) == (0, "nuit-valaisanne")
    one = db.session.scalars(select(Edition).where(Edition.slug == "nuit-valaisanne")).one()
    assert one.opens_at == datetime(2028, 10, 28, 16, 0, tzinfo=UTC)
    assert one.closes_at == datetime(2028, 10, 29, 0, 0, tzinfo=UTC)
    assert one.booking_opens_at == datetime(2028, 9, 1, 6, 0, tzinfo=UTC)
    assert (one.start_lon, one.start_lat) == (7.5, 46.3)
    db.session.refresh(before)
    assert (before.is_current, one.is_current) == (False, True)


def test_an_edition_is_refused_with_a_sentence(app: Flask) -> None:
    assert run(create)[0] == 0
    assert run(create) == (1, "Error: An edition 'sion-2027' is there already.")
    code, said = run(create, "--name", "X", "--booking-opens", "2030-01-01T00:00")
    assert (code, said) == (1, "Error: Booking would open after the night is over.")
    assert run(create, "--night", "demain")[0] == 2
    assert db.session.scalar(select(func.count()).select_from(Edition)) == 1


def test_the_example_on_the_command_line(app: Flask) -> None:
    code, said = run(example, "--companies", "30", "--slots", "300", "--bookings", "40")
    assert code == 0
    assert said.splitlines()[-1].startswith("Sion 2027, 24.09.2027: 30 companies, 300 slots, 4 loops, 40 bookings (")
    counts = [db.session.scalar(select(func.count()).select_from(noun)) for noun in (Host, Slot, Booking)]
    assert counts == [30, 300, 40]
    assert run(example) == (0, "There is a programme already; nothing was changed.")
    assert run(example, "--companies", "0")[0] == 2


@pytest.mark.parametrize("slots", ["400000"])
def test_more_slots_than_there_are_hours_is_refused(app: Flask, slots: str) -> None:
    code, said = run(example, "--companies", "3", "--slots", slots)
    assert (code, said) == (1, "Error: 3 companies have 0 to 1020 slots")


def commands(group: click.Group, *words: str) -> list[list[str]]:
    """Every chore of ours, as it is typed."""
    found = []
    for name, one in group.commands.items():
        found += commands(one, *words, name) if isinstance(one, click.Group) else [[*words, name]]
    return found


def test_every_chore_has_help(app: Flask) -> None:
    ours = FlaskGroup(create_app=lambda: app)
    chores = [["setup"], ["serve"], ["work"], *(c for c in commands(app.cli) if c[0] in
              ("edition", "programme", "member", "device", "mail"))]  # fmt: skip
    assert ["programme", "load"] in chores
    for words in chores:
        done = CliRunner().invoke(ours, [*words, "--help"])
        assert done.exit_code == 0
        assert len(done.output.splitlines()) > 4, words


def test_an_evening_as_text(app: Flask) -> None:
    assert run(plan)[0] == 1
    assert run(example)[0] == 0
    code, said = run(plan, "--from", "18:30", "--until", "20:30", "--who", "18+", "--who", "12-13")
    assert (code, said.count("Gare de Sion")) == (0, 6)
    titles = [line.partition(":")[0] for line in said.splitlines() if line.startswith(("The", "A"))]
    assert titles == ["The best evening", "A calm one", "A surprising one"]
    assert "no other is better" in said.splitlines()[0]
    assert run(plan, "--from", "18:30", "--until", "18:40")[0] == 1
