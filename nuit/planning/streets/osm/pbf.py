"""OpenStreetMap's binary format (.osm.pbf), read with the standard library: blocks of zlib around protocol buffers.

Nodes come in columns of varints and are decoded with numpy; of ways and relations only those of a map.
Format: wiki.openstreetmap.org/wiki/PBF_Format, protobuf.dev/programming-guides/encoding.
"""

import struct
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import BinaryIO

import numpy as np

from nuit.planning.streets.network import BrokenNetwork, Ints
from nuit.planning.streets.osm.extract import SCENERY, SPOTS, Gathering

MOST_HEADER, MOST_BLOB = 64 * 2**10, 32 * 2**20
"""Bytes; the format's own limits."""
KNOWN = {b"OsmSchema-V0.6", b"DenseNodes"}
HARMLESS = b"HistoricalInformation"

Field = tuple[int, int, int, int]
"""Number; value of a varint, else 0; where the bytes of a length-delimited field begin and end."""


def read_pbf(file: BinaryIO, gathered: Gathering) -> None:
    """Takes the file's nodes, barriers and streets in; BrokenNetwork where it is none, or breaks off."""
    try:
        for kind, block in _blobs(file):
            if kind == b"OSMHeader":
                _header(block, gathered)
            elif kind == b"OSMData":
                _block(block, gathered)
    except (IndexError, struct.error, zlib.error, OverflowError, UnicodeDecodeError, ValueError) as error:
        raise BrokenNetwork(f"not a whole .osm.pbf file ({error})") from error


