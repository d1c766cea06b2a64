"""Ride times between hosts, also where no street is known."""

from flask import Flask

from nuit.queries.ride import minutes_from_start, ride_between_hosts
from tests.factories import a_host, an_edition


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
