"""The example programme and the made-up ones: whole, ahead of now, rideable, and written once."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from config import ROOT
from nuit.actions.crowd import make_bookings
from nuit.actions.example import make_example, night_ahead
from nuit.actions.route import draw_route
from nuit.db import db
from nuit.models import Booking, Company, Edition, FestivalItem, Host, Route, Seat, Slot, Trade
from nuit.planning.sample import Sample, made_up, read_sample
from nuit.queries.ride import network

NOW = datetime(2027, 3, 10, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def sample() -> Sample:
    return read_sample(ROOT / "example")


def count(model: type, *where: object) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*where)) or 0


def test_the_night_is_the_last_friday_of_september_three_weeks_ahead_at_least() -> None:
    for now, night in {
        datetime(2026, 11, 23, 18, tzinfo=UTC): date(2027, 9, 24),
        datetime(2027, 9, 2, 18, tzinfo=UTC): date(2027, 9, 24),
        datetime(2027, 9, 4, 18, tzinfo=UTC): date(2028, 9, 29),
        datetime(2028, 9, 29, 18, tzinfo=UTC): date(2029, 9, 28),
    }.items():
        assert night_ahead(now) == night


def test_the_example_is_whole(app: Flask, sample: Sample) -> None:
    edition = make_example(sample, now=NOW)
    assert edition is not None
    assert (edition.slug, edition.is_current, edition.is_example) == ("sion-2027", True, True)
    assert edition.opens_at == datetime(2027, 9, 24, 15, 0, tzinfo=UTC)
    assert count(Host) == count(Company, Company.is_example) == len(sample.companies) >= 24
    assert count(Slot) == sum(len(v["starts"]) for one in sample.companies for v in one["visits"]) >= 200
    assert count(Slot, Slot.starts_at < edition.opens_at) == count(Slot, Slot.starts_at >= edition.closes_at) == 0
    assert count(Slot, ~Slot.capacity.between(10, 20)) == 0
    assert count(Route) == 4
    assert count(FestivalItem) == 12
    assert count(Trade) == len(sample.trades)


def test_the_loops_are_drawn_over_the_streets(app: Flask, sample: Sample) -> None:
    make_example(sample, now=NOW)
    for route in db.session.scalars(select(Route)):
        track = route.track
        legs = len(route.stops) - 1 + (route.is_closed and route.stops[0].lon != route.stops[-1].lon)
        assert len(track["legs"]) == legs
        assert track["metres"] == pytest.approx(sum(leg["metres"] for leg in track["legs"]), abs=len(track["legs"]))
        assert track["revision"] == network().revision
        assert track["line"][track["legs"][0]["last"]] == track["line"][track["legs"][1]["first"]]
        before = (dict(track), route.version)
        drawn = draw_route(route.id, now=NOW)
        assert drawn is not None
        assert (drawn.track, drawn.version) == (before[0], before[1] + 1)


def test_a_second_time_changes_nothing(app: Flask, sample: Sample) -> None:
    assert make_example(sample, now=NOW) is not None
    assert make_example(sample, now=NOW) is None
    assert count(Edition) == 1


@pytest.mark.parametrize(("companies", "slots"), [(1, 3), (5, 40), (60, 1000), (30, None), (None, 0)])
def test_made_up_programmes_have_the_size_asked_for(
    app: Flask, sample: Sample, companies: int | None, slots: int | None
) -> None:
    grown = made_up(sample, companies=companies, slots=slots)
    assert grown == made_up(sample, companies=companies, slots=slots)
    assert make_example(grown, now=NOW) is not None
    assert count(Host) == (companies or len(sample.companies))
    if slots is not None:
        assert count(Slot) == slots


def test_a_made_up_crowd_is_counted_exactly(app: Flask, sample: Sample) -> None:
    edition = make_example(sample, now=NOW)
    assert edition is not None
    assert make_bookings(edition, 150, now=NOW) == 150
    assert count(Booking) == 150
    held = dict(db.session.execute(select(Seat.slot_id, func.count()).group_by(Seat.slot_id)).all())
    taken = dict(db.session.execute(select(Slot.id, Slot.taken).where(Slot.taken > 0)).all())
    assert taken == held


def test_a_crowd_stops_when_all_is_full(app: Flask, sample: Sample) -> None:
    edition = make_example(made_up(sample, companies=2, slots=4), now=NOW)
    assert edition is not None
    made = make_bookings(edition, 10_000, now=NOW)
    assert 0 < made < 10_000
    assert count(Slot, Slot.taken < Slot.capacity) == 0
