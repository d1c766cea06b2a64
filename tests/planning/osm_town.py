"""A generated grid town, told in OpenStreetMap's own three ways: Overpass JSON, .osm XML, .osm.pbf."""

import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from random import Random
from xml.sax.saxutils import quoteattr

WEST, SOUTH = 73_300_000, 462_000_000
BLOCK = (13_000, 9_000)
"""Units of 1e-7 degrees: about 100 m each way."""
Place = tuple[int, int]


@dataclass
class Town:
    """Nodes by number (longitude and latitude in units of 1e-7 degrees), their tags, ways with refs and tags."""

    nodes: dict[int, Place] = field(default_factory=dict)
    tags: dict[int, dict[str, str]] = field(default_factory=dict)
    ways: dict[int, tuple[list[int], dict[str, str]]] = field(default_factory=dict)
    relations: dict[int, tuple[list[tuple[str, int, str]], dict[str, str]]] = field(default_factory=dict)

    def node(self, x: float, y: float, **tags: str) -> int:
        """A node so many blocks east and north."""
        number = len(self.nodes) + 100
        self.nodes[number] = (round(WEST + x * BLOCK[0]), round(SOUTH + y * BLOCK[1]))
        if tags:
            self.tags[number] = tags
        return number

    def way(self, *refs: int, **tags: str) -> int:
        """A street; a double underscore stands for a colon in a key. Residential unless said."""
        return self.bare(*refs, **({"highway": "residential"} | {k.replace("__", ":"): v for k, v in tags.items()}))

    def bare(self, *refs: int, **tags: str) -> int:
        """A way with these tags alone: no street unless they say so."""
        number = len(self.ways) + 7000
        self.ways[number] = (list(refs), dict(tags))
        return number

    def relation(self, members: Sequence[tuple[str, int, str]], **tags: str) -> int:
        """Nodes and ways that belong together: (node or way, its number, its role)."""
        number = len(self.relations) + 9000
        self.relations[number] = (list(members), dict(tags))
        return number

    def at(self, number: int) -> tuple[float, float]:
        """Longitude and latitude of a node in degrees."""
        lon, lat = self.nodes[number]
        return lon / 1e7, lat / 1e7


def grid(size: int = 8, seed: int = 1) -> Town:
    """A crooked town of size × size corners: one-ways, steps, gates, bridges, cycle ways, unlit and rough streets."""
    town, random = Town(), Random(seed)
    corner = {
        (i, j): town.node(i + random.uniform(-0.2, 0.2), j + random.uniform(-0.2, 0.2))
        for i, j in product(range(size), repeat=2)
    }
    odd: Sequence[Mapping[str, str]] = (
        {}, {"oneway": "yes"}, {"oneway": "-1"}, {"oneway": "yes", "oneway__bicycle": "no"}, {"highway": "steps"},
        {"highway": "footway"}, {"highway": "cycleway", "lit": "no"}, {"lit": "yes", "name": "Rue de l'Été"},
        {"highway": "tertiary"}, {"highway": "track", "surface": "gravel"}, {"bridge": "yes"},
        {"highway": "trunk", "motorroad": "yes"}, {"access": "private"},
    )  # fmt: skip
    for (i, j), here in corner.items():
        for near in ((i + 1, j), (i, j + 1)):
            if near in corner:
                between = town.node((i + near[0]) / 2 + random.uniform(-0.1, 0.1), (j + near[1]) / 2)
                if random.random() < 0.1:
                    town.tags[between] = {"barrier": random.choice(["gate", "bollard", "fence"])}
                edge = 0 in (j, i) and (near[0] == i == 0 or near[1] == j == 0)  # keeps the town in one piece
                town.way(here, between, corner[near], **({} if edge else random.choice(odd)))
    return town


def as_json(town: Town, path: Path, **more: object) -> Path:
    """Overpass's answer to `out body`: nodes behind ways."""
    elements = [
        *({"type": "way", "id": id_, "nodes": refs, "tags": tags} for id_, (refs, tags) in town.ways.items()),
        *(
            {"type": "node", "id": id_, "lat": lat / 1e7, "lon": lon / 1e7}
            | ({"tags": town.tags[id_]} if id_ in town.tags else {})
            for id_, (lon, lat) in town.nodes.items()
        ),
        *(
            {"type": "relation", "id": id_, "tags": tags, "members": [{"type": what, "ref": ref, "role": role} for what, ref, role in members]}
            for id_, (members, tags) in town.relations.items()
        ),
    ]  # fmt: skip
    path.write_text(json.dumps({"version": 0.6, "osm3s": {}, "elements": elements, **more}), "utf-8")
    return path


