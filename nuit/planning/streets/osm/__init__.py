"""OpenStreetMap in, a street network out: Overpass .json, .osm (XML) and .osm.pbf, each also gzipped.

extract = read_extract(path, box)
network = streets_of(extract, tiles)
"""

import gzip
import zlib
from pathlib import Path
from typing import BinaryIO, cast

from nuit.planning.streets.network import BrokenNetwork
from nuit.planning.streets.osm.elevation import Tile, read_tile
from nuit.planning.streets.osm.extract import Box, Extract, Gathering
from nuit.planning.streets.osm.making import streets_of
from nuit.planning.streets.osm.pbf import read_pbf
from nuit.planning.streets.osm.texts import read_json, read_xml

__all__ = ["Box", "Elsewhere", "Extract", "Tile", "read_extract", "read_tile", "streets_of"]

MOST_JSON, MOST_XML, MOST_PBF = 80 * 2**20, 400 * 2**20, 800 * 2**20
"""Bytes read of a file. Text takes about ten times its size in memory while it is read."""


class Elsewhere(BrokenNetwork):
    """The file is sound, but nothing of it lies where we ride; `covers` says where it lies."""

    def __init__(self, covers: Box) -> None:
        super().__init__(f"it covers {said(covers)}")
        self.covers = covers


def said(box: Box) -> str:
    """A box in words: longitudes and latitudes."""
    return f"{box[0]:.2f} to {box[2]:.2f} east, {box[1]:.2f} to {box[3]:.2f} north"


def read_extract(path: Path, box: Box | None = None) -> Extract:
    """What the file says of streets (inside the box, if any). Its kind is known by its first bytes, not by its name.

    BrokenNetwork when it cannot be read, is empty or too large; Elsewhere when nothing of it lies in the box.
    """
    gathered = Gathering(box)
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            file = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if packed else raw
            _read(file, 0 if packed else path.stat().st_size, gathered)
    except (OSError, EOFError, zlib.error, MemoryError) as error:
        raise BrokenNetwork(
            f"it cannot be read ({getattr(error, 'strerror', None) or error or type(error).__name__})"
        ) from error
    found, covers = gathered.extract(), gathered.covers()
    if covers is None:
        raise BrokenNetwork("there is nothing in it")
    if not len(found.ids):
        raise Elsewhere(covers)
    return found


def _read(file: BinaryIO, size: int, gathered: Gathering) -> None:
    start = file.read(64)
    file.seek(0)
    if not start:
        raise BrokenNetwork("there is nothing in it")
    if b"OSMHeader" in start[:24]:
        _at_most(size, MOST_PBF)
        read_pbf(file, gathered)
    elif start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        _at_most(size, MOST_JSON)
        text = file.read(MOST_JSON + 1)
        _at_most(len(text), MOST_JSON)
        read_json(text, gathered)
    elif start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        _at_most(size, MOST_XML)
        read_xml(cast(BinaryIO, _Limited(file, MOST_XML)), gathered)
    else:
        raise BrokenNetwork("it is neither an Overpass answer nor an .osm or .osm.pbf file")


def _at_most(size: int, most: int) -> None:
    if size > most:
        raise BrokenNetwork(f"it is too large: {most // 2**20} MB of this kind are read at most")


class _Limited:
    """A file that is refused once more than so many bytes were read: what was gzipped tells its size late."""

    def __init__(self, file: BinaryIO, most: int) -> None:
        self._file, self._most, self._read = file, most, 0

    def read(self, size: int = -1) -> bytes:
        found = self._file.read(size)
        self._read += len(found)
        _at_most(self._read, self._most)
        return found