def _blobs(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content of each blob."""
    while prefix := file.read(4):
        (size,) = struct.unpack(">I", prefix)
        if size > MOST_HEADER:
            raise ValueError("header too long")
        head = _exactly(file, size)
        kind, length = b"", 0
        for number, value, begin, end in _fields(head, 0, len(head)):
            if number == 1:
                kind = head[begin:end]
            elif number == 3:
                length = value
        if length > MOST_BLOB:
            raise ValueError("block too long")
        yield kind, _unpacked(_exactly(file, length))


def _exactly(file: BinaryIO, size: int) -> bytes:
    found = file.read(size)
    if len(found) != size:
        raise ValueError("it breaks off")
    return found


def _unpacked(blob: bytes) -> bytes:
    for number, _value, begin, end in _fields(blob, 0, len(blob)):
        if number == 1:
            return blob[begin:end]
        if number == 3:
            unpacker = zlib.decompressobj()
            found = unpacker.decompress(blob[begin:end], MOST_BLOB)
            if not unpacker.eof:
                raise ValueError("a block breaks off or is too long")
            return found
    raise ValueError("a block is compressed in a way we do not read")


def _header(block: bytes, gathered: Gathering) -> None:
    for number, value, begin, end in _fields(block, 0, len(block)):
        if number == 4 and block[begin:end] not in KNOWN and block[begin:end] != HARMLESS:
            raise BrokenNetwork(f"this file asks for {block[begin:end].decode()}, which we do not read")
        if number == 5 and block[begin:end] == b"Sort.Type_then_ID":
            gathered.nodes_first = True
        if number == 32:
            gathered.written = f"{datetime.fromtimestamp(value, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _block(block: bytes, gathered: Gathering) -> None:
    """One block: its texts, its scale, its groups."""
    scale, lat_offset, lon_offset = 100, 0, 0
    texts: list[bytes] = []
    groups = []
    for number, value, begin, end in _fields(block, 0, len(block)):
        if number == 1:
            texts = [block[b:e] for n, _, b, e in _fields(block, begin, end) if n == 1]
        elif number == 2:
            groups.append((begin, end))
        elif number == 17:
            scale = value
        elif number == 19:
            lat_offset = _signed(value)
        elif number == 20:
            lon_offset = _signed(value)
    known = {text: i for i, text in enumerate(texts)}
    for begin, end in groups:
        _group(block, begin, end, (scale, lon_offset, lat_offset), (texts, known), gathered)


def _group(
    block: bytes,
    begin: int,
    end: int,
    place: tuple[int, int, int],
    words: tuple[list[bytes], dict[bytes, int]],
    gathered: Gathering,
) -> None:
    texts, known = words
    telling = {known[key] for one in ("barrier", *SPOTS) if (key := one.encode()) in known}
    highway, seen = known.get(b"highway"), {known[key] for one in SCENERY if (key := one.encode()) in known}
    kinds = {known[key] for key in (b"multipolygon", b"restriction") if key in known}
    for number, _value, b, e in _fields(block, begin, end):
        if number == 1:
            _single_node(block, b, e, place, texts, gathered)
        elif number == 2:
            _dense(block, b, e, place, texts, telling, gathered)
        elif number == 3:
            _way(block, b, e, texts, (highway, seen), gathered)
        elif number == 4 and kinds:
            _relation(block, b, e, texts, kinds, gathered)


def _dense(
    block: bytes,
    begin: int,
    end: int,
    place: tuple[int, int, int],
    texts: list[bytes],
    telling: set[int],
    gathered: Gathering,
) -> None:
    parts = {number: (b, e) for number, _, b, e in _fields(block, begin, end)}
    if 1 not in parts:
        return
    ids, lat, lon = (np.cumsum(_zigzag(_varints(block, *parts[n]))) for n in (1, 8, 9))
    if not len(ids) == len(lat) == len(lon):
        raise ValueError("columns of unequal length")
    scale, lon_offset, lat_offset = place
    gathered.nodes(ids, _units(lon, scale, lon_offset), _units(lat, scale, lat_offset))
    if telling and 10 in parts:
        _dense_tags(_varints(block, *parts[10]), ids, texts, telling, gathered)


def _dense_tags(column: Ints, ids: Ints, texts: list[bytes], telling: set[int], gathered: Gathering) -> None:
    """Tags of nodes: pairs of text numbers, a 0 behind those of each node."""
    at = 0
    keys = column.tolist()
    for node in ids.tolist():
        first = at
        while keys[at]:
            at += 2
        if at > first and not telling.isdisjoint(keys[first:at:2]):
            gathered.node(node, _tags(texts, keys[first:at:2], keys[first + 1 : at : 2]))
        at += 1


def _single_node(
    block: bytes, begin: int, end: int, place: tuple[int, int, int], texts: list[bytes], gathered: Gathering
) -> None:
    values, keys, vals = {1: 0, 8: 0, 9: 0}, [], []
    for number, value, b, e in _fields(block, begin, end):
        if number in values:
            values[number] = _signed(value, zigzag=True)
        elif number == 2:
            keys = _varint_list(block, b, e)
        elif number == 3:
            vals = _varint_list(block, b, e)
    scale, lon_offset, lat_offset = place
    node, lat, lon = (np.array([values[n]], dtype=np.int64) for n in (1, 8, 9))
    gathered.nodes(node, _units(lon, scale, lon_offset), _units(lat, scale, lat_offset))
    gathered.node(values[1], _tags(texts, keys, vals))


def _way(
    block: bytes,
    begin: int,
    end: int,
    texts: list[bytes],
    wanted: tuple[int | None, set[int]],
    gathered: Gathering,
) -> None:
    """A way: streets and what is seen with their tags, others (which relations may use) as bare lines."""
    id_, keys, vals, refs = 0, list[int](), list[int](), (0, 0)
    for number, value, b, e in _fields(block, begin, end):
        if number == 1:
            id_ = value
        elif number == 2:
            keys = _varint_list(block, b, e)
        elif number == 3:
            vals = _varint_list(block, b, e)
        elif number == 8:
            refs = (b, e)
    highway, seen = wanted
    if highway not in keys and _is_far(block, refs[0], refs[1], gathered):
        return
    nodes, node = [], 0
    for step in _varint_list(block, *refs):
        node += (step >> 1) ^ -(step & 1)
        nodes.append(node)
    told = highway in keys or not seen.isdisjoint(keys)
    gathered.way(id_, nodes, _tags(texts, keys, vals) if told else {})


def _is_far(block: bytes, begin: int, end: int, gathered: Gathering) -> bool:
    """Whether the way of these nodes lies outside the box, judged by its first node alone where it is short."""
    if end <= begin or not gathered.nodes_first or gathered.box is None:
        return end <= begin
    first = _varint(block, begin)[0]
    if not gathered.is_far([(first >> 1) ^ -(first & 1)]):
        return False
    if end - begin < SHORT:
        return True
    steps = _zigzag(_varints(block, begin, end))
    return gathered.is_far(np.cumsum(steps).tolist())


SHORT = 40
"""Bytes of the nodes of a way that is a house rather than a river."""


def _relation(block: bytes, begin: int, end: int, texts: list[bytes], kinds: set[int], gathered: Gathering) -> None:
    id_, columns = 0, {key: list[int]() for key in (2, 3, 8, 9, 10)}
    for number, value, b, e in _fields(block, begin, end):
        if number == 1:
            id_ = value
        elif number in columns:
            columns[number] = _varint_list(block, b, e)
    if kinds.isdisjoint(columns[3]):
        return
    members, ref = [], 0
    for role, step, what in zip(columns[8], columns[9], columns[10], strict=True):
        ref += (step >> 1) ^ -(step & 1)
        members.append((("node", "way", "relation")[what], ref, texts[role].decode()))
    gathered.relation(id_, members, _tags(texts, columns[2], columns[3]))


def _tags(texts: list[bytes], keys: Sequence[int], values: Sequence[int]) -> dict[str, str]:
    return {texts[k].decode(): texts[v].decode() for k, v in zip(keys, values, strict=True)}


def _units(values: Ints, scale: int, offset: int) -> Ints:
    """Nanodegrees, scaled, as units of 1e-7 degrees."""
    return (offset + scale * values + 50) // 100


def _fields(block: bytes, at: int, end: int) -> Iterator[Field]:
    """The fields of a message that lies between two positions."""
    while at < end:
        key, at = _varint(block, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _varint(block, at)
            yield number, value, at, at
        elif wire == 2:
            size, at = _varint(block, at)
            if at + size > end:
                raise ValueError("a field is longer than its message")
            yield number, 0, at, at + size
            at += size
        elif wire in (1, 5):
            at += 8 if wire == 1 else 4
        else:
            raise ValueError("an unknown kind of field")


def _varint(block: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = block[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise ValueError("a number is too long")


def _varint_list(block: bytes, at: int, end: int) -> list[int]:
    """Short columns, quicker than with numpy."""
    found = []
    while at < end:
        value, at = _varint(block, at)
        found.append(value)
    return found


def _varints(block: bytes, begin: int, end: int) -> Ints:
    """Long columns: each number is a run of bytes, the last one below 128, seven bits each, lowest first."""
    column = np.frombuffer(block, dtype=np.uint8, count=end - begin, offset=begin)
    last = np.flatnonzero(column < 0x80)
    if not len(last):
        return np.zeros(0, dtype=np.int64)
    if last[-1] != len(column) - 1:
        raise ValueError("a number breaks off")
    first = np.concatenate([[0], last[:-1] + 1])
    sizes = last - first + 1
    if sizes.max() > 10:
        raise ValueError("a number is too long")
    shifts = 7 * (np.arange(len(column)) - np.repeat(first, sizes))
    bits = (column & 0x7F).astype(np.uint64) << shifts.astype(np.uint64)
    return np.add.reduceat(bits, first).view(np.int64)


def _zigzag(values: Ints) -> Ints:
    unsigned = values.view(np.uint64)
    return (unsigned >> np.uint64(1)).view(np.int64) ^ -(values & 1)


def _signed(value: int, *, zigzag: bool = False) -> int:
    if zigzag:
        return (value >> 1) ^ -(value & 1)
    return value - 2**64 if value >= 2**63 else value
