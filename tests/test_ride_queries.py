"""Ride times between hosts, also where no street is known."""

from dataclasses import replace

import pytest
from flask import Flask

from nuit.actions.company import add_host, present
from nuit.db import db
from nuit.planning.ride import MODES, Mode
from nuit.queries.desk import presentation_of
from nuit.queries.ride import minutes_from_start, ride_between_hosts
from tests.factories import NOW, a_host, an_edition


def test_rides_grow_with_distance_and_hold_factor_and_margin(app: Flask) -> None:
    edition = an_edition(ride_factor=1.25, ride_margin_minutes=4)
    near, far = a_host(edition, lon=7.3590, lat=46.2277), a_host(edition, lon=7.4164, lat=46.2498)
    ride = ride_between_hosts(edition, "ebike25")
    assert ride(near.id, near.id) == 0
    assert 20 <= ride(near.id, far.id) <= 30  # 5.4 km: about 17 min ridden, x 1.25, + 4
    assert ride_between_hosts(edition, "foot")(near.id, far.id) > 3 * ride(near.id, far.id)


def test_a_place_off_the_map_is_still_somewhere(app: Flask) -> None:
    edition = an_edition()
    here, martigny = a_host(edition), a_host(edition, lon=7.0730, lat=46.1020)
    assert 90 <= ride_between_hosts(edition, "ebike25")(here.id, martigny.id) <= 240
    assert minutes_from_start(edition)[martigny.id] > minutes_from_start(edition)[here.id]


@pytest.mark.parametrize("mode", MODES)
def test_times_follow_a_place_that_moves(app: Flask, mode: Mode) -> None:
    """In every mode, with nothing to be rebuilt by hand; going there and coming back."""
    edition = an_edition()
    near, far = a_host(edition, lon=7.3401, lat=46.2201), a_host(edition, lon=7.4040, lat=46.2325)
    before = ride_between_hosts(edition, mode)
    assert before(near.id, far.id) > before(near.id, near.id) == 0
    there = 7.3441, 46.2201
    said = replace(presentation_of(far), lon=there[0], lat=there[1])
    present(far.id, said, version=far.version, now=NOW, by=None)
    after = ride_between_hosts(edition, mode)
    assert (after(near.id, far.id) < before(near.id, far.id), after(far.id, near.id) < before(far.id, near.id)) == (
        True, True,
    )  # fmt: skip
    fresh = add_host(edition, "Tout neuf", slug="tout-neuf", now=NOW, by=None, place=there)
    db.session.expire_all()
    now = ride_between_hosts(edition, mode)
    assert (now(near.id, fresh.id), now(fresh.id, far.id)) == (after(near.id, far.id), 0)


def test_faster_wheels_are_there_first(app: Flask) -> None:
    edition = an_edition()
    near, far = a_host(edition, lon=7.3401, lat=46.2201), a_host(edition, lon=7.4040, lat=46.2325)
    minutes = [ride_between_hosts(edition, mode)(near.id, far.id) for mode in ("ebike45", "ebike25", "bike", "foot")]
    assert minutes == sorted(minutes)
    assert len(set(minutes)) == 4
