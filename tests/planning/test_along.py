"""What lies along a ride, on rides whose answer one can work out by hand."""

from math import cos, radians

import pytest

from nuit.planning.along import beside, distances_along, kept_track, nearest, steepest
from nuit.planning.streets import load_geojson

LAT = 111_195.0
LON = LAT * cos(radians(46.23))


def place(east: float, north: float) -> tuple[float, float]:
    """So many metres from the middle of Sion."""
    return round(7.36 + east / LON, 6), round(46.23 + north / LAT, 6)


def test_the_steepest_stretch_is_found_and_measured() -> None:
    profile = [[0, 500], [500, 500], [700, 520], [900, 520], [1000, 510]]
    found = steepest(profile)
    assert found is not None
    assert found.grade == pytest.approx(0.10)
    assert 560 <= found.at <= 700
    assert found.metres == pytest.approx(150, abs=40)


def test_going_down_is_no_climb_and_a_short_ride_has_no_slope() -> None:
    down = steepest([[0, 520], [400, 500]])
    assert down is not None
    assert down.grade == pytest.approx(-0.05)
    assert down.metres == 0
    assert steepest([[0, 500], [50, 510]]) is None
    assert steepest([]) is None


def test_places_beside_a_line_come_in_the_order_of_passing() -> None:
    line = [place(0, 0), place(1000, 0), place(1000, 1000)]
    spots = {"end": place(1100, 900), "far": place(500, 400), "first": place(200, -150), "corner": place(1000, 0)}
    found = beside(line, spots, reach=180)
    assert list(found) == ["first", "corner", "end"]
    assert found["first"] == pytest.approx(200, abs=2)
    assert found["corner"] == pytest.approx(1000, abs=2)
    assert found["end"] == pytest.approx(1900, abs=3)
    assert beside(line[:1], spots) == {}
    assert distances_along(line).tolist() == pytest.approx([0, 1000, 2000], abs=2)


def test_what_is_near_is_sorted_by_way_and_what_is_out_of_reach_is_left_out() -> None:
    points = [place(0, 0), place(1000, 0), place(2000, 0), place(2000, 2000)]
    heights = {f"{lon:.5f},{lat:.5f}": 500.0 for lon, lat in points}
    network = load_geojson(
        [{"geometry": {"coordinates": points}, "properties": {"kind": "residential", "lit": True}}], heights
    )
    targets = (place(1900, 0), place(400, 0), place(2000, 1900), place(9000, 9000))
    ((first, second),) = nearest(network, (place(0, 0),), targets, "foot", 3000.0, 5)
    assert (first.target, second.target) == (1, 0)
    assert first.metres == pytest.approx(400, abs=3)
    assert second.seconds == pytest.approx(1900 / (5 / 3.6), rel=0.02)
    assert kept_track(network, (place(0, 0), place(2000, 1000)), False, "bike")["metres"] == pytest.approx(3000, abs=5)
    assert kept_track(network, (place(0, 0), place(9000, 9000)), False, "bike") == {}
