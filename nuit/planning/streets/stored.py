"""A street network in one compact file: columns of numbers (.npz), read back in a blink; never a pickle."""

import io
import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nuit.planning.streets.network import BrokenNetwork, Ints, Link, Network

FORMAT = 2
DEGREE = 1e7
LIT = (None, False, True)


def store_network(network: Network, path: Path, about: Mapping[str, Any]) -> None:
    """Writes the network and what is told about it (JSON values) at once: a reader sees the old file or the new one."""
    names = sorted({link.name for link in network.links if link.name is not None})
    kinds = sorted({link.kind for link in network.links})
    number = {name: i for i, name in enumerate(names)}
    told = {
        "format": FORMAT, "name": network.name, "revision": network.revision, "approximate": network.approximate,
        "names": names, "kinds": kinds, "waits": sorted(network.waits.items()), "about": dict(about),
    }  # fmt: skip
    columns: dict[str, Any] = {
        "told": np.frombuffer(json.dumps(told, ensure_ascii=False).encode(), dtype=np.uint8),
        "lon": np.round(network.lon * DEGREE).astype(np.int32),
        "lat": np.round(network.lat * DEGREE).astype(np.int32),
        "height": network.height.astype(np.float32),
        "shape": network.shape.astype(np.int32),
        "offsets": network.offsets.astype(np.int32),
        "name": np.array([-1 if link.name is None else number[link.name] for link in network.links], dtype=np.int32),
        "kind": np.array([kinds.index(link.kind) for link in network.links], dtype=np.uint8),
        "lit": np.array([LIT.index(link.lit) for link in network.links], dtype=np.uint8),
        "bans": np.array(network.bans, dtype=np.int32).reshape(-1, 2),
        "flags": np.array([link.oneway | link.bike << 1 | link.rough << 2 for link in network.links], dtype=np.uint8),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with new.open("wb") as file:
            np.savez(file, allow_pickle=False, **columns)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def stored_network(path: Path) -> tuple[Network, dict[str, Any]]:
    """A network as it was stored, and what was told about it; BrokenNetwork when the file is not one of ours."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as columns:
            told = json.loads(columns["told"].tobytes())
            if told["format"] != FORMAT:
                raise BrokenNetwork(f"{path.name} was written by another version")
            return _network(told, columns), told["about"]
    except (OSError, EOFError, KeyError, IndexError, ValueError, TypeError, zipfile.BadZipFile) as error:
        raise BrokenNetwork(f"{path.name}: {error}") from error


def _network(told: Mapping[str, Any], columns: Mapping[str, Any]) -> Network:
    shape, offsets = columns["shape"].astype(np.int64), columns["offsets"].astype(np.int64)
    lon = columns["lon"] / DEGREE
    if len(shape) != offsets[-1] or shape.min() < 0 or shape.max() >= len(lon) or len(lon) != len(columns["height"]):
        raise BrokenNetwork("its columns do not fit each other")
    network = Network(
        name=told["name"],
        approximate=told["approximate"],
        revision=told["revision"],
        lon=lon,
        lat=columns["lat"] / DEGREE,
        height=np.round(columns["height"].astype(np.float64), 1),
        links=tuple(_links(told["kinds"], [*told["names"], None], shape, offsets, columns)),
        bans=tuple((before, after) for before, after in columns["bans"].tolist()),
        waits={int(vertex): float(seconds) for vertex, seconds in told["waits"]},
    )
    vars(network).update(shape=shape, offsets=offsets)
    return network


def _links(
    kinds: Sequence[str], names: Sequence[str | None], shape: Ints, offsets: Ints, columns: Mapping[str, Any]
) -> list[Link]:
    vertices, cuts = shape.tolist(), offsets.tolist()
    rows = zip(
        cuts, cuts[1:],
        columns["name"].tolist(), columns["kind"].tolist(), columns["lit"].tolist(), columns["flags"].tolist(),
        strict=False,
    )  # fmt: skip
    return [
        Link(
            tuple(vertices[a:b]), names[name], kinds[kind], LIT[lit],
            bool(flags & 1), bool(flags & 2), bool(flags & 4),
        )
        for a, b, name, kind, lit, flags in rows
    ]  # fmt: skip
