"""OpenStreetMap as text: Overpass answers in JSON, and .osm in XML."""

import json
from collections.abc import Mapping
from typing import Any, BinaryIO
from xml.parsers.expat import ExpatError, ParserCreate

import numpy as np

from nuit.planning.streets.network import BrokenNetwork
from nuit.planning.streets.osm.extract import DEGREE, Gathering, Tags

Node = tuple[int, int, int]
"""Number, and longitude and latitude in units of 1e-7 degrees."""


def read_json(text: bytes, gathered: Gathering) -> None:
    """Takes an Overpass answer in; BrokenNetwork where it is none, or says itself that it is not whole."""
    try:
        answer = json.loads(text)
        elements = answer["elements"]
        remark = str(answer.get("remark", ""))
        gathered.written = str(answer.get("osm3s", {}).get("timestamp_osm_base", ""))
        if "error" in remark:
            raise BrokenNetwork(f"the answer is not whole: {remark}")
        nodes: list[Node] = []
        for element in elements:
            if element["type"] == "node":
                nodes.append(_place(element["id"], element))
                gathered.node(int(element["id"]), _tags(element))
            elif element["type"] == "way" and "nodes" in element:
                _json_way(element, nodes, gathered)
            elif element["type"] == "relation":
                members = [(str(one["type"]), int(one["ref"]), str(one["role"])) for one in element.get("members", ())]
                gathered.relation(int(element["id"]), members, _tags(element))
        _give(nodes, gathered)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        raise BrokenNetwork(f"not an Overpass answer ({error!r:.120})") from error


def _json_way(element: Mapping[str, Any], nodes: list[Node], gathered: Gathering) -> None:
    refs = [int(one) for one in element["nodes"]]
    if "geometry" in element:  # "out geom": places come with the way
        nodes += [_place(ref, at) for ref, at in zip(refs, element["geometry"], strict=True) if at is not None]
    gathered.way(int(element["id"]), refs, _tags(element))


def _tags(element: Mapping[str, Any]) -> Tags:
    return {str(key): str(value) for key, value in element.get("tags", {}).items()}


def _place(id_: Any, at: Mapping[str, Any]) -> Node:
    return int(id_), round(float(at["lon"]) * DEGREE), round(float(at["lat"]) * DEGREE)


def _give(nodes: list[Node], gathered: Gathering) -> None:
    columns = np.array(nodes, dtype=np.int64).reshape(-1, 3)
    gathered.nodes(columns[:, 0], columns[:, 1], columns[:, 2])


def read_xml(file: BinaryIO, gathered: Gathering) -> None:
    """Takes an .osm file in; BrokenNetwork where it is none, or breaks off."""
    reader = _Reader(gathered)
    parser = ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = reader.begin, reader.end
    parser.EntityDeclHandler = reader.refuse
    try:
        parser.ParseFile(file)
    except (ExpatError, KeyError, ValueError, OverflowError) as error:
        raise BrokenNetwork(f"not a whole .osm file ({error})") from error
    if not reader.is_osm:
        raise BrokenNetwork("not an .osm file: it does not begin with <osm>")
    _give(reader.nodes, gathered)


class _Reader:
    def __init__(self, gathered: Gathering) -> None:
        self.gathered = gathered
        self.nodes: list[Node] = []
        self.is_osm = False
        self.id, self.refs, self.tags = 0, list[int](), dict[str, str]()
        self.members = list[tuple[str, int, str]]()

    def begin(self, name: str, said: dict[str, str]) -> None:
        if name in ("node", "way", "relation"):
            self.id, self.refs, self.tags = int(said["id"]), [], {}
            self.members = []
            if name == "node" and "lon" in said:
                self.nodes.append(_place(self.id, said))
        elif name == "tag":
            self.tags[said["k"]] = said["v"]
        elif name == "nd":
            self.refs.append(int(said["ref"]))
        elif name == "member":
            self.members.append((said["type"], int(said["ref"]), said.get("role", "")))
        elif name == "osm":
            self.is_osm = True
        elif name == "meta":
            self.gathered.written = said.get("osm_base", "")

    def end(self, name: str) -> None:
        if name == "node":
            self.gathered.node(self.id, self.tags)
        elif name == "way":
            self.gathered.way(self.id, self.refs, self.tags)
        elif name == "relation":
            self.gathered.relation(self.id, self.members, self.tags)

    def refuse(self, *_: Any) -> None:
        raise ValueError("it declares entities")