def as_xml(town: Town, path: Path) -> Path:
    def tagged(tags: Mapping[str, str]) -> str:
        return "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items())

    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6">']
    for id_, (lon, lat) in town.nodes.items():
        lines.append(
            f'<node id="{id_}" lat="{lat / 1e7:.7f}" lon="{lon / 1e7:.7f}">{tagged(town.tags.get(id_, {}))}</node>'
        )
    for id_, (refs, tags) in town.ways.items():
        lines.append(f'<way id="{id_}">{"".join(f"<nd ref={quoteattr(str(r))}/>" for r in refs)}{tagged(tags)}</way>')
    for id_, (members, tags) in town.relations.items():
        told = "".join(f'<member type="{what}" ref="{ref}" role="{role}"/>' for what, ref, role in members)
        lines.append(f'<relation id="{id_}">{told}{tagged(tags)}</relation>')
    path.write_text("\n".join([*lines, "</osm>"]), "utf-8")
    return path


def as_pbf(town: Town, path: Path, *, dense: bool = True, packed: bool = True) -> Path:
    """An .osm.pbf with a header, a block of nodes, one of ways and one of relations."""
    blocks = [
        ("OSMHeader", _text(4, b"OsmSchema-V0.6") + _text(4, b"DenseNodes") + _text(5, b"Sort.Type_then_ID")),
        ("OSMData", _node_block(town, dense)),
        ("OSMData", _way_block(town)),
        *([("OSMData", _relation_block(town))] if town.relations else []),
    ]
    with path.open("wb") as file:
        for kind, block in blocks:
            body = _text(3, zlib.compress(block)) + _number(2, len(block)) if packed else _text(1, block)
            head = _text(1, kind.encode()) + _number(3, len(body))
            file.write(struct.pack(">I", len(head)) + head + body)
    return path


def _node_block(town: Town, dense: bool) -> bytes:
    words = _Words()
    ids = list(town.nodes)
    if dense:
        columns = [_steps(ids), _steps([town.nodes[i][1] for i in ids]), _steps([town.nodes[i][0] for i in ids])]
        keys = b"".join(_pairs(words, town.tags.get(i, {})) + b"\0" for i in ids)
        group = _text(2, b"".join(_text(n, c) for n, c in zip((1, 8, 9), columns, strict=True)) + _text(10, keys))
    else:
        group = b"".join(
            _text(1, _number(1, _zigzag(i)) + _tag_fields(words, town.tags.get(i, {}))
                  + _number(8, _zigzag(town.nodes[i][1])) + _number(9, _zigzag(town.nodes[i][0])))
            for i in ids
        )  # fmt: skip
    return words.field() + _text(2, group)


def _way_block(town: Town) -> bytes:
    words = _Words()
    ways = b"".join(
        _text(3, _number(1, i) + _tag_fields(words, tags) + _text(8, _steps(refs)))
        for i, (refs, tags) in town.ways.items()
    )
    return words.field() + _text(2, ways)


def _relation_block(town: Town) -> bytes:
    words, found = _Words(), b""
    for number, (members, tags) in town.relations.items():
        roles = b"".join(_varint(words(role)) for _, _, role in members)
        kinds = b"".join(_varint(("node", "way", "relation").index(what)) for what, _, _ in members)
        refs = _steps([ref for _, ref, _ in members])
        body = _number(1, number) + _tag_fields(words, tags) + _text(8, roles) + _text(9, refs) + _text(10, kinds)
        found += _text(4, body)
    return words.field() + _text(2, found)


class _Words:
    def __init__(self) -> None:
        self.numbers: dict[str, int] = {"": 0}

    def __call__(self, word: str) -> int:
        return self.numbers.setdefault(word, len(self.numbers))

    def field(self) -> bytes:
        return _text(1, b"".join(_text(1, word.encode()) for word in self.numbers))


def _tag_fields(words: _Words, tags: Mapping[str, str]) -> bytes:
    keys = b"".join(_varint(words(key)) for key in tags)
    return _text(2, keys) + _text(3, b"".join(_varint(words(value)) for value in tags.values())) if tags else b""


def _pairs(words: _Words, tags: Mapping[str, str]) -> bytes:
    return b"".join(_varint(words(key)) + _varint(words(value)) for key, value in tags.items())


def _steps(values: Sequence[int]) -> bytes:
    return b"".join(_varint(_zigzag(b - a)) for a, b in zip([0, *values], values, strict=False))


def _zigzag(value: int) -> int:
    return value << 1 if value >= 0 else (-value << 1) - 1


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _text(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes([*found, value])
