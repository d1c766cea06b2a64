"""Heights: tiles are read as they are, noise is smoothed away, slopes stay, bridges and tunnels run straight."""

import gzip
import zipfile
from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np
import pytest
from numpy.typing import NDArray

from nuit.planning.streets import BrokenNetwork, Network, metres_between, ride_between
from nuit.planning.streets.osm import Tile, read_extract, read_tile, streets_of
from nuit.planning.streets.osm.elevation import VOID
from nuit.planning.streets.region import surroundings, tile_names
from tests.planning.osm_town import Town, as_json

SIDE = 1201


def tile(heights: NDArray[np.float64]) -> Tile:
    return Tile(7, 46, np.round(heights).astype(np.int16))


def ground() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitude and latitude of every height of the tile N46E007."""
    lat, lon = np.meshgrid(np.linspace(47, 46, SIDE), np.linspace(7, 8, SIDE), indexing="ij")
    return lon, lat


def street(blocks: int = 30, **tags: str) -> tuple[Town, list[int]]:
    """A street of so many blocks of 100 m to the east."""
    town = Town()
    nodes = [town.node(i, 0) for i in range(blocks + 1)]
    town.way(*nodes, **tags)
    return town, nodes


def made(town: Town, folder: Path, *tiles: Tile) -> Network:
    return streets_of(read_extract(as_json(town, folder / "town.json")), tiles)


def test_a_tile_is_read_as_it_is_raw_gzipped_or_zipped(tmp_path: Path) -> None:
    raw = (np.arange(SIDE * SIDE) % 3000).astype(">i2").tobytes()
    (tmp_path / "N46E007.hgt").write_bytes(raw)
    (tmp_path / "n46e007.hgt.gz").write_bytes(gzip.compress(raw, 1))
    with zipfile.ZipFile(tmp_path / "N46E007.zip", "w") as folder:
        folder.writestr("N46E007.hgt", raw)
    found = [read_tile(path) for path in sorted(tmp_path.iterdir())]
    assert [(one.west, one.south, one.heights.shape) for one in found] == [(7, 46, (SIDE, SIDE))] * 3
    assert all(np.array_equal(one.heights, found[0].heights) for one in found)
    assert read_tile((tmp_path / "N46E007.hgt").rename(tmp_path / "S01W002.hgt")).west == -2


@pytest.mark.parametrize(
    ("name", "content"),
    [("N46E007.hgt", b""), ("N46E007.hgt", bytes(999)), ("hills.hgt", bytes(2 * SIDE**2)), ("N46E007.hgt.gz", b"\x1f\x8bno"),
     ("N46E007.zip", b"PK\x05\x06" + bytes(18))],
)  # fmt: skip
def test_a_tile_of_no_use_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BrokenNetwork):
        read_tile(tmp_path / name)


def test_heights_between_the_posts_are_bilinear_and_voids_are_left_out() -> None:
    lon, lat = ground()
    plane = 500 + 2000 * (lon - 7) - 1000 * (lat - 46)
    at = np.array([7.33333, 7.5, 6.9]), np.array([46.21111, 46.5, 46.5])
    found = tile(plane).at(*at)
    assert found[:2] == pytest.approx([500 + 666.66 - 211.11, 1000], abs=1.0)
    assert np.isnan(found[2])
    plane[600, 600] = VOID
    assert np.isnan(tile(plane).at(np.array([7.5]), np.array([46.5]))).all()
    assert tile(plane).at(np.array([7.5 + 0.7 / 1200]), np.array([46.5])) == pytest.approx([1001.67], abs=1.0)


def test_an_even_slope_stays_as_it_is(tmp_path: Path) -> None:
    lon, _ = ground()
    town, nodes = street()
    network = made(town, tmp_path, tile(500 + 76_900 * 0.05 * (lon - 7)))  # 5 % on 76.9 km a degree
    ride = ride_between(network, town.at(nodes[3]), town.at(nodes[-4]), "ebike25")
    assert ride.climb == pytest.approx(0.05 * ride.metres, rel=0.03)
    assert ride.descent == 0


def test_noise_is_smoothed_away_before_climbs_are_summed(tmp_path: Path) -> None:
    random = Random(3)
    lon, _ = ground()
    noise = np.array([random.gauss(0, 3) for _ in range(lon.size)]).reshape(lon.shape)
    town = Town()
    nodes = [town.node(i / 4, 0) for i in range(241)]
    town.way(*nodes)
    rough = tile(500 + noise)
    raw = rough.at(*(np.array(axis) for axis in zip(*(town.at(one) for one in nodes), strict=True)))
    climbed = sum(max(b - a, 0) for a, b in pairwise(raw.tolist()))
    network = made(town, tmp_path, rough)
    assert ride_between(network, town.at(nodes[0]), town.at(nodes[-1]), "bike").climb < 0.6 * climbed
    assert np.mean(network.height) == pytest.approx(500, abs=2)


@pytest.mark.parametrize(("tags", "climbs"), [({"bridge": "yes"}, False), ({"tunnel": "yes"}, False), ({}, True)])
def test_bridges_and_tunnels_run_straight_between_their_ends(
    tmp_path: Path, tags: dict[str, str], climbs: bool
) -> None:
    """Over a gorge, or through a hill, of 80 m between blocks 10 and 14."""
    lon, _ = ground()
    blocks = (lon - 7.33) / 0.0013
    town = Town()
    nodes = [town.node(i, 0) for i in range(26)]
    town.way(*nodes[:10])
    town.way(*nodes[9:13], **tags)
    town.way(*nodes[12:16], **tags)
    town.way(*nodes[15:])
    network = made(town, tmp_path, tile(500 + 80.0 * (np.abs(blocks - 12) < 2)))
    ride = ride_between(network, town.at(nodes[0]), town.at(nodes[-1]), "ebike25")
    assert (ride.climb > 40) is climbs
    assert climbs or ride.climb < 4


def test_a_long_straight_line_does_not_hide_a_hump(tmp_path: Path) -> None:
    lon, _ = ground()
    town = Town()
    a, b = town.node(0, 0), town.node(30, 0)
    town.way(a, b)
    network = made(town, tmp_path, tile(500 + 60 * np.cos((lon - 7.33) / 0.039 * 4 * np.pi)))
    assert ride_between(network, town.at(a), town.at(b), "ebike25").climb > 100
    assert max(network.steps) <= 61
    assert network.metres.sum() == pytest.approx(metres_between(town.at(a), town.at(b)), rel=1e-3)


def test_without_a_tile_everything_is_level(tmp_path: Path) -> None:
    town, nodes = street()
    assert not made(town, tmp_path).height.any()
    far = Tile(9, 46, np.full((SIDE, SIDE), 900, dtype=np.int16))
    assert not made(town, tmp_path, far).height.any()
    assert ride_between(made(town, tmp_path), town.at(nodes[0]), town.at(nodes[-1]), "bike").climb == 0


def test_the_surroundings_hold_every_place_and_their_tiles_are_named() -> None:
    assert surroundings((7.359, 46.2275), []) == (7.264, 46.177, 7.454, 46.278)
    west, south, east, north = surroundings((7.359, 46.2275), [(7.07, 46.10), (7.99, 46.32)])
    assert (west, south, east, north) == (7.044, 46.082, 8.016, 46.338)
    assert tile_names((west, south, east, north)) == ["N46E007", "N46E008"]
    assert tile_names((-0.1, -0.1, 0.1, 0.1)) == ["S01W001", "S01E000", "N00W001", "N00E000"]
